"""Quotes beside the bars: the last bid and ask of each, on their way to the engine.

NaN is no quote; where no bar has one there are no columns at all, so that bars without quotes cost nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from oracle.data.columns import QUOTES, Roles
from oracle.data.errors import BarsError
from oracle.data.quality import PRICE_USD_MAX
from oracle.data.soundness import Float64Array, Int64Array, refuse


def frame_quotes(frame: pl.DataFrame, roles: Roles) -> dict[str, Float64Array]:
    """Return the columns of bid and ask of a frame; none where it has no quote.

    Raises
    ------
    BarsError (D205) : a column is not of numbers
    """
    if "bid" not in roles:
        return {}
    columns = {name: frame[roles.column[name]] for name in QUOTES}
    for name, column in columns.items():
        if not (column.dtype.is_numeric() or column.dtype == pl.Null):
            raise BarsError("D205", f"column {name} is {column.dtype}, not a number")
    numbers = {name: column.cast(pl.Float64).fill_null(float("nan")).to_numpy() for name, column in columns.items()}
    return _where_any(numbers)


def given_quotes(bid: Float64Array | None, ask: Float64Array | None) -> dict[str, Float64Array]:
    """Return NumPy columns of bid and ask, contiguous; none where they are not given or have no quote.

    Raises
    ------
    BarsError (D202) : one is given without the other
    """
    if bid is None and ask is None:
        return {}
    given = {name: column for name, column in zip(QUOTES, (bid, ask), strict=True) if column is not None}
    if len(given) == 1:
        raise BarsError("D202", f"a {next(iter(given))} alone is given; a quote has a bid and an ask")
    return _where_any({name: np.ascontiguousarray(column, dtype=np.float64) for name, column in given.items()})


def _where_any(columns: dict[str, Float64Array]) -> dict[str, Float64Array]:
    return {} if all(np.isnan(column).all() for column in columns.values()) else columns


def refuse_bad_quotes(
    columns: dict[str, Float64Array], names: Sequence[str], offsets: Int64Array, order: Int64Array | None
) -> None:
    """Refuse the first quote that cannot be, where the columns have any."""
    if "bid" not in columns:
        return
    bid, ask = (columns[name] for name in QUOTES)
    for name, values in zip(QUOTES, (bid, ask), strict=True):
        bad = ~(np.isnan(values) | ((values > 0.0) & (values <= PRICE_USD_MAX)))
        if bad.any():
            refuse(name, values, bad, names, offsets, order)
    if (bid > ask).any():
        refuse("bid above the ask:", bid, bid > ask, names, offsets, order)
