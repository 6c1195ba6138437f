"""Recognise the columns of a bar file, whatever the vendor calls them, and parse symbols and times.

Everything leaves here in the import format: `symbol` (upper case), `ts` (UTC, nanoseconds; a date is its midnight),
float64 prices. Nothing is judged here and no row is dropped: that is `quality`'s work.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from oracle.data.errors import BarsError

PRICES = ("open", "high", "low", "close")
QUOTES = ("bid", "ask")
NEW_YORK = "America/New_York"
DAY_NS = 86_400_000_000_000
UTC_NS = pl.Datetime("ns", "UTC")

_ALIASES: dict[str, tuple[str, ...]] = {
    "symbol": ("symbol", "ticker", "sym"),
    "ts": ("timestamp", "datetime", "date", "ts", "date_time", "bar_start", "time"),
    "open": ("open", "o", "open_price"),
    "high": ("high", "h", "high_price"),
    "low": ("low", "l", "low_price"),
    "close": ("close", "c", "close_price", "last", "close_last"),
    "volume": ("volume", "vol", "v"),
    "bid": ("bid", "bid_price", "bid_close"),
    "ask": ("ask", "ask_price", "ask_close"),
    "adjusted_close": ("adjusted_close", "adj_close", "adjclose", "close_adj", "adjustedclose"),
    "adjusted_open": ("adjusted_open", "adj_open", "adjopen", "open_adj"),
    "adjusted_high": ("adjusted_high", "adj_high", "adjhigh", "high_adj"),
    "adjusted_low": ("adjusted_low", "adj_low", "adjlow", "low_adj"),
    "split_ratio": ("split_ratio", "split", "splits", "stock_splits", "split_coefficient"),
    "dividend": ("dividend", "dividends", "dividend_usd", "dividend_amount", "cash_dividend"),
}
# With fewer steps than this, a spacing tells nothing: a handful of days may come from anywhere in a history.
_STEPS_TOLD = 4
# From Thursday to Monday over a holiday: daily bars have no usual step beyond it.
_LONGEST_BREAK_DAYS = 4
# Even a thinly traded share has runs of days; of weekly bars hardly two are closer than a week.
_LONG_FRAC = 0.8
_ROLE_OF = {alias: role for role, aliases in _ALIASES.items() for alias in aliases}
SYMBOL_PATTERN = r"^[A-Z0-9^][A-Z0-9.^/ -]{0,19}$"
_DATE_FORMATS = ("%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%m/%d/%Y")
_ZONED_FORMATS = ("%Y-%m-%dT%H:%M:%S%.f%:z", "%Y-%m-%d %H:%M:%S%.f%:z", "%Y-%m-%dT%H:%M%:z", "%Y-%m-%d %H:%M%:z")
_NAIVE_FORMATS = (
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d %H:%M",
    "%Y%m%d %H:%M:%S",
    "%Y%m%d %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
)


@dataclass(frozen=True)
class Roles:
    """Which column of a file plays which part, and the columns that play none."""

    column: dict[str, str]
    extra: tuple[str, ...]

    def __contains__(self, role: str) -> bool:
        return role in self.column


def recognise(names: Iterable[str], *, path: str | None = None) -> Roles:
    """Assign columns to roles by name, in any case and spacing (`Adj Close`, `adj_close`, `ADJCLOSE`).

    Raises
    ------
    BarsError : D202 a bid without an ask, or the reverse; D203 two columns claim one role
    """
    found: dict[str, str] = {}
    extra: list[str] = []
    for name in names:
        role = _ROLE_OF.get(re.sub(r"[^a-z0-9]+", "_", name.strip().lower()).strip("_"))
        if role is None:
            extra.append(name)
        elif role in found:
            raise BarsError("D203", f"columns {found[role]!r} and {name!r} both give the {role}; keep one", path=path)
        else:
            found[role] = name
    for one, other in (QUOTES, QUOTES[::-1]):
        if one in found and other not in found:
            raise BarsError("D202", f"column {found[one]!r} is there without the {other}; a quote has both", path=path)
    return Roles(found, tuple(extra))


def symbol_text(name: str) -> pl.Expr:
    """Symbols as stored: trimmed, upper case; an empty one is null."""
    text = pl.col(name).cast(pl.String).str.strip_chars().str.to_uppercase()
    return pl.when(text != "").then(text)


def parse_times(column: pl.Series, zone: str = NEW_YORK) -> pl.DataFrame:
    """Parse dates and times of any usual form.

    Parameters
    ----------
    column : dates, datetimes with or without zone, ISO and US text, or epoch numbers (s, ms, us or ns by size)
    zone : the zone of times that name none

    Raises
    ------
    BarsError (D201) : some dates can only be read day first, others only month first

    Returns
    -------
    DataFrame with `ts` (UTC, ns; a date is its midnight; null where unreadable) and `is_date` (true for a bare date).
    """
    kind = column.dtype
    if kind == pl.Date:
        return pl.DataFrame({"ts": column.cast(pl.Datetime("ns")).dt.replace_time_zone("UTC"), "is_date": True})
    if isinstance(kind, pl.Datetime):
        return _from_datetimes(column, zone)
    if kind.is_numeric():
        # 20240610 is a date; as seconds since 1970 it would be a day in August of that year.
        if bool(column.is_between(19_000_101, 21_001_231).all()) and not column.is_empty():
            return _from_text(column.cast(pl.Int64).cast(pl.String), zone)
        return _from_epoch(column.cast(pl.Float64, strict=False))
    return _from_text(column.cast(pl.String), zone)


def _from_datetimes(column: pl.Series, zone: str) -> pl.DataFrame:
    own_zone = getattr(column.dtype, "time_zone", None)
    local = column.cast(pl.Datetime("ns", own_zone))
    if own_zone is not None:
        return pl.DataFrame({"ts": local.dt.convert_time_zone("UTC"), "is_date": False})
    frame = pl.DataFrame({"local": local})
    midnight = bool(((frame["local"].to_physical() % DAY_NS) == 0).all())
    return pl.DataFrame({"ts": _utc(local, "UTC" if midnight else zone), "is_date": midnight})


def _utc(local: pl.Series, zone: str) -> pl.Series:
    """Naive times of `zone` as UTC; the hour that a clock change repeats is its first, the one it skips is null."""
    return local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC")


def _from_epoch(seconds: pl.Series) -> pl.DataFrame:
    frame = pl.DataFrame({"x": seconds})
    size = pl.col("x").abs()
    scale = pl.when(size < 1e11).then(1e9).when(size < 1e14).then(1e6).when(size < 1e17).then(1e3).otherwise(1.0)
    whole = pl.when(pl.col("x").is_finite() & (size < 9e18)).then(pl.col("x"))
    ns = (whole * scale).round().cast(pl.Int64, strict=False)
    return frame.select(ns.cast(pl.Datetime("ns")).dt.replace_time_zone("UTC").alias("ts"), is_date=pl.lit(False))


def _from_text(column: pl.Series, zone: str) -> pl.DataFrame:
    text = _month_first(column.str.strip_chars())
    text = text.str.replace(r"[Zz]$", "+00:00").str.replace(r"([+-]\d\d)(\d\d)$", "$1:$2")
    date = pl.Series("date", [None] * len(text), dtype=pl.Date)
    for form in _DATE_FORMATS:
        if date.null_count():
            matching = text.str.len_chars() <= 10
            date = date.fill_null(_where(text, matching & date.is_null()).str.to_date(form, strict=False, exact=True))
    ts = date.cast(pl.Datetime("ns")).dt.replace_time_zone("UTC")
    is_date = date.is_not_null()
    for form in _ZONED_FORMATS:
        rest = _where(text, ts.is_null() & text.str.contains(r"\d[+-]\d\d:\d\d$"))
        if rest.null_count() < len(rest):
            ts = ts.fill_null(rest.str.to_datetime(form, time_unit="ns", time_zone="UTC", strict=False))
    for form in _NAIVE_FORMATS:
        rest = _where(text, ts.is_null())
        if rest.null_count() < len(rest):
            ts = ts.fill_null(_utc(rest.str.to_datetime(form, time_unit="ns", strict=False), zone))
    digits = _where(text, ts.is_null() & text.str.contains(r"^\d{9,19}(\.\d+)?$"))
    if digits.null_count() < len(digits):
        ts = ts.fill_null(_from_epoch(digits.cast(pl.Float64, strict=False))["ts"])
    return pl.DataFrame({"ts": ts.alias("ts"), "is_date": is_date})


def is_day_first(text: pl.Series) -> bool:
    """Whether dates such as `13/01/2024` in a column of text say that it writes the day before the month.

    Raises
    ------
    BarsError (D201) : some dates can only be read day first and others only month first
    """
    parts = text.str.strip_chars().str.extract_groups(r"^(?<a>\d{1,2})/(?<b>\d{1,2})/\d{4}\b").struct.unnest()
    a, b = (parts[name].cast(pl.Int64) for name in ("a", "b"))
    day_first = text.filter(a.is_between(13, 31) & b.is_between(1, 12))
    month_first = text.filter(a.is_between(1, 12) & b.is_between(13, 31))
    if len(day_first) and len(month_first):
        both = f"{day_first[0]!r} is day first, {month_first[0]!r} month first"
        raise BarsError("D201", f"dates are written in two ways: {both}; write them as 2024-01-31")
    return len(day_first) > 0


def _month_first(text: pl.Series) -> pl.Series:
    """Text with `13/01/2024` as `01/13/2024` where the column as a whole is day first: no date is read on its own."""
    return text.str.replace(r"^(\d{1,2})/(\d{1,2})/(\d{4})", "$2/$1/$3") if is_day_first(text) else text


def _where(text: pl.Series, keep: pl.Series) -> pl.Series:
    return pl.DataFrame({"t": text, "k": keep}).select(pl.when("k").then("t"))["t"]


def infer_timeframe(times: pl.DataFrame, symbols: pl.Series) -> tuple[str, pl.Series]:
    """Tell the timeframe from the spacing of stamps, and the stamps on its grid.

    A daily bar may be stamped with a date, with midnight, or with the open or close in New York: its stamp becomes
    midnight UTC of its New York date.

    Parameters
    ----------
    times : `ts` and `is_date` as `parse_times` gives them
    symbols : the symbol of each row

    Returns
    -------
    timeframe such as "1Day", "1Hour", "5Min"; and the stamps

    Raises
    ------
    BarsError (D209) : bars of seconds, weeks or months
    """
    timeframe, stamps = _spaced(times, symbols)
    if timeframe == "1Day":
        _refuse_longer_than_a_day(pl.DataFrame({"ts": stamps, "symbol": symbols}).drop_nulls())
    return timeframe, stamps


def _spaced(times: pl.DataFrame, symbols: pl.Series) -> tuple[str, pl.Series]:
    known = pl.DataFrame({"ts": times["ts"], "symbol": symbols}).drop_nulls()
    if bool(times["is_date"].all()) or known.is_empty():
        return "1Day", times["ts"]
    if bool((known["ts"].to_physical() % DAY_NS == 0).all()):
        return "1Day", times["ts"]
    step = _usual_step_ns(known)
    if step is None or step >= 20 * 3_600_000_000_000:
        dates = times["ts"].dt.convert_time_zone(NEW_YORK).dt.date()
        stamps = dates.cast(pl.Datetime("ns")).dt.replace_time_zone("UTC")
        bare = pl.DataFrame({"ts": times["ts"], "date": stamps, "bare": times["is_date"]})
        return "1Day", bare.select(pl.when("bare").then("ts").otherwise("date").alias("ts"))["ts"]
    minutes = step // 60_000_000_000
    if minutes < 1 or step % 60_000_000_000:
        raise BarsError("D209", f"bars are {step / 1e9:g} s apart; the shortest timeframe is one minute")
    return (f"{minutes // 60}Hour" if minutes % 60 == 0 else f"{minutes}Min"), times["ts"]


def _refuse_longer_than_a_day(known: pl.DataFrame) -> None:
    """Refuse bars of weeks or months (D209): most of them stand further apart than any holidays reach."""
    steps = _steps_ns(known)
    long = steps.filter(steps > _LONGEST_BREAK_DAYS * DAY_NS)
    if len(steps) >= _STEPS_TOLD and len(long) > _LONG_FRAC * len(steps):
        usual = int(long.mode().sort()[0]) // DAY_NS
        raise BarsError("D209", f"bars are mostly {usual} days apart, as of weeks or months; expected daily bars")


def _usual_step_ns(known: pl.DataFrame) -> int | None:
    steps = _steps_ns(known)
    return None if steps.is_empty() else int(steps.mode().sort()[0])


def _steps_ns(known: pl.DataFrame) -> pl.Series:
    return (
        known.sort("symbol", "ts")
        .select(step=pl.col("ts").diff().over("symbol").cast(pl.Int64))
        .filter(pl.col("step") > 0)["step"]
    )
