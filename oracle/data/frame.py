"""The one way of bars to the engine: any frame in the import format becomes contiguous columns, checked once.

Sorted frames pass without a sort, and float64 columns without a copy. A frame with a bad value is refused with its row:
`oracle data import` is the place that sorts bad bars out.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property

import numpy as np
import polars as pl

from oracle.core import native
from oracle.data.columns import DAY_NS, PRICES, QUOTES, parse_times, recognise
from oracle.data.errors import BarsError
from oracle.data.events import Event, own_events
from oracle.data.manifest import columns_hash, manifest_hash, series_line
from oracle.data.quality import PRICE_USD_MAX, VOLUME_MAX
from oracle.data.quotes import frame_quotes, given_quotes, refuse_bad_quotes
from oracle.data.soundness import FIELDS, Float64Array, Int64Array, is_daily, layout, refuse_bad, refuse_repeats
from oracle.data.store import BarStore

_EPOCH = date(1970, 1, 1)
_NONE = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Prepared:
    """Bars and actions as columns, symbols in name order, each symbol's bars oldest first.

    Bars of symbol `i` are rows `offsets[i]` to `offsets[i + 1]`. Prices are raw, USD per share; a daily bar is stamped
    midnight UTC of its date. Actions are sorted by symbol, then bar, one per bar: `action_bar` counts the symbol's own
    bars and is the first that trades on the new basis; `action_split` is new shares per old (1 for none),
    `action_dividend` USD per share after the split (0 for none). `notes` are sentences for the run's report. `bid` and
    `ask` are the last quote of each bar, USD per share, raw, NaN where there is none; None where no bar has one. Arrays
    may be read-only views of the caller's memory.
    """

    symbols: list[str]
    offsets: Int64Array
    ts_ns: Int64Array
    open: Float64Array
    high: Float64Array
    low: Float64Array
    close: Float64Array
    volume: Float64Array
    action_symbol: Int64Array
    action_bar: Int64Array
    action_split: Float64Array
    action_dividend: Float64Array
    adjusted_only: list[bool]
    daily: bool
    notes: tuple[str, ...] = ()
    bid: Float64Array | None = None
    ask: Float64Array | None = None

    @cached_property
    def manifest_hash(self) -> str:
        """The data manifest: equal for equal bars and actions, from a store or from memory. Computed on first use."""
        return manifest_hash(self._manifest)

    def manifest_hash_of(self, symbols: Collection[str]) -> str:
        """Return the data manifest of some symbols alone; those without bars do not count."""
        return manifest_hash(
            line for symbol, line in zip(self.symbols, self._manifest, strict=True) if symbol in symbols
        )

    @cached_property
    def _manifest(self) -> list[str]:
        lines = []
        for index, symbol in enumerate(self.symbols):
            rows = slice(int(self.offsets[index]), int(self.offsets[index + 1]))
            prices = (getattr(self, name)[rows] for name in FIELDS)
            bars = columns_hash(self.ts_ns[rows], *prices, *self._quotes(rows))
            mine = self.action_symbol == index
            stamps = self.ts_ns[rows][self.action_bar[mine]]
            actions = columns_hash(stamps, self.action_split[mine], self.action_dividend[mine])
            lines.append(series_line(symbol, bars, actions, self.adjusted_only[index]))
        return lines

    def _quotes(self, rows: slice) -> list[Float64Array]:
        """Bid and ask of some bars, with one NaN for all; nothing where none of them has a quote."""
        columns = [column[rows] for column in (self.bid, self.ask) if column is not None]
        if all(np.isnan(column).all() for column in columns):
            return []
        return [np.where(np.isnan(column), np.nan, column) for column in columns]

    def only(self, symbols: Collection[str]) -> Prepared:
        """Return the bars and actions of some symbols; those without bars are left out."""
        kept = [index for index, symbol in enumerate(self.symbols) if symbol in symbols]
        sizes = np.diff(self.offsets)[kept]
        rows = np.concatenate([np.arange(self.offsets[index], self.offsets[index + 1]) for index in kept] or [_NONE])
        events = np.flatnonzero(np.isin(self.action_symbol, kept))
        return replace(
            self,
            symbols=[self.symbols[index] for index in kept],
            offsets=np.concatenate(([0], np.cumsum(sizes))).astype(np.int64),
            **{name: getattr(self, name)[rows] for name in ("ts_ns", *FIELDS)},
            **{name: column[rows] for name in QUOTES if (column := getattr(self, name)) is not None},
            action_symbol=np.searchsorted(kept, self.action_symbol[events]).astype(np.int64),
            **{name: getattr(self, name)[events] for name in ("action_bar", "action_split", "action_dividend")},
            adjusted_only=[self.adjusted_only[index] for index in kept],
        )

    def longest(self, symbols: Collection[str], end: date | None = None) -> int:
        """Return the most bars that one of the symbols has, up to a day (included) or to the last."""
        count = 0
        for index, symbol in enumerate(self.symbols):
            if symbol in symbols:
                stamps = self.ts_ns[int(self.offsets[index]) : int(self.offsets[index + 1])]
                last = len(stamps) if end is None else np.searchsorted(stamps, (end - _EPOCH).days * DAY_NS + DAY_NS)
                count = max(count, int(last))
        return count


def prepare(
    frame: pl.DataFrame,
    *,
    actions: pl.DataFrame | None = None,
    symbol: str | None = None,
    adjusted_only: Collection[str] = (),
) -> Prepared:
    """Turn a frame in the import format into the engine's columns.

    Parameters
    ----------
    frame : `symbol` (may be left out for one symbol), `ts` / `timestamp` / `date` (Date or Datetime; naive times of
        day are New York's), open, high, low, close, volume; optionally `bid` and `ask` (null or NaN for none), and
        `adjusted_close`, or `split_ratio` and `dividend` on ex-dates; column names in any case
    actions : `symbol`, `ts`, `split_ratio`, `dividend`, as `BarStore.read` gives them; the frame's are then not read
    symbol : the symbol of a frame without a symbol column
    adjusted_only : symbols whose prices are already adjusted

    Raises
    ------
    BarsError : D205 not a polars DataFrame; D202 a column is missing; D204 no symbol; D205 a value that no
        bar has, with its row; D206 a bar twice
    """
    _refuse_what_is_no_frame(frame)
    roles = recognise(frame.columns)
    for role in ("ts", *PRICES):
        if role not in roles:
            found = ", ".join(map(repr, frame.columns))
            raise BarsError("D202", f"no column for {'timestamp or date' if role == 'ts' else role}; found {found}")
    if frame.is_empty():
        raise BarsError("D205", "the frame has no rows")
    ts_ns = _stamps(frame[roles.column["ts"]])
    columns = {
        name: _floats(frame[roles.column[name]], name) if name in roles else np.zeros(frame.height) for name in FIELDS
    }
    for name in ("adjusted_close", "split_ratio", "dividend"):
        if name in roles and actions is None:
            columns[name] = _optional(frame[roles.column[name]])
    columns |= frame_quotes(frame, roles)
    names, offsets, order = layout(frame, roles.column.get("symbol"), symbol, ts_ns)
    if order is not None:
        ts_ns = ts_ns[order]
        columns = {name: values[order] for name, values in columns.items()}
        refuse_repeats(names, offsets, ts_ns)
    refuse_bad(columns, names, offsets, order)
    refuse_bad_quotes(columns, names, offsets, order)
    notes: list[str] = []
    events = own_events(columns, names, offsets, ts_ns, notes) if actions is None else _given_events(actions, names)
    return _assemble(names, offsets, ts_ns, columns, events, [name in adjusted_only for name in names], notes)


def _refuse_what_is_no_frame(frame: object) -> None:
    """Name what was passed in the place of a frame, and how a frame is made of it."""
    if isinstance(frame, pl.DataFrame):
        return
    kind = type(frame)
    name = kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__.partition('.')[0]} {kind.__name__}"
    advice = {
        "polars LazyFrame": "call `.collect()` on it",
        "pandas DataFrame": "pass `pl.from_pandas(frame)`, with `include_index=True` where the dates are its index",
        "str": "read the file first, with `pl.read_csv` or `pl.read_parquet`",
    }.get(name, "`pl.DataFrame(...)` takes columns as a dict")
    raise BarsError("D205", f"expected a polars DataFrame of bars, found {name}; {advice}")


def prepare_store(
    store: BarStore,
    symbols: Sequence[str] | None = None,
    start: date | datetime | None = None,
    end: date | datetime | None = None,
    timeframe: str = "1Day",
) -> Prepared:
    """Read bars and actions of a store straight into the engine's columns; parameters as in `BarStore.read`."""
    bars, actions = store.read(symbols, start, end, timeframe)
    return prepare(bars, actions=actions, adjusted_only=store.adjusted_only(symbols, timeframe))


def prepare_columns(
    symbol: str,
    ts_ns: Int64Array,
    open: Float64Array,
    high: Float64Array,
    low: Float64Array,
    close: Float64Array,
    volume: Float64Array,
    bid: Float64Array | None = None,
    ask: Float64Array | None = None,
) -> Prepared:
    """Check NumPy columns of one symbol and hand them over without a copy where they are contiguous.

    Parameters
    ----------
    ts_ns : int64[n_bars], UTC nanoseconds, strictly increasing
    open, high, low, close : float64[n_bars], USD per share, raw
    volume : float64[n_bars], shares
    bid, ask : float64[n_bars], USD per share, raw, the last quote of the bar, NaN where there is none; both or neither

    Raises
    ------
    BarsError : D202 a bid without an ask, or the reverse; D205 lengths differ or a value that no bar has; D206 not
        strictly increasing in time
    """
    stamps = np.ascontiguousarray(ts_ns, dtype=np.int64)
    values = zip(FIELDS, (open, high, low, close, volume), strict=True)
    columns = {name: np.ascontiguousarray(column, dtype=np.float64) for name, column in values}
    quotes = given_quotes(bid, ask)
    every = columns | quotes
    if len(stamps) == 0 or any(column.shape != stamps.shape for column in every.values()):
        shapes = ", ".join(f"{name} {column.shape}" for name, column in every.items())
        raise BarsError("D205", f"columns need one length of at least 1: ts_ns {stamps.shape}, {shapes}")
    offsets = np.array([0, len(stamps)], dtype=np.int64)
    if not native.are_sound(stamps, **columns, price_max=PRICE_USD_MAX, volume_max=VOLUME_MAX):
        refuse_repeats([symbol], offsets, stamps)
        refuse_bad(columns, [symbol], offsets, None)
    refuse_bad_quotes(quotes, [symbol], offsets, None)
    return _assemble([symbol], offsets, stamps, every, [], [False])


def _stamps(column: pl.Series) -> Int64Array:
    """UTC nanoseconds; fast for dates and for zoned or whole-day times."""
    if column.dtype == pl.Date and not column.null_count():
        midnights: Int64Array = np.multiply(column.to_physical().to_numpy(), DAY_NS, dtype=np.int64)
        return midnights
    if not (column.dtype == pl.Date or isinstance(column.dtype, pl.Datetime)):
        column = parse_times(column)["ts"]
    elif column.dtype == pl.Datetime("ns", "UTC"):
        pass
    else:
        column = _local_midnights(column) if getattr(column.dtype, "time_zone", None) else parse_times(column)["ts"]
    if column.null_count():
        row = int(column.is_null().arg_max() or 0)
        problem = f"row {row}: the time is missing, cannot be read, or is skipped by a clock change in New York"
        raise BarsError("D205", f"{problem}; a zone on the column (UTC, say) settles the last")
    return _contiguous(column.to_physical())


def _local_midnights(column: pl.Series) -> pl.Series:
    """Zoned times in UTC; a column of local midnights holds dates, and keeps them."""
    local = column.dt.replace_time_zone(None).cast(pl.Datetime("ns"))
    if int(local.to_physical()[0] or 0) % DAY_NS == 0 and bool((local.to_physical() % DAY_NS == 0).all()):
        return local.dt.replace_time_zone("UTC")
    return column.cast(pl.Datetime("ns", getattr(column.dtype, "time_zone", None))).dt.convert_time_zone("UTC")


def _contiguous(column: pl.Series) -> Int64Array:
    return np.ascontiguousarray(column.rechunk().to_numpy(writable=False), dtype=np.int64)


def _floats(column: pl.Series, name: str) -> Float64Array:
    if not column.dtype.is_numeric():
        raise BarsError("D205", f"column {name} is {column.dtype}, not a number")
    if column.null_count():
        raise BarsError("D205", f"row {int(column.is_null().arg_max() or 0)}: {name} is missing")
    numbers = column if column.dtype == pl.Float64 else column.cast(pl.Float64)
    return np.ascontiguousarray(numbers.rechunk().to_numpy(writable=False), dtype=np.float64)


def _optional(column: pl.Series) -> Float64Array:
    return column.cast(pl.Float64).fill_null(float("nan")).to_numpy()


def _given_events(actions: pl.DataFrame, names: list[str]) -> list[Event]:
    code_of = {name: code for code, name in enumerate(names)}
    stamps = _stamps(actions["ts"]) if actions.height else np.empty(0, dtype=np.int64)
    rows = zip(stamps, actions.select("symbol", "split_ratio", "dividend").rows(), strict=True)
    return [(code_of[s], int(ts), float(k), float(d)) for ts, (s, k, d) in rows if s in code_of]


def _assemble(
    names: list[str],
    offsets: Int64Array,
    ts_ns: Int64Array,
    columns: dict[str, Float64Array],
    events: list[Event],
    adjusted: list[bool],
    notes: Sequence[str] = (),
) -> Prepared:
    placed: dict[tuple[int, int], tuple[float, float]] = {}
    for symbol, when, split, cash in sorted(events):
        own = ts_ns[offsets[symbol] : offsets[symbol + 1]]
        bar = int(np.searchsorted(own, when, side="left"))
        if bar >= len(own) or (bar == 0 and when < own[0]):
            continue  # before the first bar or after the last: nothing here trades across it
        # Two ex-dates between the same two bars act together; the first dividend is restated by the second split.
        was_split, was_cash = placed.get((symbol, bar), (1.0, 0.0))
        placed[symbol, bar] = (was_split * split, was_cash / split + cash)
    keys = sorted(placed)
    return Prepared(
        symbols=names,
        offsets=offsets,
        ts_ns=ts_ns,
        **{name: columns[name] for name in FIELDS},
        action_symbol=np.array([symbol for symbol, _ in keys], dtype=np.int64),
        action_bar=np.array([bar for _, bar in keys], dtype=np.int64),
        action_split=np.array([placed[key][0] for key in keys], dtype=np.float64),
        action_dividend=np.array([placed[key][1] for key in keys], dtype=np.float64),
        adjusted_only=adjusted,
        daily=is_daily(ts_ns),
        notes=tuple(notes),
        **{name: columns[name] for name in QUOTES if name in columns},
    )
