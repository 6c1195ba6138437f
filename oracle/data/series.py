"""Read the terse bars of strategy tests: `250 -> 200 x 300; 100 x 20; _; 1, 2, 3`.

Segments join with `;`. `a -> b x n` is n bars from a to b, ends included; `a x n` is n bars of a; `a, b, c` are single
values; `_` is a missing bar. Nothing here runs a test.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from oracle.data.errors import BarsError
from oracle.data.quality import PRICE_USD_MAX, VOLUME_MAX, Sessions

# A test of 40 years of daily bars needs 10,000; a slip of the finger should not fill the memory.
BARS_MAX = 100_000
DEFAULT_VOLUME = 1e7
FIELDS = ("open", "high", "low", "close", "volume")

_NUMBER = r"[0-9]+(?:_[0-9]+)*(?:\.[0-9]+)?|\.[0-9]+"
_COUNT = re.compile(r"[0-9]+(?:_[0-9]+)*")
_ITEM = re.compile(
    rf"\s*(?:(?P<first>{_NUMBER})\s*->\s*(?P<last>{_NUMBER})|(?P<value>{_NUMBER}|_(?!\w)))"
    rf"(?:\s*x\s*(?P<count>[^\s,;]+))?\s*$"
)


@dataclass(frozen=True)
class SeriesProblem:
    """What is wrong in a series, and where: character offset and length within its text."""

    offset: int
    length: int
    message: str


class SeriesError(BarsError):
    """A series that cannot be read; `problems` has one entry per bad part."""

    def __init__(self, text: str, problems: Sequence[SeriesProblem]) -> None:
        first = problems[0]
        super().__init__("D210", f"{first.message} in {text!r} at {first.offset + 1}", offset=first.offset)
        self.text = text
        self.problems = tuple(problems)


def parse(text: str, *, maximum: float = PRICE_USD_MAX) -> list[float | None]:
    """Expand a series.

    Returns
    -------
    One value per bar, None for a missing one

    Raises
    ------
    SeriesError (D210) : with every part that cannot be read
    """
    values: list[float | None] = []
    problems: list[SeriesProblem] = []
    for offset, part in _parts(text):
        found = _expand(part, maximum)
        if isinstance(found, str):
            lead = len(part) - len(part.lstrip()) if part.strip() else 0
            problems.append(SeriesProblem(offset + lead, max(1, len(part.strip())), found))
        elif len(values) + len(found) > BARS_MAX:
            problems.append(SeriesProblem(offset, len(part), f"more than {BARS_MAX:,} bars"))
            break
        else:
            values.extend(found)
    if problems:
        raise SeriesError(text, problems)
    return values


def _parts(text: str) -> list[tuple[int, str]]:
    """The comma- and semicolon-separated parts with their offsets."""
    return [(match.start(), match.group()) for match in re.finditer(r"(?:^|(?<=[;,]))[^;,]*", text)]


def _expand(part: str, maximum: float) -> list[float | None] | str:
    """The values of one part, or what is wrong with it."""
    match = _ITEM.match(part)
    if match is None:
        return _why(part)
    count_text = match["count"]
    if count_text is not None and not _COUNT.fullmatch(count_text):
        return f"found {count_text!r} after x; expected a number of bars"
    count = 1 if count_text is None else int(count_text.replace("_", "")[:12])
    if count > BARS_MAX:
        return f"too many bars after x; expected at most {BARS_MAX:,}"
    if match["first"] is not None:
        if count_text is None:
            return "a -> b needs a number of bars: a -> b x n"
        if count < 2:
            return f"a -> b x {count}: a move with both ends has at least 2 bars"
        first, last = float(match["first"]), float(match["last"])
        if max(first, last) > maximum:
            return f"{max(first, last):g} is beyond {maximum:,.0f}"
        # Both ends exactly as written; the weights, unlike added steps, do not drift.
        return [first + (last - first) * k / (count - 1) if k < count - 1 else last for k in range(count)]
    if count < 1:
        return "x 0: a segment has at least 1 bar"
    if match["value"] == "_":
        return [None] * count
    value = float(match["value"])
    return f"{value:g} is beyond {maximum:,.0f}" if value > maximum else [value] * count


def _why(part: str) -> str:
    stripped = part.strip()
    if not stripped:
        return "an empty segment; expected a value, `_`, `a x n` or `a -> b x n`"
    if re.match(r"-\s*[0-9.]", stripped) or re.search(r"->\s*-", stripped):
        return f"{stripped!r} is negative; prices and volumes are not"
    if "->" in stripped and stripped.count("->") > 1:
        return f"{stripped!r} has two arrows; write one segment per move, joined by `;`"
    return f"cannot read {stripped!r}; expected a value, `_`, `a x n` or `a -> b x n`"


def bars_from_series(
    series: Mapping[str, Mapping[str, str]], start: date, sessions: Sessions | None = None
) -> pl.DataFrame:
    """Build daily bars in the import format.

    Parameters
    ----------
    series : for each symbol, texts for `close` and, where wanted, open, high, low and volume
    start : date of the first bar, or the next session after it
    sessions : datetime64[D] trading sessions, ascending; by default every weekday

    Returns
    -------
    DataFrame with symbol, date, open, high, low, close, volume. Open defaults to the close, high and low to the larger
    and the smaller of open and close, volume to 1e7; a missing close is a missing bar.

    Raises
    ------
    SeriesError (D210) : a text cannot be read; the message names symbol and field
    BarsError (D210) : no close, an unknown field, unequal lengths, a price of zero, or too few sessions
    """
    columns = {symbol: _columns(symbol, texts) for symbol, texts in series.items()}
    longest = max((len(fields["close"]) for fields in columns.values()), default=0)
    dates = _dates(start, longest, sessions)
    frames = [_bars(symbol, fields, dates) for symbol, fields in sorted(columns.items())]
    return pl.concat(frames) if frames else pl.DataFrame()


def _columns(symbol: str, texts: Mapping[str, str]) -> dict[str, list[float | None]]:
    for field in texts:
        if field not in FIELDS:
            raise BarsError("D210", f"{symbol}: unknown field {field!r}; expected one of {', '.join(FIELDS)}")
    if "close" not in texts:
        raise BarsError("D210", f"{symbol}: no close")
    limits = {"volume": VOLUME_MAX}
    fields = {name: parse(text, maximum=limits.get(name, PRICE_USD_MAX)) for name, text in texts.items()}
    bars = len(fields["close"])
    for name, values in fields.items():
        if len(values) != bars:
            raise BarsError("D210", f"{symbol}: {name} has {len(values)} bars, close has {bars}")
        if name != "volume" and 0.0 in values:
            raise BarsError("D210", f"{symbol}: bar {values.index(0.0) + 1} of {name} is 0; a price is above 0")
    return fields


def _dates(start: date, count: int, sessions: Sessions | None) -> Sessions:
    first = np.datetime64(start, "D")
    if sessions is None:
        # 5 sessions in 7 days, and a week to spare.
        sessions = np.arange(first, np.datetime64(start + timedelta(days=count * 7 // 5 + 7), "D"))
        sessions = sessions[np.is_busday(sessions)]
    ahead = sessions[sessions >= first][:count]
    if len(ahead) < count:
        raise BarsError("D210", f"{count:,} bars from {start} need more than the {len(ahead):,} sessions known")
    return ahead


def _bars(symbol: str, fields: Mapping[str, list[float | None]], dates: Sessions) -> pl.DataFrame:
    none: list[float | None] = [None] * len(fields["close"])
    given = {name: pl.Series(name, fields.get(name, none), dtype=pl.Float64) for name in FIELDS}
    frame = pl.DataFrame({"date": pl.Series(dates[: len(none)]), **given})
    frame = frame.filter(pl.col("close").is_not_null()).with_columns(open=pl.col("open").fill_null(pl.col("close")))
    return frame.select(
        pl.lit(symbol).alias("symbol"),
        "date",
        "open",
        pl.col("high").fill_null(pl.max_horizontal("open", "close")),
        pl.col("low").fill_null(pl.min_horizontal("open", "close")),
        "close",
        pl.col("volume").fill_null(DEFAULT_VOLUME),
    )
