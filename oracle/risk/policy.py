"""What a run is judged by: limits, or by a person's explicit word none.

The engine alone judges; this page turns what a caller may pass into what the engine takes.
"""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Final, Literal

from oracle.risk.limits import RiskSettings


class _NoLimits(enum.Enum):
    NO_LIMITS = "NO_LIMITS"

    def __repr__(self) -> str:
        return "oracle.NO_LIMITS"


#: Run without any limit.
NO_LIMITS: Final = _NoLimits.NO_LIMITS

Limits = RiskSettings | str | Path | Literal[_NoLimits.NO_LIMITS] | None


def policy_json(limits: Limits) -> str | None:
    """Return the engine's policy.

    Parameters
    ----------
    limits : limits, the path of a file of them, None for `config/risk_limits.yaml`, or `NO_LIMITS`

    Returns
    -------
    JSON text; None without limits

    Raises
    ------
    ConfigError : the file is refused
    """
    if limits is NO_LIMITS:
        return None
    return (limits if isinstance(limits, RiskSettings) else RiskSettings.from_yaml(limits)).to_engine()
