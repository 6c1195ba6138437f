"""What makes one combination better than another on a training window.

More is better for every metric that may be an objective: the settings list no other. (`max_drawdown` is 0 or negative.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from oracle.core.demands import WalkForwardSettings
from oracle.core.diagnostics import nearest
from oracle.core.errors import RangeError, UsageError
from oracle.core.searches import Objective as MetricName

if TYPE_CHECKING:
    from oracle.backtesting.walk_forward.attempts import Attempt

OBJECTIVES: tuple[str, ...] = get_args(MetricName)
#: Relative difference up to which two values count as equal, so that no choice hangs on a last bit.
TIE = 1e-12


@dataclass(frozen=True, slots=True)
class Score:
    """What a combination reached on one training window: the objective's metric, and round trips with open ones.

    `attempt` is the run behind it, for the trial ledger; None where it is not to be counted.
    """

    value: float | None
    trades: int
    attempt: Attempt | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """Which combination won.

    `place` is None where none was eligible. `eligible` counts those that were, `tied` those that share the best value.
    """

    place: int | None
    eligible: int
    tied: int


@dataclass(frozen=True, slots=True)
class Objective:
    """The largest `metric` wins among combinations with `minimum_trades` round trips and a value.

    Raises
    ------
    UsageError : the metric cannot be an objective
    RangeError : the number of trades is negative
    """

    metric: str = "sharpe"
    minimum_trades: int = 10

    def __post_init__(self) -> None:
        if self.metric not in OBJECTIVES:
            meant = nearest(self.metric, OBJECTIVES)
            hint = f"; did you mean {meant}?" if meant else ""
            raise UsageError(f"{self.metric!r} is no objective; expected one of {', '.join(OBJECTIVES)}{hint}")
        if self.minimum_trades < 0:
            raise RangeError("the least number of trades is 0 or more")

    @classmethod
    def of(cls, settings: WalkForwardSettings) -> Objective:
        """Return the objective of the settings."""
        return cls(settings.metric, settings.minimum_trades)

    def choose(self, scores: Sequence[Score], default: int | None = None) -> Choice:
        """Return the best combination; of several that are equal the defaults, else the first."""
        eligible = [
            (place, score.value)
            for place, score in enumerate(scores)
            if score.value is not None and score.trades >= self.minimum_trades
        ]
        if not eligible:
            return Choice(None, 0, 0)
        best = max(value for _, value in eligible)
        tied = [place for place, value in eligible if best - value <= TIE * max(abs(best), abs(value))]
        return Choice(default if default in tied else tied[0], len(eligible), len(tied))
