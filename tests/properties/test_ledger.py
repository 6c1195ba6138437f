"""The books balance: on any strategy and any bars, money is where the ledger says, to the millionth of a dollar.

The positions are kept again here, from nothing but fills and corporate actions, and valued at the bars' closes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from market import ROOT, demo, only

from oracle import bootstrap
from oracle.backtesting.result import BacktestRun
from oracle.backtesting.rust_engine import RustEngine
from oracle.core import native
from oracle.core.config import Settings
from oracle.data.frame import Prepared, prepare
from oracle.risk.limits import RiskSettings
from oracle.strategy.declared import DeclaredStrategy

SYMBOLS = ("AAA", "BBB", "CCC")
CAPITAL = 100_000.0

CONDITIONS = (
    "close > sma(close, 5)", "close < lag(close, 1)", "cross_above(close, ema(close, 8))", "rsi(close, 3) < 40",
    "close > highest(lag(close, 1), 4)", "rank(change_ratio(close, 3)) <= 2", "day_of_week() == 2", "rising(close, 2)",
)  # fmt: skip
STOPS = (
    "", "stop_loss: 4%", "trailing_stop: 5%", "take_profit: 6%", "stop_loss: 2 * atr(3)", "stop_price: lowest(low, 5)",
    "stop_loss: 3%; take_profit: 5%", "trailing_stop: 2 * atr(3); take_profit: 4%", "max_hold: 4s",
)  # fmt: skip
SIZINGS = (
    "{method: equal_weight, max_positions: 3}", "{method: equal_weight, max_positions: 2, fractional: true}",
    "{method: fixed_fraction, fraction: 30%}", "{method: fixed_shares, shares: 100}",
    "{method: volatility_target, target: 20%, lookback: 5}", "{method: inverse_volatility, lookback: 5}",
    "{method: half_kelly, prior: {trades: 30, win_rate: 55%, payoff: 1.4}, min_trades: 5}",
    "{method: equal_weight, max_positions: 3, round_lot: 10}",
)  # fmt: skip
ORDERS = (
    "{order_type: market}", "{order_type: limit, limit_offset: 0.5%}", "{order_type: limit, limit_offset: -1%}",
    "{order_type: stop, stop_offset: 0.5%}", "{order_type: stop_limit, stop_offset: 0.2%, limit_offset: 0.6%}",
    "{order_type: market, time_in_force: 3s}", "{order_type: market, exit: limit, limit_offset: 0.3%}",
)  # fmt: skip
PORTFOLIOS = (
    "{select: 'top 2 by change_ratio(close, 4)', weight: equal, rebalance: weekly}",
    "{select: 'all where close > sma(close, 6)', weight: inverse_volatility(6), rebalance: every session}",
    "{select: 'bottom 1 by rsi(close, 4)', weight: equal, rebalance: 3s, gross: 80%}",
    "{select: all, weight: equal, rebalance: on change, corridor: 1%}",
)
COSTS = (
    {"commission": {"model": "zero"}, "slippage": {"model": "zero"}},
    {"commission": {"model": "bps", "rate": "10bps"}, "slippage": {"model": "bps", "rate": "7bps"}},
    {"commission": {"model": "per_share"}, "slippage": {"model": "spread", "spread": "4bps"}},
)


@dataclass(frozen=True)
class Trial:
    """A strategy, its bars, the costs, and whether the shipped limits guard it."""

    yaml: str
    bars: pl.DataFrame
    costs: int
    limited: bool
    shorts: bool
    participation: bool


@st.composite
def trials(draw: st.DrawFn) -> Trial:
    """A strategy of a small grammar on random bars with splits, dividends, gaps and missing sessions."""
    text = ["schema: 1", "name: trial", "universe: {symbols: [AAA, BBB, CCC]}", "timeframe: 1Day"]
    shorts = False
    if draw(st.booleans()):
        shorts = draw(st.booleans())
        rules = [f"long: {draw(st.sampled_from(CONDITIONS))}", "priority: change_ratio(close, 2)"]
        rules += [f"short: {draw(st.sampled_from(CONDITIONS))}"] if shorts else []
        stop = draw(st.sampled_from(STOPS))
        leave = [f"when: {draw(st.sampled_from(CONDITIONS))}", *(stop.split("; ") if stop else [])]
        text += [f"entry: {{{quoted(rules)}}}", f"exit: {{{quoted(leave)}}}"]
        text += [f"sizing: {draw(st.sampled_from(SIZINGS))}", f"execution: {draw(st.sampled_from(ORDERS))}"]
    else:
        text.append(f"portfolio: {draw(st.sampled_from(PORTFOLIOS))}")
    bars = pl.concat([draw(series(symbol)) for symbol in SYMBOLS])
    return Trial(
        "\n".join(text) + "\n", bars, draw(st.integers(0, 2)), draw(st.booleans()), shorts, draw(st.booleans())
    )


def quoted(rules: list[str]) -> str:
    """Rules for a mapping in braces; their values may hold commas."""
    pairs = (rule.partition(": ") for rule in rules)
    return ", ".join(f'{name}: "{value}"' if "(" in value else f"{name}: {value}" for name, _, value in pairs)


@st.composite
def series(draw: st.DrawFn, symbol: str) -> pl.DataFrame:
    """Forty to eighty daily bars in cents: a random walk, a split, dividends, sessions left out."""
    noise = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count = draw(st.integers(40, 80))
    swing = draw(st.sampled_from([0.005, 0.03, 0.08]))
    close = draw(st.sampled_from([8.0, 60.0, 900.0])) * np.exp(np.cumsum(noise.normal(0.001, swing, count)))
    ratio = np.ones(count)
    if draw(st.booleans()):
        at = draw(st.integers(5, count - 2))
        ratio[at] = draw(st.sampled_from([2.0, 3.0, 1.5, 0.1, 0.05]))
        close[at:] /= ratio[at]
    close = np.maximum(np.round(close, 2), 0.05)
    open_ = np.maximum(np.round(close * np.exp(noise.normal(0.0, swing / 2, count)), 2), 0.05)
    wide = np.exp(np.abs(noise.normal(0.0, swing / 2, (2, count))))
    high = np.round(np.maximum(open_, close) * wide[0], 2)
    low = np.maximum(np.round(np.minimum(open_, close) / wide[1], 2), 0.01)
    cash = np.where(noise.random(count) < 0.05, np.round(close * 0.01, 2), 0.0)
    dates = native.sessions(date(2010, 1, 4), count)
    there = (noise.random(count) > draw(st.sampled_from([0.0, 0.1]))) | (ratio != 1.0)
    frame = pl.DataFrame(
        {
            "symbol": [symbol] * count,
            "date": dates,
            "open": open_, "high": np.maximum(high, np.maximum(open_, close)),
            "low": np.minimum(low, np.minimum(open_, close)), "close": close,
            "volume": np.round(np.exp(noise.normal(9.0, 2.0, count))) + 1.0,
            "split_ratio": ratio, "dividend": cash,
        }
    )  # fmt: skip
    return frame.filter(pl.Series(there))


@cache
def shipped() -> RiskSettings:
    return bootstrap.limits()


def run_of(trial: Trial) -> tuple[BacktestRun, Prepared]:
    costs = {**COSTS[trial.costs], "max_participation": "10%" if trial.participation else None}
    engine = RustEngine(
        limits=shipped() if trial.limited else None,
        settings=Settings.model_validate({"simulation": costs}),
        waive=("vix", "sector"),
    )
    bars = prepare(trial.bars)
    return engine.run(DeclaredStrategy(trial.yaml), bars, CAPITAL), bars


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
    cash_only = run.ledger.filter(pl.col("kind") == "dividend")["amount"]
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
