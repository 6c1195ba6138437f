"""Read scalars: what `5%`, `300s`, `100_000`, `ON` and `15:55` are, decided by the key that takes them.

Each reader is a pure function from text to a value, or an `UnreadableError` that says what is expected and what to
write. The `Annotated` types at the end put the readers into pydantic models; a value that is already of the right type
passes through them, so that models can be built in Python too. A ratio is a fraction here: `5%` is 0.05.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, GetJsonSchemaHandler, SecretStr, WithJsonSchema
from pydantic_core import CoreSchema, PydanticCustomError

#: Longest text of a number; beyond it nothing sensible is meant.
NUMBER_CHARS_MAX = 40

_NUMBER = re.compile(r"[+-]?(?:0|[1-9][0-9]*|[1-9][0-9]{0,2}(?:_[0-9]{3})+)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
_INTEGER = re.compile(r"[+-]?(?:0|[1-9][0-9]*|[1-9][0-9]{0,2}(?:_[0-9]{3})+)")
_SPLIT = re.compile(r"([+-]?[0-9][0-9_.]*(?:[eE][+-]?[0-9]{1,3})?) ?([A-Za-z%]+)")
_LEADING_ZEROS = re.compile(r"([+-]?)0+([0-9]+(?:\.[0-9]+)?)")
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+")
_SYMBOL = re.compile(r"[A-Z][A-Z0-9]{0,9}(?:[.-][A-Z0-9]{1,4})?")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]))?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class UnreadableError(ValueError):
    """A scalar that is not what the key takes. `code` is S012 to S015."""

    def __init__(self, code: str, message: str, expected: str, suggestion: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.expected = expected
        self.suggestion = suggestion


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time in a strategy: calendar days (`90d`) or sessions (`20s`)."""

    count: int
    unit: Literal["days", "sessions"]

    def __str__(self) -> str:
        return f"{self.count}{'d' if self.unit == 'days' else 's'}"


def number(text: str, expected: str = "a number such as 1.5 or 100_000") -> float:
    """Read a finite decimal number; thousands may be set off by `_`."""
    return float(_decimal(text, expected))


def integer(text: str, expected: str = "a whole number such as 20 or 100_000") -> int:
    """Read a whole number."""
    if len(text) <= NUMBER_CHARS_MAX and _INTEGER.fullmatch(text):
        return int(text.replace("_", ""))
    value = _decimal(text, expected)
    if value == value.to_integral_value() and abs(value) < 10**15:
        raise UnreadableError("S012", "not a whole number", expected, str(int(value)))
    raise UnreadableError("S012", "not a whole number", expected)


def ratio(text: str) -> float:
    """Read `5%` or `5bps` as a fraction: 0.05, 0.0005."""
    expected = "a ratio with its unit, such as 5% or 50bps"
    value, unit = _with_unit(text, expected, {"%": "%", "bps": "bps", "bp": "bps", "percent": "%"})
    if unit is None:
        raise UnreadableError("S014", "the unit is missing", expected, _as_percent(value))
    if unit not in text:
        raise UnreadableError("S012", "not a ratio", expected, f"{_plain(value)}{unit}")
    return float(value / (100 if unit == "%" else 10_000))


def usd(text: str) -> Decimal:
    """Read dollars: `25_000`, `$25_000` or `25_000 USD`."""
    bare = text.removeprefix("$") if text.startswith("$") else re.sub(r" ?USD$", "", text)
    return _decimal(bare, "dollars such as 25_000 or 25_000 USD")


_WALL_UNITS = {"s": 1, "min": 60, "h": 3600, "d": 86400}


def duration(text: str) -> timedelta:
    """Read time on the clock: `300s`, `60min`, `48h`, `7d`."""
    expected = "a time with its unit, such as 300s, 60min, 48h or 7d"
    words = {"s": "s", "sec": "s", "seconds": "s", "min": "min", "m": "min", "minutes": "min", "h": "h", "hours": "h"}
    value, unit = _with_unit(text, expected, words | {"d": "d", "day": "d", "days": "d"})
    if unit is None:
        raise UnreadableError("S014", "the unit is missing", expected, f"{_plain(value)}s")
    if not text.endswith(unit) or not text[: -len(unit)].rstrip()[-1:].isdigit():
        raise UnreadableError("S012", "not a unit of time", expected, f"{_plain(value)}{unit}")
    seconds = value * _WALL_UNITS[unit]
    if not 0 <= seconds <= 86400 * 36525:
        raise UnreadableError("S013", "out of range", "0s to 36525d")
    return timedelta(microseconds=int(seconds * 1_000_000))


def span(text: str) -> Span:
    """Read a length of time in a strategy: `90d` calendar days, `20s` sessions."""
    expected = "calendar days such as 90d, or sessions such as 20s"
    words = {"d": "d", "day": "d", "days": "d", "s": "s", "session": "s", "sessions": "s", "bars": "s"}
    value, unit = _with_unit(text, expected, words)
    if unit is None:
        raise UnreadableError("S014", "the unit is missing", expected, f"{_plain(value)}d")
    if not re.fullmatch(rf"[0-9_]+{unit}", text) or value != value.to_integral_value():
        raise UnreadableError("S012", "not a span", expected, f"{max(1, int(value))}{unit}")
    if not 1 <= value <= 36525:
        raise UnreadableError("S013", "out of range", f"1{unit} to 36525{unit}")
    return Span(int(value), "days" if unit == "d" else "sessions")


def memory(text: str) -> int:
    """Read an amount of memory as bytes: `256 MB`, `2 GB`; a megabyte has 1,000,000."""
    expected = "an amount of memory such as 256 MB or 2 GB"
    value, unit = _with_unit(text, expected, {"MB": "MB", "GB": "GB"})
    if unit is None:
        raise UnreadableError("S014", "the unit is missing", expected, f"{_plain(value)} MB")
    if unit not in text:
        raise UnreadableError("S012", "not an amount of memory", expected, f"{_plain(value)} {unit}")
    return int(value * (10**6 if unit == "MB" else 10**9))


@dataclass(frozen=True, slots=True)
class Rate:
    """So many in a time: `5/min`, `25/d`."""

    count: int
    per: timedelta


def rate(text: str) -> Rate:
    """Read a rate: `8/s`, `5/min`, `25/d`."""
    expected = "a rate such as 8/s, 5/min or 25/d"
    match = re.fullmatch(r"([1-9][0-9_]{0,8})/(s|min|h|d)", text)
    if match is not None:
        return Rate(integer(match[1]), timedelta(seconds=_WALL_UNITS[match[2]]))
    if _INTEGER.fullmatch(text):
        raise UnreadableError("S014", "the unit is missing", expected, f"{text}/min")
    raise UnreadableError("S012", "not a rate", expected)


def boolean(text: str) -> bool:
    """Read `true` or `false`; no other word is a truth value."""
    if text in ("true", "false"):
        return text == "true"
    meant = {"yes": "true", "on": "true", "y": "true", "1": "true", "no": "false", "off": "false", "n": "false"}
    word = text.lower()
    suggestion = word if word in ("true", "false") else meant.get(word, "false" if word == "0" else None)
    raise UnreadableError("S012", "not true or false", "true or false", suggestion)


def time_of_day(text: str) -> time:
    """Read a time of day: `15:55` or `15:55:30`, on the 24-hour clock."""
    if match := _TIME.fullmatch(text):
        hour, minute, second = (int(part) for part in match.groups(default="0"))
        return time(hour, minute, second)
    padded = f"0{text}" if _TIME.fullmatch(f"0{text}") else None
    raise UnreadableError("S012", "not a time of day", "a time such as 09:30 or 15:55", padded)


def calendar_date(text: str) -> date:
    """Read a date: `2013-03-01`."""
    if _DATE.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise UnreadableError("S013", "no such day", "a day that exists, such as 2013-03-01") from None
    raise UnreadableError("S012", "not a date", "a date such as 2013-03-01")


def symbol(text: str) -> str:
    """Read a ticker: upper case, perhaps with a class (`BRK.B`). `ON`, `NO` and `TRUE` are tickers."""
    if _SYMBOL.fullmatch(text):
        return text
    upper = text.strip().upper().replace("/", ".").replace(" ", ".")
    hint = upper if _SYMBOL.fullmatch(upper) else None
    raise UnreadableError("S012", "not a symbol", "a ticker in upper case, such as AAPL or BRK.B", hint)


def name(text: str) -> str:
    """Read a name: a lower-case letter, then letters, digits and `_`, at most 64 characters."""
    if _NAME.fullmatch(text):
        return text
    hint = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    expected = "a name such as trend or fast_average"
    raise UnreadableError("S017", "not a name", expected, hint if _NAME.fullmatch(hint) else None)


def words(text: str) -> str:
    """Read text that is not blank, without the white space around it."""
    if text.strip():
        return text.strip()
    raise UnreadableError("S012", "the text is empty", "some text")


def written(value: object, *, is_ratio: bool = False) -> str:
    """Return a value as a file would say it, with its unit: `5%`, `30d`, `8/s`."""
    if isinstance(value, Rate):
        return f"{value.count}/{written(value.per).removeprefix('1')}"
    if isinstance(value, timedelta):
        seconds = int(value.total_seconds())
        unit = next((u for u in ("d", "h", "min") if seconds and seconds % _WALL_UNITS[u] == 0), "s")
        return f"{seconds // _WALL_UNITS[unit]}{unit}"
    if is_ratio and isinstance(value, int | float):
        return f"{_plain(Decimal(repr(value)) * 100)}%"
    if isinstance(value, Decimal):
        return f"{_plain(value)} USD"
    return str(value)


def _decimal(text: str, expected: str) -> Decimal:
    if len(text) > NUMBER_CHARS_MAX:
        raise UnreadableError("S012", "not a number", expected)
    if _NUMBER.fullmatch(text):
        value = Decimal(text.replace("_", ""))
        if not math.isfinite(float(value)):
            raise UnreadableError("S013", "too large for a number", "a number below 1e308")
        return abs(value) if value == 0 else value
    raise UnreadableError("S012", "not a number", expected, _number_meant(text))


def _number_meant(text: str) -> str | None:
    """Return the number that was probably meant, where one is plain."""
    if match := _LEADING_ZEROS.fullmatch(text):
        return f"{match[1]}{match[2].lstrip('0') or '0'}" if "." not in match[2] else None
    if _THOUSANDS.fullmatch(text):
        return text.replace(",", "_")
    if re.fullmatch(r"\.[0-9]+", text):
        return f"0{text}"
    stripped = text.rstrip(".").replace("_", "") if re.fullmatch(r"[0-9_]+\.?", text) else ""
    return stripped if _NUMBER.fullmatch(stripped) else None


def _with_unit(text: str, expected: str, units: dict[str, str]) -> tuple[Decimal, str | None]:
    """Return the number and the canonical unit; None where there is none."""
    match = _SPLIT.fullmatch(text) if len(text) <= NUMBER_CHARS_MAX else None
    if match is None:
        return _decimal(text, expected), None
    unit = units.get(match[2]) or units.get(match[2].lower())
    if unit is None:
        raise UnreadableError("S012", f"`{match[2]}` is not a unit that fits here", expected)
    return _decimal(match[1], expected), unit


def _plain(value: Decimal) -> str:
    return format(value.normalize(), "f")


def _as_percent(value: Decimal) -> str | None:
    """Return a bare number as the percentage it probably means: 0.05 and 5 are both 5%, 1 could be 1% or 100%."""
    return None if abs(value) == 1 else f"{_plain(value * 100 if abs(value) < 1 else value)}%"


@dataclass(frozen=True, slots=True)
class Range:
    """Bounds of a value, both included, with the words that name them."""

    low: float
    high: float
    shown: str

    def __call__(self, value: Any) -> Any:
        seconds = value.total_seconds() if isinstance(value, timedelta) else value
        if not self.low <= seconds <= self.high:
            raise custom_error("S013", "out of range", self.shown)
        return value


@dataclass(frozen=True, slots=True)
class Kind:
    """What a field takes, in the manual's words."""

    words: str


class Between(AfterValidator):
    """A pydantic step that checks a range, and says it in the JSON schema where that speaks of bare numbers."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        schema = dict(handler(core))
        bounds = {"minimum": self.func.low, "maximum": self.func.high} if isinstance(self.func, Range) else {}
        ways = [
            dict(way) | (bounds if way.get("type") in ("integer", "number") else {}) for way in schema.get("anyOf", [])
        ]
        return schema | ({"anyOf": ways} if ways else {})


def between(low: float, high: float, shown: str | None = None) -> Between:
    """Return a check of both bounds, in the unit of the value (fractions, seconds); `shown` says them to people."""
    return Between(Range(low, high, shown or f"{low:g} to {high:g}"))


def reader(read: Callable[[str], object], accepts: tuple[type, ...] = ()) -> BeforeValidator:
    """Return a pydantic step that reads text with `read` and lets values of the types in `accepts` pass."""

    def step(value: object) -> object:
        if isinstance(value, str):
            return custom(read, value)
        if isinstance(value, bool) and bool not in accepts:
            raise _wrong(read)
        if isinstance(value, accepts):
            if isinstance(value, float) and not math.isfinite(value):
                raise _wrong(read)
            return value
        raise _wrong(read)

    return BeforeValidator(step)


def custom(read: Callable[[str], object], text: str) -> object:
    """Read `text`; a failure becomes pydantic's error with code, expectation and suggestion in its context."""
    try:
        return read(text)
    except UnreadableError as error:
        raise custom_error(error.code, error.message, error.expected, error.suggestion) from None


def custom_error(code: str, message: str, expected: str, suggestion: str | None = None) -> PydanticCustomError:
    """Return pydantic's error for a value refused under one of our codes."""
    context = {"message": message, "expected": expected, "suggestion": suggestion}
    return PydanticCustomError(code, "{message}", context)


def _wrong(read: Callable[[str], object]) -> PydanticCustomError:
    """Return the error for a value that is neither text nor of the right type."""
    try:
        read("\x00")
    except UnreadableError as error:
        return custom_error("S012", error.message, error.expected)
    return custom_error("S012", "wrong type", "text")


def _json(pattern: str, *others: str) -> WithJsonSchema:
    text: dict[str, Any] = {"type": "string", "pattern": pattern}
    return WithJsonSchema({"anyOf": [text, *({"type": other} for other in others)]} if others else text)


Number = Annotated[float, Kind("number"), reader(number, (int, float)), _json(f"^{_NUMBER.pattern}$", "number")]
Integer = Annotated[int, Kind("whole number"), reader(integer, (int,)), _json(f"^{_INTEGER.pattern}$", "integer")]
Ratio = Annotated[float, Kind("ratio"), reader(ratio, (int, float)), _json(r"^[+-]?[0-9][0-9_.]*(%|bps)$")]
Usd = Annotated[Decimal, Kind("dollars"), reader(usd, (int, Decimal)), _json(r"^\$?[0-9][0-9_.]*( ?USD)?$", "number")]
Duration = Annotated[timedelta, Kind("time"), reader(duration, (timedelta,)), _json(r"^[0-9][0-9_.]*(s|min|h|d)$")]
Memory = Annotated[int, Kind("memory"), reader(memory, (int,)), _json(r"^[0-9][0-9_.]* ?(MB|GB)$")]
RateOfCalls = Annotated[Rate, Kind("rate"), reader(rate, (Rate,)), _json(r"^[1-9][0-9_]*/(s|min|h|d)$")]
SpanOfTime = Annotated[Span, Kind("span"), reader(span, (Span,)), _json(r"^[0-9_]+[ds]$")]
Boolean = Annotated[bool, Kind("true or false"), reader(boolean, (bool,)), WithJsonSchema({"type": "boolean"})]
Time = Annotated[time, Kind("time of day"), reader(time_of_day, (time,)), _json(f"^{_TIME.pattern}$")]
Date = Annotated[date, Kind("date"), reader(calendar_date, (date,)), _json(f"^{_DATE.pattern}$")]
Symbol = Annotated[str, Kind("symbol"), reader(symbol), _json(f"^{_SYMBOL.pattern}$", "boolean")]
Name = Annotated[str, Kind("name"), reader(name), _json(f"^{_NAME.pattern}$")]
Secret = Annotated[SecretStr, Kind("secret text"), reader(words, (SecretStr,)), WithJsonSchema({"type": "string"})]
Text = Annotated[str, Kind("text"), reader(words), _json("")]
