"""Lay out rows by symbol and time, and refuse what no bar can be: fast where all is well, exact where it is not.

Nothing is repaired here; the first bad value is named with the row as the caller counts it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import polars as pl

from oracle.data.columns import DAY_NS, PRICES
from oracle.data.errors import BarsError
from oracle.data.quality import PRICE_USD_MAX, VOLUME_MAX

Float64Array = npt.NDArray[np.float64]
Int64Array = npt.NDArray[np.int64]
FIELDS = (*PRICES, "volume")
# Bars checked at a time: five columns of this length fit a core's cache.
_BLOCK = 16_384


def layout(
    frame: pl.DataFrame, column: str | None, symbol: str | None, ts_ns: Int64Array
) -> tuple[list[str], Int64Array, Int64Array | None]:
    """Symbols in name order, offsets of their rows, and the order that sorts the frame (None when it is sorted)."""
    if column is None:
        if symbol is None:
            raise BarsError("D204", "the frame has no symbol column; name the symbol")
        labels = pl.Series("symbol", [symbol])
        starts = np.zeros(1, dtype=np.int64)
    else:
        labels = frame[column].cast(pl.String)
        if labels.null_count():
            raise BarsError("D204", f"row {int(labels.is_null().arg_max() or 0)}: the symbol is missing")
        starts = (labels != labels.shift(1)).fill_null(True).arg_true().cast(pl.Int64).to_numpy()
    rising = ts_ns[1:] > ts_ns[:-1]
    if len(starts) > 1:
        rising[starts[1:] - 1] = True
    if rising.all():
        names: list[str] = labels.gather(starts).to_list()
        if all(a < b for a, b in pairwise(names)):
            return names, np.append(starts, len(ts_ns)).astype(np.int64), None
    return _sorted_layout(labels if column is not None else labels.new_from_index(0, len(ts_ns)), ts_ns)


def _sorted_layout(labels: pl.Series, ts_ns: Int64Array) -> tuple[list[str], Int64Array, Int64Array]:
    """Sort by symbol, then time. Stable sorts of small codes are fast, and a frame sorted by time needs only that."""
    names: list[str] = labels.unique().sort().to_list()
    codes = labels.cast(pl.Enum(names)).to_physical().to_numpy()
    codes = codes.astype(np.uint16 if len(names) < 65_536 else np.int64)
    counts = np.bincount(codes, minlength=len(names))
    offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    if bool((ts_ns[1:] >= ts_ns[:-1]).all()):
        return names, offsets, np.argsort(codes, kind="stable").astype(np.int64)
    by_time = np.argsort(ts_ns, kind="stable")
    return names, offsets, by_time[np.argsort(codes[by_time], kind="stable")].astype(np.int64)


def refuse_repeats(names: Sequence[str], offsets: Int64Array, ts_ns: Int64Array) -> None:
    """Refuse bars of one symbol that do not come strictly after each other (D206)."""
    still = ts_ns[1:] <= ts_ns[:-1]
    if len(offsets) > 2:
        still[offsets[1:-1] - 1] = False
    if bool(still.any()):
        row = int(np.argmax(still)) + 1
        when = np.datetime64(int(ts_ns[row]), "ns")
        if ts_ns[row] == ts_ns[row - 1]:
            raise BarsError("D206", f"{_owner(names, offsets, row)} has two bars at {when}")
        raise BarsError("D206", f"row {row}: {when} is not after the bar before it")


def _owner(names: Sequence[str], offsets: Int64Array, row: int) -> str:
    return names[int(np.searchsorted(offsets, row, side="right")) - 1]


def is_daily(ts_ns: Int64Array) -> bool:
    """Whether every stamp is a midnight UTC."""
    for start in range(0, len(ts_ns), _BLOCK):
        block = ts_ns[start : start + _BLOCK]
        # Dividing by a constant is several times faster in NumPy than a remainder.
        if not (block // DAY_NS * DAY_NS == block).all():
            return False
    return True


def _is_good(columns: dict[str, Float64Array]) -> bool:
    """Whether every bar passes, in one walk through memory by blocks that fit the cache.

    Open and close between low and high, low above 0 and high in range settle all four prices, NaN included.
    """
    for start in range(0, len(columns["close"]), _BLOCK):
        open_, high, low, close, volume = (columns[name][start : start + _BLOCK] for name in FIELDS)
        inside = (open_ >= low) & (open_ <= high) & (close >= low) & (close <= high)
        if not (inside.all() and low.min() > 0.0 and high.max() <= PRICE_USD_MAX):
            return False
        if not (volume.min() >= 0.0 and volume.max() <= VOLUME_MAX):
            return False
    return True


def refuse_bad(
    columns: dict[str, Float64Array], names: Sequence[str], offsets: Int64Array, order: Int64Array | None
) -> None:
    """Refuse the first value that no bar has."""
    if _is_good(columns):
        return
    high, low = columns["high"] * (1 + 1e-9), columns["low"] * (1 - 1e-9)
    for name in FIELDS:
        values = columns[name]
        good = (values >= 0.0) & (values <= VOLUME_MAX)
        if name != "volume":
            good = (values > 0.0) & (values <= PRICE_USD_MAX)
        if not good.all():
            refuse(name, values, ~good, names, offsets, order)
    for name in ("open", "close"):
        beyond = (columns[name] > high) | (columns[name] < low)
        if beyond.any():
            refuse(f"{name} outside of low to high:", columns[name], beyond, names, offsets, order)


def refuse(
    name: str,
    values: Float64Array,
    bad: npt.NDArray[np.bool_],
    names: Sequence[str],
    offsets: Int64Array,
    order: Int64Array | None,
) -> None:
    """Refuse the first value that is marked bad, with its row as the caller counts it (D205)."""
    at = int(np.argmax(bad))
    row = at if order is None else int(order[at])
    count = int(bad.sum())
    more = f" (and {count - 1} more)" if count > 1 else ""
    where = f"row {row} ({_owner(names, offsets, at)})"
    raise BarsError("D205", f"{where}: {name} {values[at]}{more}; `oracle data import` sets bad bars aside")
