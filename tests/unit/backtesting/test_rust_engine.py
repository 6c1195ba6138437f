"""What a run is told about its period and what it tells of its data, on bars made by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

import oracle
from oracle.backtesting.result import BacktestRun
from oracle.core import native
from oracle.core.errors import RunError
from oracle.data.frame import prepare

ALWAYS = """
schema: 1
name: always
universe: {symbols: [AAA]}
entry: {long: close > 0}
sizing: {method: fixed_shares, shares: 10}
"""
#: 2024-01-08 is a Monday.
MONDAY = date(2024, 1, 8)


def bars(closes: dict[str, list[float]], adjusted: list[float] | None = None) -> pl.DataFrame:
    """Bars of one price each on the days from Monday on."""
    frames = [
        pl.DataFrame({"symbol": symbol, "date": [MONDAY + timedelta(days=day) for day in range(len(prices))]})
        .with_columns(pl.Series(name, prices) for name in ("open", "high", "low", "close"))
        .with_columns(volume=pl.lit(1e7))
        for symbol, prices in closes.items()
    ]
    frame = pl.concat(frames)
    return frame if adjusted is None else frame.with_columns(pl.Series("adjusted_close", adjusted))


def run(frame: pl.DataFrame, start: date | datetime | None = None, end: date | datetime | None = None) -> BacktestRun:
    return oracle.backtest(oracle.load_strategy(ALWAYS), frame, start=start, end=end, limits=oracle.NO_LIMITS)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (date(2024, 1, 9), date(2024, 1, 11)),
        (datetime(2024, 1, 9), datetime(2024, 1, 11)),
        (datetime(2024, 1, 9, 9, 30), datetime(2024, 1, 11, 16)),
        (datetime(2024, 1, 9, tzinfo=UTC), datetime(2024, 1, 11, tzinfo=UTC)),
    ],
)
def test_the_first_and_the_last_day_are_included_however_they_are_given(
    start: date | datetime, end: date | datetime
) -> None:
    result = run(bars({"AAA": [100.0] * 5}), start, end)
    assert result.equity["timestamp"].to_list() == [date(2024, 1, day) for day in (9, 10, 11)]
    # Decided at the close of the first day, filled at the next open.
    assert result.fills["filled_at"].to_list() == [date(2024, 1, 10)]


def test_a_position_closed_after_ten_silent_sessions_is_told() -> None:
    # The third bar of AAA is its last; ten sessions without one follow, and it closes before the open of the next.
    result = run(bars({"AAA": [100.0, 100.0, 90.0], "ZZZ": [1.0] * 14}))
    assert result.trades["reason"].to_list() == ["delisted"]
    assert [note for note in result.notes if note.startswith("AAA: closed at the last price")]


def test_a_position_without_a_bar_at_the_end_is_told() -> None:
    result = run(bars({"AAA": [100.0, 100.0, 90.0], "ZZZ": [1.0] * 5}))
    assert result.trades["reason"].to_list() == ["open"]
    assert [note for note in result.notes if note.startswith("AAA: held at the end")]


def test_a_position_held_at_the_end_of_all_data_needs_no_note() -> None:
    result = run(bars({"AAA": [100.0, 100.0, 90.0], "ZZZ": [1.0] * 3}))
    assert result.trades["reason"].to_list() == ["open"]
    assert not [note for note in result.notes if "AAA" in note]


def test_a_step_of_the_adjustment_factor_that_no_price_confirms_is_told() -> None:
    # The factor halves while the raw price stands still: a split that did not happen to these prices.
    result = run(bars({"AAA": [100.0] * 5}, adjusted=[50.0, 50.0, 50.0, 100.0, 100.0]))
    assert [note for note in result.notes if note.startswith("AAA 2024-01-11: the adjustment factor grows by 2")]


SELECT = "portfolio: {select: close > 0, weight: equal, rebalance: every session}"


@pytest.mark.parametrize(
    ("rules", "direction"),
    [
        ("entry: {long: close > 0}", "LONG"),
        ("entry: {short: close > 0}", "SHORT"),
        ("entry: {long: close < 0}", "FLAT"),
        ("entry: {long: close > 0, short: close > 0}", "FLAT"),
        ("entry: {long: close > 0}\nexit: {when: close > 50}", "FLAT"),
        ("entry: {long: close > 0}\nexit: {when: position.profit > 5%}", "LONG"),
        (SELECT, "LONG"),
        (SELECT + "\nexit: {stop_loss: 5%}", "LONG"),
        (SELECT.replace("equal", "0 - 50%"), "SHORT"),
    ],
)
def test_the_signals_of_the_last_bar_are_what_a_run_from_there_on_orders(rules: str, direction: str) -> None:
    strategy = oracle.load_strategy(f"schema: 1\nname: one\nuniverse: {{symbols: [AAA]}}\n{rules}\n")
    frame = bars({"AAA": [100.0] * 5})
    (signal,) = native.signals(strategy.plan.raw, prepare(frame))
    assert signal[:2] == ("AAA", direction)
    orders = oracle.backtest(strategy, frame, start=date(2024, 1, 12), limits=oracle.NO_LIMITS).orders
    assert orders["side"].to_list() == {"LONG": ["BUY"], "SHORT": ["SELL"], "FLAT": []}[direction]


def hourly(hours: int, minutes: int = 60) -> pl.DataFrame:
    """Bars of 100 from 9:30 in New York on, on Monday."""
    start = datetime(2024, 1, 8, 14, 30, tzinfo=UTC)
    stamps = [start + timedelta(minutes=minutes * bar) for bar in range(hours)]
    frame = pl.DataFrame({"symbol": "AAA", "timestamp": stamps, "volume": 1e7})
    return frame.with_columns(pl.lit(100.0).alias(name) for name in ("open", "high", "low", "close"))


@pytest.mark.parametrize(
    ("timeframe", "frame"),
    [
        ("1Day", hourly(6)),
        ("1Hour", bars({"AAA": [100.0] * 5})),
        ("5Min", hourly(6)),
        ("1Hour", hourly(6, minutes=5)),
    ],
)
def test_bars_of_another_timeframe_are_refused(timeframe: str, frame: pl.DataFrame) -> None:
    strategy = oracle.load_strategy(ALWAYS + f"timeframe: {timeframe}\n")
    with pytest.raises(RunError, match=f"lacks bars of {timeframe}"):
        oracle.backtest(strategy, frame, limits=oracle.NO_LIMITS)


@pytest.mark.parametrize(("timeframe", "frame"), [("1Hour", hourly(6)), ("5Min", hourly(6, minutes=5))])
def test_bars_of_the_timeframe_of_the_strategy_are_taken(timeframe: str, frame: pl.DataFrame) -> None:
    strategy = oracle.load_strategy(ALWAYS + f"timeframe: {timeframe}\n")
    assert oracle.backtest(strategy, frame, limits=oracle.NO_LIMITS).fills.height == 1
