"""Splits as they happened: raw prices jump, equity does not. Worked by hand from the rows of the extracts.

AIG 2009-06-30 close 1.13      -> 1:20 -> 2009-07-01 open 19.70 close 18.08 (the old close restated: 22.60)
USO 2020-04-28 close 2.13      -> 1:8  -> 2020-04-29 open 18.01 close 18.00 (17.04)
AIG 1998-07-31 close 150.69    -> 3:2  -> 1998-08-03 open 100.50 close 98.88 (100.46)
"""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from market import extract

from oracle.backtesting.result import BacktestRun
from oracle.backtesting.rust_engine import RustEngine
from oracle.core.config import Settings
from oracle.strategy.declared import DeclaredStrategy

CAPITAL = 100_000.0
FREE = Settings.model_validate(
    {
        "simulation": {
            "commission": {"model": "zero"},
            "slippage": {"model": "zero"},
            "max_participation": None,
        }
    }
)
HOLD = """
schema: 1
name: hold
universe: {{symbols: [{symbol}]}}
timeframe: 1Day
entry: {{long: {entry}, priority: "change_ratio(close, 1)"}}
exit: {{{exit}}}
sizing: {{method: fixed_shares, shares: {shares}{fractional}}}
execution: {execution}
"""


def held(
    name: str,
    shares: int,
    *,
    entry: str = "close > 0",
    leave: str = "max_hold: 250s",
    fractional: bool = False,
    execution: str = "{order_type: market}",
) -> BacktestRun:
    """Buy a number of shares as soon as the entry holds and keep them."""
    text = HOLD.format(
        symbol=name[:3], entry=entry, exit=leave, shares=shares, execution=execution,
        fractional=", fractional: true" if fractional else "",
    )  # fmt: skip
    return RustEngine(settings=FREE).run(DeclaredStrategy(text), extract(name).head(45), CAPITAL)


def equity_on(run: BacktestRun, day: date) -> float:
    return float(run.equity.row(by_predicate=pl.col("timestamp") == day, named=True)["equity"])


# Bought at the second open; the restated close is what a part of a share is paid.
#   AIG 1,234 at 1.64:   61.7 -> 61, 0.7 x 22.60 = 15.82; 61 x 18.08 + 15.82 - 1,234 x 1.13 = -275.72
#   USO 1,003 at 4.58: 125.375 -> 125, 0.375 x 17.04 = 6.39; 125 x 18.00 + 6.39 - 1,003 x 2.13 = 120.00
#   AIG 301 at 147:    451.5 -> 451, 0.5 x 100.46 = 50.23; 451 x 98.88 + 50.23 - 301 x 150.69 = -712.58
WORKED = [
    ("AIG_2009", 1234, date(2009, 6, 30), date(2009, 7, 1), 61.0, 15.82, -275.72),
    ("USO_2020", 1003, date(2020, 4, 28), date(2020, 4, 29), 125.0, 6.39, 120.0),
    ("AIG_1998_1999", 301, date(1998, 7, 31), date(1998, 8, 3), 451.0, 50.23, -712.58),
]
NAMES = [row[0] for row in WORKED]


@pytest.mark.parametrize(("name", "shares", "before", "ex", "left", "paid", "change"), WORKED, ids=NAMES)
def test_whole_shares_are_kept_and_parts_are_paid(
    name: str, shares: int, before: date, ex: date, left: float, paid: float, change: float
) -> None:
    run = held(name, shares)
    assert run.fills["filled_at"].max() < before
    lieu = run.ledger.filter(pl.col("kind") == "cash_in_lieu")
    assert lieu.select("timestamp", "amount").rows() == [(ex, paid)]
    assert equity_on(run, ex) - equity_on(run, before) == pytest.approx(change, abs=1e-6)
    assert run.trades.filter(pl.col("exit_time").is_null())["quantity"].to_list() == [left]


@pytest.mark.parametrize(("name", "shares", "before", "ex", "left", "paid", "change"), WORKED, ids=NAMES)
def test_parts_of_a_share_earn_the_adjusted_return(
    name: str, shares: int, before: date, ex: date, left: float, paid: float, change: float
) -> None:
    run = held(name, shares, fractional=True)
    assert run.ledger.filter(pl.col("kind") == "cash_in_lieu").is_empty()
    bars = {row["date"]: row for row in extract(name).iter_rows(named=True)}
    adjusted = bars[ex]["adjusted_close"] / bars[before]["adjusted_close"] - 1.0
    value = shares * bars[before]["close"]
    # The factors have six digits.
    assert equity_on(run, ex) - equity_on(run, before) == pytest.approx(value * adjusted, abs=value * 5e-6)


def test_a_target_does_not_take_a_reverse_split_for_a_gain() -> None:
    # 1.64 doubled is 3.28, restated 65.60. The open of 19.70 is far above the first and far below the second.
    run = held("AIG_2009", 1234, leave="take_profit: 100%")
    assert run.fills["side"].to_list() == ["BUY"]
    target = run.orders.row(by_predicate=pl.col("reason") == "take_profit", named=True)
    assert target["limit_price"] == pytest.approx(65.6, abs=1e-9)
    assert (target["status"], target["quantity"]) == ("SUBMITTED", 61.0)


def test_a_stop_is_restated_and_fires_where_the_restated_price_falls_through_it() -> None:
    # Half of 1.64 is 0.82, restated 16.40: over the low of 2009-07-01 (17.55) and 07-02 (17.65) it holds; on 07-06 the
    # open is 18.30 and the low 15.78.
    run = held("AIG_2009", 1234, leave="stop_loss: 50%")
    (sale,) = run.fills.filter(pl.col("side") == "SELL").head(1).iter_rows(named=True)
    assert (sale["filled_at"], sale["quantity"], sale["price"]) == (date(2009, 7, 6), 61.0, 16.4)


def test_a_stop_does_not_take_a_split_for_a_loss() -> None:
    # 147.00 less 20% is 117.60. The open of 100.50 after the 3:2 split is under it, and far above the restated 78.40,
    # which the low of 77.25 on 1998-08-31 is the first to reach (open 83.88).
    run = held("AIG_1998_1999", 301, leave="stop_loss: 20%")
    (sale,) = run.fills.filter(pl.col("side") == "SELL").iter_rows(named=True)
    assert (sale["filled_at"], sale["quantity"], sale["price"]) == (date(1998, 8, 31), 451.0, 78.4)


def test_a_trailing_stop_does_not_take_a_split_for_a_loss() -> None:
    # The highest close is 153.00 on 07-27, restated 102.00; 10% under it is 91.80. Of the days after the split, 08-03
    # (low 98.81) and 08-04 (92.31) hold; 08-05 opens at 92.69 and falls to 91.56.
    run = held("AIG_1998_1999", 301, leave="trailing_stop: 10%")
    sale = run.fills.filter(pl.col("side") == "SELL").row(0, named=True)
    assert (sale["filled_at"], sale["quantity"], sale["price"]) == (date(1998, 8, 5), 451.0, 91.8)


def test_a_resting_entry_is_restated() -> None:
    # Decided at the only close under 1.20 (1.13 on 2009-06-30): 20% under it is 0.904, restated 18.08 for 61 shares of
    # 1,234. The next bar opens at 19.70 and falls to 17.55.
    run = held("AIG_2009", 1234, entry="close < 1.2", execution="{order_type: limit, limit_offset: -20%}")
    buy = run.fills.row(0, named=True)
    assert (buy["side"], buy["filled_at"], buy["quantity"], buy["price"]) == ("BUY", date(2009, 7, 1), 61.0, 18.08)


@pytest.mark.parametrize(("name", "ex", "gain"), [
    ("AIG_2009", date(2009, 7, 1), 18.08 / 22.6 - 1.0),
    ("USO_2020", date(2020, 4, 29), 18.0 / 17.04 - 1.0),
    ("AIG_1998_1999", date(1998, 8, 3), 98.88 / 100.46 - 1.0),
])  # fmt: skip
def test_an_expression_sees_the_return_and_not_the_split(name: str, ex: date, gain: float) -> None:
    # A condition that turns true on the very day shows the priority, yesterday's change, as the signal's strength.
    run = held(name, 1, entry=f"day_of_week() == {ex.isoweekday()}", leave="max_hold: 1s")
    (strength,) = run.signals.filter((pl.col("timestamp") == ex) & (pl.col("direction") == "LONG"))["strength"]
    assert strength == pytest.approx(gain, abs=2e-6)


def test_an_absolute_number_is_compared_with_the_price_of_its_day() -> None:
    # AIG traded under 2 dollars in June and over 9 in July; its adjusted closes of June are over 20.
    run = held("AIG_2009", 10, entry="close < 2", leave="max_hold: 2s")
    assert run.signals.filter(pl.col("direction") == "LONG")["timestamp"].max() <= date(2009, 6, 30)
