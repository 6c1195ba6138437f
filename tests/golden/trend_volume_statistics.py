"""References of the trend, volume, statistics, window and event functions: TA-Lib's or a slow twin's.

Twins are written from the textbook formula, one window at a time and in extended precision where sums cancel; they
share nothing with the engine. Arrays are float64[n_bars], oldest first; NaN is a missing value.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import talib

Floats = npt.NDArray[np.float64]
Wide = npt.NDArray[np.longdouble]
Columns = dict[str, Floats]


def each_window(series: Floats, length: int, statistic: Callable[[Wide], float | np.longdouble]) -> Floats:
    """Apply a statistic to each window of `length` values; NaN before the first."""
    wide = series.astype(np.longdouble)
    result = np.full(len(series), np.nan)
    for end in range(length, len(series) + 1):
        result[end - 1] = float(statistic(wide[end - length : end]))
    return result


def each_pair(x: Floats, y: Floats, length: int, statistic: Callable[[Wide, Wide], float | np.longdouble]) -> Floats:
    """Apply a statistic to each window of `length` pairs; NaN before the first."""
    wide_x, wide_y = x.astype(np.longdouble), y.astype(np.longdouble)
    result = np.full(len(x), np.nan)
    for end in range(length, len(x) + 1):
        result[end - 1] = float(statistic(wide_x[end - length : end], wide_y[end - length : end]))
    return result


def central_moment(window: Wide, power: int) -> np.longdouble:
    return np.longdouble(np.mean((window - np.mean(window)) ** power))


def skewness(window: Wide) -> np.longdouble:
    return central_moment(window, 3) / central_moment(window, 2) ** np.longdouble(1.5)


def excess_kurtosis(window: Wide) -> np.longdouble:
    return central_moment(window, 4) / central_moment(window, 2) ** 2 - 3


def standard_score(window: Wide) -> np.longdouble:
    return np.longdouble((window[-1] - np.mean(window)) / np.sqrt(central_moment(window, 2)))


def covariance(x: Wide, y: Wide) -> np.longdouble:
    return np.longdouble(np.mean((x - np.mean(x)) * (y - np.mean(y))))


def slope_on(x: Wide, y: Wide) -> np.longdouble:
    return covariance(x, y) / central_moment(y, 2)


def determination(window: Wide) -> np.longdouble:
    time = np.arange(len(window)).astype(np.longdouble)
    return covariance(window, time) ** 2 / (central_moment(window, 2) * central_moment(time, 2))


def mid_rank(window: Wide) -> float:
    others, last = window[:-1], window[-1]
    return float((np.sum(others < last) + np.sum(others == last) / 2) / len(others))


def median_deviation(window: Wide) -> np.longdouble:
    return np.longdouble(np.median(np.abs(window - np.median(window))))


def true_range(bars: Columns) -> Floats:
    result = np.full(len(bars["close"]), np.nan)
    for t in range(1, len(result)):
        high, low, before = bars["high"][t], bars["low"][t], bars["close"][t - 1]
        result[t] = max(high - low, abs(high - before), abs(low - before))
    return result


def keltner(bars: Columns, length: int, atr_length: int, width: float) -> Columns:
    middle = talib.EMA(bars["close"], length)
    reach = width * talib.ATR(bars["high"], bars["low"], bars["close"], atr_length)
    return {"upper": middle + reach, "middle": middle, "lower": middle - reach}


def donchian(bars: Columns, length: int) -> Columns:
    upper, lower = talib.MAX(bars["high"], length), talib.MIN(bars["low"], length)
    return {"upper": upper, "middle": (upper + lower) / 2, "lower": lower}


def supertrend(bars: Columns, length: int, width: float) -> Columns:
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
    return {"line": line, "direction": direction}


def range_volatility(bars: Columns, length: int) -> Floats:
    """Parkinson (1980): the root of the mean squared log range over 4 ln 2."""
    squares = np.log(bars["high"] / bars["low"]) ** 2
    return np.sqrt(each_window(squares, length, np.mean) / (4.0 * np.log(2.0)))


def vortex(bars: Columns, length: int) -> Columns:
    high, low = bars["high"], bars["low"]
    ranges = true_range(bars)
    plus, minus = np.full(len(high), np.nan), np.full(len(high), np.nan)
    for t in range(length, len(high)):
        window = range(t - length + 1, t + 1)
        total = sum(np.longdouble(ranges[i]) for i in window)
        plus[t] = sum(np.longdouble(abs(high[i] - low[i - 1])) for i in window) / total
        minus[t] = sum(np.longdouble(abs(low[i] - high[i - 1])) for i in window) / total
    return {"plus": plus, "minus": minus}


def money_flow(bars: Columns) -> Floats:
    high, low, close, volume = (bars[name] for name in ("high", "low", "close", "volume"))
    span = high - low
    position = np.divide((close - low) - (high - close), span, out=np.zeros_like(span), where=span > 0)
    return position * volume


def ratio_of_sums(above: Floats, below: Floats, length: int) -> Floats:
    return each_window(above, length, np.sum) / each_window(below, length, np.sum)


def typical_price(bars: Columns) -> Floats:
    return (bars["high"] + bars["low"] + bars["close"]) / 3


def lagged(series: Floats, bars_back: int) -> Floats:
    result = np.full(len(series), np.nan)
    result[bars_back:] = series[: len(series) - bars_back]
    return result


def bars_since_latest(extreme: Callable[[Wide], np.longdouble], window: Wide) -> float:
    return float(np.flatnonzero(window[::-1] == extreme(window))[0])


def since_highest(window: Wide) -> float:
    return bars_since_latest(np.max, window)


def since_lowest(window: Wide) -> float:
    return bars_since_latest(np.min, window)


def aroon(bars: Columns, length: int) -> Columns:
    down, up = talib.AROON(bars["high"], bars["low"], length)
    return {"up": up, "down": down}


def crossing(a: Floats, b: Floats) -> Floats:
    """1 where `a` has come from at or below `b` to above it; prices in cents tie only when they are equal."""
    result = np.full(len(a), np.nan)
    for t in range(1, len(a)):
        result[t] = a[t - 1] <= b[t - 1] and a[t] > b[t]
    return result


def since_true(condition: Floats) -> Floats:
    result = np.full(len(condition), np.nan)
    for t in range(len(condition)):
        held = [i for i in range(t + 1) if condition[i] == 1]
        if held:
            result[t] = t - held[-1]
    return result


def moves(series: Floats, length: int, direction: int) -> Floats:
    """1 where each of the last `length` changes has the sign of `direction`."""
    result = np.full(len(series), np.nan)
    for t in range(length, len(series)):
        result[t] = np.all(direction * np.diff(series[t - length : t + 1]) > 0)
    return result


def trend_and_volume(b: Columns) -> dict[str, Floats | Columns]:
    """Calls with their references: one array, or an array per member."""
    high, low, close, volume = b["high"], b["low"], b["close"], b["volume"]
    return {
        "keltner(20, 10, 2)": keltner(b, 20, 10, 2.0),
        "keltner(5, 30, 1.5)": keltner(b, 5, 30, 1.5),
        "donchian(20)": donchian(b, 20),
        "supertrend(10, 3)": supertrend(b, 10, 3.0),
        "supertrend(7, 1.5)": supertrend(b, 7, 1.5),
        "psar(0.02, 0.2)": talib.SAR(high, low, 0.02, 0.2),
        "psar(0.3, 0.2)": talib.SAR(high, low, 0.3, 0.2),
        "aroon(14)": aroon(b, 14),
        "vortex(14)": vortex(b, 14),
        "parkinson(20)": range_volatility(b, 20),
        "ad()": talib.AD(high, low, close, volume),
        "adosc(3, 10)": talib.ADOSC(high, low, close, volume, 3, 10),
        "adosc(12, 5)": talib.ADOSC(high, low, close, volume, 12, 5),
        "cmf(20)": ratio_of_sums(money_flow(b), volume, 20),
        "vwap(20)": ratio_of_sums(typical_price(b) * volume, volume, 20),
    }


def statistics(b: Columns) -> dict[str, Floats | Columns]:
    """Calls with their references."""
    close, volume = b["close"], b["volume"]
    return {
        "variance(close, 20)": talib.VAR(close, 20, 1.0),
        "zscore(close, 20)": each_window(close, 20, standard_score),
        "skew(close, 20)": each_window(close, 20, skewness),
        "skew(volume, 100)": each_window(volume, 100, skewness),
        "kurtosis(close, 20)": each_window(close, 20, excess_kurtosis),
        "kurtosis(volume, 100)": each_window(volume, 100, excess_kurtosis),
        "correl(close, volume, 30)": talib.CORREL(close, volume, 30),
        "beta(close, volume, 30)": each_pair(close, volume, 30, slope_on),
        "linreg(close, 14)": talib.LINEARREG(close, 14),
        "linreg_r2(close, 14)": each_window(close, 14, determination),
        "median(close, 21)": each_window(close, 21, np.median),
        "median(close, 10)": each_window(close, 10, np.median),
        "quantile(close, 20, 0.9)": each_window(close, 20, lambda window: np.quantile(window, 0.9)),
        "quantile(close, 15, 0.25)": each_window(close, 15, lambda window: np.quantile(window, 0.25)),
        "percent_rank(close, 50)": each_window(close, 50, mid_rank),
        "mad(close, 21)": each_window(close, 21, median_deviation),
        "mad(close, 10)": each_window(close, 10, median_deviation),
    }


def windows_and_events(b: Columns) -> dict[str, Floats | Columns]:
    """Calls with their references; a condition is `a > b` of two columns."""
    opening, high, low, close, volume = b["open"], b["high"], b["low"], b["close"], b["volume"]
    rose = (close > opening).astype(np.float64)
    return {
        "argmax(high, 20)": each_window(high, 20, since_highest),
        "argmin(low, 20)": each_window(low, 20, since_lowest),
        "lag(close, 5)": lagged(close, 5),
        "diff(close, 5)": talib.MOM(close, 5),
        "change_ratio(close, 21)": talib.ROCP(close, 21),
        "cumsum(volume)": np.cumsum(volume),
        "cross_above(close, open)": crossing(close, opening),
        "cross_below(close, open)": crossing(opening, close),
        "bars_since(close > open)": since_true(rose),
        "count(close > open, 10)": each_window(rose, 10, np.sum),
        "held_for(close > open, 3)": each_window(rose, 3, np.min),
        "within(close > open, 3)": each_window(rose, 3, np.max),
        "rising(close, 3)": moves(close, 3, 1),
        "falling(close, 3)": moves(close, 3, -1),
    }
