"""What the last bar decides, and what it leaves open, in the engines themselves and under their profiles."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from oracle.backtesting.result import BacktestRun
from oracle.backtesting.rust_engine import RustEngine
from oracle.strategy.declared import DeclaredStrategy

CLOSES = [10.0, 11.0, 12.0, 11.0, 15.0]
CAPITAL = 1_000.0
TEXT = """
schema: 1
name: last_bar
universe: {symbols: [XYZ]}
entry: {long: "close >= LEVEL"}
exit: {when: close < 0}
sizing: {method: fixed_shares, shares: 10}
"""


def bars() -> pl.DataFrame:
    days = [date(2024, 1, day) for day in (2, 3, 4, 5, 8)]
    prices = {name: CLOSES for name in ("open", "high", "low", "close")}
    return pl.DataFrame({"symbol": ["XYZ"] * 5, "date": days, **prices, "volume": [1e6] * 5})


def run(conventions: str, level: int) -> BacktestRun:
    strategy = DeclaredStrategy(TEXT.replace("LEVEL", str(level)))
    return RustEngine(conventions=conventions).run(strategy, bars(), CAPITAL)


def pandas_bars() -> Any:
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({name: CLOSES for name in ("open", "high", "low", "close")} | {"volume": [1e6] * 5})
    frame.index = pd.DatetimeIndex(bars()["date"].to_numpy())
    return frame


@pytest.mark.parametrize("level", [12, 15])
def test_vectorbt_trades_the_last_close_and_leaves_the_position_open(level: int) -> None:
    vbt = pytest.importorskip("vectorbt")
    close = pandas_bars()["close"]
    # One entry: what is held is not added to.
    found = vbt.Portfolio.from_signals(close, close >= level, close < 0, size=10, init_cash=CAPITAL, freq="1D")
    ours = run("vectorbt", level)
    assert found.orders.records["price"].tolist() == ours.fills["price"].to_list() == [float(level)]
    assert found.trades.records["status"].tolist() == [vbt.portfolio.enums.TradeStatus.Open]
    assert ours.trades["reason"].to_list() == ["open"]
    assert found.final_value() == pytest.approx(ours.final_equity, abs=1e-6)


@pytest.mark.parametrize(("level", "fills"), [(12, [11.0]), (15, [])])
def test_backtrader_matches_nothing_after_the_last_bar_and_leaves_the_position_open(
    level: int, fills: list[float]
) -> None:
    bt = pytest.importorskip("backtrader")
    orders: list[Any] = []

    class Once(bt.Strategy):  # type: ignore[misc, name-defined]  # the library has no types
        def next(self) -> None:
            if self.data.close[0] >= level and not orders:
                orders.append(self.buy(size=10))

    cerebro = bt.Cerebro()
    cerebro.adddata(bt.feeds.PandasData(dataname=pandas_bars()))
    cerebro.addstrategy(Once)
    cerebro.broker.setcash(CAPITAL)
    (strategy,) = cerebro.run()
    ours = run("backtrader", level)
    assert ours.fills["price"].to_list() == fills
    assert [order.executed.price for order in orders if order.status == bt.Order.Completed] == fills
    assert orders[0].alive() == (not fills)
    assert ours.orders["status"].to_list()[0] == ("FILLED" if fills else "SUBMITTED")
    assert strategy.position.size == (10 if fills else 0)
    assert cerebro.broker.getvalue() == pytest.approx(ours.final_equity, abs=1e-6)


def test_positions_are_closed_at_the_last_close_where_that_is_asked_for() -> None:
    kept, closed = run("native", 12), run("native,last_bar=closed", 12)
    assert kept.trades["reason"].to_list() == ["open"]
    assert closed.trades["reason"].to_list() == ["last_bar"]
    assert closed.fills["filled_at"].to_list()[-1] == date(2024, 1, 8)
    # Sold at 15, less slippage and commission.
    assert closed.final_equity < kept.final_equity
    assert len(run("native,last_bar=closed", 15).orders) == 0
