"""The engine's tables as polars frames: labels, dates and missing values as people expect them.

No number is changed here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

    from oracle.data.frame import Prepared

    Array = npt.NDArray[np.float64] | npt.NDArray[np.int64]
    Column = Array | tuple[npt.NDArray[np.int64], list[str]]

STAMPS = frozenset({"timestamp", "decided_at", "filled_at", "entry_time", "exit_time"})
IDENTIFIERS = frozenset({"order_id", "parent_id"})
EQUITY = ("timestamp", "equity", "cash", "positions_value", "gross_exposure", "drawdown", "benchmark")


def frame_of(columns: Mapping[str, Column], *, daily: bool) -> pl.DataFrame:
    """Return one table: stamps as dates (daily bars) or UTC times, codes as text, NaN and -1 as null."""
    import polars as pl

    return pl.DataFrame([_series(name, column, daily=daily) for name, column in columns.items()])


def _series(name: str, column: Column, *, daily: bool) -> pl.Series:
    import polars as pl

    if isinstance(column, tuple):
        codes, labels = column
        known = pl.Series(codes).replace({-1: None}) if len(codes) and codes.min() < 0 else pl.Series(codes)
        return pl.Series(name, labels, dtype=pl.String).gather(known).alias(name)
    series = pl.Series(name, column)
    if name in STAMPS:
        stamps = series.set(series < 0, None).cast(pl.Datetime("ns", "UTC"))
        return stamps.dt.date() if daily else stamps
    if name in IDENTIFIERS:
        return series.set(series < 0, None)
    return series.fill_nan(None) if series.dtype == pl.Float64 else series


def closing_rows(equity: pl.DataFrame) -> pl.DataFrame:
    """Return the starting point and the last row of each session after it.

    The starting point is the first row: a close, or within the day the first bar, whose session then has a close too.
    From these rows the engine takes its session returns.
    """
    import polars as pl

    later = equity.slice(1).group_by(_day(equity).alias("day"), maintain_order=True).last()
    return pl.concat([equity.head(1), later.select(equity.columns)])


def session_closes(equity: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of `closing_rows`, stamped with the dates of their sessions."""
    rows = closing_rows(equity)
    return rows.with_columns(_day(rows).alias("timestamp"))


def _day(frame: pl.DataFrame) -> pl.Expr:
    """Dates of a frame's stamps; of times, in New York."""
    import polars as pl

    stamps = pl.col("timestamp")
    is_time = isinstance(frame.schema["timestamp"], pl.Datetime)
    return stamps.dt.convert_time_zone("America/New_York").dt.date() if is_time else stamps


def prices_of(bars: Prepared, traded: list[int], first_ns: int, last_ns: int) -> pl.DataFrame:
    """Return raw closes of the traded symbols within the run: symbol, timestamp, close."""
    import numpy as np
    import polars as pl

    parts = []
    for index in traded:
        begin, end = int(bars.offsets[index]), int(bars.offsets[index + 1])
        stamps = bars.ts_ns[begin:end]
        low, high = np.searchsorted(stamps, [first_ns, last_ns + 1])
        own: dict[str, Column] = {"timestamp": stamps[low:high], "close": bars.close[begin:end][low:high]}
        table = frame_of(own, daily=bars.daily)
        parts.append(table.select(pl.lit(bars.symbols[index]).alias("symbol"), "timestamp", "close"))
    if parts:
        return pl.concat(parts)
    stamp = pl.Date() if bars.daily else pl.Datetime("ns", "UTC")
    return pl.DataFrame(schema={"symbol": pl.String(), "timestamp": stamp, "close": pl.Float64()})
