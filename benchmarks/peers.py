"""The same jobs on vectorbt and backtrader, as their own documentation would write them.

Each function takes NumPy columns and returns final equity and the number of fills, so that a reader can see that the
jobs are the same. None of these libraries is ever imported by oracle.
"""

from __future__ import annotations

import numpy as np

FEE = 0.001


def crossover_vectorbt(close: np.ndarray, open_: np.ndarray, shares: float | None) -> tuple[float, int]:
    """SMA(20)/SMA(50), long only, fills at the next open, 10 bps."""
    import pandas as pd
    import vectorbt as vbt

    closes, opens = pd.Series(close), pd.Series(open_)
    fast, slow = vbt.MA.run(closes, 20), vbt.MA.run(closes, 50)
    entries = fast.ma_crossed_above(slow).shift(1, fill_value=False)
    exits = fast.ma_crossed_below(slow).shift(1, fill_value=False)
    size = np.inf if shares is None else shares
    portfolio = vbt.Portfolio.from_signals(
        closes, entries, exits, price=opens, fees=FEE, init_cash=100_000.0 if shares is None else 1e9, size=size
    )
    equity = portfolio.value()
    return float(equity.iloc[-1]), len(portfolio.orders.records)


def crossover_backtrader(
    time: np.ndarray, open_: np.ndarray, high: np.ndarray, low: np.ndarray, close: np.ndarray, volume: np.ndarray
) -> tuple[float, int]:
    """The same on backtrader, 100 shares a trade."""
    import backtrader as bt
    import pandas as pd

    class Cross(bt.Strategy):  # type: ignore[misc]  # backtrader is untyped
        def __init__(self) -> None:
            self.cross = bt.ind.CrossOver(bt.ind.SMA(period=20), bt.ind.SMA(period=50))
            self.fills = 0

        def notify_order(self, order: object) -> None:
            self.fills += getattr(order, "status", None) == bt.Order.Completed

        def next(self) -> None:
            if self.cross[0] > 0 and not self.position:
                self.buy(size=100)
            elif self.cross[0] < 0 and self.position:
                self.close()

    frame = pd.DataFrame(
        {"open": open_, "high": high, "low": low, "close": close, "volume": volume}, index=pd.to_datetime(time)
    )
    engine = bt.Cerebro(stdstats=False)
    engine.addstrategy(Cross)
    engine.adddata(bt.feeds.PandasData(dataname=frame))
    engine.broker.setcash(1e9)
    engine.broker.setcommission(commission=FEE)
    run = engine.run()
    return float(engine.broker.getvalue()), int(run[0].fills)


def rotation_vectorbt(close: np.ndarray, open_: np.ndarray) -> tuple[float, int]:
    """500 symbols, shared cash: the top 20 by 126-day rate of change above their 200-day average, 4.5% each."""
    import pandas as pd
    import vectorbt as vbt

    closes, opens = pd.DataFrame(close), pd.DataFrame(open_)
    momentum = closes.pct_change(126)
    eligible = closes > closes.rolling(200).mean()
    chosen = momentum.where(eligible).rank(axis=1, ascending=False) <= 20
    changed = (chosen != chosen.shift(1, fill_value=False)).any(axis=1)
    target = chosen.astype(float) * 0.045
    target[~changed] = np.nan
    portfolio = vbt.Portfolio.from_orders(
        closes,
        size=target.shift(1),
        size_type="targetpercent",
        price=opens,
        fees=FEE,
        slippage=0.0005,
        init_cash=1_000_000.0,
        cash_sharing=True,
        group_by=True,
        call_seq="auto",
    )
    equity = portfolio.value()
    return float(equity.iloc[-1]), len(portfolio.orders.records)
