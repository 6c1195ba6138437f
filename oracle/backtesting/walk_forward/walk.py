"""The whole walk, step by step: cut windows, score combinations, choose, freeze, trade, stitch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from oracle.backtesting.grid import combinations, default_place, grid_of
from oracle.backtesting.walk_forward.attempts import tried
from oracle.backtesting.walk_forward.fit import EachBacktest, Engine, Fitting, Progress, Search, bound
from oracle.backtesting.walk_forward.objective import Objective
from oracle.backtesting.walk_forward.result import WalkForward
from oracle.backtesting.walk_forward.stitch import stitch
from oracle.backtesting.walk_forward.swept import EachSweep, SweepingEngine
from oracle.backtesting.walk_forward.traded import WindowResult
from oracle.backtesting.walk_forward.windows import Scheme, Window, windows
from oracle.core.errors import UsageError
from oracle.strategy.declared import DeclaredStrategy

if TYPE_CHECKING:
    from oracle.backtesting.grid import Binding
    from oracle.backtesting.result import BacktestRun
    from oracle.data.frame import Prepared


def walk_forward(
    engine: Engine,
    strategy: object,
    bars: Prepared,
    capital: float,
    scheme: Scheme,
    objective: Objective,
    *,
    grid: Iterable[str] = (),
    max_combinations: int,
    start: date | None = None,
    end: date | None = None,
    search: Search | None = None,
    progress: Progress | None = None,
) -> WalkForward:
    """Fit the params on each training window, freeze them, and trade the test window after it.

    Parameters
    ----------
    capital : USD with which every window begins
    grid : `name=value,value` each, in the place of the values that the strategy declares for that param
    start, end : first and last day that windows may use; indicators begin at the first bar all the same
    search : how combinations are scored; when None by sweeps, or by one backtest each where an engine has none

    Raises
    ------
    RangeError : the bars hold no complete window
    UsageError : the strategy is not a declared one, its params have too many combinations, or the grid makes no sense
    """
    if not isinstance(strategy, DeclaredStrategy):
        raise UsageError(f"walk-forward runs declared strategies; found {type(strategy).__name__}")
    defaults = strategy.get_parameters()
    values = grid_of(strategy.spec, defaults, grid)
    bindings = combinations(values, max_combinations)
    sessions = sessions_of(bars, strategy.spec.universe.symbols, start, end)
    cut = windows(sessions, scheme)
    find = search or _search(engine, bars, capital, bindings)
    periods = [window.train for window in cut]
    scores = find(Fitting(strategy, bindings, periods, objective.metric, progress))
    place, results = default_place(defaults, bindings), []
    for window, reached in zip(cut, scores, strict=True):
        choice = objective.choose(reached, place)
        params = defaults if choice.place is None else bindings[choice.place]
        traded = _traded(engine, bound(strategy, params), bars, capital, window)
        fixed = traded[-1]
        if fixed.plan_hash != strategy.plan.hash:
            fixed = engine.run(strategy, bars, capital, _moment(bars, window.decided), window.part.end)
        results.append(WindowResult(window, dict(params), choice, *traded, fixed))
    return WalkForward(
        strategy=strategy.name,
        defaults=dict(defaults),
        scheme=scheme,
        objective=objective,
        grid={name: tuple(tried) for name, tried in values.items()},
        capital=float(capital),
        windows=tuple(results),
        stitched=stitch(cut, [result.part for result in results], capital),
        fixed=stitch(cut, [result.fixed for result in results], capital),
        sessions_left=sum(session > cut[-1].part.end for session in sessions),
        tried=tried(scores, periods),
    )


def _search(engine: Engine, bars: Prepared, capital: float, bindings: Sequence[Binding]) -> Search:
    if isinstance(engine, SweepingEngine) and len(bindings) > 1:
        return EachSweep(engine, bars, capital)
    return EachBacktest(engine, bars, capital)


def _traded(
    engine: Engine, strategy: DeclaredStrategy, bars: Prepared, capital: float, window: Window
) -> tuple[BacktestRun, BacktestRun, BacktestRun]:
    """Return the backtests of a window's training, of its test, and of the part of it that is stitched."""
    decided = _moment(bars, window.decided)
    train = engine.run(strategy, bars, capital, window.train.start, window.train.end)
    test = engine.run(strategy, bars, capital, decided, window.test.end)
    if window.part == window.test:
        return train, test, test
    return train, test, engine.run(strategy, bars, capital, decided, window.part.end)


def sessions_of(
    bars: Prepared, symbols: Sequence[str], start: date | None = None, end: date | None = None
) -> list[date]:
    """Return the sessions on which one of the symbols has a bar, in order, between two days (included)."""
    import numpy as np
    import polars as pl

    rows = [
        bars.ts_ns[int(bars.offsets[index]) : int(bars.offsets[index + 1])]
        for index, symbol in enumerate(bars.symbols)
        if symbol in symbols
    ]
    if not rows:
        return []
    stamps = pl.Series(np.unique(np.concatenate(rows))).cast(pl.Datetime("ns", "UTC"))
    local = stamps if bars.daily else stamps.dt.convert_time_zone("America/New_York")
    days: list[date] = local.dt.date().unique().sort().to_list()
    return [day for day in days if (start is None or day >= start) and (end is None or day <= end)]


def _moment(bars: Prepared, day: date) -> date | datetime:
    """Return the session as the engine takes it for a start at its close: of intraday bars, the stamp of its last."""
    if bars.daily:
        return day
    import numpy as np
    import polars as pl

    stamps = pl.Series(np.unique(bars.ts_ns)).cast(pl.Datetime("ns", "UTC"))
    own = stamps.filter(stamps.dt.convert_time_zone("America/New_York").dt.date() == day)
    return datetime.fromtimestamp(int(own.cast(pl.Int64)[-1]) // 10**9, UTC)
