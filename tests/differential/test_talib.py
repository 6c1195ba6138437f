"""Every time-series function that TA-Lib has, against TA-Lib, on the raw daily bars of five real stocks.

Agreement is 1e-9 of the largest absolute input in the window, or of the output's own scale where the output does not
have the input's unit (`rsi` runs from 0 to 100); and both fall silent on the same leading bars. Where TA-Lib has only
the parts of a function, the parts are put together here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pytest
import talib
from market import demo
from talib import MA_Type

from oracle import indicators as ta
from oracle.signals import catalog

Column = npt.NDArray[np.float64]
Columns = tuple[Column, ...]

TOLERANCE = 1e-9
EMA, SMA = MA_Type.EMA, MA_Type.SMA

#: Functions that TA-Lib does not have, not even in parts.
WITHOUT_COUNTERPART = {
    "bars_since": "an event",
    "count": "an event",
    "cross_above": "an event",
    "cross_below": "an event",
    "falling": "an event",
    "held_for": "an event",
    "rising": "an event",
    "within": "an event",
    "kurtosis": "a moment that TA-Lib leaves out",
    "skew": "a moment that TA-Lib leaves out",
    "lag": "no arithmetic in it",
    "mad": "the median absolute deviation; TA-Lib's AVGDEV is the mean one",
    "parkinson": "a volatility that TA-Lib leaves out",
}


@dataclass(frozen=True)
class Bars:
    """The columns of one symbol."""

    symbol: str
    open: Column
    high: Column
    low: Column
    close: Column
    volume: Column

    @property
    def hlc(self) -> Columns:
        return self.high, self.low, self.close

    @property
    def hlcv(self) -> Columns:
        return self.high, self.low, self.close, self.volume

    @property
    def typical(self) -> Column:
        return (self.high + self.low + self.close) / 3.0

    @property
    def traded(self) -> Column:
        """Dollars traded: a column without ties, so that places and ranks are unambiguous."""
        return self.close * self.volume


Call = Callable[[Bars, int], object]
Scale = Callable[[Bars, int], Column | float]


def of_price(bars: Bars, length: int) -> Column:
    """The largest high of the window, this bar and the one before it included."""
    return rolling_max(bars.high, length + 1)


def of_one(bars: Bars, length: int) -> float:
    return 1.0


def of_hundred(bars: Bars, length: int) -> float:
    return 100.0


def of_price_squared(bars: Bars, length: int) -> Column:
    return of_price(bars, length) ** 2


def of_volume_so_far(bars: Bars, length: int) -> Column:
    """What a running total of volume could be at most."""
    return np.cumsum(bars.volume)


def of_dollars(bars: Bars, length: int) -> Column:
    return rolling_max(bars.traded, length + 1)


def of_price_so_far(bars: Bars, length: int) -> Column:
    return np.cumsum(bars.close)


def rolling_max(column: Column, length: int) -> Column:
    padded = np.concatenate([np.full(length - 1, column[0]), np.abs(column)])
    return np.lib.stride_tricks.sliding_window_view(padded, length).max(axis=1)


@dataclass(frozen=True)
class Case:
    """A function of ours, TA-Lib's, the lengths to try, and the scale of their agreement."""

    ours: Call
    theirs: Call
    scale: Scale = of_price
    lengths: Sequence[int] = (2, 7, 20, 50, 200)


CASES: dict[str, Case] = {
    # Averages.
    "sma": Case(lambda b, n: ta.sma(b.close, n), lambda b, n: talib.SMA(b.close, n)),
    "ema": Case(lambda b, n: ta.ema(b.close, n), lambda b, n: talib.EMA(b.close, n)),
    "rma": Case(lambda b, n: ta.rma(b.close, n), lambda b, n: talib.RMA(b.close, n)),
    "wma": Case(lambda b, n: ta.wma(b.close, n), lambda b, n: talib.WMA(b.close, n)),
    "dema": Case(lambda b, n: ta.dema(b.close, n), lambda b, n: talib.DEMA(b.close, n)),
    "tema": Case(lambda b, n: ta.tema(b.close, n), lambda b, n: talib.TEMA(b.close, n)),
    "trima": Case(lambda b, n: ta.trima(b.close, n), lambda b, n: talib.TRIMA(b.close, n)),
    "kama": Case(lambda b, n: ta.kama(b.close, n), lambda b, n: talib.KAMA(b.close, n)),
    "hma": Case(lambda b, n: ta.hma(b.close, n), lambda b, n: talib.HMA(b.close, n)),
    "t3": Case(lambda b, n: ta.t3(b.close, n, 0.6), lambda b, n: talib.T3(b.close, n, 0.6), lengths=(2, 5, 30)),
    "vwma": Case(lambda b, n: ta.vwma(b.volume, b.close, n), lambda b, n: talib.VWMA(b.close, b.volume, n)),
    # TA-Lib's VWAP starts with the session; ours moves, which is a VWMA of typical prices.
    "vwap": Case(lambda b, n: ta.vwap(*b.hlcv, n), lambda b, n: talib.VWMA(b.typical, b.volume, n)),
    # Momentum.
    "rsi": Case(lambda b, n: ta.rsi(b.close, n), lambda b, n: talib.RSI(b.close, n), of_hundred),
    "cmo": Case(lambda b, n: ta.cmo(b.close, n), lambda b, n: talib.CMO(b.close, n), of_hundred),
    "stoch": Case(
        lambda b, n: ta.stoch(*b.hlc, n, 3, 5), lambda b, n: talib.STOCH(*b.hlc, n, 3, SMA, 5, SMA), of_hundred
    ),
    "stochrsi": Case(
        lambda b, n: ta.stochrsi(b.close, n, 9, 3), lambda b, n: talib.STOCHRSI(b.close, n, 9, 3, SMA), of_hundred
    ),
    "macd": Case(lambda b, n: ta.macd(b.close, n, 26, 9), lambda b, n: talib.MACD(b.close, n, 26, 9), lengths=(5, 12)),
    "apo": Case(lambda b, n: ta.apo(b.close, n, 26), lambda b, n: talib.APO(b.close, n, 26, EMA)),
    "ppo": Case(lambda b, n: ta.ppo(b.close, n, 26), lambda b, n: talib.PPO(b.close, n, 26, EMA), of_hundred),
    "roc": Case(lambda b, n: ta.roc(b.close, n), lambda b, n: talib.ROC(b.close, n), of_hundred),
    "mom": Case(lambda b, n: ta.mom(b.close, n), lambda b, n: talib.MOM(b.close, n)),
    "diff": Case(lambda b, n: ta.diff(b.close, n), lambda b, n: talib.MOM(b.close, n)),
    "change_ratio": Case(lambda b, n: ta.change_ratio(b.close, n), lambda b, n: talib.ROCP(b.close, n), of_one),
    "cci": Case(lambda b, n: ta.cci(*b.hlc, n), lambda b, n: talib.CCI(*b.hlc, n), of_hundred),
    "willr": Case(lambda b, n: ta.willr(*b.hlc, n), lambda b, n: talib.WILLR(*b.hlc, n), of_hundred),
    "mfi": Case(lambda b, n: ta.mfi(*b.hlcv, n), lambda b, n: talib.MFI(*b.hlcv, n), of_hundred),
    "ultosc": Case(
        lambda b, n: ta.ultosc(*b.hlc, n, 14, 28), lambda b, n: talib.ULTOSC(*b.hlc, n, 14, 28), of_hundred, (3, 7, 40)
    ),
    "trix": Case(lambda b, n: ta.trix(b.close, n), lambda b, n: talib.TRIX(b.close, n), of_hundred, (2, 7, 30)),
    "tsi": Case(lambda b, n: ta.tsi(b.close, n, 13), lambda b, n: talib.TSI(b.close, n, 13), of_hundred),
    "awesome": Case(lambda b, n: ta.awesome(b.high, b.low, n, 34), lambda b, n: talib.AO(b.high, b.low, n, 34)),
    # Volatility.
    "true_range": Case(lambda b, n: ta.true_range(*b.hlc), lambda b, n: talib.TRANGE(*b.hlc), lengths=(1,)),
    "atr": Case(lambda b, n: ta.atr(*b.hlc, n), lambda b, n: talib.ATR(*b.hlc, n)),
    "natr": Case(lambda b, n: ta.natr(*b.hlc, n), lambda b, n: talib.NATR(*b.hlc, n), of_hundred),
    "bbands": Case(lambda b, n: ta.bbands(b.close, n, 2.5), lambda b, n: talib.BBANDS(b.close, n, 2.5, 2.5)),
    # TA-Lib's KC goes along typical prices, Keltner's later followers (and ours) along closes.
    "keltner": Case(lambda b, n: ta.keltner(*b.hlc, n, n, 2.0), lambda b, n: keltner_of_parts(b, n)),
    # Trend.
    "adx": Case(lambda b, n: ta.adx(*b.hlc, n), lambda b, n: talib.ADX(*b.hlc, n), of_hundred),
    "plus_di": Case(lambda b, n: ta.plus_di(*b.hlc, n), lambda b, n: talib.PLUS_DI(*b.hlc, n), of_hundred),
    "minus_di": Case(lambda b, n: ta.minus_di(*b.hlc, n), lambda b, n: talib.MINUS_DI(*b.hlc, n), of_hundred),
    "aroon": Case(
        lambda b, n: ta.aroon(b.high, b.low, n), lambda b, n: talib.AROON(b.high, b.low, n)[::-1], of_hundred
    ),
    "donchian": Case(lambda b, n: ta.donchian(b.high, b.low, n), lambda b, n: talib.DONCHIAN(b.high, b.low, n)),
    "psar": Case(
        lambda b, n: ta.psar(b.high, b.low, n / 100, n / 10),
        lambda b, n: talib.SAR(b.high, b.low, n / 100, n / 10),
        lengths=(1, 2, 5),
    ),
    "supertrend": Case(lambda b, n: supertrend(b, n)[0], lambda b, n: supertrend(b, n)[1], lengths=(2, 7, 20)),
    "vortex": Case(lambda b, n: ta.vortex(*b.hlc, n), lambda b, n: talib.VORTEX(*b.hlc, n), of_one),
    # Volume.
    "ad": Case(lambda b, n: ta.ad(*b.hlcv), lambda b, n: talib.AD(*b.hlcv), of_volume_so_far, (1,)),
    "adosc": Case(
        lambda b, n: ta.adosc(*b.hlcv, n, 10), lambda b, n: talib.ADOSC(*b.hlcv, n, 10), of_volume_so_far, (3, 20)
    ),
    "obv": Case(lambda b, n: ta.obv(b.close, b.volume), lambda b, n: talib.OBV(b.close, b.volume), of_one, (1,)),
    "cmf": Case(lambda b, n: ta.cmf(*b.hlcv, n), lambda b, n: talib.CMF(*b.hlcv, n), of_one),
    # Statistics.
    "stddev": Case(lambda b, n: ta.stddev(b.close, n), lambda b, n: stddev_of(b.close, n)),
    "variance": Case(lambda b, n: ta.variance(b.close, n), lambda b, n: talib.VAR(b.close, n), of_price_squared),
    "zscore": Case(
        lambda b, n: ta.zscore(b.close, n),
        lambda b, n: (b.close - talib.SMA(b.close, n)) / stddev_of(b.close, n),
        of_one,
        (20, 50, 200),
    ),
    "correl": Case(
        lambda b, n: ta.correl(b.close, b.volume, n), lambda b, n: talib.CORREL(b.close, b.volume, n), of_one
    ),
    # TA-Lib's BETA takes prices and makes the changes itself, the market first.
    "beta": Case(
        lambda b, n: ta.beta(ta.change_ratio(b.high, 1), ta.change_ratio(b.low, 1), n),
        lambda b, n: talib.BETA(b.low, b.high, n),
        of_one,
        (5, 20, 200),
    ),
    "linreg": Case(lambda b, n: ta.linreg(b.close, n), lambda b, n: talib.LINEARREG(b.close, n)),
    "linreg_slope": Case(lambda b, n: ta.linreg_slope(b.close, n), lambda b, n: talib.LINEARREG_SLOPE(b.close, n)),
    "linreg_r2": Case(
        lambda b, n: ta.linreg_r2(b.close, n),
        lambda b, n: talib.CORREL(b.close, np.arange(len(b.close), dtype=np.float64), n) ** 2,
        of_one,
        (7, 20, 50, 200),
    ),
    # TA-Lib's PERCENTILE is a member of the window, ours lies between two: they meet where a member is meant.
    "median": Case(lambda b, n: ta.median(b.close, n), lambda b, n: talib.PERCENTILE(b.close, n, 50), lengths=(7, 21)),
    "quantile": Case(
        lambda b, n: ta.quantile(b.close, n, 0.3), lambda b, n: talib.PERCENTILE(b.close, n, 30), lengths=(21, 41)
    ),
    "percent_rank": Case(
        lambda b, n: ta.percent_rank(b.traded, n + 1), lambda b, n: talib.PERCENTRANK(b.traded, n) / 100.0, of_one
    ),
    # Windows.
    "highest": Case(lambda b, n: ta.highest(b.high, n), lambda b, n: talib.MAX(b.high, n)),
    "lowest": Case(lambda b, n: ta.lowest(b.low, n), lambda b, n: talib.MIN(b.low, n)),
    "argmax": Case(lambda b, n: ta.argmax(b.traded, n), lambda b, n: bars_ago(talib.MAXINDEX(b.traded, n), n), of_one),
    "argmin": Case(lambda b, n: ta.argmin(b.traded, n), lambda b, n: bars_ago(talib.MININDEX(b.traded, n), n), of_one),
    "cumsum": Case(lambda b, n: ta.cumsum(b.close), lambda b, n: talib.CUMSUM(b.close), of_price_so_far, (1,)),
}


def stddev_of(column: Column, length: int) -> Column:
    return talib.STDDEV(column, length)


def keltner_of_parts(bars: Bars, length: int) -> Columns:
    middle, reach = talib.EMA(bars.close, length), 2.0 * talib.ATR(*bars.hlc, length)
    return middle + reach, middle, middle - reach


def bars_ago(index: npt.NDArray[np.int64], length: int) -> Column:
    """TA-Lib's place in the column as a distance from this bar; it says 0 where it has none."""
    here = np.arange(len(index), dtype=np.float64)
    return np.where(here < length - 1, np.nan, here - index)


def supertrend(bars: Bars, length: int) -> tuple[Columns, Columns]:
    """Ours and TA-Lib's from the first bar of one direction: they assume different ones before the first turn."""
    ours = ta.supertrend(*bars.hlc, length, 3.0)
    line, direction = talib.SUPERTREND(*bars.hlc, length, 3.0)
    known = np.flatnonzero(np.isfinite(line))
    agreed = known[ours.direction[known] == direction[known]][0]
    assert np.array_equal(np.isfinite(ours.line), np.isfinite(line))
    assert agreed - known[0] <= 40, "the first turn of these stocks comes within forty bars"
    blank = np.arange(len(line)) < agreed
    pairs = ((ours.line, line), (ours.direction, direction.astype(np.float64)))
    parts = [[np.where(blank, np.nan, column) for column in pair] for pair in pairs]
    return (parts[0][0], parts[1][0]), (parts[0][1], parts[1][1])


@cache
def stocks() -> tuple[Bars, ...]:
    bars = demo()
    parts = []
    for index, symbol in enumerate(bars.symbols):
        rows = slice(int(bars.offsets[index]), int(bars.offsets[index + 1]))
        fields = {name: getattr(bars, name)[rows] for name in ("open", "high", "low", "close", "volume")}
        parts.append(Bars(symbol, **{name: np.array(column) for name, column in fields.items()}))
    return tuple(parts)


def columns_of(result: object) -> list[Column]:
    several = result if isinstance(result, tuple | list) else [result]
    return [np.asarray(column, dtype=np.float64) for column in several]


@pytest.mark.parametrize("name", CASES)
def test_a_function_agrees_with_talib(name: str) -> None:
    case = CASES[name]
    for bars in stocks():
        for length in case.lengths:
            ours, theirs = columns_of(case.ours(bars, length)), columns_of(case.theirs(bars, length))
            allowed = TOLERANCE * np.broadcast_to(case.scale(bars, length), bars.close.shape)
            for number, (mine, other) in enumerate(zip(ours, theirs, strict=True)):
                what = f"{name}, length {length}, output {number}, {bars.symbol}"
                assert np.array_equal(np.isnan(mine), np.isnan(other)), f"{what}: other bars are missing"
                known = np.flatnonzero(~np.isnan(mine))
                assert len(known) or length >= 50, f"{what}: nothing is known"
                worst = known[np.argmax(np.abs(mine - other)[known] / allowed[known])] if len(known) else 0
                assert not len(known) or abs(mine[worst] - other[worst]) <= allowed[worst], (
                    f"{what}: bar {worst} is {mine[worst]!r}, TA-Lib says {other[worst]!r}"
                )


def test_every_function_is_compared_or_has_no_counterpart() -> None:
    names = {function.name for function in catalog.functions() if function.kind == "time_series"}
    assert set(CASES) | set(WITHOUT_COUNTERPART) == names
    assert set(CASES) & set(WITHOUT_COUNTERPART) == set()
