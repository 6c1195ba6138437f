"""Read CSV and Parquet files of bars into tables whose rows still know the line they came from.

No row is dropped and no value judged here; a cell that is not a number is remembered for `quality` to name.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from oracle.core.errors import UsageError
from oracle.data.columns import (
    NEW_YORK,
    PRICES,
    QUOTES,
    SYMBOL_PATTERN,
    Roles,
    infer_timeframe,
    is_day_first,
    parse_times,
    recognise,
    symbol_text,
)
from oracle.data.errors import BarsError
from oracle.data.ragged import FIELDS_FOUND, read_ragged

_SUFFIXES = (".csv", ".csv.gz", ".parquet", ".pq")
_MISSING = ("", "none", "null", "na", "n/a", "-")
_NUMBERS = (*PRICES, "volume", *QUOTES, "adjusted_close", "split_ratio", "dividend")


@dataclass(frozen=True)
class Source:
    """One file as a table.

    `table` has `row` (1-based line of a CSV, where a record counts as one line;
    1-based row of a Parquet file), `symbol`, `ts`, `time_text`, the
    numbers as float64 (null where missing), and `unread`: the first cell that is not a number, as `column=text`,
    or `fields=` and their number on a line that has more of them than the header.
    """

    path: str
    sha256: str
    timeframe: str
    table: pl.DataFrame
    extra: tuple[str, ...]
    adjusted_only: bool
    has_actions: bool
    notes: tuple[tuple[str, str], ...]


def has_bar_files(folder: Path) -> bool:
    """Whether a folder holds files that could be imported."""
    return any(p.is_file() and p.name.lower().endswith(_SUFFIXES) for p in folder.iterdir())


def find_files(paths: list[Path]) -> list[Path]:
    """Expand folders to the bar files in them, in name order.

    Raises
    ------
    UsageError (D201) : a path does not exist, is of another kind, or is a folder without bar files
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.iterdir() if p.is_file() and p.name.lower().endswith(_SUFFIXES))
            if not inside:
                raise UsageError(f"{path}: the folder holds no .csv, .csv.gz or .parquet file", code="D201")
            found.extend(inside)
        elif not path.exists():
            raise UsageError(f"{path}: no such file", code="D201")
        elif not path.name.lower().endswith(_SUFFIXES):
            raise UsageError(f"{path}: unknown kind of file; expected .csv, .csv.gz or .parquet", code="D201")
        else:
            found.append(path)
    return found


def read_source(path: Path, *, symbol: str | None = None, zone: str = NEW_YORK, adjusted_only: bool = False) -> Source:
    """Read one file of bars.

    Parameters
    ----------
    path : CSV (also gzipped) or Parquet
    symbol : the symbol of a file without a symbol column; by default its name
    zone : zone of times that name none
    adjusted_only : the file's prices are already adjusted and no raw prices exist

    Raises
    ------
    BarsError : D201 unreadable, D202 a column is missing, D203 two columns for one role, D204 no symbol, D209 spacing
    """
    raw, first_row = _read(path)
    frame = raw.with_row_index("row", offset=first_row)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return source_from_frame(frame, str(path), sha256, symbol=symbol, zone=zone, adjusted_only=adjusted_only)


def source_from_frame(
    frame: pl.DataFrame,
    path: str,
    sha256: str,
    *,
    symbol: str | None = None,
    zone: str = NEW_YORK,
    adjusted_only: bool = False,
) -> Source:
    """Make a source of a frame with a `row` column; see `read_source`."""
    _refuse_other_separators(frame, path)
    roles = recognise([name for name in frame.columns if name not in ("row", FIELDS_FOUND)], path=path)
    roles, only_adjusted = _choose_prices(roles, path)
    if "ts" not in roles:
        raise BarsError("D202", _missing_column("timestamp or date", frame), path=path)
    if FIELDS_FOUND not in frame.columns:
        frame = frame.with_columns(pl.lit(None, dtype=pl.String).alias(FIELDS_FOUND))
    frame = frame.filter(~pl.all_horizontal(pl.exclude("row").is_null()))  # blank lines
    symbols = _symbols(frame, roles, symbol, path)
    try:
        times = parse_times(frame[roles.column["ts"]], zone)
        timeframe, stamps = infer_timeframe(times, symbols)
    except BarsError as error:
        raise BarsError(error.code, error.problem, path=path) from None
    table = frame.select(
        pl.col("row").cast(pl.Int64),
        symbols.alias("symbol"),
        stamps.alias("ts"),
        pl.col(roles.column["ts"]).cast(pl.String).alias("time_text"),
        *[_number(roles, name, frame) for name in _NUMBERS],
        pl.coalesce(
            "fields=" + pl.col(FIELDS_FOUND), *[_unread(roles, name, frame) for name in _NUMBERS if name in roles]
        ).alias("unread"),
    )
    notes = [] if "volume" in roles else [("Q023", "no volume column: volume is stored as 0")]
    texts = frame[roles.column["ts"]]
    if texts.dtype == pl.String and is_day_first(texts):
        notes.append(("Q024", "some dates can only be day first (13/01/2024), so all were read so"))
    if "volume" not in roles:
        table = table.with_columns(volume=pl.lit(0.0))
    return Source(
        path=path,
        sha256=sha256,
        timeframe=timeframe,
        table=table,
        extra=roles.extra,
        adjusted_only=adjusted_only or only_adjusted,
        has_actions="split_ratio" in roles or "dividend" in roles,
        notes=tuple(notes),
    )


def _read(path: Path) -> tuple[pl.DataFrame, int]:
    try:
        if path.name.lower().endswith((".parquet", ".pq")):
            return pl.read_parquet(path), 1
        # All cells as text: a cell that is no number must be reported as it stands, not dropped by a guess of types.
        return pl.read_csv(path, infer_schema=False), 2
    except pl.exceptions.NoDataError:
        raise BarsError("D201", "the file is empty", path=str(path)) from None
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        # Polars panics on some damaged Parquet files; that is the file's fault, not a defect of ours.
        ragged = read_ragged(path) if path.name.lower().endswith((".csv", ".csv.gz")) else None
        if ragged is None:
            raise BarsError("D201", f"cannot be read: {str(error).splitlines()[0]}", path=str(path)) from error
        return ragged, 2


def _refuse_other_separators(frame: pl.DataFrame, path: str) -> None:
    names = [name for name in frame.columns if name not in ("row", FIELDS_FOUND)]
    for mark, word in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        if len(names) < 4 and sum(name.count(mark) for name in names) >= 4:
            advice = "write the file again with commas between columns and points in numbers"
            raise BarsError("D202", f"columns are separated by {word}; {advice}", path=path)


def _choose_prices(roles: Roles, path: str) -> tuple[Roles, bool]:
    """Raw columns where the file has them all; its adjusted columns, marked as such, where it has only those."""
    column = dict(roles.column)
    adjusted = {name: f"adjusted_{name}" for name in PRICES}
    if not all(name in column for name in PRICES) and all(role in column for role in adjusted.values()):
        chosen = {name: column[role] for name, role in adjusted.items()}
        rest = {role: name for role, name in column.items() if role not in (*PRICES, *adjusted.values())}
        dropped = tuple(column[name] for name in PRICES if name in column)
        return Roles({**rest, **chosen}, roles.extra + dropped), True
    for name in PRICES:
        if name not in column:
            raise BarsError("D202", f"no column for {name}; found {', '.join(map(repr, _names(roles)))}", path=path)
    unused = tuple(column.pop(role) for role in tuple(adjusted.values())[:3] if role in column)
    return Roles(column, roles.extra + unused), False


def _names(roles: Roles) -> list[str]:
    return [*roles.column.values(), *roles.extra]


def _missing_column(what: str, frame: pl.DataFrame) -> str:
    return f"no column for {what}; found {', '.join(repr(name) for name in frame.columns if name != 'row')}"


def _symbols(frame: pl.DataFrame, roles: Roles, symbol: str | None, path: str) -> pl.Series:
    if "symbol" in roles:
        return frame.select(symbol_text(roles.column["symbol"]).alias("symbol"))["symbol"]
    name = (symbol or re.sub(r"(\.csv|\.csv\.gz|\.parquet|\.pq)$", "", Path(path).name, flags=re.I)).strip().upper()
    named = pl.Series("symbol", [name])
    if not bool(named.str.contains(SYMBOL_PATTERN).all()):
        raise BarsError("D204", f"no symbol column, and {name!r} is not a symbol; name it with --symbol", path=path)
    return named.new_from_index(0, frame.height)


def _number(roles: Roles, name: str, frame: pl.DataFrame) -> pl.Expr:
    """A column as float64, null where missing or unreadable; negative zero becomes zero."""
    if name not in roles:
        return pl.lit(None, dtype=pl.Float64).alias(name)
    value = pl.col(roles.column[name])
    if frame.schema[roles.column[name]] == pl.String:
        value = _plain(value)
    return (value.cast(pl.Float64, strict=False) + 0.0).alias(name)


def _plain(text: pl.Expr) -> pl.Expr:
    """Cells without a leading `$` and without the commas between thousands where these can be nothing else."""
    bare = text.str.strip_chars().str.replace(r"^(-?)\$\s*", "$1")
    is_grouped = bare.str.contains(r"^-?\d{1,3}(,\d{3})+\.\d*$|^-?\d{1,3}(,\d{3}){2,}$")
    return pl.when(is_grouped).then(bare.str.replace_all(",", "", literal=True)).otherwise(bare)


def _unread(roles: Roles, name: str, frame: pl.DataFrame) -> pl.Expr:
    column = roles.column[name]
    if frame.schema[column] != pl.String:
        return pl.lit(None, dtype=pl.String)
    text = pl.col(column).str.strip_chars()
    odd = _plain(text).cast(pl.Float64, strict=False).is_null() & ~text.str.to_lowercase().is_in(_MISSING)
    return pl.when(odd).then(pl.format("{}={}", pl.lit(name), text.str.slice(0, 60)))
