"""Keep bars in Parquet files under a manifest that names them by content.

A folder per timeframe, in it one file of bars and one of actions per symbol; `manifest.json` says which files count;
`quarantine.parquet` holds the rows that were refused. Files are named by content and never overwritten: the rename of
the manifest is the one moment at which an import takes effect, so a crash or Ctrl-C leaves the store as it was.

The store keeps what it is given: it judges no bar (`quality`) and infers no action (`adjustments`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from pathlib import Path

import polars as pl

from oracle.data.columns import PRICES, QUOTES, UTC_NS
from oracle.data.errors import BarsError
from oracle.data.manifest import columns_hash, manifest_hash, series_line
from oracle.data.store.files import exclusive, file_stem, write_whole

BARS_SCHEMA = pl.Schema(
    {
        "ts": UTC_NS,
        "open": pl.Float64(),
        "high": pl.Float64(),
        "low": pl.Float64(),
        "close": pl.Float64(),
        "volume": pl.Float64(),
        "adjusted_close": pl.Float64(),
    }
)
# Of a symbol of which some bar has a quote.
QUOTED_SCHEMA = pl.Schema({**BARS_SCHEMA, **dict.fromkeys(QUOTES, pl.Float64())})
ACTIONS_SCHEMA = pl.Schema({"ts": UTC_NS, "split_ratio": pl.Float64(), "dividend": pl.Float64()})
_SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Origin:
    """A file that brought bars: its name, the SHA-256 of its bytes, the range it covered.

    `knows_actions` says whether it tells of splits and dividends, so that their absence means that there were none.
    """

    name: str
    sha256: str
    first: str
    last: str
    knows_actions: bool


@dataclass(frozen=True)
class Entry:
    """What the manifest says of one symbol in one timeframe."""

    symbol: str
    timeframe: str
    first: str
    last: str
    bars: int
    sha256: str
    adjusted_sha256: str
    actions: int
    actions_sha256: str
    adjusted_only: bool
    bars_file: str
    actions_file: str
    origins: tuple[Origin, ...]

    @property
    def line(self) -> str:
        """This symbol's line of the data manifest."""
        return series_line(self.symbol, self.sha256, self.actions_sha256, self.adjusted_only)


@dataclass(frozen=True)
class History:
    """One symbol's bars and actions on their way into the store; both sorted by `ts`, one row per stamp."""

    symbol: str
    timeframe: str
    bars: pl.DataFrame
    actions: pl.DataFrame
    adjusted_only: bool
    origins: tuple[Origin, ...]


class BarStore:
    """A folder of bars.

    Parameters
    ----------
    root : the folder; it is made on the first write
    """

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root)
        self._is_locked = False

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the store for one writer, from reading what is stored to replacing it; another process waits."""
        if self._is_locked:
            yield
            return
        with exclusive(self.root):
            self._is_locked = True
            try:
                yield
            finally:
                self._is_locked = False

    def entries(self, timeframe: str | None = None) -> list[Entry]:
        """What is stored, by timeframe and symbol."""
        path = self.root / "manifest.json"
        if not path.exists():
            return []
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            if document["schema"] != _SCHEMA_VERSION:
                raise BarsError("D207", f"manifest schema {document['schema']} is not known here", path=str(path))
            found = [_entry(item) for item in document["series"]]
        except (ValueError, KeyError, TypeError) as error:
            if isinstance(error, BarsError):
                raise
            raise BarsError("D207", f"the manifest is damaged: {error}", path=str(path)) from error
        return [entry for entry in found if timeframe in (None, entry.timeframe)]

    def symbols(self, timeframe: str = "1Day") -> list[str]:
        """Symbols with bars of a timeframe, in name order."""
        return [entry.symbol for entry in self.entries(timeframe)]

    def read(
        self,
        symbols: Sequence[str] | None = None,
        start: date | datetime | None = None,
        end: date | datetime | None = None,
        timeframe: str = "1Day",
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Read bars and actions.

        Parameters
        ----------
        symbols : all that are stored by default
        start, end : first and last moment, ends included; a date means its whole day, UTC

        Returns
        -------
        bars : `symbol`, `ts` (UTC, ns), raw open, high, low, close (USD), volume (shares), adjusted_close;
            bid and ask (USD, the last of the bar, null where there is none) where a symbol has quotes
        actions : `symbol`, `ts` (of the ex-date), `split_ratio` (new per old share), `dividend` (USD after the split)
            Both sorted by symbol, then time.

        Raises
        ------
        BarsError (D207) : a symbol is not stored, or a file of the store is missing or damaged
        """
        bars: list[pl.DataFrame] = []
        actions: list[pl.DataFrame] = []
        for entry in self._wanted(symbols, timeframe):
            history = self.history(entry)
            bars.append(_named(_within(history.bars, start, end), entry.symbol))
            actions.append(_named(_within(history.actions, start, end), entry.symbol))
        if not bars:
            return _named(BARS_SCHEMA.to_frame(), ""), _named(ACTIONS_SCHEMA.to_frame(), "")
        return pl.concat(bars, how="diagonal", rechunk=True), pl.concat(actions, rechunk=True)

    def adjusted_only(self, symbols: Sequence[str] | None = None, timeframe: str = "1Day") -> list[str]:
        """Those of the symbols whose prices are adjusted and of which no raw prices exist."""
        return [entry.symbol for entry in self._wanted(symbols, timeframe) if entry.adjusted_only]

    def manifest_hash(self, symbols: Sequence[str] | None = None, timeframe: str = "1Day") -> str:
        """The data manifest of whole histories: a hash of content alone."""
        return manifest_hash(entry.line for entry in self._wanted(symbols, timeframe))

    def content_hash(self) -> str:
        """The data manifest of everything that is stored, bars of all timeframes."""
        return manifest_hash(entry.line for entry in self.entries())

    def history(self, entry: Entry) -> History:
        """One symbol's whole history."""
        try:
            bars = pl.read_parquet(self.root / entry.bars_file)
            actions = pl.read_parquet(self.root / entry.actions_file)
        except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
            what = f"the bars of {entry.symbol} cannot be read: {str(error).splitlines()[0]}"
            raise BarsError("D207", what, path=str(self.root)) from error
        if (
            bars.height != entry.bars
            or bars.schema not in (BARS_SCHEMA, QUOTED_SCHEMA)
            or actions.schema != ACTIONS_SCHEMA
        ):
            raise BarsError("D207", f"{entry.bars_file} is not what the manifest says", path=str(self.root))
        return History(entry.symbol, entry.timeframe, bars, actions, entry.adjusted_only, entry.origins)

    @property
    def quarantine_path(self) -> Path:
        """Where the refused rows are; nothing is there before the first."""
        return self.root / "quarantine.parquet"

    def quarantine(self) -> pl.DataFrame:
        """Refused rows of all imports, each with file, row, code and problem; empty when there are none."""
        path = self.quarantine_path
        return pl.read_parquet(path) if path.exists() else pl.DataFrame()

    def write(self, histories: Iterable[History], refused: pl.DataFrame | None = None) -> bool:
        """Put whole histories in the place of what is stored of these symbols; False when nothing changed."""
        with self.locked():
            before = {(entry.timeframe, entry.symbol): entry for entry in self.entries()}
            after = dict(before)
            for history in histories:
                key = (history.timeframe, history.symbol)
                entry = _describe(history)
                if entry != before.get(key):
                    self._write_files(history, entry)
                    after[key] = entry
            quarantined = self._add_to_quarantine(refused)
            if after == before:
                return quarantined
            self._write_manifest([after[key] for key in sorted(after)])
            self._drop_unnamed(before.values(), after.values())
            return True

    def _wanted(self, symbols: Sequence[str] | None, timeframe: str) -> list[Entry]:
        stored = {entry.symbol: entry for entry in self.entries(timeframe)}
        if symbols is None:
            return list(stored.values())
        missing = sorted(set(symbols) - set(stored))
        if missing:
            have = ", ".join(stored) or "nothing"
            problem = f"no {timeframe} bars of {', '.join(missing)}; the store holds {have}"
            raise BarsError("D207", problem, path=str(self.root))
        return [stored[symbol] for symbol in sorted(set(symbols))]

    def _write_files(self, history: History, entry: Entry) -> None:
        for name, frame in ((entry.bars_file, history.bars), (entry.actions_file, history.actions)):
            if not (self.root / name).exists():
                write_whole(self.root / name, frame.write_parquet)

    def _write_manifest(self, entries: list[Entry]) -> None:
        document = {
            "schema": _SCHEMA_VERSION,
            "data_manifest": manifest_hash(entry.line for entry in entries),
            "series": [asdict(entry) for entry in entries],
        }
        text = json.dumps(document, indent=1) + "\n"
        write_whole(self.root / "manifest.json", lambda path: path.write_text(text, encoding="utf-8"))

    def _drop_unnamed(self, before: Iterable[Entry], after: Iterable[Entry]) -> None:
        kept = {name for entry in after for name in (entry.bars_file, entry.actions_file)}
        for entry in before:
            for name in {entry.bars_file, entry.actions_file} - kept:
                (self.root / name).unlink(missing_ok=True)

    def _add_to_quarantine(self, refused: pl.DataFrame | None) -> bool:
        if refused is None or refused.is_empty():
            return False
        held = self.quarantine()
        if held.height:
            key = ["sha256", "row", "code"]
            refused = refused.join(held.select(key), on=key, how="anti", maintain_order="left")
            if refused.is_empty():
                return False
            refused = pl.concat([held, refused], how="diagonal")
        write_whole(self.quarantine_path, refused.write_parquet)
        return True


def _entry(item: dict[str, object]) -> Entry:
    origins = item.pop("origins")
    if not isinstance(origins, list):
        raise TypeError("origins are not a list")
    entry = Entry(**item, origins=())  # type: ignore[arg-type]  # JSON; wrong keys raise
    for name in (entry.bars_file, entry.actions_file):
        if ".." in Path(name).parts or Path(name).is_absolute():
            raise ValueError(f"{name} leads out of the store")
    return replace(entry, origins=tuple(Origin(**origin) for origin in origins))


def _describe(history: History) -> Entry:
    bars, actions = history.bars, history.actions
    ts = bars["ts"].to_physical().to_numpy()
    nan = float("nan")
    quotes = [name for name in QUOTES if name in bars.columns]
    sha256 = columns_hash(ts, *(bars[name].fill_null(nan).to_numpy() for name in (*PRICES, "volume", *quotes)))
    adjusted = columns_hash(bars["adjusted_close"].fill_null(nan).to_numpy())
    action_columns = [actions["ts"].to_physical().to_numpy(), *(actions[n].to_numpy() for n in actions.columns[1:])]
    actions_sha256 = columns_hash(*action_columns)
    stem = f"{history.timeframe}/{file_stem(history.symbol)}"
    return Entry(
        symbol=history.symbol,
        timeframe=history.timeframe,
        first=stamp_text(bars["ts"][0], history.timeframe),
        last=stamp_text(bars["ts"][-1], history.timeframe),
        bars=bars.height,
        sha256=sha256,
        adjusted_sha256=adjusted,
        actions=actions.height,
        actions_sha256=actions_sha256,
        adjusted_only=history.adjusted_only,
        bars_file=f"{stem}.{sha256[:12]}-{adjusted[:8]}.parquet",
        actions_file=f"{stem}.{actions_sha256[:12]}.actions.parquet",
        origins=history.origins,
    )


def as_stored(bars: pl.DataFrame) -> pl.DataFrame:
    """Bars in the columns that the store keeps: those of quotes only where a bar has one."""
    has_quotes = any(name in bars.columns and bars[name].count() for name in QUOTES)
    schema = QUOTED_SCHEMA if has_quotes else BARS_SCHEMA
    return bars.select(schema.names()).cast(schema)


def stamp_text(ts: datetime, timeframe: str) -> str:
    """A date for daily bars, else an ISO time with zone."""
    return ts.date().isoformat() if timeframe == "1Day" else ts.isoformat()


def _named(frame: pl.DataFrame, symbol: str) -> pl.DataFrame:
    return frame.select(pl.lit(symbol).alias("symbol"), pl.all())


def _within(frame: pl.DataFrame, start: date | datetime | None, end: date | datetime | None) -> pl.DataFrame:
    for limit, above in ((start, True), (end, False)):
        if limit is None:
            continue
        if isinstance(limit, datetime):
            stamp, value = pl.col("ts"), pl.lit(limit)
        else:
            stamp, value = pl.col("ts").dt.date(), pl.lit(limit)
        frame = frame.filter(stamp >= value if above else stamp <= value)
    return frame
