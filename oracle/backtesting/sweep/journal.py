"""The journal of a sweep: every row as soon as it is there, in a file that survives a kill at any byte.

The first line says on what the rows were run. After it come frames: a count, a checksum, and rows of fixed size. Rows
are only ever added; a frame that a kill cut short is dropped when the file is next opened.
"""

from __future__ import annotations

import json
import os
import struct
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from oracle.core.errors import DataError

#: Rows of `row_type`.
Rows = npt.NDArray[np.void]

FORMAT = 1
_HEAD = struct.Struct("<4sII")
_MARK = b"rows"


def row_type(width: int) -> np.dtype[np.void]:
    """Return the type of a row: place, symbol (-1 for all together), plan hash and so many numbers."""
    return np.dtype([("place", "<i8"), ("symbol", "<i4"), ("hash", "S64"), ("values", "<f8", (width,))])


class Journal:
    """Rows of one sweep, kept in a file, or in memory alone.

    Parameters
    ----------
    identity : what the rows were run on; another one is refused
    columns : names of the numbers of a row
    path : the file, made when missing; None keeps rows in memory

    Raises
    ------
    DataError (D302) : the file is of another sweep, or cannot be read or written
    """

    def __init__(self, identity: Mapping[str, str], columns: Sequence[str], path: Path | None = None) -> None:
        self.path = path
        self._type = row_type(len(columns))
        self._known: list[Rows] = []
        self._file: int | None = None
        if path is not None:
            try:
                self._open(path, {"format": FORMAT, "columns": list(columns), **identity})
            except OSError as problem:
                raise DataError(f"{path}: the journal cannot be opened ({problem})", code="D302") from None

    def rows(self) -> Rows:
        """Return all rows by place and symbol, each once."""
        every = np.concatenate(self._known) if self._known else np.empty(0, dtype=self._type)
        _, first = np.unique(every[["place", "symbol"]], return_index=True)
        return every[first]

    def add(self, rows: Rows) -> None:
        """Keep rows."""
        self._known.append(rows)
        if self._file is not None:
            payload = rows.tobytes()
            _write(self._file, _HEAD.pack(_MARK, len(rows), zlib.crc32(payload)) + payload)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _open(self, path: Path, header: Mapping[str, object]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps(header, sort_keys=True).encode() + b"\n"
        sound = 0
        if path.exists():
            data = path.read_bytes()
            end = data.find(b"\n") + 1
            if end:
                _compare(path, data[:end], header)
                sound = self._read(data, end)
            # A header that a kill cut short has no rows after it.
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
        os.ftruncate(self._file, sound)
        os.lseek(self._file, 0, os.SEEK_END)
        if not sound:
            _write(self._file, line)

    def _read(self, data: bytes, at: int) -> int:
        """Take every whole frame, and return where the last one ends."""
        while at + _HEAD.size <= len(data):
            mark, count, checksum = _HEAD.unpack_from(data, at)
            end = at + _HEAD.size + count * self._type.itemsize
            payload = data[at + _HEAD.size : end]
            if mark != _MARK or end > len(data) or zlib.crc32(payload) != checksum:
                break
            self._known.append(np.frombuffer(payload, dtype=self._type))
            at = end
        return at


def _compare(path: Path, line: bytes, header: Mapping[str, object]) -> None:
    """Refuse a journal of another sweep, and say in what it differs."""
    try:
        found = json.loads(line)
    except ValueError:
        found = None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise DataError(f"{path}: no journal of a sweep of this version; name another folder by --out", code="D302")
    other = [name for name, value in header.items() if found.get(name) != value]
    if other:
        raise DataError(
            f"{path}: the journal is of another sweep: the {' and the '.join(other)} differ; name another folder by "
            "--out, or take this one away",
            code="D302",
        )


def _write(file: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]
