"""The books balance: on any strategy and any bars, money is where the ledger says, to the millionth of a dollar.

The positions are kept again here, from nothing but fills and corporate actions, and valued at the bars' closes.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, event, given, settings
from market import ROOT, demo, only
from trials import CAPITAL, Trial, run_of, trials

from oracle.backtesting.result import BacktestRun
from oracle.backtesting.rust_engine import RustEngine
from oracle.data.frame import Prepared
from oracle.risk.limits import RiskSettings
from oracle.strategy.declared import DeclaredStrategy


def micro(usd: float) -> int:
    """Millionths: what the engine counts in. Amounts here are far below 2**53 of them."""
    return round(usd * 1e6)


@given(trials())
@settings(max_examples=max(150, settings.default.max_examples), suppress_health_check=[HealthCheck.too_slow])
def test_the_books_balance(trial: Trial) -> None:
    run, bars = run_of(trial)
    event(f"trades: {'some' if run.trade_count else 'none'}")
    held = positions_again(run, bars, fractional="fractional: true" in trial.yaml)
    assert_cash_is_the_ledger(run)
    assert_fills_are_in_the_ledger(run)
    assert_orders_are_filled_by_their_fills(run, bars)
    assert_equity_is_cash_and_positions(run, bars, held)
    assert_trades_add_up(run, held[-1])
    if not trial.shorts:
        assert run.equity["cash"].min() >= 0.0, "no leverage: cash is never borrowed"
        assert all(quantity >= 0 for book in held for quantity in book.values())


def assert_cash_is_the_ledger(run: BacktestRun) -> None:
    running = 0
    for amount, cash in run.ledger.select("amount", "cash").iter_rows():
        running += micro(amount)
        assert micro(cash) == running
    assert micro(run.equity["cash"][-1]) == running
    booked = run.ledger.group_by("timestamp", maintain_order=True).agg(pl.col("cash").last().alias("booked"))
    by_day = run.equity.join(booked, on="timestamp", how="left").with_columns(pl.col("booked").forward_fill())
    assert by_day["cash"].to_list() == by_day["booked"].to_list()


def assert_fills_are_in_the_ledger(run: BacktestRun) -> None:
    booked = run.ledger.filter(pl.col("kind") == "trade")
    assert booked["order_id"].to_list() == run.fills["order_id"].to_list()
    for fill, amount in zip(run.fills.iter_rows(named=True), booked["amount"], strict=True):
        # Millionths of millionths; the amount is rounded half to even.
        assert abs(micro(amount) * 10**6 + signed(fill) * micro(fill["price"])) <= 500_000
    fees = -sum(map(micro, run.ledger.filter(pl.col("kind") == "fee")["amount"]))
    assert fees == sum(map(micro, run.fills["fee"]))


def assert_orders_are_filled_by_their_fills(run: BacktestRun, bars: Prepared) -> None:
    restated = {bars.symbols[symbol] for symbol in bars.action_symbol[bars.action_split != 1.0]}
    filled = run.fills.group_by("order_id").agg(pl.col("quantity").sum().alias("sum"))
    orders = run.orders.filter(~pl.col("symbol").is_in(restated)).join(filled, on="order_id", how="left")
    assert np.allclose(orders["filled_quantity"], orders["sum"].fill_null(0.0), rtol=0.0, atol=1e-9)
    done = orders.filter(pl.col("status") == "FILLED")
    assert done["filled_quantity"].to_list() == done["quantity"].to_list()
    assert (orders["filled_quantity"] <= orders["quantity"]).all()


def signed(fill: dict[str, Any]) -> int:
    """Millionths of shares, negative for a sale."""
    quantity = micro(fill["quantity"])
    return quantity if fill["side"] == "BUY" else -quantity


def positions_again(run: BacktestRun, bars: Prepared, *, fractional: bool) -> list[dict[str, int]]:
    """Millionths of shares by symbol at every close of the run, from fills, splits and the end of a symbol's bars."""
    stamps = bars.ts_ns.astype("datetime64[ns]").astype("datetime64[D]")
    rows = bars.offsets[bars.action_symbol] + bars.action_bar
    splits: dict[date, list[tuple[str, float]]] = {}
    for symbol, row, ratio in zip(bars.action_symbol, rows, bars.action_split, strict=True):
        splits.setdefault(stamps[row].item(), []).append((bars.symbols[symbol], float(ratio)))
    fills: dict[date, list[dict[str, Any]]] = {}
    for fill in run.fills.iter_rows(named=True):
        fills.setdefault(fill["filled_at"], []).append(fill)
    ended = run.ledger.filter(pl.col("kind") == "delisting").select("timestamp", "symbol", "amount").rows()
    last_close = {
        symbol: float(bars.close[end - 1]) for symbol, end in zip(bars.symbols, bars.offsets[1:], strict=True)
    }
    book = dict.fromkeys(bars.symbols, 0)
    books = []
    for day in run.equity["timestamp"]:
        for symbol, ratio in splits.get(day, []):
            restated = round(book[symbol] * ratio)
            # Parts of a share are paid in cash, for shorts too.
            book[symbol] = restated if fractional else int(restated / 10**6) * 10**6
        for symbol, amount in ((symbol, amount) for when, symbol, amount in ended if when == day):
            assert abs(micro(amount) * 10**6 - book[symbol] * micro(last_close[symbol])) <= 500_000
            book[symbol] = 0
        for fill in fills.get(day, []):
            book[fill["symbol"]] += signed(fill)
        books.append(dict(book))
    return books


def assert_equity_is_cash_and_positions(run: BacktestRun, bars: Prepared, held: list[dict[str, int]]) -> None:
    closes = {
        symbol: dict(
            zip(
                bars.ts_ns[rows].astype("datetime64[ns]").astype("datetime64[D]").tolist(),
                bars.close[rows].tolist(),
                strict=True,
            )
        )
        for symbol, rows in (
            (s, slice(int(a), int(b))) for s, a, b in zip(bars.symbols, bars.offsets, bars.offsets[1:], strict=False)
        )
    }
    mark = dict.fromkeys(bars.symbols, 0)
    for row, book in zip(run.equity.iter_rows(named=True), held, strict=True):
        for symbol, days in closes.items():
            mark[symbol] = micro(days[row["timestamp"]]) if row["timestamp"] in days else mark[symbol]
        value = sum(book[symbol] * mark[symbol] for symbol in book)
        # Whole shares are exact; each fractional position rounds once.
        assert abs((micro(row["equity"]) - micro(row["cash"])) * 10**6 - value) <= 500_000 * len(book)
        assert micro(row["positions_value"]) == micro(row["equity"]) - micro(row["cash"])


def assert_trades_add_up(run: BacktestRun, held: dict[str, int]) -> None:
    cash_only = run.ledger.filter(pl.col("kind").is_in(["dividend", "borrow_fee", "interest"]))["amount"]
    gained = sum(map(micro, run.trades["pnl"])) + sum(map(micro, cash_only))
    assert gained == micro(run.final_equity) - micro(CAPITAL)
    still_open = run.trades.filter(pl.col("exit_time").is_null())
    for symbol, quantity in held.items():
        mine = still_open.filter(pl.col("symbol") == symbol)
        sides = mine["direction"].replace_strict({"LONG": 1, "SHORT": -1}, return_dtype=pl.Int64)
        assert sum(micro(q) * side for q, side in zip(mine["quantity"], sides, strict=True)) == quantity


#: Each limit made tighter than shipped, with the code that it must then speak, on an order that would fill a third.
TIGHTER = {
    "POSITION_LIMITS__MAX_POSITION": (["4%", "2%", "0.1%"], "POSITION_MAX"),
    "POSITION_LIMITS__MAX_SECTOR": (["4%", "2%", "0.1%"], "SECTOR_MAX"),
    "POSITION_LIMITS__STOP_LOSS": (["0.4%", "0.2%", "0.01%"], "STOP_LOSS_MAX"),
    "POSITION_LIMITS__MIN_PRICE": (["50 USD", "5_000 USD"], "MIN_PRICE"),
    "PORTFOLIO_LIMITS__MIN_CASH_RESERVE": (["96%", "98%", "99.9%"], "CASH_RESERVE"),
}


FIRST_ORDER = """
schema: 1
name: first_order
universe:
  symbols: [IBM]
  sectors: {IBM: technology}
timeframe: 1Day
entry: {long: "close > sma(close, 5)"}
exit: {when: "close < sma(close, 5)", stop_loss: 10%}
sizing: {method: fixed_fraction, fraction: 30%}
"""


@pytest.mark.parametrize("limit", TIGHTER)
def test_a_tighter_limit_never_admits_more_of_the_first_order(limit: str) -> None:
    values, code = TIGHTER[limit]
    strategy = DeclaredStrategy(FIRST_ORDER)
    bars = only(demo(), "IBM")
    admitted, codes = [], []
    for value in [None, *values]:
        env = {} if value is None else {f"SA_RISK__{limit}": value}
        limits = RiskSettings.from_yaml(ROOT / "config" / "risk_limits.yaml", env)
        verdict = RustEngine(limits=limits, waive=("vix",)).run(strategy, bars, CAPITAL).verdicts.row(0, named=True)
        admitted.append(verdict["admitted"])
        codes.append(verdict["code"])
    assert admitted == sorted(admitted, reverse=True)
    assert admitted[0] > admitted[-1] >= 0
    assert code in codes[1:], f"{limit} is never the one that binds: {codes}"
