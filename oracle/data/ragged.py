"""Read a CSV record by record where the fast reader gives up over a line with too many fields.

Such a line keeps its place and the cells that the header names, and is marked, so that `quality` sets it aside with its
line number and the lines around it are read as ever.
"""

from __future__ import annotations

import csv
import gzip
import zlib
from pathlib import Path

import polars as pl

from oracle.data.errors import BarsError

# The column that says how many fields a line has where these are too many; null on every other line.
FIELDS_FOUND = "\0fields"


def read_ragged(path: Path) -> pl.DataFrame | None:
    """All cells as text, with `FIELDS_FOUND`; None where no line has too many fields, or the quotes do not match.

    Raises
    ------
    BarsError (D201) : the bytes are no text
    """
    rows: list[list[str | None]] = []
    found: list[str | None] = []
    is_longer = False
    try:
        with gzip.open(path, "rt", newline="") if path.name.lower().endswith(".gz") else path.open(newline="") as lines:
            reader = csv.reader(lines)
            header = next(reader, [])
            header[:1] = [name.removeprefix("\ufeff") for name in header[:1]]
            width, line = len(header), reader.line_num
            for fields in reader:
                is_longer = is_longer or len(fields) > width
                too_many = any(cell.strip() for cell in fields[width:])
                if too_many and reader.line_num != line + 1:
                    return None  # an open quote has swallowed lines: nobody knows what they say
                line = reader.line_num
                padding = [""] * (width - len(fields))
                rows.append([cell or None for cell in [*fields[:width], *padding]])
                found.append(str(len(fields)) if too_many else None)
    except (OSError, UnicodeDecodeError, csv.Error, EOFError, zlib.error) as error:
        raise BarsError("D201", f"cannot be read: {error}", path=str(path)) from None
    if len(set(header)) != width or not is_longer:
        return None
    columns = [*header, FIELDS_FOUND]
    cells = [[*row, count] for row, count in zip(rows, found, strict=True)]
    return pl.DataFrame(cells, schema=dict.fromkeys(columns, pl.String), orient="row")
