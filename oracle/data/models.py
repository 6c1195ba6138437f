"""Bars as models and bars as columns: the readable door to the outside, translated once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from oracle.core.models import OHLCV
from oracle.data.columns import QUOTES


def frame_of(data: Mapping[str, Iterable[OHLCV]]) -> pl.DataFrame:
    """Return bars in the import format: symbol, timestamp (UTC), open, high, low, close, volume.

    ``adjusted_close`` is there only where every bar has one, ``bid`` and ``ask`` where any bar has a quote.
    """
    bars = [bar for symbol in sorted(data) for bar in data[symbol]]
    columns: dict[str, object] = {
        "symbol": [bar.symbol for bar in bars],
        "timestamp": pl.Series([bar.timestamp for bar in bars], dtype=pl.Datetime("ns", "UTC")),
        **{name: [getattr(bar, name) for bar in bars] for name in ("open", "high", "low", "close", "volume")},
    }
    if bars and all(bar.adjusted_close is not None for bar in bars):
        columns["adjusted_close"] = [bar.adjusted_close for bar in bars]
    quotes = {name: pl.Series([getattr(bar, name) for bar in bars], dtype=pl.Float64) for name in QUOTES}
    if any(column.count() for column in quotes.values()):
        columns |= quotes
    return pl.DataFrame(columns)
