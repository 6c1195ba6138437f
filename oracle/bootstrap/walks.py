"""Walk-forwards and rankings, with everything they need put together: strategies, bars, engine, trial ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from oracle.bootstrap import engine_with, load
from oracle.bootstrap import settings as _in_force
from oracle.bootstrap.trials import count_walk
from oracle.core.errors import UsageError

if TYPE_CHECKING:
    import polars as pl

    from oracle.backtesting.ranking.score import Scorecard
    from oracle.backtesting.walk_forward.fit import Progress
    from oracle.backtesting.walk_forward.objective import Objective
    from oracle.backtesting.walk_forward.result import WalkForward
    from oracle.backtesting.walk_forward.windows import Scheme
    from oracle.bootstrap.requests import WalkRequest
    from oracle.core.config import Settings
    from oracle.data.frame import Prepared
    from oracle.risk.policy import Limits
    from oracle.strategy.declared import DeclaredStrategy


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

    What was tried is counted as trials of the strategy's lineage (``evidence`` of the result).

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
    from oracle.backtesting.walk_forward.objective import Objective
    from oracle.backtesting.walk_forward.walk import walk_forward
    from oracle.backtesting.walk_forward.windows import Scheme
    from oracle.data.frame import Prepared, prepare

    chosen = (_in_force() if settings is None else settings).strategy.walk_forward
    engine = engine_with(limits, settings, waive, benchmark, conventions)
    prepared = bars if isinstance(bars, Prepared) else prepare(bars)
    walk = walk_forward(
        engine,
        strategy,
        prepared,
        capital,
        scheme or Scheme.of(chosen),
        objective or Objective.of(chosen),
        grid=grid,
        max_combinations=chosen.max_combinations,
        start=start,
        end=end,
    )
    return count_walk(strategy, walk, engine.attempt(strategy, prepared, capital, start, end))


def walk_forwards(
    paths: Sequence[str | Path], request: WalkRequest, progress: Callable[[str], AbstractContextManager[Progress]]
) -> list[WalkForward]:
    """Return the walk-forward of every strategy of files and folders, and count what each has tried.

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

    chosen = _in_force().strategy.walk_forward.model_copy(update=dict(request.changes))
    scheme, objective = Scheme.of(chosen), Objective.of(chosen)
    strategies = load(paths)
    if request.grid and len(strategies) > 1:
        raise UsageError(f"--grid names params of one strategy; found {len(strategies)} strategies")
    runner = request.engine()
    results = []
    for strategy in strategies:
        bars = request.bars(strategy, runner)
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
        hashes = runner.attempt(strategy, bars, request.capital, request.start, request.end)
        results.append(count_walk(strategy, result, hashes))
    return results


def rank(walks: Iterable[WalkForward]) -> list[Scorecard]:
    """Return the scorecards of walk-forwards by the settings in force, best first."""
    from oracle.backtesting.ranking.score import rank

    return rank(walks, _in_force().strategy)
