"""The only place that builds concrete things and hands them over: settings, limits, store, engine.

Everything above asks here; nothing below knows what was chosen.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from oracle.core.config import Settings
from oracle.core.errors import UsageError
from oracle.core.shipped import config_file

if TYPE_CHECKING:
    import polars as pl

    from oracle.backtesting.ranking.score import Scorecard
    from oracle.backtesting.result import BacktestRun
    from oracle.backtesting.rust_engine import RustEngine
    from oracle.backtesting.verify import Verification
    from oracle.backtesting.walk_forward.fit import Progress
    from oracle.backtesting.walk_forward.objective import Objective
    from oracle.backtesting.walk_forward.result import WalkForward
    from oracle.backtesting.walk_forward.windows import Scheme
    from oracle.bootstrap.requests import WalkRequest
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
    bars : polars frame: symbol, timestamp or date, open, high, low, close, volume, optional adjusted_close
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
    from oracle.backtesting.rust_engine import RustEngine

    in_force = _settings() if settings is None else settings
    chosen = chosen_limits(limits)
    engine = RustEngine(limits=chosen, settings=in_force, waive=waive, benchmark=benchmark, conventions=conventions)
    run = engine.run(strategy, bars, capital, start, end)
    count(strategy, [run])
    return run


def count(strategy: DeclaredStrategy, runs: Iterable[BacktestRun], ledger: str | Path | None = None) -> None:
    """Enter runs of a strategy, or of variants of it, into the trial ledger, and say on stderr what is unexpected.

    Parameters
    ----------
    ledger : the file; None takes `data.trials` of the settings in force
    """
    from oracle.backtesting.evidence import count as enter
    from oracle.backtesting.trials import TrialLedger

    path = _settings().data.trials if ledger is None else ledger
    enter(strategy, runs, TrialLedger(path), lambda words: print(words, file=sys.stderr))


# The parameters of `backtest` carry the same names as these.
_settings, _limits = settings, limits


def chosen_limits(limits: Limits) -> RiskSettings | None:
    """Return the limits that a caller means; None for none."""
    from oracle.risk.limits import RiskSettings
    from oracle.risk.policy import NO_LIMITS

    if limits is NO_LIMITS:
        return None
    if limits is not None and not isinstance(limits, RiskSettings | str | Path):
        raise UsageError(f"limits: None, oracle.NO_LIMITS, oracle.RiskSettings or a file; found {limits!r}")
    return limits if isinstance(limits, RiskSettings) else _limits(limits)


def walk_forward(
    strategy: DeclaredStrategy,
    bars: pl.DataFrame | Prepared,
    *,
    capital: float = 100_000,
    scheme: Scheme | None = None,
    objective: Objective | None = None,
    grid: Iterable[str] = (),
    start: date | datetime | None = None,
    end: date | datetime | None = None,
    limits: Limits = None,
    settings: Settings | None = None,
    benchmark: str | None = None,
    waive: Iterable[str] = (),
    conventions: str | None = None,
) -> WalkForward:
    """Fit params on each training window, freeze them, trade the window after it, and stitch what came of it.

    Parameters
    ----------
    scheme, objective : how windows are cut and params chosen; None takes the settings (``strategy.walk_forward``)
    grid : ``"lookback=63,126"`` each, in the place of the values that the strategy declares for that param
    start, end : first and last day that windows may use; indicators begin at the first bar
    others : as of ``backtest``; every window begins with the capital

    Raises
    ------
    DataError : the bars are not usable
    RangeError : the bars hold no complete window
    UsageError : the params have too many combinations, or the grid makes no sense
    """
    from oracle.backtesting.rust_engine import RustEngine
    from oracle.backtesting.walk_forward.objective import Objective
    from oracle.backtesting.walk_forward.walk import walk_forward
    from oracle.backtesting.walk_forward.windows import Scheme
    from oracle.data.frame import Prepared, prepare

    in_force = _settings() if settings is None else settings
    chosen = in_force.strategy.walk_forward
    engine = RustEngine(
        limits=chosen_limits(limits), settings=in_force, waive=waive, benchmark=benchmark, conventions=conventions
    )
    return walk_forward(
        engine,
        strategy,
        bars if isinstance(bars, Prepared) else prepare(bars),
        capital,
        scheme or Scheme.of(chosen),
        objective or Objective.of(chosen),
        grid=grid,
        max_combinations=chosen.max_combinations,
        start=start,
        end=end,
    )


def walk_forwards(
    paths: Sequence[str | Path], request: WalkRequest, progress: Callable[[str], AbstractContextManager[Progress]]
) -> list[WalkForward]:
    """Return the walk-forward of every strategy of files and folders.

    Parameters
    ----------
    progress : opens the progress of one strategy, by its name

    Raises
    ------
    ConfigError, DataError, RangeError, RunError, UsageError : as `load`, `stored_bars` and `walk_forward`
    """
    from oracle.backtesting.walk_forward.objective import Objective
    from oracle.backtesting.walk_forward.walk import walk_forward
    from oracle.backtesting.walk_forward.windows import Scheme

    chosen = settings().strategy.walk_forward.model_copy(update=dict(request.changes))
    scheme, objective = Scheme.of(chosen), Objective.of(chosen)
    strategies = load(paths)
    if request.grid and len(strategies) > 1:
        raise UsageError(f"--grid names params of one strategy; found {len(strategies)} strategies")
    runner = engine(
        limits_file=request.limits_file,
        no_limits=request.no_limits,
        waive=request.waive,
        benchmark=request.benchmark,
        conventions=request.conventions,
    )
    results = []
    for strategy in strategies:
        others = [*runner.required_symbols, *([request.benchmark] if request.benchmark else [])]
        symbols = sorted({*strategy.get_required_data(), *others})
        bars = stored_bars(symbols, request.data, strategy.spec.timeframe).prepared
        with progress(strategy.name) as told:
            result = walk_forward(
                runner,
                strategy,
                bars,
                request.capital,
                scheme,
                objective,
                grid=request.grid,
                max_combinations=chosen.max_combinations,
                start=request.start,
                end=request.end,
                progress=told,
            )
        results.append(result)
    return results


def rank(walks: Iterable[WalkForward]) -> list[Scorecard]:
    """Return the scorecards of walk-forwards by the settings in force, best first."""
    from oracle.backtesting.ranking.score import rank

    return rank(walks, settings().strategy)


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


@dataclass(frozen=True, slots=True)
class DemoRow:
    """One shipped strategy on the demo prices: within the shipped limits and without any."""

    limited: BacktestRun
    unlimited: BacktestRun
    report: Path


@dataclass(frozen=True, slots=True)
class Demo:
    """The shipped strategies on the demo prices, beside holding the stocks that were there from the start."""

    rows: list[DemoRow]
    held: BacktestRun


HOLD = """schema: 1
name: buy_and_hold
universe: {{symbols: [{symbols}]}}
entry: {{long: close > 0}}
sizing: {{method: equal_weight, max_positions: {count}}}
"""


def demo(reports: Path) -> Demo:
    """Fill the store with the demo prices, run every shipped strategy over them and write its tear sheet.

    The runs are counted in a trial ledger of their own, which is thrown away.

    Raises
    ------
    DataError : the demo prices are not installed
    """
    from tempfile import TemporaryDirectory

    from oracle.core.shipped import strategy_folder
    from oracle.data.demo import demo_path
    from oracle.data.importer import import_files
    from oracle.data.store import BarStore

    store = Path(settings().data.store)
    import_files([demo_path()], BarStore(store))
    rows = []
    limited, unlimited = engine(waive=("vix",)), engine(no_limits=True)
    with TemporaryDirectory() as folder:
        for strategy in load([strategy_folder()]):
            bars = stored_bars(strategy.get_required_data(), store).prepared
            run, free = limited.run(strategy, bars), unlimited.run(strategy, bars)
            count(strategy, [run, free], Path(folder) / "trials.sqlite")
            _ = run.evidence, free.evidence  # while the ledger is there
            rows.append(DemoRow(run, free, run.to_html(reports / f"{strategy.name}.html")))
    return Demo(rows, _buy_and_hold(unlimited, bars))


def _buy_and_hold(engine: RustEngine, bars: Prepared) -> BacktestRun:
    """Buy equal parts of the stocks that trade on the first session, and keep them; dividends stay in cash."""
    from oracle.strategy.declared import DeclaredStrategy

    first = bars.ts_ns.min()
    symbols = [symbol for symbol, row in zip(bars.symbols, bars.offsets[:-1], strict=True) if bars.ts_ns[row] == first]
    text = HOLD.format(symbols=", ".join(symbols), count=len(symbols))
    return engine.run(DeclaredStrategy(text), bars)
