"""Walk-forward: params from the window before, judged on the window after, with indicators that began long before."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from functools import cache

import polars as pl
import pytest
from market import demo, only, until

from oracle.backtesting.result import BacktestRun
from oracle.backtesting.rust_engine import RustEngine
from oracle.backtesting.walk_forward import combinations
from oracle.core.errors import RangeError, UsageError
from oracle.strategy.declared import DeclaredStrategy

TEXT = """
schema: 1
name: crossing
universe: {symbols: [AAPL, IBM, MSFT]}
timeframe: 1Day
params:
  fast: {default: 10, range: [5, 20], step: 5}
  slow: {default: 100, choices: [100, 200]}
entry: {long: "sma(close, fast) > sma(close, slow)"}
exit: {when: "sma(close, fast) < sma(close, slow)"}
sizing: {method: equal_weight, max_positions: 3}
"""
TRAIN, TEST, STEP = 24, 6, 6


def strategy(bind: dict[str, str] | None = None) -> DeclaredStrategy:
    return DeclaredStrategy(TEXT, bind)


@cache
def windows() -> list[BacktestRun]:
    bars = only(demo(), "AAPL", "IBM", "MSFT")
    return RustEngine().walk_forward(strategy(), bars, 100_000, TRAIN, TEST, STEP)


def period(run: BacktestRun) -> tuple[date, date]:
    assert run.start is not None
    assert run.end is not None
    return run.start.date(), run.end.date()


def test_combinations_are_every_value_once() -> None:
    found = combinations(strategy().spec.params)
    assert [(each["fast"], each["slow"]) for each in found] == [
        (fast, slow) for fast in ("5", "10", "15", "20") for slow in ("100", "200")
    ]


def test_test_windows_follow_each_other_without_overlap() -> None:
    periods = [period(run) for run in windows()]
    # The bars run from 2000-03-01 to 2013-03-01: 24 months, then 22 windows of 6 months.
    assert len(periods) == 22
    assert periods[0][0] == date(2002, 3, 1)
    for (_, end), (start, _) in itertools.pairwise(periods):
        assert end < start
        assert start - end < timedelta(days=6), "nor a gap, weekends and a holiday apart"
    for run, (start, end) in zip(windows(), periods, strict=True):
        stamps = run.equity["timestamp"]
        assert (stamps.min(), stamps.max()) == (start, end)
        assert run.equity["equity"][0] == 100_000.0
        assert run.trades.is_empty() or run.trades["entry_time"].min() >= start


def test_indicators_begin_long_before_the_window() -> None:
    # A 200-day average needs more sessions than six months have; trades early in a window show that it was warm.
    early = [run.orders.filter(pl.col("decided_at") <= period(run)[0] + timedelta(days=14)) for run in windows()]
    assert sum(not orders.is_empty() for orders in early) >= 15


def test_the_params_are_those_that_were_best_before() -> None:
    bars = only(demo(), "AAPL", "IBM", "MSFT")
    engine = RustEngine()
    for number in (0, 7, 21):
        run = windows()[number]
        start, end = period(run)
        months = number * STEP
        begin = date(2000 + (2 + months) // 12, (2 + months) % 12 + 1, 1)
        candidates = [strategy(bind) for bind in combinations(strategy().spec.params)]
        before = [
            engine.run(each, bars, 100_000, begin, start - timedelta(days=1)).sharpe or 0.0 for each in candidates
        ]
        best = candidates[before.index(max(before))]
        assert run.plan_hash == best.plan.hash
        assert run.equity.equals(engine.run(best, bars, 100_000, start, end).equity)


def test_a_window_does_not_know_what_comes_after_it() -> None:
    # The window ends on a Sunday; the bars go on to the Tuesday after it, so that it is complete.
    bars = until(only(demo(), "AAPL", "IBM", "MSFT"), period(windows()[0])[1] + timedelta(days=4))
    (alone,) = RustEngine().walk_forward(strategy(), bars, 100_000, TRAIN, TEST, STEP)
    assert alone.plan_hash == windows()[0].plan_hash
    assert alone.fills.equals(windows()[0].fills)


def test_what_cannot_be_walked_is_refused() -> None:
    bars = only(demo(), "IBM")
    with pytest.raises(RangeError, match="1 month or longer"):
        RustEngine().walk_forward(strategy(), bars, 100_000, 0, 6, 6)
    with pytest.raises(RangeError, match="shorter than"):
        RustEngine().walk_forward(strategy(), until(bars, date(2001, 1, 2)), 100_000, 24, 6, 6)
    wide = TEXT.replace("range: [5, 20], step: 5", "range: [5, 2000], step: 1")
    with pytest.raises(UsageError, match="combinations"):
        RustEngine().walk_forward(DeclaredStrategy(wide), bars, 100_000, 24, 6, 6)
