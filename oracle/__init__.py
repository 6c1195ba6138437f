"""A declarative strategy engine for US equities: YAML strategies, one plan, backtest to live.

Names are loaded on first use, so that `import oracle` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import Any

#: Where each public name lives.
_DOORS = {
    "BacktestRun": "oracle.backtesting.result",
    "BreakoutStrategy": "oracle.strategy.builtin.breakout",
    "ConfigError": "oracle.core.errors",
    "DataError": "oracle.core.errors",
    "DeclaredStrategy": "oracle.strategy.declared",
    "MeanReversionStrategy": "oracle.strategy.builtin.mean_reversion",
    "MomentumStrategy": "oracle.strategy.builtin.momentum",
    "NO_LIMITS": "oracle.risk.policy",
    "OracleError": "oracle.core.errors",
    "RiskSettings": "oracle.risk.limits",
    "RunError": "oracle.core.errors",
    "RustEngine": "oracle.backtesting.rust_engine",
    "Settings": "oracle.core.config",
    "SweepResult": "oracle.backtesting.sweep.result",
    "backtest": "oracle.bootstrap",
    "load_strategy": "oracle.strategy.declared",
    "sweep": "oracle.bootstrap.sweeps",
    "walk_forward": "oracle.bootstrap.walks",
}

__all__ = [
    "NO_LIMITS",
    "BacktestRun",
    "BreakoutStrategy",
    "ConfigError",
    "DataError",
    "DeclaredStrategy",
    "MeanReversionStrategy",
    "MomentumStrategy",
    "OracleError",
    "RiskSettings",
    "RunError",
    "RustEngine",
    "Settings",
    "SweepResult",
    "__version__",
    "backtest",
    "load_strategy",
    "sweep",
    "walk_forward",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("oracle")
    if name in _DOORS:
        return getattr(importlib.import_module(_DOORS[name]), name)
    raise AttributeError(f"module 'oracle' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_DOORS, "__version__"})
