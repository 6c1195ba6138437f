"""A declarative strategy engine for US equities: YAML strategies, one plan, backtest to live.

Names are loaded on first use, so that `import oracle` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import Any

#: Where each public name lives.
_DOORS = {
    "ConfigError": "oracle.core.errors",
    "OracleError": "oracle.core.errors",
    "Settings": "oracle.core.config",
    "load_strategy": "oracle.strategy.compile",
}

__all__ = ["ConfigError", "OracleError", "Settings", "__version__", "load_strategy"]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("oracle")
    if name in _DOORS:
        return getattr(importlib.import_module(_DOORS[name]), name)
    raise AttributeError(f"module 'oracle' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_DOORS, "__version__"})
