"""(a) Indicators over 1,000,000 bars beside TA-Lib, one thread, in nanoseconds a bar."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import talib

from oracle import indicators as ta

BARS = 1_000_000
ROUNDS = 7


def panel() -> dict[str, np.ndarray]:
    """Return a geometric random walk with ranges and volumes; speed does not depend on the prices being real."""
    chance = np.random.default_rng(7)
    close = 100.0 * np.exp(np.cumsum(chance.normal(0, 0.001, BARS)))
    spread = close * np.abs(chance.normal(0, 0.001, BARS))
    return {
        "close": close,
        "high": close + spread,
        "low": close - spread * chance.random(BARS),
        "volume": chance.integers(100, 100_000, BARS).astype(np.float64),
    }


def cases(p: dict[str, np.ndarray]) -> dict[str, tuple[Callable[[], object], Callable[[], object]]]:
    """Return, by name, our call and TA-Lib's."""
    c, h, low, v = p["close"], p["high"], p["low"], p["volume"]
    return {
        "sma(20)": (lambda: ta.sma(c, 20), lambda: talib.SMA(c, 20)),
        "ema(20)": (lambda: ta.ema(c, 20), lambda: talib.EMA(c, 20)),
        "rsi(14)": (lambda: ta.rsi(c, 14), lambda: talib.RSI(c, 14)),
        "macd(12, 26, 9)": (lambda: ta.macd(c), lambda: talib.MACD(c)),
        "bbands(20, 2)": (lambda: ta.bbands(c, 20, 2.0), lambda: talib.BBANDS(c, 20, 2.0, 2.0)),
        "atr(14)": (lambda: ta.atr(h, low, c, 14), lambda: talib.ATR(h, low, c, 14)),
        "adx(14)": (lambda: ta.adx(h, low, c, 14), lambda: talib.ADX(h, low, c, 14)),
        "stoch(14, 3, 3)": (lambda: ta.stoch(h, low, c, 14, 3, 3), lambda: talib.STOCH(h, low, c, 14, 3, 0, 3, 0)),
        "roc(10)": (lambda: ta.roc(c, 10), lambda: talib.ROC(c, 10)),
        "stddev(20)": (lambda: ta.stddev(c, 20), lambda: talib.STDDEV(c, 20)),
        "highest(20) + lowest(20)": (
            lambda: (ta.highest(c, 20), ta.lowest(c, 20)),
            lambda: (talib.MAX(c, 20), talib.MIN(c, 20)),
        ),
        "cci(20)": (lambda: ta.cci(h, low, c, 20), lambda: talib.CCI(h, low, c, 20)),
        "obv()": (lambda: ta.obv(c, v), lambda: talib.OBV(c, v)),
        "linreg_slope(14)": (lambda: ta.linreg_slope(c, 14), lambda: talib.LINEARREG_SLOPE(c, 14)),
    }


def best_ns(call: Callable[[], object]) -> float:
    """Return the best of several rounds, in nanoseconds a bar."""
    spent = []
    for _ in range(ROUNDS):
        begun = time.perf_counter_ns()
        call()
        spent.append(time.perf_counter_ns() - begun)
    return min(spent) / BARS


def rows() -> list[tuple[str, float, float]]:
    """Return name, our ns a bar, TA-Lib's ns a bar."""
    return [(name, best_ns(ours), best_ns(theirs)) for name, (ours, theirs) in cases(panel()).items()]


if __name__ == "__main__":
    for name, ours, theirs in rows():
        print(f"{name:28}{ours:8.2f}{theirs:8.2f}  x{theirs / ours:.2f}")
