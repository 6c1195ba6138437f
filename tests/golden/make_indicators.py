"""Make the reference values of the time-series functions again: TA-Lib's where it has one, else a slow twin's.

Run as `python tests/golden/make_indicators.py [NAME...]`. Twins say what the textbook says, one bar at a time, and
share nothing with the engine. A case is the call as a strategy file would write it and the columns it must give.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import talib
from talib._ta_lib import MA_Type
from trend_volume_statistics import statistics, trend_and_volume, windows_and_events
from twins import average, hull, smoothed, strength, weighted_by_volume

Floats = npt.NDArray[np.float64]
Columns = dict[str, Floats]

HERE = Path(__file__).parent
SIMPLE, EXPONENTIAL = MA_Type.SMA, MA_Type.EMA


def bars() -> Columns:
    """Read `bars.csv`: five float64 columns of one length, dollars per share and shares."""
    with (HERE / "bars.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([float(row[name]) for row in rows]) for name in ("open", "high", "low", "close", "volume")}


def named(names: str, columns: tuple[Floats, ...]) -> Columns:
    """Give TA-Lib's columns their member names."""
    return dict(zip(names.split(), columns, strict=True))


def cases() -> dict[str, Floats | Columns]:
    """Every call with its reference: one array, or an array per member."""
    b = bars()
    high, low, close, volume = b["high"], b["low"], b["close"], b["volume"]
    return {
        "sma(close, 20)": talib.SMA(close, 20),
        "ema(close, 20)": talib.EMA(close, 20),
        "wma(close, 20)": talib.WMA(close, 20),
        "dema(close, 12)": talib.DEMA(close, 12),
        "tema(close, 12)": talib.TEMA(close, 12),
        "trima(close, 15)": talib.TRIMA(close, 15),
        "trima(close, 16)": talib.TRIMA(close, 16),
        "kama(close, 10)": talib.KAMA(close, 10),
        "hma(close, 16)": hull(close, 16),
        "vwma(close, 20)": weighted_by_volume(close, volume, 20),
        "rma(close, 14)": smoothed(close, 14, 1 / 14),
        "t3(close, 5, 0.7)": talib.T3(close, 5, 0.7),
        "rsi(close, 14)": talib.RSI(close, 14),
        "stoch(14, 3, 3)": named("k d", talib.STOCH(high, low, close, 14, 3, SIMPLE, 3, SIMPLE)),
        "stochrsi(close, 14, 14, 3)": named("k d", talib.STOCHRSI(close, 14, 14, 3, SIMPLE)),
        "macd(close, 12, 26, 9)": named("line signal histogram", talib.MACD(close, 12, 26, 9)),
        "ppo(close, 12, 26)": talib.PPO(close, 12, 26, EXPONENTIAL),
        "apo(close, 12, 26)": talib.APO(close, 12, 26, EXPONENTIAL),
        "roc(close, 10)": talib.ROC(close, 10),
        "mom(close, 10)": talib.MOM(close, 10),
        "cci(20)": talib.CCI(high, low, close, 20),
        "willr(14)": talib.WILLR(high, low, close, 14),
        "mfi(14)": talib.MFI(high, low, close, volume, 14),
        "cmo(close, 14)": talib.CMO(close, 14),
        "ultosc(7, 14, 28)": talib.ULTOSC(high, low, close, 7, 14, 28),
        "trix(close, 15)": talib.TRIX(close, 15),
        "tsi(close, 25, 13)": strength(close, 25, 13),
        "awesome(5, 34)": average((high + low) / 2, 5) - average((high + low) / 2, 34),
        "atr(14)": talib.ATR(high, low, close, 14),
        "natr(14)": talib.NATR(high, low, close, 14),
        "true_range()": talib.TRANGE(high, low, close),
        "bbands(close, 20, 2)": named("upper middle lower", talib.BBANDS(close, 20, 2, 2)),
        "adx(14)": talib.ADX(high, low, close, 14),
        "plus_di(14)": talib.PLUS_DI(high, low, close, 14),
        "minus_di(14)": talib.MINUS_DI(high, low, close, 14),
        "stddev(close, 20)": talib.STDDEV(close, 20),
        "linreg_slope(close, 14)": talib.LINEARREG_SLOPE(close, 14),
        "highest(high, 20)": talib.MAX(high, 20),
        "lowest(low, 20)": talib.MIN(low, 20),
        "obv()": talib.OBV(close, volume),
        **trend_and_volume(b),
        **statistics(b),
        **windows_and_events(b),
    }


def write(path: Path, call: str, columns: Columns) -> None:
    """Write one case: the call, the members, and a row per bar."""
    rows = zip(*columns.values(), strict=True)
    lines = [",".join("" if np.isnan(value) else repr(float(value)) for value in row) for row in rows]
    path.write_text("\n".join([f"# function: {call}", ",".join(columns), *lines]) + "\n")


def main(wanted: list[str]) -> None:
    """Write the files of the wanted functions, or of all; a function's further cases get a number."""
    (HERE / "indicators").mkdir(exist_ok=True)
    made: dict[str, int] = {}
    for call, reference in cases().items():
        name = call.split("(")[0]
        made[name] = made.get(name, 0) + 1
        if wanted and name not in wanted:
            continue
        file = f"{name}.csv" if made[name] == 1 else f"{name}.{made[name]}.csv"
        write(HERE / "indicators" / file, call, reference if isinstance(reference, dict) else {"value": reference})


if __name__ == "__main__":
    main(sys.argv[1:])
