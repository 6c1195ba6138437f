"""What commands ask of runs and of walk-forwards, and the engine and bars that this means."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from oracle.bootstrap import engine, stored_bars

if TYPE_CHECKING:
    from oracle.backtesting.rust_engine import RustEngine
    from oracle.data.frame import Prepared
    from oracle.strategy.declared import DeclaredStrategy


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What a command asks of every run; None takes the settings."""

    data: Path | None = None
    start: date | None = None
    end: date | None = None
    capital: float = 100_000.0
    limits_file: Path | None = None
    no_limits: bool = False
    waive: Sequence[str] = ()
    benchmark: str | None = None
    conventions: str | None = None

    def engine(self, progress: Callable[[int, int], object] | None = None) -> RustEngine:
        """Return the engine that is asked for.

        Raises
        ------
        ConfigError : the limits have errors
        RangeError, UsageError : there are no such conventions, or nothing of that name to waive
        """
        return engine(
            limits_file=self.limits_file,
            no_limits=self.no_limits,
            waive=self.waive,
            benchmark=self.benchmark,
            conventions=self.conventions,
            progress=progress,
        )

    def bars(self, strategy: DeclaredStrategy, runner: RustEngine) -> Prepared:
        """Return the bars that a strategy, the limits and the benchmark read.

        Raises
        ------
        DataError : there is no such store or file, or it has none of the symbols
        """
        beside = [*runner.required_symbols, *([runner.benchmark] if runner.benchmark else [])]
        symbols = sorted({*strategy.get_required_data(), *beside})
        return stored_bars(symbols, self.data, strategy.spec.timeframe).prepared


@dataclass(frozen=True, slots=True)
class WalkRequest(RunRequest):
    """What a command asks of walk-forwards."""

    grid: Sequence[str] = ()
    #: Keys of `strategy.walk_forward` that differ from the settings.
    changes: Mapping[str, object] = field(default_factory=dict)
