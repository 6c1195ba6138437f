"""Sixty and more tricky scalars, in every field type: each is read as what it says, or refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from pydantic import BaseModel, ValidationError

from oracle.core import units
from oracle.core.units import Boolean, Integer, Number, Rate, Ratio, Span, UnreadableError

READERS: dict[str, Callable[[str], object]] = {
    "boolean": units.boolean,
    "date": units.calendar_date,
    "duration": units.duration,
    "integer": units.integer,
    "name": units.name,
    "number": units.number,
    "rate": units.rate,
    "ratio": units.ratio,
    "span": units.span,
    "symbol": units.symbol,
    "time": units.time_of_day,
    "usd": units.usd,
}


def both(value: int) -> dict[str, object]:
    """A whole number is an integer, a number and an amount of dollars."""
    return {"integer": value, "number": float(value), "usd": Decimal(value)}


def decimal(text: str) -> dict[str, object]:
    """A decimal is a number and an amount of dollars."""
    return {"number": float(text), "usd": Decimal(text)}


#: What each scalar may be read as. Every reader that is not named must refuse it.
TABLE: dict[str, dict[str, object]] = {
    # words that YAML 1.1 makes truth values of
    "ON": {"symbol": "ON"},
    "NO": {"symbol": "NO"},
    "OFF": {"symbol": "OFF"},
    "TRUE": {"symbol": "TRUE"},
    "Y": {"symbol": "Y"},
    "True": {},
    "true": {"boolean": True, "name": "true"},
    "false": {"boolean": False, "name": "false"},
    "yes": {"name": "yes"},
    "on": {"name": "on"},
    "null": {"name": "null"},
    "~": {},
    "": {},
    " ": {},
    # octal, hexadecimal, sexagesimal
    "0123": {},
    "-0123": {},
    "0o17": {},
    "0x1F": {},
    "0b11": {},
    "1:30": {},
    "190:20:30": {},
    # numbers
    "0": both(0),
    "1": both(1),
    "-1": both(-1),
    "+1": both(1),
    "-0": both(0),
    "1.0": decimal("1.0"),
    "-0.0": {"number": 0.0, "usd": Decimal("0.0")},
    "0.05": decimal("0.05"),
    "1e3": decimal("1e3"),
    "1e308": decimal("1e308"),
    "1e400": {},
    "100_000": both(100_000),
    "1_00": {},
    "1__000": {},
    "_1": {},
    "1_": {},
    "1,000": {},
    "1 000": {},
    ".5": {},
    "5.": {},
    "--5": {},
    "１２": {},
    "٣": {},
    "20130301": both(20130301),
    "9" * 5000: {},
    # what is not a number
    ".nan": {},
    "nan": {"name": "nan"},
    "NaN": {},
    ".inf": {},
    "-.inf": {},
    "inf": {"name": "inf"},
    "Infinity": {},
    # units
    "5%": {"ratio": 0.05},
    "5 %": {"ratio": 0.05},
    "-5%": {"ratio": -0.05},
    "0.05%": {"ratio": 0.0005},
    "50bps": {"ratio": 0.005},
    "5%%": {},
    "%5": {},
    "5percent": {},
    "300s": {"duration": timedelta(seconds=300), "span": Span(300, "sessions")},
    "20s": {"duration": timedelta(seconds=20), "span": Span(20, "sessions")},
    "90d": {"duration": timedelta(days=90), "span": Span(90, "days")},
    "60min": {"duration": timedelta(minutes=60)},
    "48h": {"duration": timedelta(hours=48)},
    "1.5h": {"duration": timedelta(minutes=90)},
    "0d": {"duration": timedelta(0)},
    "90days": {},
    "-5s": {},
    "5m": {},
    "$5": {"usd": Decimal(5)},
    "5 USD": {"usd": Decimal(5)},
    "USD 5": {},
    "8/s": {"rate": Rate(8, timedelta(seconds=1))},
    "25/d": {"rate": Rate(25, timedelta(days=1))},
    "0/s": {},
    # times and dates
    "15:55": {"time": time(15, 55)},
    "09:30:00": {"time": time(9, 30)},
    "16:00": {"time": time(16, 0)},
    "9:30": {},
    "24:00": {},
    "2013-03-01": {"date": date(2013, 3, 1)},
    "2013-02-30": {},
    "2013-3-1": {},
    # symbols and names
    "BRK.B": {"symbol": "BRK.B"},
    "BF-B": {"symbol": "BF-B"},
    "brk.b": {},
    "BRK/B": {},
    "A B": {},
    "1E3": decimal("1e3"),
    "INF": {"symbol": "INF"},
    "x_1": {"name": "x_1"},
    "_x": {},
    "é": {},
    "<<": {},
    "=": {},
    "!x": {},
    "a\nb": {},
    "5%\n": {},
    "\x00": {},
}


@pytest.mark.parametrize("text", TABLE, ids=lambda text: ascii(text)[:20])
@pytest.mark.parametrize("kind", READERS)
def test_a_scalar_is_read_as_what_it_says_or_refused(text: str, kind: str) -> None:
    expected = TABLE[text]
    if kind in expected:
        value = READERS[kind](text)
        assert value == expected[kind]
        assert type(value) is type(expected[kind])
        return
    with pytest.raises(UnreadableError) as refused:
        READERS[kind](text)
    assert refused.value.code in {"S012", "S013", "S014", "S017"}
    assert refused.value.expected


@pytest.mark.parametrize(
    ("kind", "text", "code", "suggestion"),
    [
        ("ratio", "0.05", "S014", "5%"),
        ("ratio", "8", "S014", "8%"),
        ("ratio", "5percent", "S012", "5%"),
        ("duration", "300", "S014", "300s"),
        ("duration", "5m", "S012", "5min"),
        ("span", "90", "S014", "90d"),
        ("span", "90days", "S012", "90d"),
        ("rate", "5", "S014", "5/min"),
        ("number", "0123", "S012", "123"),
        ("number", "1,000", "S012", "1_000"),
        ("number", ".5", "S012", "0.5"),
        ("integer", "20.0", "S012", "20"),
        ("boolean", "yes", "S012", "true"),
        ("boolean", "False", "S012", "false"),
        ("symbol", "brk/b", "S012", "BRK.B"),
        ("name", "Fast Average", "S017", "fast_average"),
        ("time", "9:30", "S012", "09:30"),
    ],
)
def test_a_refusal_offers_what_was_meant(kind: str, text: str, code: str, suggestion: str) -> None:
    with pytest.raises(UnreadableError) as refused:
        READERS[kind](text)
    assert (refused.value.code, refused.value.suggestion) == (code, suggestion)


class Fields(BaseModel):
    """One field of each kind that Python values could slip into."""

    number: Number = 0.0
    integer: Integer = 0
    ratio: Ratio = 0.0
    boolean: Boolean = False


@pytest.mark.parametrize("field", ["number", "integer", "ratio"])
@pytest.mark.parametrize("value", [True, False, None, float("nan"), float("inf"), [], {}])
def test_f49_no_boolean_and_nothing_infinite_passes_for_a_number(field: str, value: object) -> None:
    with pytest.raises(ValidationError):
        Fields.model_validate({field: value})


@pytest.mark.parametrize("value", [1, 0, "1", "yes", None])
def test_f49_no_number_passes_for_a_boolean(value: object) -> None:
    with pytest.raises(ValidationError):
        Fields.model_validate({"boolean": value})


def test_values_of_the_right_type_pass_through() -> None:
    fields = Fields(number=1.5, integer=3, ratio=0.05, boolean=True)
    assert (fields.number, fields.integer, fields.ratio, fields.boolean) == (1.5, 3, 0.05, True)
