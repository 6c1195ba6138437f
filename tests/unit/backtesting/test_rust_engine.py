"""What a run is told about its period and what it tells of its data, on bars made by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

import oracle
from oracle.backtesting.result import BacktestRun

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


def test_a_position_closed_because_its_data_ended_is_told() -> None:
    result = run(bars({"AAA": [100.0, 100.0, 90.0], "ZZZ": [1.0] * 5}))
    assert result.trades["reason"].to_list() == ["delisted"]
    assert [note for note in result.notes if note.startswith("AAA: held when the data ended")]


def test_a_position_held_at_the_end_of_all_data_stays_open_without_a_note() -> None:
    result = run(bars({"AAA": [100.0, 100.0, 90.0], "ZZZ": [1.0] * 3}))
    assert result.trades["reason"].to_list() == ["open"]
    assert not [note for note in result.notes if "AAA" in note]


def test_a_step_of_the_adjustment_factor_that_no_price_confirms_is_told() -> None:
    # The factor halves while the raw price stands still: a split that did not happen to these prices.
    result = run(bars({"AAA": [100.0] * 5}, adjusted=[50.0, 50.0, 50.0, 100.0, 100.0]))
    assert [note for note in result.notes if note.startswith("AAA 2024-01-11: the adjustment factor grows by 2")]
