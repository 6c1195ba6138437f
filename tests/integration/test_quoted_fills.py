"""Quotes in whole runs: who takes them, who is marked at the close all the same, and who does not see them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import oracle
from oracle.backtesting.others import other_engine
from oracle.backtesting.result import BacktestRun
from oracle.backtesting.rust_engine import RustEngine
from oracle.bootstrap import verify_strategy
from oracle.data.frame import Prepared, prepare
from oracle.strategy.declared import DeclaredStrategy

MINUTES = Path(__file__).parents[1] / "golden" / "published" / "lean_minute.csv.gz"
STRATEGY = """schema: 1
name: minute_cross
universe: {symbols: [BAC, SPY]}
timeframe: 1Min
params: {slow: {default: 60, choices: [30, 60]}}
entry: {long: "ema(close, 10) > ema(close, slow)", short: "ema(close, 10) < 99.9% * ema(close, slow)"}
exit: {long: "ema(close, 10) < ema(close, slow)", short: "ema(close, 10) > ema(close, slow)", stop_loss: 0.4%}
min_hold_days: 2
sizing: {method: fixed_fraction, fraction: 40%}
"""
PROFILES = ("native", "backtrader", "vectorbt", "zipline")


@cache
def bars() -> Prepared:
    return prepare(pl.read_csv(MINUTES, try_parse_dates=True).rename({"bar_start": "timestamp"}))


def quoted(below: float = 0.01, above: float = 0.02) -> Prepared:
    """Bars with a quote around every close, but no bid in every seventh bar and no ask in every eleventh."""
    row = np.arange(len(bars().close))
    bid = np.where(row % 7 == 0, np.nan, bars().close - below)
    return replace(bars(), bid=bid, ask=np.where(row % 11 == 0, np.nan, bars().close + above))


def run(data: Prepared, conventions: str = "lean") -> BacktestRun:
    return RustEngine(conventions=conventions).run(oracle.load_strategy(STRATEGY), data)


def same(one: BacktestRun, other: BacktestRun) -> bool:
    names = ("equity", "orders", "fills", "trades", "signals")
    return one.metrics == other.metrics and all(getattr(one, name).equals(getattr(other, name)) for name in names)


@pytest.mark.parametrize("conventions", [*PROFILES, "lean,quotes=ignored"])
def test_quotes_change_no_bit_of_a_run_that_does_not_take_them(conventions: str) -> None:
    plain = run(bars(), conventions)
    assert len(plain.fills) > 2
    assert same(run(quoted(), conventions), plain)


@settings(max_examples=25)
@given(below=st.sampled_from([0.0, 0.01, 0.05]), above=st.sampled_from([0.0, 0.02, 0.03]))
def test_market_orders_take_the_quote_of_the_bar_that_decided_them(below: float, above: float) -> None:
    data = quoted(below, above)
    result = run(data)
    market = result.fills.join(result.orders.select("order_id", "order_type", "decided_at"), on="order_id")
    # After the last bar of a session the next open fills.
    is_market = pl.col("order_type").is_in(["MARKET", "BRACKET"])
    at_close = market.filter(is_market & (pl.col("decided_at") == pl.col("filled_at")))
    assert {"BUY", "SELL"} == set(at_close["side"])
    stamps = pl.Series(data.ts_ns).cast(pl.Datetime("ns", "UTC"))
    symbols = np.repeat(data.symbols, np.diff(data.offsets))
    columns = {"bid": data.bid, "ask": data.ask, "close": data.close}
    shown = pl.DataFrame({"symbol": symbols, "filled_at": stamps, **columns}).fill_nan(None)
    met = at_close.join(shown, on=["symbol", "filled_at"])
    assert len(met) == len(at_close)
    quote = pl.when(pl.col("side") == "BUY").then("ask").otherwise("bid")
    assert met.select((pl.col("price") - pl.coalesce(quote, "close")).abs().max()).item() < 1e-6
    worst = (result.equity["equity"] - result.equity["cash"] - result.equity["positions_value"]).abs().max()
    assert worst is not None
    assert worst < 1e-6


def test_a_quote_at_the_close_is_the_close() -> None:
    assert same(run(replace(bars(), bid=bars().close, ask=bars().close)), run(bars()))


def test_a_purchase_above_the_close_is_marked_at_the_close() -> None:
    result = run(replace(bars(), bid=bars().close, ask=bars().close + 0.5))
    first = result.fills.filter(pl.col("filled_at") == pl.col("filled_at").first())
    equity = result.equity.filter(pl.col("timestamp") == first["filled_at"][0])["equity"][0]
    assert set(first["side"]) == {"BUY"}
    assert equity == pytest.approx(100_000 - 0.5 * first["quantity"].sum() - first["fee"].sum(), abs=1e-2)


def test_a_sweep_takes_quotes_as_a_backtest_does() -> None:
    result = oracle.sweep(DeclaredStrategy(STRATEGY), quoted(), limits=oracle.NO_LIMITS, conventions="lean")
    ended = {}
    for row in result.frame.iter_rows(named=True):
        strategy = DeclaredStrategy(STRATEGY, result.binding(row))
        alone = oracle.backtest(strategy, quoted(), limits=oracle.NO_LIMITS, conventions="lean")
        assert row["final_equity"] == alone.final_equity
        ended[row["slow"]] = alone.final_equity
    assert ended[60] != run(bars()).final_equity


@pytest.mark.parametrize("against", ["backtrader", "vectorbt"])
def test_other_engines_do_not_see_quotes_and_verify_explains_all(against: str) -> None:
    engine = other_engine(against)
    strategy = oracle.load_strategy(STRATEGY)
    assert same(engine.run(strategy, quoted()), engine.run(strategy, bars()))
    found = verify_strategy(strategy, quoted(), against)
    assert found.fills > 2
    assert found.unexplained == ()
