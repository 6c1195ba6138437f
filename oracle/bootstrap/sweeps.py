"""Sweeps, with everything they need put together: strategy, bars, engine, folder, trial ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from oracle.bootstrap import engine_with, load
from oracle.bootstrap import settings as _in_force
from oracle.bootstrap.trials import announce, ledger
from oracle.core.errors import UsageError

if TYPE_CHECKING:
    import polars as pl

    from oracle.backtesting.result import BacktestRun
    from oracle.backtesting.rust_engine import RustEngine
    from oracle.backtesting.sweep.result import SweepResult
    from oracle.backtesting.sweep.search import Progress
    from oracle.bootstrap.requests import RunRequest
    from oracle.core.config import Settings
    from oracle.data.frame import Prepared
    from oracle.risk.policy import Limits
    from oracle.strategy.declared import DeclaredStrategy


def sweep(
    strategy: DeclaredStrategy,
    bars: pl.DataFrame | Prepared,
    *,
    grid: Iterable[str] | Mapping[str, Sequence[object]] = (),
    method: str = "grid",
    metric: str | None = None,
    where: str | None = None,
    trials: int | None = None,
    seed: int = 0,
    each_symbol: bool = False,
    folder: str | Path | None = None,
    capital: float = 100_000,
    start: date | datetime | None = None,
    end: date | datetime | None = None,
    limits: Limits = None,
    settings: Settings | None = None,
    benchmark: str | None = None,
    waive: Iterable[str] = (),
    conventions: str | None = None,
    metrics: Sequence[str] = (),
    threads: int | None = None,
    progress: Progress | None = None,
) -> SweepResult:
    """Run a strategy under many values of its params, count every run as a trial, and judge the best by all of them.

    Parameters
    ----------
    grid : ``"fast=5,10,20"`` or ``"fast=5..50:5"`` each, or values by name; in the place of what the strategy declares
    method : ``grid`` for every combination, ``random`` or ``tpe`` (optuna) for ``trials`` of them, drawn by ``seed``
    metric : makes a combination the best; None takes the settings, as for ``trials``
    where : condition over params and metrics, such as ``"fast < slow and trades >= 30"``; what cannot fit is not run
    each_symbol : run every symbol of the universe by itself; numbers are then medians over symbols
    folder : keeps the journal, from which a sweep that was stopped goes on, and the result; None keeps nothing
    metrics : columns beside those that every sweep has
    threads : as many as there are processors when None; the result is the same
    progress : told how many runs are done, of how many
    others : as of ``backtest``

    Raises
    ------
    ConfigError : a value does not compile; carries all diagnostics
    DataError : the bars are not usable, or the folder's journal is of another sweep
    RunError : an input is missing, or optuna is not installed
    UsageError : grid, method, metric or condition make no sense
    """
    in_force = _in_force() if settings is None else settings
    runner = engine_with(limits, settings, waive, benchmark, conventions)
    asked = [f"{n}={','.join(map(str, v))}" for n, v in grid.items()] if isinstance(grid, Mapping) else list(grid)
    request = SweepRequest(
        grid=asked,
        method=method,
        metric=metric or in_force.sweep.metric,
        where=where,
        trials=trials or in_force.sweep.trials,
        seed=seed,
        each_symbol=each_symbol,
        metrics=tuple(metrics),
        threads=threads,
    )
    return _swept(runner, strategy, bars, request, in_force, capital, (start, end), folder, progress)


@dataclass(frozen=True, slots=True)
class SweepRequest:
    """What is asked of a sweep."""

    grid: Sequence[str] = ()
    method: str = "grid"
    metric: str = "sharpe"
    where: str | None = None
    trials: int = 100
    seed: int = 0
    each_symbol: bool = False
    metrics: tuple[str, ...] = ()
    threads: int | None = None


@dataclass(frozen=True, slots=True)
class _OwnFolder:
    """A folder in which every sweep has its own, found again by what it runs on."""

    inside: Path


def _swept(
    engine: RustEngine,
    strategy: DeclaredStrategy,
    bars: pl.DataFrame | Prepared,
    request: SweepRequest,
    in_force: Settings,
    capital: float,
    period: tuple[date | datetime | None, date | datetime | None],
    folder: str | Path | _OwnFolder | None,
    progress: Progress | None,
) -> SweepResult:
    """Sweep, save, count, and run the best combination alone."""
    from oracle.backtesting.sweep.judge import judge
    from oracle.backtesting.sweep.preflight import check_values
    from oracle.backtesting.sweep.search import Plan, metrics_of, sweep
    from oracle.backtesting.sweep.space import Space
    from oracle.backtesting.sweep.sweeper import Wanted
    from oracle.core import native
    from oracle.data.frame import Prepared, prepare

    plan = Plan(
        method=request.method,
        metric=request.metric,
        where=request.where,
        trials=request.trials,
        seed=request.seed,
        max_combinations=in_force.sweep.max_combinations,
    )
    space = Space.of(strategy, request.grid, is_grid=plan.method == "grid")
    check_values(strategy, space)
    read = metrics_of(plan, space.names, tuple(native.Sweep.metric_names()))
    wanted = Wanted(
        metrics=(*read, *request.metrics),
        blocks=0 if request.each_symbol else in_force.sweep.overfitting_blocks,
        memory=in_force.sweep.memory,
        each_symbol=request.each_symbol,
        threads=request.threads,
    )
    prepared = bars if isinstance(bars, Prepared) else prepare(bars)
    sweeper = engine.sweeper(strategy, prepared, capital, *period, wanted)
    if isinstance(folder, _OwnFolder):
        folder = folder.inside / f"{strategy.name}-{sweeper.digest_on(space)[:12]}"
    target = None if folder is None else Path(folder)
    result = sweep(sweeper, space, plan, target, progress)
    if target is not None:
        result.save(target)

    def alone(best: DeclaredStrategy) -> BacktestRun:
        """Run the best combination; on the bars that it reads alone where each symbol runs by itself."""
        read = {*best.get_required_data(), *engine.required_symbols, *([engine.benchmark] if engine.benchmark else [])}
        return engine.run(best, prepared.only(read) if request.each_symbol else prepared, capital, *period)

    return judge(result, sweeper, alone, ledger(), announce)


def sweep_file(
    path: str | Path,
    request: SweepRequest,
    run: RunRequest,
    folder: Path | None,
    progress: Callable[[str], AbstractContextManager[Progress]],
) -> SweepResult:
    """Sweep the strategy of one file; the folder is one of `sweep.folder` of the settings when None.

    Raises
    ------
    ConfigError, DataError, RangeError, RunError, UsageError : as `load`, `stored_bars` and `sweep`
    """
    in_force = _in_force()
    strategies = load([path])
    if len(strategies) != 1:
        raise UsageError(f"a sweep takes one strategy; found {len(strategies)} in {path}")
    strategy = strategies[0]
    runner = run.engine()
    bars = run.bars(strategy, runner)
    keep = folder or _OwnFolder(Path(in_force.sweep.folder))
    with progress(strategy.name) as told:
        return _swept(runner, strategy, bars, request, in_force, run.capital, (run.start, run.end), keep, told)
