"""Headline metrics under a profile are those that the engine itself computes of the same orders."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from market import demo, only

import oracle
from oracle.backtesting.result import BacktestRun
from oracle.backtesting.rust_engine import RustEngine
from oracle.data.demo import demo_bars
from oracle.data.frame import Prepared
from oracle.strategy.declared import DeclaredStrategy

PUBLISHED = Path(__file__).parents[1] / "golden" / "published"
START, CAPITAL = date(2003, 1, 2), 100_000.0
CROSSING = """
schema: 1
name: crossing
universe: {symbols: [SYMBOL]}
timeframe: 1Day
params: {fast: {default: 10, choices: [10, 20]}}
entry: {long: "sma(close, fast) > sma(close, 50)"}
exit: {when: "sma(close, fast) < sma(close, 50)"}
sizing: {method: fixed_fraction, fraction: 90%}
"""
DAILY = CROSSING.replace("SYMBOL", "IBM")
# 35 bars: short averages.
HOURLY = (
    CROSSING.replace("SYMBOL", "SPY").replace("1Day", "1Hour").replace("50", "4")
    .replace("default: 10, choices: [10, 20]", "default: 2, choices: [2, 3]")
)  # fmt: skip


def daily(conventions: str) -> BacktestRun:
    return RustEngine(conventions=conventions).run(DeclaredStrategy(DAILY), only(demo(), "IBM"), CAPITAL, START)


def hourly_bars() -> pl.DataFrame:
    bars = pl.read_csv(PUBLISHED / "lean_spy_hourly.csv", try_parse_dates=True)
    return bars.rename({"bar_start": "timestamp"}).drop("price_factor")


def hourly(conventions: str) -> BacktestRun:
    return RustEngine(conventions=conventions).run(DeclaredStrategy(HOURLY), hourly_bars(), CAPITAL)


def portfolio(run: BacktestRun, close: pl.DataFrame, freq: str) -> Any:
    """vectorbt's portfolio of the run's fills, each at the close of its bar."""
    vbt, pd = pytest.importorskip("vectorbt"), pytest.importorskip("pandas")
    shares = run.fills.select(
        pl.col("filled_at").alias("timestamp"),
        pl.when(pl.col("side") == "BUY").then(pl.col("quantity")).otherwise(-pl.col("quantity")).alias("size"),
    )
    rows = close.join(shares, on="timestamp", how="left").sort("timestamp")
    price = pd.Series(rows["close"].to_numpy())
    size = pd.Series(rows["size"].fill_null(0.0).to_numpy())
    return vbt.Portfolio.from_orders(price, size=size, init_cash=CAPITAL, freq=freq)


@pytest.mark.parametrize("length", ["daily", "hourly"])
def test_vectorbts_portfolio_says_the_same(length: str) -> None:
    if length == "daily":
        run = daily("vectorbt")
        close = demo_bars().filter((pl.col("symbol") == "IBM") & (pl.col("date") >= START))
        found = portfolio(run, close.rename({"date": "timestamp"}).select("timestamp", "close"), "1D")
    else:
        run = hourly("vectorbt")
        rows = run.equity.select("timestamp").with_columns(close=hourly_bars()["close"])
        found = portfolio(run, rows, "1h")
    assert len(run.fills) >= 3
    assert found.value().to_numpy() == pytest.approx(run.equity["equity"].to_numpy(), abs=0.01)
    said = {
        "total_return": found.total_return(),
        "annual_return": found.annualized_return(),
        "volatility": found.annualized_volatility(),
        "sharpe": found.sharpe_ratio(),
        "sortino": found.sortino_ratio(),
        "calmar": found.calmar_ratio(),
        "max_drawdown": found.max_drawdown(),
    }
    assert {name: run.metrics[name] for name in said} == pytest.approx(said, rel=1e-6)
    native = daily("vectorbt,metrics=native") if length == "daily" else hourly("vectorbt,metrics=native")
    assert native.equity.equals(run.equity)
    assert native.metrics["sharpe"] != pytest.approx(said["sharpe"], rel=1e-3)


def test_backtraders_analyzers_say_the_same() -> None:
    bt, pd = pytest.importorskip("backtrader"), pytest.importorskip("pandas")
    run = daily("backtrader")
    bars = demo_bars().filter((pl.col("symbol") == "IBM") & (pl.col("date") >= START)).sort("date")
    orders = {row["decided_at"]: row for row in run.orders.filter(pl.col("filled_quantity") > 0).to_dicts()}
    assert len(orders) > 20

    class Replay(bt.Strategy):  # type: ignore[misc, name-defined]  # the library has no types
        def next(self) -> None:
            order = orders.get(self.data.datetime.date(0))
            if order is not None:
                (self.buy if order["side"] == "BUY" else self.sell)(size=order["quantity"])

    frame = pd.DataFrame({name: bars[name].to_numpy() for name in ("open", "high", "low", "close", "volume")})
    frame.index = pd.DatetimeIndex(bars["date"].to_numpy())
    cerebro = bt.Cerebro()
    cerebro.adddata(bt.feeds.PandasData(dataname=frame))
    cerebro.addstrategy(Replay)
    cerebro.broker.setcash(CAPITAL)
    for kind in ("Returns", "SharpeRatio", "DrawDown"):
        cerebro.addanalyzer(getattr(bt.analyzers, kind), _name=kind)
    (found,) = cerebro.run()
    said = {name: getattr(found.analyzers, name).get_analysis() for name in ("Returns", "SharpeRatio", "DrawDown")}
    assert cerebro.broker.getvalue() == pytest.approx(run.final_equity, abs=0.01)
    expected = {
        "total_return": np.exp(said["Returns"]["rtot"]) - 1.0,
        "annual_return": said["Returns"]["rnorm"],
        "sharpe": said["SharpeRatio"]["sharperatio"],
        "max_drawdown": -said["DrawDown"]["max"]["drawdown"] / 100.0,
    }
    assert {name: run.metrics[name] for name in expected} == pytest.approx(expected, rel=1e-6)
    # What backtrader has no default for is ours.
    native = daily("backtrader,metrics=native")
    for name in ("volatility", "sortino", "calmar"):
        assert run.metrics[name] == native.metrics[name]


@pytest.mark.parametrize("conventions", ["backtrader", "vectorbt", "lean", "zipline"])
@pytest.mark.parametrize("length", ["daily", "hourly"])
def test_a_sweeps_rows_have_the_bits_of_single_runs(conventions: str, length: str) -> None:
    text = DAILY if length == "daily" else HOURLY
    data: pl.DataFrame | Prepared = only(demo(), "IBM") if length == "daily" else hourly_bars()
    free = {"limits": oracle.NO_LIMITS, "conventions": conventions, "capital": CAPITAL}
    found = oracle.sweep(DeclaredStrategy(text), data, metrics=("alpha", "beta"), **free)  # type: ignore[arg-type]  # keywords of several types
    assert found.frame.height == 2
    for row in found.frame.to_dicts():
        alone = oracle.backtest(DeclaredStrategy(text, found.binding(row)), data, **free)  # type: ignore[arg-type]  # keywords of several types
        for name in ("total_return", "annual_return", "volatility", "sharpe", "sortino", "calmar", "max_drawdown"):
            assert row[name] == alone.metrics[name], name
        assert (row["alpha"], row["beta"]) == (alone.metrics["alpha"], alone.metrics["beta"])


def test_the_result_says_whose_metrics_they_are() -> None:
    assert any("as lean defines them" in note for note in daily("lean").notes)
    assert not any("defines them" in note for note in daily("lean,metrics=native").notes)
