"""Hash what a run computes on: bars and actions by content, so that equal data has one name wherever it came from.

File names, import order and adjusted closes do not count: the engine sees bars, actions and the adjusted-only mark.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt


def columns_hash(*columns: npt.NDArray[np.float64] | npt.NDArray[np.int64]) -> str:
    """SHA-256 of columns in little-endian order, each preceded by its length."""
    digest = hashlib.sha256()
    for column in columns:
        little = np.ascontiguousarray(column, dtype=column.dtype.newbyteorder("<"))
        digest.update(len(little).to_bytes(8, "little"))
        digest.update(little.data)
    return digest.hexdigest()


def series_line(symbol: str, bars_sha256: str, actions_sha256: str, adjusted_only: bool) -> str:
    """One symbol's line of the data manifest; the stamps within the bars say the timeframe."""
    kind = "adjusted" if adjusted_only else "raw"
    return f"{symbol}\t{kind}\t{bars_sha256}\t{actions_sha256}"


def manifest_hash(lines: Iterable[str]) -> str:
    """SHA-256 of the sorted lines: the data manifest that run ids are made of."""
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
