"""Bars of strategy tests: series of numbers laid on sessions, in the import format.

The terse notation is read by the strategy file's schema; nothing here runs a test.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import polars as pl

from oracle.core import native
from oracle.data.errors import BarsError

# Any order of a test fills whole under the usual participation limits.
DEFAULT_VOLUME = 1e7
FIELDS = ("open", "high", "low", "close", "volume")

Series = Sequence[float]


def bars_from_series(series: Mapping[str, Mapping[str, Series]], start: date) -> pl.DataFrame:
    """Build daily bars in the import format on NYSE sessions.

    Parameters
    ----------
    series : for each symbol, values of `close` and, where wanted, open, high, low and volume; NaN is missing
    start : date of the first bar, or the next session after it

    Returns
    -------
    DataFrame with symbol, date, open, high, low, close (USD), volume (shares). Open defaults to the close, high and low
    to the larger and the smaller of open and close, volume to 1e7; a missing close is a missing bar.

    Raises
    ------
    BarsError (D210) : no close, an unknown field, unequal lengths, or a price of zero
    """
    for symbol, fields in series.items():
        _check(symbol, fields)
    longest = max((len(fields["close"]) for fields in series.values()), default=0)
    sessions = native.sessions(start, longest)
    frames = [_bars(symbol, fields, sessions) for symbol, fields in sorted(series.items())]
    return pl.concat(frames) if frames else pl.DataFrame()


def _check(symbol: str, fields: Mapping[str, Series]) -> None:
    for name in fields:
        if name not in FIELDS:
            raise BarsError("D210", f"{symbol}: unknown field {name!r}; expected one of {', '.join(FIELDS)}")
    if "close" not in fields:
        raise BarsError("D210", f"{symbol}: no close")
    for name, values in fields.items():
        if len(values) != len(fields["close"]):
            raise BarsError("D210", f"{symbol}: {name} has {len(values)} bars, close has {len(fields['close'])}")
        if name != "volume" and 0.0 in values:
            raise BarsError("D210", f"{symbol}: bar {list(values).index(0.0) + 1} of {name} is 0; a price is above 0")


def _bars(
    symbol: str, fields: Mapping[str, Series], sessions: np.ndarray[tuple[int], np.dtype[np.datetime64]]
) -> pl.DataFrame:
    count = len(fields["close"])
    none = [math.nan] * count
    given = {name: pl.Series(name, fields.get(name, none), dtype=pl.Float64).fill_nan(None) for name in FIELDS}
    frame = pl.DataFrame({"date": pl.Series(sessions[:count]), **given})
    frame = frame.filter(pl.col("close").is_not_null()).with_columns(open=pl.col("open").fill_null(pl.col("close")))
    return frame.select(
        pl.lit(symbol).alias("symbol"),
        "date",
        "open",
        pl.col("high").fill_null(pl.max_horizontal("open", "close")),
        pl.col("low").fill_null(pl.min_horizontal("open", "close")),
        "close",
        pl.col("volume").fill_null(DEFAULT_VOLUME),
    )
