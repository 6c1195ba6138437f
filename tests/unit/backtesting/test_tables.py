"""The engine's columns as frames: dates, labels and missing values, by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import polars as pl
from market import demo, until

from oracle.backtesting.tables import frame_of, prices_of

DAY = 86_400_000_000_000


def test_stamps_are_dates_for_daily_bars_and_times_for_others() -> None:
    columns = {"timestamp": np.array([0, DAY, -1])}
    assert frame_of(columns, daily=True)["timestamp"].to_list() == [date(1970, 1, 1), date(1970, 1, 2), None]
    times = frame_of({"exit_time": np.array([3_600_000_000_000, -1])}, daily=False)["exit_time"]
    assert times.to_list() == [datetime(1970, 1, 1, 1, tzinfo=UTC), None]
    assert times.dtype == pl.Datetime("ns", "UTC")


def test_what_is_not_there_is_null() -> None:
    frame = frame_of(
        {
            "order_id": np.array([7, -1]),
            "limit_price": np.array([np.nan, 12.5]),
            "amount": np.array([-1.0, 0.0]),
            "side": (np.array([1, -1]), ["BUY", "SELL"]),
        },
        daily=True,
    )
    assert frame["order_id"].to_list() == [7, None]
    assert frame["limit_price"].to_list() == [None, 12.5]
    assert frame["amount"].to_list() == [-1.0, 0.0], "an amount of -1 is an amount"
    assert frame["side"].to_list() == ["SELL", None]


def test_no_rows_keep_their_types() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    frame = frame_of({"timestamp": nothing, "symbol": (nothing, []), "price": np.zeros(0)}, daily=True)
    assert frame.schema == {"timestamp": pl.Date(), "symbol": pl.String(), "price": pl.Float64()}


def test_prices_are_those_of_the_traded_symbols_in_the_period() -> None:
    bars = until(demo(), date(2000, 3, 10))
    first, last = (int(np.datetime64(day, "ns").astype(np.int64)) for day in ("2000-03-02", "2000-03-03"))
    frame = prices_of(bars, [bars.symbols.index("IBM")], first, last)
    assert frame["symbol"].unique().to_list() == ["IBM"]
    assert frame["timestamp"].to_list() == [date(2000, 3, 2), date(2000, 3, 3)]
    assert prices_of(bars, [], first, last).schema == frame.schema
