"""Judge bars one by one: which can be traded on, which are set aside, and why.

A bar is good only where every check says so: a missing value or NaN passes none (checks read "not (value <= limit)").
Bad bars leave with file, row and code, for the quarantine; nothing is repaired by a guess.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import polars as pl

from oracle.data.columns import DAY_NS, NEW_YORK, PRICES, QUOTES, SYMBOL_PATTERN
from oracle.data.sources import Source
from oracle.data.splits import split_near

# Above any price a US share has had (Berkshire A: under a million), far below what fixed-point cash can hold.
PRICE_USD_MAX = 10_000_000.0
# Above any day's volume of one symbol, in shares.
VOLUME_MAX = 1e12
# Vendors round open and close apart from high and low in the last binary digits.
_SLACK_FRAC = 1e-9
# An overnight move beyond this, near a split ratio, is a split until someone says otherwise.
_JUMP_FRAC = 0.40

Sessions = npt.NDArray[np.datetime64]


class Severity(StrEnum):
    """How bad a finding is."""

    BAD = "bad"  # the bar is set aside in the quarantine
    WARNING = "warning"  # the bar is kept; a person should look
    INFO = "info"


# What each code means; the manual's table of data findings is made of this.
CODES: dict[str, tuple[Severity, str]] = {
    "Q001": (Severity.BAD, "the time is missing or cannot be read"),
    "Q002": (Severity.BAD, "the symbol is missing or is not one"),
    "Q003": (Severity.BAD, "a price is missing or is not a number"),
    "Q004": (Severity.BAD, "a price is NaN or infinite"),
    "Q005": (Severity.BAD, "a price is -1, a vendor's word for 'no quote'"),
    "Q006": (Severity.BAD, "a price is zero or negative"),
    "Q007": (Severity.BAD, "a price is beyond any share's"),
    "Q008": (Severity.BAD, "the high is below the low"),
    "Q009": (Severity.BAD, "the open or close lies outside the bar's range"),
    "Q010": (Severity.BAD, "the volume is missing, negative, not finite or beyond any share's"),
    "Q011": (Severity.BAD, "the bar is dated in the future, or its session has not closed"),
    "Q012": (Severity.BAD, "the date is not a trading session"),
    "Q013": (Severity.BAD, "the bar repeats an earlier row with other values"),
    "Q014": (Severity.BAD, "the line has more fields than the header"),
    "Q015": (Severity.BAD, "the file cannot be used as bars; it was left out"),
    "Q016": (Severity.BAD, "the bid is above the ask"),
    "Q020": (Severity.INFO, "the bar repeats an earlier row, value for value; counted once"),
    "Q021": (Severity.INFO, "rows are not in time order; they were sorted"),
    "Q022": (Severity.INFO, "sessions are missing inside the history"),
    "Q023": (Severity.INFO, "the file has no volume column"),
    "Q024": (Severity.INFO, "dates were read day first"),
    "Q030": (Severity.WARNING, "the price jumps like a split on a day without an action"),
    "Q031": (Severity.WARNING, "the adjustment factor steps where the raw prices do not"),
    "Q032": (Severity.WARNING, "a stored bar was revised by the vendor"),
    "Q033": (Severity.WARNING, "an adjusted close is unusable; the bar is kept without it"),
    "Q034": (Severity.WARNING, "a split ratio or dividend is unusable and was ignored"),
    "Q035": (Severity.WARNING, "raw and adjusted prices of one symbol do not mix; the file was left out"),
    "Q036": (Severity.WARNING, "a dividend is more than a quarter of the price"),
    "Q037": (Severity.WARNING, "the file holds no bars"),
}


@dataclass(frozen=True)
class Finding:
    """One thing that a person may want to know about one bar, one symbol or one file."""

    code: str
    problem: str
    file: str
    row: int | None = None
    symbol: str | None = None
    ts: datetime | None = None

    @property
    def severity(self) -> Severity:
        return CODES[self.code][0]


@dataclass(frozen=True)
class Inspection:
    """`bars` are good, sorted by symbol and time, one per key; `bad` are the others with `code` and `problem`."""

    bars: pl.DataFrame
    bad: pl.DataFrame
    findings: tuple[Finding, ...]


def inspect(source: Source, *, now: datetime | None = None, sessions: Sessions | None = None) -> Inspection:
    """Divide a source into good and bad bars.

    Parameters
    ----------
    source : a file's table, see `sources.Source`
    now : the moment beyond which a bar is in the future; by default the clock's
    sessions : datetime64[D] dates of trading sessions, sorted; dates outside its span are only checked for weekends
    """
    table = source.table
    checks = list(_checks(source.timeframe, now or datetime.now(UTC), sessions))
    failed = pl.coalesce(
        [pl.when(~good.fill_null(False)).then(pl.lit(index, pl.Int32)) for index, (_, good, _) in enumerate(checks)]
    )
    judged = table.with_columns(failed.alias("failed"))
    good = judged.filter(pl.col("failed").is_null()).drop("failed")
    bad = _name_reasons(judged.filter(pl.col("failed").is_not_null()), checks)
    good, repeated, equal = _without_repeats(good)
    bad = pl.concat([bad, repeated]).sort("row")
    findings = [*_file_findings(source, table, equal), *_bad_findings(bad, source.path)]
    good, dropped = _usable_extras(good, source.path)
    return Inspection(good, bad, tuple([*findings, *dropped]))


def _checks(timeframe: str, now: datetime, sessions: Sessions | None) -> Iterator[tuple[str, pl.Expr, pl.Expr]]:
    """Code, the condition of a good bar, and the sentence for a bad one; the first that fails names the bar."""
    fields = pl.col("unread").str.extract(r"^fields=(.*)$")
    yield "Q014", fields.is_null(), _text("the line has {} fields, more than the header", fields)
    yield "Q001", pl.col("ts").is_not_null(), _text("time {} cannot be read", pl.col("time_text"))
    symbol = pl.col("symbol")
    yield "Q002", symbol.str.contains(SYMBOL_PATTERN), _text("symbol {} is not one", symbol)
    price_odd = pl.col("unread").str.contains(r"^(open|high|low|close)=")
    yield "Q003", ~price_odd.fill_null(False), _text("{} is not a number", pl.col("unread"))
    for name in PRICES:
        yield "Q003", pl.col(name).is_not_null(), pl.lit(f"{name} is missing")
    for name in PRICES:
        yield from _price_checks(name)
    high, low = pl.col("high"), pl.col("low")
    yield "Q008", high >= low, _text("high {} is below low {}", high, low)
    for name in ("open", "close"):
        inside = (pl.col(name) <= high * (1 + _SLACK_FRAC)) & (pl.col(name) >= low * (1 - _SLACK_FRAC))
        yield "Q009", inside, _text(name + " {} lies outside {} to {}", pl.col(name), low, high)
    volume_odd = pl.col("unread").str.contains(r"^volume=")
    yield "Q010", ~volume_odd.fill_null(False), _text("{} is not a number", pl.col("unread"))
    volume = pl.col("volume")
    good_volume = volume.is_finite() & (volume >= 0.0) & (volume <= VOLUME_MAX)
    yield "Q010", good_volume, _text("volume is {}", volume)
    yield from _quote_checks()
    yield "Q011", *_past(timeframe, now)
    yield "Q012", *_in_session(timeframe, sessions)


def _price_checks(name: str) -> Iterator[tuple[str, pl.Expr, pl.Expr]]:
    price = pl.col(name)
    yield "Q004", price.is_finite(), _text(name + " is {}", price)
    yield "Q005", price != -1.0, pl.lit(f"{name} is -1, a vendor's word for 'no quote'")
    yield "Q006", price > 0.0, _text(name + " is {}; a price is above 0", price)
    yield "Q007", price <= PRICE_USD_MAX, _text(name + f" is {{}}; expected at most {PRICE_USD_MAX:,.0f}", price)


def _quote_checks() -> Iterator[tuple[str, pl.Expr, pl.Expr]]:
    """A bid or ask that is there is a price; a bar may be without."""
    odd = pl.col("unread").str.contains(r"^(bid|ask)=")
    yield "Q003", ~odd.fill_null(False), _text("{} is not a number", pl.col("unread"))
    for name in QUOTES:
        for code, good, problem in _price_checks(name):
            yield code, pl.col(name).is_null() | good, problem
    bid, ask = (pl.col(name) for name in QUOTES)
    yield "Q016", (bid <= ask).fill_null(True), _text("bid {} is above ask {}", bid, ask)


def _text(form: str, *values: pl.Expr) -> pl.Expr:
    shown = [value.cast(pl.String).fill_null("missing").str.slice(0, 60) for value in values]
    return pl.format(form, *shown)


def _past(timeframe: str, now: datetime) -> tuple[pl.Expr, pl.Expr]:
    if timeframe == "1Day":
        local = now.astimezone(ZoneInfo(NEW_YORK))
        # A daily bar is whole once its session has closed, at 16:00 at the latest.
        closed = pl.col("ts").dt.date() < local.date() if local.hour < 16 else pl.col("ts").dt.date() <= local.date()
        return closed, _text("dated {}, which has not closed yet", pl.col("ts").dt.date())
    return pl.col("ts") <= now, _text("stamped {}, in the future", pl.col("ts"))


def _in_session(timeframe: str, sessions: Sessions | None) -> tuple[pl.Expr, pl.Expr]:
    date = pl.col("ts").dt.date() if timeframe == "1Day" else pl.col("ts").dt.convert_time_zone(NEW_YORK).dt.date()
    good = date.dt.weekday() <= 5
    if sessions is not None and len(sessions):
        days = pl.Series(sessions.astype("datetime64[D]"))
        good = good & (date.is_in(days.implode()) | (date < days[0]) | (date > days[-1]))
    return good, _text("{} is a {}, not a trading session", date, date.dt.to_string("%A"))


def _name_reasons(failed: pl.DataFrame, checks: list[tuple[str, pl.Expr, pl.Expr]]) -> pl.DataFrame:
    parts = [failed.head(0).drop("failed").with_columns(code=pl.lit("Q001"), problem=pl.lit(""))]
    for (index,), group in failed.group_by("failed", maintain_order=True):
        code, _, sentence = checks[int(str(index))]
        parts.append(group.drop("failed").with_columns(code=pl.lit(code), problem=sentence))
    return pl.concat(parts)


def _without_repeats(good: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Sort, and part the first row of each bar from later ones, differing or equal."""
    values = [*PRICES, "volume", *QUOTES, "adjusted_close", "split_ratio", "dividend"]
    good = good.sort("symbol", "ts", "row", maintain_order=True)
    marked = good.with_columns(
        first=pl.col("row").first().over("symbol", "ts") == pl.col("row"),
        same=pl.all_horizontal([pl.col(v).eq_missing(pl.col(v).first().over("symbol", "ts")) for v in values]),
        earlier=pl.col("row").first().over("symbol", "ts"),
    )
    if marked["first"].all():
        return good, good.head(0).with_columns(code=pl.lit("Q013"), problem=pl.lit("")), good.head(0)
    later = marked.filter(~pl.col("first"))
    differing = later.filter(~pl.col("same")).with_columns(
        code=pl.lit("Q013"), problem=pl.format("differs from row {}, which has the same symbol and time", "earlier")
    )
    spare = ["first", "same", "earlier"]
    return marked.filter("first").drop(spare), differing.drop(spare), later.filter("same").drop(spare)


def _file_findings(source: Source, table: pl.DataFrame, equal: pl.DataFrame) -> Iterator[Finding]:
    for code, note in source.notes:
        yield Finding(code, note, source.path)
    if table.is_empty():
        yield Finding("Q037", "the file has column names and no rows", source.path)
    for (symbol,), rows in equal.group_by("symbol", maintain_order=True):
        yield Finding("Q020", f"{rows.height} rows repeat earlier ones", source.path, int(rows["row"][0]), str(symbol))
    behind = table.select("row", "symbol", "ts", behind=pl.col("ts") < pl.col("ts").cum_max().over("symbol")).filter(
        "behind"
    )
    for (symbol,), rows in behind.group_by("symbol", maintain_order=True):
        text = f"{rows.height} rows are earlier than one before them; sorted"
        yield Finding("Q021", text, source.path, int(rows["row"][0]), str(symbol), rows["ts"][0])


def _bad_findings(bad: pl.DataFrame, path: str) -> Iterator[Finding]:
    for row in bad.select("row", "symbol", "ts", "code", "problem").iter_rows(named=True):
        yield Finding(row["code"], row["problem"], path, row["row"], row["symbol"], row["ts"])


def _usable_extras(good: pl.DataFrame, path: str) -> tuple[pl.DataFrame, list[Finding]]:
    """Clear adjusted closes, split ratios and dividends that cannot be; their bars stay."""
    findings: list[Finding] = []
    for name, code, low_allowed in (
        ("adjusted_close", "Q033", False),
        ("split_ratio", "Q034", True),
        ("dividend", "Q034", True),
    ):
        value = pl.col(name)
        usable = value.is_finite() & (value <= PRICE_USD_MAX) & ((value >= 0.0) if low_allowed else (value > 0.0))
        odd = pl.col("unread").str.starts_with(f"{name}=").fill_null(False)
        wrong = good.filter((value.is_not_null() & ~usable) | odd)
        for row in wrong.select("row", "symbol", "ts", name, "unread").iter_rows(named=True):
            found = f"{row['unread']} is not a number" if row[name] is None else f"{name} is {row[name]}"
            findings.append(Finding(code, found, path, row["row"], row["symbol"], row["ts"]))
        if wrong.height:
            good = good.with_columns(pl.when(usable).then(value).alias(name))
    return good, findings


def missing_sessions(dates: pl.Series, sessions: Sessions) -> list[tuple[str, str, int]]:
    """Gaps inside a history: first and last missing session of each, and how many.

    Parameters
    ----------
    dates : the symbol's dates, ascending
    sessions : datetime64[D], ascending
    """
    have = dates.to_numpy().astype("datetime64[D]")
    if len(have) == 0:
        return []
    inside = sessions[(sessions > have[0]) & (sessions < have[-1])]
    lacking = np.flatnonzero(~np.isin(inside, have))
    gaps = np.split(lacking, np.flatnonzero(np.diff(lacking) > 1) + 1) if len(lacking) else []
    return [(str(inside[gap[0]]), str(inside[gap[-1]]), len(gap)) for gap in gaps]


def split_like_jumps(
    ts_ns: npt.NDArray[np.int64],
    open_: npt.NDArray[np.float64],
    close: npt.NDArray[np.float64],
    action_ts_ns: npt.NDArray[np.int64],
) -> list[tuple[int, str, float]]:
    """Overnight jumps beyond 40% near a split ratio, on days without an action: stamp, ratio as "p:q", price ratio."""
    if len(close) < 2:
        return []
    ratio = close[:-1] / open_[1:]
    wide = np.abs(np.log(ratio)) > -np.log(1.0 - _JUMP_FRAC)
    found: list[tuple[int, str, float]] = []
    for bar in np.flatnonzero(wide & ~np.isin(ts_ns[1:], action_ts_ns)) + 1:
        near = split_near(float(ratio[bar - 1]))
        if near is not None:
            found.append((int(ts_ns[bar]), f"{near.numerator}:{near.denominator}", float(ratio[bar - 1])))
    return found


def dates_of(ts_ns: npt.NDArray[np.int64]) -> npt.NDArray[np.datetime64]:
    """UTC dates of stamps, for daily bars."""
    return (ts_ns // DAY_NS).astype("datetime64[D]")
