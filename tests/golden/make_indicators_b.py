"""Write reference values of trend, volume, statistics, window and event functions.

TA-Lib gives them where it has the function. Elsewhere they come from a slow twin below, written from the textbook
formula one window at a time in extended precision, which shares nothing with the engine.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import talib

Column = npt.NDArray[np.float64]
Wide = npt.NDArray[np.longdouble]
Bars = dict[str, Column]


def each_window(series: Column, length: int, statistic: Callable[[Wide], float | np.longdouble]) -> Column:
    """Apply a statistic to each window of `length` values; NaN before the first."""
    wide = series.astype(np.longdouble)
    result = np.full(len(series), np.nan)
    for end in range(length, len(series) + 1):
        result[end - 1] = float(statistic(wide[end - length : end]))
    return result


def each_pair(x: Column, y: Column, length: int, statistic: Callable[[Wide, Wide], float | np.longdouble]) -> Column:
    """Apply a statistic to each window of `length` pairs; NaN before the first."""
    wide_x, wide_y = x.astype(np.longdouble), y.astype(np.longdouble)
    result = np.full(len(x), np.nan)
    for end in range(length, len(x) + 1):
        result[end - 1] = float(statistic(wide_x[end - length : end], wide_y[end - length : end]))
    return result


def central_moment(window: Wide, power: int) -> np.longdouble:
    return np.mean((window - np.mean(window)) ** power)


def skewness(window: Wide) -> np.longdouble:
    return central_moment(window, 3) / central_moment(window, 2) ** np.longdouble(1.5)


def excess_kurtosis(window: Wide) -> np.longdouble:
    return central_moment(window, 4) / central_moment(window, 2) ** 2 - 3


def standard_score(window: Wide) -> np.longdouble:
    return (window[-1] - np.mean(window)) / np.sqrt(central_moment(window, 2))


def covariance(x: Wide, y: Wide) -> np.longdouble:
    return np.mean((x - np.mean(x)) * (y - np.mean(y)))


def slope_on(x: Wide, y: Wide) -> np.longdouble:
    return covariance(x, y) / central_moment(y, 2)


def determination(window: Wide) -> np.longdouble:
    time = np.arange(len(window)).astype(np.longdouble)
    return covariance(window, time) ** 2 / (central_moment(window, 2) * central_moment(time, 2))


def mid_rank(window: Wide) -> float:
    others, last = window[:-1], window[-1]
    return float((np.sum(others < last) + np.sum(others == last) / 2) / len(others))


def median_deviation(window: Wide) -> np.longdouble:
    return np.median(np.abs(window - np.median(window)))


def true_range(bars: Bars) -> Column:
    result = np.full(len(bars["close"]), np.nan)
    for t in range(1, len(result)):
        high, low, before = bars["high"][t], bars["low"][t], bars["close"][t - 1]
        result[t] = max(high - low, abs(high - before), abs(low - before))
    return result


def keltner(bars: Bars, length: int, atr_length: int, width: float) -> list[Column]:
    middle = talib.EMA(bars["close"], length)
    reach = width * talib.ATR(bars["high"], bars["low"], bars["close"], atr_length)
    return [middle + reach, middle, middle - reach]


def donchian(bars: Bars, length: int) -> list[Column]:
    upper, lower = talib.MAX(bars["high"], length), talib.MIN(bars["low"], length)
    return [upper, (upper + lower) / 2, lower]


def supertrend(bars: Bars, length: int, width: float) -> list[Column]:
    """Follow the rules as they are told: two bands that only tighten, and the side the close last left them on."""
    high, low, close = bars["high"], bars["low"], bars["close"]
    reach = width * talib.ATR(high, low, close, length)
    line, direction = np.full(len(close), np.nan), np.full(len(close), np.nan)
    upper = lower = np.nan
    side = -1
    for t in range(length, len(close)):
        basic_upper, basic_lower = (high[t] + low[t]) / 2 + reach[t], (high[t] + low[t]) / 2 - reach[t]
        if t == length:
            upper, lower = basic_upper, basic_lower
        else:
            upper = basic_upper if close[t - 1] > upper else min(basic_upper, upper)
            lower = basic_lower if close[t - 1] < lower else max(basic_lower, lower)
            if side == 1 and close[t] < lower:
                side = -1
            elif side == -1 and close[t] > upper:
                side = 1
        line[t], direction[t] = (lower if side == 1 else upper), side
    return [line, direction]


def vortex(bars: Bars, length: int) -> list[Column]:
    high, low = bars["high"], bars["low"]
    ranges = true_range(bars)
    plus, minus = np.full(len(high), np.nan), np.full(len(high), np.nan)
    for t in range(length, len(high)):
        window = range(t - length + 1, t + 1)
        total = sum(np.longdouble(ranges[i]) for i in window)
        plus[t] = sum(np.longdouble(abs(high[i] - low[i - 1])) for i in window) / total
        minus[t] = sum(np.longdouble(abs(low[i] - high[i - 1])) for i in window) / total
    return [plus, minus]


def money_flow(bars: Bars) -> Column:
    high, low, close, volume = (bars[name] for name in ("high", "low", "close", "volume"))
    span = high - low
    position = np.divide((close - low) - (high - close), span, out=np.zeros_like(span), where=span > 0)
    return position * volume


def ratio_of_sums(above: Column, below: Column, length: int) -> Column:
    return each_window(above, length, np.sum) / each_window(below, length, np.sum)


def typical_price(bars: Bars) -> Column:
    return (bars["high"] + bars["low"] + bars["close"]) / 3


def lagged(series: Column, bars_back: int) -> Column:
    result = np.full(len(series), np.nan)
    result[bars_back:] = series[: len(series) - bars_back]
    return result


def since_best(index: npt.NDArray[np.int32], length: int) -> Column:
    """Turn TA-Lib's index of the extreme into bars since; its first `length - 1` entries are padding."""
    result = np.arange(len(index)) - index.astype(np.float64)
    result[: length - 1] = np.nan
    return result
