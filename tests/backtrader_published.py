"""A run that backtrader publishes, as our own strategy file: what was printed of it, and bars to run it on.

Source: mementum/backtrader 1.9.78.123, tests/test_strategy_unoptimized.py. One share of an index is bought when the
close crosses above its 15-day average and sold when it crosses below, from 10,000 without commission; the test asserts
the close at each decision, the price of each execution, and value and cash at the end ('10284.10', '6164.16', the run
`stocklike`).

Its bars, datas/2006-day-001.txt, come with a repository under the GPL and are not copied here. `bars` puts in their
place a series that holds every published close and execution in order, one share's value at the end, and between them
a path of its own that crosses the average nowhere else. On the original bars the same numbers come out:

    python tests/backtrader_published.py datas/2006-day-001.txt
"""

from __future__ import annotations

import sys
from datetime import date

import polars as pl

import oracle
from oracle.backtesting.result import BacktestRun
from oracle.backtesting.rust_engine import RustEngine
from oracle.core import native

BUY_CREATE = [
    3641.42,
    3798.46,
    3874.61,
    3860.00,
    3843.08,
    3648.33,
    3526.84,
    3632.93,
    3788.96,
    3841.31,
    4045.22,
    4052.89,
]
SELL_CREATE = [3763.73, 3811.45, 3823.11, 3821.97, 3837.86, 3604.33, 3562.56, 3772.21, 3780.18, 3974.62, 4048.16]
BUY_EXEC = [3643.35, 3801.03, 3872.37, 3863.57, 3845.32, 3656.43, 3542.65, 3639.65, 3799.86, 3840.20, 4047.63, 4052.55]
SELL_EXEC = [3763.95, 3811.85, 3822.35, 3822.57, 3829.82, 3598.58, 3545.92, 3766.80, 3782.15, 3979.73, 4045.05]
VALUE, CASH = 10284.10, 6164.16

STRATEGY = """schema: 1
name: test_strategy_unoptimized
universe: {symbols: [INDEX]}
entry: {long: "cross_above(close, sma(close, 15))"}
exit: {when: "cross_below(close, sma(close, 15))"}
sizing: {method: fixed_shares, shares: 1}
execution: {conventions: backtrader}
"""
#: Bars between two decisions: enough to leave the average behind.
BETWEEN = 20


def bars() -> pl.DataFrame:
    """Return the published closes and executions in order, apart from one another and with nothing decided between."""
    rows: list[tuple[float, float]] = []  # open, close

    def drift(near: float, step: float) -> None:
        rows.extend((near + step * bar, near + step * bar) for bar in range(BETWEEN))

    drift(BUY_CREATE[0] - 100.0, -0.5)
    for place, (buy_close, buy_open) in enumerate(zip(BUY_CREATE, BUY_EXEC, strict=True)):
        rows.append((buy_close, buy_close))
        if place == len(SELL_CREATE):
            rows.append((buy_open, VALUE - CASH))
            break
        sell_close, sell_open = SELL_CREATE[place], SELL_EXEC[place]
        high = max(buy_close, sell_close) + 100.0
        rows.append((buy_open, high - 0.5))
        drift(high, 0.5)
        rows.append((sell_close, sell_close))
        low = min(sell_close, BUY_CREATE[place + 1]) - 100.0
        rows.append((sell_open, low + 0.5))
        drift(low, -0.5)
    opens, closes = [row[0] for row in rows], [row[1] for row in rows]
    sessions = native.sessions(date(2006, 1, 3), len(rows)).tolist()
    frame = pl.DataFrame({"date": sessions, "open": opens, "close": closes})
    return _complete(
        frame.with_columns(high=pl.max_horizontal("open", "close"), low=pl.min_horizontal("open", "close"))
    )


def original(path: str) -> pl.DataFrame:
    """Return the bars of 2006 of the original file."""
    found = pl.read_csv(path, try_parse_dates=True).rename(str.lower)
    return _complete(found.filter(pl.col("date") <= date(2006, 12, 31)))


def _complete(frame: pl.DataFrame) -> pl.DataFrame:
    prices = frame.select("date", "open", "high", "low", "close")
    return prices.with_columns(pl.lit("INDEX").alias("symbol"), pl.lit(1e7).alias("volume"))


def check(frame: pl.DataFrame) -> BacktestRun:
    """Run the strategy on bars and hold the run to all that is published."""
    run = RustEngine().run(oracle.load_strategy(STRATEGY), frame, 10_000)
    closes = dict(frame.select("date", "close").iter_rows())
    for side, created, executed in (("BUY", BUY_CREATE, BUY_EXEC), ("SELL", SELL_CREATE, SELL_EXEC)):
        orders = run.orders.filter(pl.col("side") == side)
        assert [closes[day] for day in orders["decided_at"]] == created
        fills = run.fills.filter(pl.col("side") == side)
        assert fills["price"].to_list() == executed
        assert set(fills["quantity"]) == {1.0}
        assert set(fills["fee"]) == {0.0}
    assert round(run.final_equity, 2) == VALUE
    assert round(float(run.equity["cash"][-1]), 2) == CASH
    return run


if __name__ == "__main__":
    print(check(original(sys.argv[1])).summary())
