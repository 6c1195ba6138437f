"""The only place that builds concrete things and hands them over: settings, limits, store, engine.

Everything above asks here; nothing below knows what was chosen. Walk-forwards, sweeps, the trial ledger and the demo
have files of their own, and `requests.py` says what a command may ask of a run.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from oracle.core.config import Settings
from oracle.core.errors import UsageError
from oracle.core.shipped import config_file

if TYPE_CHECKING:
    import polars as pl

    from oracle.backtesting.result import BacktestRun
    from oracle.backtesting.rust_engine import RustEngine
    from oracle.backtesting.verify import Verification
    from oracle.core.diagnostics import Diagnostic
    from oracle.data.frame import Prepared
    from oracle.risk.limits import RiskSettings
    from oracle.risk.policy import Limits
    from oracle.strategy.compile import CompiledStrategy
    from oracle.strategy.declared import DeclaredStrategy
    from oracle.strategy.scenario import ScenarioResult


def settings() -> Settings:
    """Return the settings in force: `config/settings.yaml` here or as shipped, then `SA_` variables."""
    return Settings.from_yaml(config_file("settings.yaml"), os.environ)


def limits(path: str | Path | None = None) -> RiskSettings:
    """Return the risk limits of a file; of `config/risk_limits.yaml` here or as shipped when None; `SA_` overrides.

    Raises
    ------
    ConfigError : the file has errors; carries all diagnostics
    """
    from oracle.risk.limits import RiskSettings

    return RiskSettings.from_yaml(config_file("risk_limits.yaml") if path is None else path, os.environ)


def engine(
    *,
    limits_file: str | Path | None = None,
    no_limits: bool = False,
    waive: Iterable[str] = (),
    benchmark: str | None = None,
    conventions: str | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> RustEngine:
    """Return the default engine with the settings in force."""
    from oracle.backtesting.rust_engine import RustEngine

    chosen = None if no_limits else limits(limits_file)
    return RustEngine(
        limits=chosen,
        settings=settings(),
        waive=waive,
        benchmark=benchmark,
        conventions=conventions,
        progress=progress,
    )


def verify_strategy(
    strategy: DeclaredStrategy,
    bars: pl.DataFrame | Prepared,
    against: str,
    capital: float = 100_000,
    start: date | None = None,
    end: date | None = None,
) -> Verification:
    """Run a strategy without limits here and through another engine, and explain every difference."""
    from oracle.backtesting.others import other_engine
    from oracle.backtesting.verify import verify

    other = other_engine(against, settings())

    def run(conventions: str) -> BacktestRun:
        return engine(no_limits=True, conventions=conventions).run(strategy, bars, capital, start, end)

    return verify(run, other.run(strategy, bars, capital, start, end), against, "native", other.conventions)


def backtest(
    strategy: DeclaredStrategy,
    bars: pl.DataFrame | Prepared,
    *,
    capital: float = 100_000,
    start: date | datetime | None = None,
    end: date | datetime | None = None,
    limits: Limits = None,
    settings: Settings | None = None,
    benchmark: str | None = None,
    waive: Iterable[str] = (),
    conventions: str | None = None,
) -> BacktestRun:
    """Backtest one strategy, and count the run as a trial of its lineage (``result.evidence``).

    Parameters
    ----------
    strategy : from ``oracle.load_strategy``
    bars : polars frame: symbol, timestamp or date, open, high, low, close, volume, optional adjusted_close, bid and ask
    capital : USD, > 0
    start, end : first and last day that may trade; indicators begin at the first bar
    limits : None applies the shipped limits, ``oracle.NO_LIMITS`` none
    settings : costs; None takes those in force
    benchmark : symbol to compare with; when None the universe, equal weights restored at each close
    waive : inputs that limits need and the run may do without, beside those of the settings: ``vix``, ``sector``
    conventions : a profile, switches, or both (``lean``, ``native,cash=reject``); None takes the strategy's own

    Raises
    ------
    DataError : the bars are not usable
    RunError : a limit needs an input that the run lacks (VIX, sectors) and that is not waived
    """
    from oracle.bootstrap.trials import count

    run = engine_with(limits, settings, waive, benchmark, conventions).run(strategy, bars, capital, start, end)
    count(strategy, [run])
    return run


# The parameters of these functions carry the same names.
_settings, _limits = settings, limits


def engine_with(
    limits: Limits,
    settings: Settings | None,
    waive: Iterable[str],
    benchmark: str | None,
    conventions: str | None,
) -> RustEngine:
    """Return the engine that a caller in Python means; parameters as of ``backtest``.

    Raises
    ------
    RangeError, UsageError : there are no such limits or conventions, or nothing of that name to waive
    """
    from oracle.backtesting.rust_engine import RustEngine
    from oracle.risk.limits import RiskSettings
    from oracle.risk.policy import NO_LIMITS

    if limits is not NO_LIMITS and limits is not None and not isinstance(limits, RiskSettings | str | Path):
        raise UsageError(f"limits: None, oracle.NO_LIMITS, oracle.RiskSettings or a file; found {limits!r}")
    chosen = limits if isinstance(limits, RiskSettings) else None if limits is NO_LIMITS else _limits(limits)
    return RustEngine(
        limits=chosen,
        settings=_settings() if settings is None else settings,
        waive=waive,
        benchmark=benchmark,
        conventions=conventions,
    )


@dataclass(frozen=True, slots=True)
class StoredBars:
    """Bars as read, ready for the engine."""

    prepared: Prepared
    origin: str


def stored_bars(symbols: Sequence[str], path: str | Path | None = None, timeframe: str = "1Day") -> StoredBars:
    """Return the bars of the symbols from a file, or from the store when ``path`` is None or a store.

    A symbol that is nowhere is left out; the run says so.

    Raises
    ------
    DataError : there is no such store or file, or it has none of the symbols
    """
    from oracle.data.reading import read_bars

    where = Path(settings().data.store) if path is None else Path(path)
    return StoredBars(read_bars(where, symbols, timeframe), str(where))


def lint(
    strategies: Iterable[CompiledStrategy], limits_file: str | Path | None = None, data: str | Path | None = None
) -> list[Diagnostic]:
    """Return the warnings that strategies deserve beside these limits and these bars.

    Parameters
    ----------
    strategies : those with errors are left out
    limits_file : None looks at no limits
    data : a store, CSV or Parquet file; None looks at no bars

    Raises
    ------
    ConfigError : the limits have errors
    DataError : there is no such store or file, or it has none of the symbols
    """
    cap = None if limits_file is None else limits(limits_file).position_limits.max_position
    found: list[Diagnostic] = []
    for strategy in strategies:
        if strategy.plan is not None:
            symbols = strategy.plan.raw.required_symbols
            stored = None if data is None else stored_bars(symbols, data, strategy.spec.timeframe).prepared
            bars = None if stored is None else stored.longest(strategy.spec.universe.symbols)
            found += strategy.lint(cap, bars)
    return found


def load(paths: Sequence[str | Path], bind: Mapping[str, str] | None = None) -> list[DeclaredStrategy]:
    """Return the strategies of files and folders, compiled; every problem of every file at once.

    Raises
    ------
    ConfigError : any file has errors; carries all diagnostics
    """
    from oracle.core.errors import ConfigError
    from oracle.strategy.compile import compile_strategy
    from oracle.strategy.declared import DeclaredStrategy
    from oracle.strategy.load import load_paths

    compiled = [compile_strategy(loaded, bind) for loaded in load_paths(paths)]
    if any(strategy.plan is None for strategy in compiled):
        raise ConfigError([d for strategy in compiled for d in strategy.diagnostics])
    return [DeclaredStrategy.of(strategy, bind) for strategy in compiled]


def run_tests(paths: Sequence[str | Path]) -> list[ScenarioResult]:
    """Run the `tests:` of strategy files: zero costs, and limits only where a test asks for them.

    Raises
    ------
    ConfigError : any file has errors; carries all diagnostics
    """
    from oracle.backtesting.rust_engine import RustEngine
    from oracle.strategy.scenario import run_scenarios

    free = Settings.model_validate({"simulation": {"commission": {"model": "zero"}, "slippage": {"model": "zero"}}})
    engines = {False: RustEngine(settings=free, any_timeframe=True)}

    def run(strategy: DeclaredStrategy, bars: Prepared, capital: float, limited: bool) -> BacktestRun:
        if limited and True not in engines:
            engines[True] = RustEngine(settings=free, limits=limits(), waive=("vix", "sector"), any_timeframe=True)
        return engines[limited].run(strategy, bars, capital)

    return [result for strategy in load(paths) for result in run_scenarios(strategy, run)]
