"""The `tests:` block of a strategy file as typed values: terse price series and what is expected of them.

`250 -> 200 x 300` is 300 bars from 250 to 200, ends included; `100 x 20` twenty bars of 100; `_` a missing bar;
`a, b, c` single values; segments join with `;`. Running the tests is not this room's: `oracle.strategy.scenario` does.
"""

from __future__ import annotations

import math
import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, WithJsonSchema

from oracle.core import units
from oracle.core.binding import Strict, key
from oracle.core.units import Boolean, Date, Integer, Kind, Number, Symbol, Text, UnreadableError, Usd
from oracle.strategy.literal import ParamText

#: Bars in one series of a test.
BARS_MAX = 20_000

_REPEATED = re.compile(r"(\S+) x ([0-9_]+)")
_RAMP = re.compile(r"(\S+) ?-> ?(\S+) x ([0-9_]+)")
_NOTATION = "a series such as 250 -> 200 x 300; 100 x 20; 101, 102, _"


def series(text: str) -> tuple[float, ...]:
    """Read the terse notation of a series; NaN stands for a missing bar."""
    values: list[float] = []
    for segment in text.split(";"):
        values += _segment(" ".join(segment.split()))
        if len(values) > BARS_MAX:
            raise UnreadableError("S013", "too many bars in a series", f"at most {BARS_MAX} bars")
    return tuple(values)


def _segment(segment: str) -> list[float]:
    if match := _RAMP.fullmatch(segment):
        first, last, count = _value(match[1]), _value(match[2]), _bars(match[3])
        if count < 2:
            raise UnreadableError("S013", f"`{segment}` needs at least 2 bars", _NOTATION)
        return [first + (last - first) * i / (count - 1) for i in range(count - 1)] + [last]
    if match := _REPEATED.fullmatch(segment):
        return [math.nan if match[1] == "_" else _value(match[1])] * _bars(match[2])
    if "->" in segment or " x " in segment:
        raise UnreadableError("S012", f"`{segment}` is neither a ramp nor a repetition", _NOTATION)
    parts = [part.strip() for part in segment.split(",")]
    return [math.nan if part == "_" else _value(part) for part in parts]


def _value(text: str) -> float:
    try:
        value = units.number(text)
    except UnreadableError as error:
        raise UnreadableError("S012", f"`{text}` is not a number", _NOTATION, error.suggestion) from None
    if value < 0:
        raise UnreadableError("S013", f"`{text}` is negative", "prices and volumes from 0")
    return value


def _bars(text: str) -> int:
    count = units.integer(text)
    if not 1 <= count <= BARS_MAX:
        raise UnreadableError("S013", "the number of bars is out of range", f"1 to {BARS_MAX} bars")
    return count


Series = Annotated[
    tuple[float, ...], Kind("series"), units.reader(series, (tuple,)), WithJsonSchema({"type": ["string", "number"]})
]


class BarSeries(Strict):
    """Bars of one symbol in a test."""

    close: Series = key(..., "Closes, oldest first.", unit="USD", example='"250 -> 200 x 300"')
    open: Series | None = key(None, "Opens; the closes when left out.", unit="USD", example='"100 x 20"')
    high: Series | None = key(None, "Highs; the closes when left out.", unit="USD", example='"101 x 20"')
    low: Series | None = key(None, "Lows; the closes when left out.", unit="USD", example='"99 x 20"')
    volume: Series | None = key(None, "Volumes; 10,000,000 when left out.", unit="shares", example='"1e6 x 20"')


class ExpectedItem(Strict):
    """One thing that must occur. Keys that are left out may be anything."""

    symbol: Symbol | None = key(None, "Symbol.", example="AAPL")
    bar: Integer | None = key(
        None,
        "Bar, counted from 1: of the fill for entries, exits and positions, else of the decision.",
        unit="bars",
        example="201",
    )
    date: Date | None = key(None, "Its session, likewise.", example="2010-03-01")
    side: Literal["long", "short", "buy", "sell"] | None = key(None, "Side.", example="long")
    quantity: Number | None = key(None, "Quantity; short is negative.", unit="shares", example="100")
    price: Number | None = key(None, "Fill price, or limit price of an order.", unit="USD", example="101.5")
    reason: Text | None = key(None, "Why: the rule or stop that caused it.", example="stop_loss")
    code: Text | None = key(None, "Code of a verdict.", example="CASH_CUT")


def _expectation(value: object) -> object:
    """Bring the four ways to write an expectation into the shape of `Expected`; a plain word is a symbol."""
    return _shaped(value, "symbol")


def _expectation_by_code(value: object) -> object:
    """As `_expectation`; a plain word is the code of a verdict."""
    return _shaped(value, "code")


def _shaped(value: object, word: str) -> object:
    if isinstance(value, str):
        if value == "none":
            return {"count": "0"}
        if re.fullmatch(r"[0-9_]+", value):
            return {"count": value}
        raise units.custom_error("S012", "not an expectation", "none, a count, a list, or counts such as {AAPL: 2}")
    if isinstance(value, list):
        return {"items": [{word: item} if isinstance(item, str) else item for item in value]}
    if isinstance(value, dict) and not set(value) & {"count", "counts", "items"}:
        return {"counts": value}
    return value


class Expected(Strict):
    """How often something occurs (`count`), how often per symbol or code (`counts`), or what exactly (`items`)."""

    count: Integer | None = None
    counts: dict[str, Integer] | None = None
    items: list[ExpectedItem] | None = None

    @property
    def is_none(self) -> bool:
        """Whether nothing is expected: a count of zero, an empty list, or zero of every name."""
        if self.counts is not None:
            return not any(self.counts.values())
        return self.count == 0 or self.items == []


_EXPECTED_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"const": "none"},
        {"type": "integer", "minimum": 0},
        {"type": "array", "items": {"type": ["string", "object"]}},
        {"type": "object", "additionalProperties": {"type": "integer"}},
    ]
}
Expectation = Annotated[
    Expected, Kind("none, count, counts or list"), BeforeValidator(_expectation), WithJsonSchema(_EXPECTED_SCHEMA)
]
VerdictExpectation = Annotated[
    Expected,
    Kind("none, count, counts or list"),
    BeforeValidator(_expectation_by_code),
    WithJsonSchema(_EXPECTED_SCHEMA),
]


class Expectations(Strict):
    """What a test demands. Each key takes `none`, a count, counts per symbol (per code for verdicts), or a list."""

    entries: Expectation | None = key(None, "Positions opened.", example="none")
    exits: Expectation | None = key(None, "Positions closed.", example="{AAPL: 1}")
    signals: Expectation | None = key(None, "Entry signals, whether or not they were filled.", example="1")
    orders: Expectation | None = key(None, "Orders sent.", example="2")
    positions: Expectation | None = key(None, "Positions held at the end.", example="[AAPL]")
    verdicts: VerdictExpectation | None = key(None, "Verdicts other than APPROVE, by code.", example="[POSITION_MAX]")


class ScenarioSpec(Strict):
    """One test of a strategy: bars, and what must come of them."""

    name: Text = key(..., "What the test states, as a sentence.", example="no entry below the 200-day average")
    bars: dict[Symbol, BarSeries] = key(..., "Bars of each symbol.", example='{AAPL: {close: "250 -> 200 x 300"}}')
    start: Date | None = key(None, "First session; 2010-01-04 when left out.", example="2020-01-02")
    params: dict[str, ParamText] = key({}, "Params that differ from their defaults.", example="{lookback: 21}")
    sectors: dict[Symbol, Text] = key({}, "Sectors of the symbols.", example="{AAPL: technology}")
    capital: Usd | None = key(None, "Cash at the start; 100,000 when left out.", unit="USD", example="10_000")
    limits: Boolean = key(False, "Whether the shipped risk limits apply.", example="true")
    expect: Expectations = key(..., "What must come of it.", example="{entries: none}")
