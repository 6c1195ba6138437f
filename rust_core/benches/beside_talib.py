"""Print nanoseconds per bar of the engine's functions beside TA-Lib's, both measured now, on this machine.

Run as `python rust_core/benches/beside_talib.py` from the root (needs cargo, NumPy and TA-Lib). The engine's column
comes from `cargo bench --bench indicators`, or from the measuring program named as the first argument; both sides
take 1,000,000 bars of a random walk and keep the best of several runs.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import talib
from talib._ta_lib import MA_Type

BARS, RUNS = 1_000_000, 9


def references() -> dict[str, Callable[[], object]]:
    """TA-Lib's calls under our names, with the parameters that `indicators.rs` uses."""
    draw = np.random.default_rng(1)
    close = 100 * np.exp(np.cumsum(draw.normal(0, 0.001, BARS)))
    opening = close * (1 + 0.002 * draw.normal(size=BARS))
    high = np.maximum(opening, close) * (1 + 0.01 * draw.random(BARS))
    low = np.minimum(opening, close) * (1 - 0.01 * draw.random(BARS))
    volume = np.floor(1e6 * (0.5 + draw.random(BARS)))
    simple = MA_Type.SMA
    return {
        "sma": lambda: talib.SMA(close, 20),
        "ema": lambda: talib.EMA(close, 20),
        "wma": lambda: talib.WMA(close, 20),
        "rsi": lambda: talib.RSI(close, 14),
        "macd": lambda: talib.MACD(close, 12, 26, 9),
        "bbands": lambda: talib.BBANDS(close, 20, 2, 2),
        "atr": lambda: talib.ATR(high, low, close, 14),
        "adx": lambda: talib.ADX(high, low, close, 14),
        "stoch": lambda: talib.STOCH(high, low, close, 14, 3, simple, 3, simple),
        "roc": lambda: talib.ROC(close, 20),
        "stddev": lambda: talib.STDDEV(close, 20),
        "highest": lambda: talib.MAX(close, 20),
        "lowest": lambda: talib.MIN(close, 20),
        "cci": lambda: talib.CCI(high, low, close, 20),
        "mfi": lambda: talib.MFI(high, low, close, volume, 14),
        "ultosc": lambda: talib.ULTOSC(high, low, close, 7, 14, 28),
        "obv": lambda: talib.OBV(close, volume),
        "linreg_slope": lambda: talib.LINEARREG_SLOPE(close, 20),
    }


def nanoseconds(call: Callable[[], object]) -> float:
    """Best time per bar of several runs."""
    best = float("inf")
    for _ in range(RUNS):
        start = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - start)
    return best * 1e9 / BARS


def measured(program: list[str]) -> dict[str, float]:
    """Run the engine's side; name and nanoseconds of each function."""
    lines = subprocess.run(program, check=True, capture_output=True, text=True).stdout.splitlines()
    return {line.split()[0]: float(line.split()[-1]) for line in lines if line and "[" in line}


def main(arguments: list[str]) -> None:
    """Print the table; a ratio over 1 means that the engine is faster."""
    calls = references()
    program = arguments or ["cargo", "bench", "--quiet", "-p", "oracle_core", "--bench", "indicators", "--"]
    ours = measured([*program, *calls])
    print(f"{'function':<14}{'ours ns':>9}{'TA-Lib ns':>11}{'ratio':>8}")
    for name, call in calls.items():
        theirs = nanoseconds(call)
        print(f"{name:<14}{ours[name]:>9.2f}{theirs:>11.2f}{theirs / ours[name]:>8.2f}")


if __name__ == "__main__":
    main(sys.argv[1:])
