"""Values in a strategy file that stay text: expressions, and literals that a param may stand in for.

The engine checks expressions. A literal such as `fraction: 5%` is checked here; where a param's name stands instead
(`fraction: risk`), its value takes that place when the strategy is bound, so that sweeps reach every number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, get_args

from pydantic import BaseModel, WithJsonSchema

from oracle.core import units
from oracle.core.diagnostics import nearest
from oracle.core.fields import Path, Strict
from oracle.core.units import Kind, UnreadableError

#: Longest expression, in characters; the engine has a budget of tokens besides.
EXPRESSION_CHARS_MAX = 10_000

_REBALANCE = ("every session", "weekly", "monthly", "quarterly", "on change", "on drift")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
#: How else a schedule may be called: `daily`, `every month`, `weeks`.
_SCHEDULES = {
    "dai": "every session", "day": "every session", "session": "every session", "bar": "every session",
    "week": "weekly", "month": "monthly", "quarter": "quarterly",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Literal:
    """How a literal is read and between which bounds it lies. Stands on the field, so that params are checked too."""

    read: Callable[[str], object]
    low: float
    high: float
    shown: str

    def check(self, text: str) -> str:
        """Return `text` where it is such a literal; raise `UnreadableError` where it is not."""
        value = self.read(text)
        if isinstance(value, int | float) and not self.low <= value <= self.high:
            raise UnreadableError("S013", "out of range", self.shown)
        return text

    def __call__(self, text: str) -> str:
        """Return `text` where it is such a literal or the name of a param."""
        return text if is_param_name(text) else self.check(text)


def literal_fields(model: type[BaseModel]) -> dict[str, Literal]:
    """Return how each field of a model that takes a literal or a param reads it."""
    found = {name: _literal_in((field.annotation, *field.metadata)) for name, field in model.model_fields.items()}
    return {name: how for name, how in found.items() if how is not None}


def _literal_in(parts: tuple[Any, ...]) -> Literal | None:
    for part in parts:
        if isinstance(part, Literal):
            return part
        inner = _literal_in(get_args(part)) if get_args(part) else None
        if inner is not None:
            return inner
    return None


def sections_in(section: Strict) -> Iterator[tuple[Path, Strict]]:
    """Yield the sections directly inside of a section, in lists and mappings too, with their path of keys."""
    for name in type(section).model_fields:
        yield from _sections(getattr(section, name), (name,))


def _sections(value: object, at: Path) -> Iterator[tuple[Path, Strict]]:
    if isinstance(value, Strict):
        yield at, value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _sections(inner, (*at, str(name)))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _sections(inner, (*at, index))


def is_param_name(text: str) -> bool:
    """Whether a literal's text is a name, which must then be that of a param."""
    return _NAME.fullmatch(text) is not None


def expression(text: str) -> str:
    """Return the text of an expression unchanged, so that the engine's offsets fit the file."""
    if not text.strip():
        raise UnreadableError("S012", "the expression is empty", "an expression such as close > sma(close, 200)")
    if len(text) > EXPRESSION_CHARS_MAX:
        raise UnreadableError("S004", "the expression is too long", f"at most {EXPRESSION_CHARS_MAX} characters")
    return text


def rebalance(text: str) -> str:
    """Return a rebalance rule: one of the words, or a number of sessions such as `20s`."""
    if text in _REBALANCE:
        return text
    expected = "every session, weekly, monthly, quarterly, on change, on drift, or sessions such as 20s"
    if re.fullmatch(r"[0-9_]+ ?[a-z]*", text):
        sessions(text, expected)
        return text
    word = re.sub(r"^(every|each|once a|once per)[ _]|s$", "", text.strip().lower()).removesuffix("ly")
    raise UnreadableError("S015", "not one of the choices", expected, _SCHEDULES.get(word) or nearest(text, _REBALANCE))


def sessions(text: str, expected: str = "sessions such as 1s") -> units.Span:
    """Read a number of sessions: `1s`."""
    try:
        value = units.span(text)
    except UnreadableError as error:
        # Of the two units of a span only one fits here.
        suggestion = None if error.suggestion is None else f"{error.suggestion[:-1]}s"
        raise UnreadableError(error.code, error.message, expected, suggestion) from None
    if value.unit != "sessions":
        raise UnreadableError("S012", "not a number of sessions", expected, f"{value.count}s")
    return value


def fraction(text: str) -> float:
    """Read a ratio as the engine does: nothing stands between the number and its unit."""
    value = units.ratio(text)
    if " " in text:
        raise UnreadableError("S012", "not a ratio", "a ratio such as 5% or 50bps", text.replace(" ", ""))
    return value


def literal(text: str) -> str:
    """Return the text of what a param can hold: a number, a percentage or a span."""
    if text.endswith(("%", "bps")):
        fraction(text)
    elif re.fullmatch(r"[0-9_]+ ?[ds]", text):
        units.span(text)
    else:
        units.number(text, "a number, a percentage such as 5%, or a span such as 90d or 20s")
    return text


def value_of(text: str) -> float:
    """Return the size of a param's literal in its own unit: a fraction, days, sessions or a bare number."""
    if text.endswith(("%", "bps")):
        return units.ratio(text)
    return float(units.span(text).count) if text.endswith(("d", "s")) else units.number(text)


def unit_of(text: str) -> str:
    """Return the unit a param's literal carries: `%`, `d`, `s`, or "" for a bare number."""
    match = re.search(r"(%|bps|d|s)$", text)
    return "" if match is None else {"bps": "%"}.get(match[1], match[1])


_FRACTION = Literal(fraction, 0.0, 1.0, "0% to 100%")
_OFFSET = Literal(fraction, -0.2, 0.2, "-20% to 20%")
_VOLATILITY = Literal(fraction, 0.001, 2.0, "0.1% to 200%")
_COUNT = Literal(units.integer, 1, 100_000, "1 to 100_000")
_DELAY = Literal(units.integer, 0, 62, "0 to 62")
_POSITIVE = Literal(units.number, 1e-6, 1e6, "above 0")
_SPAN = Literal(units.span, 1, 36525, "1d to 36525d")
_SESSIONS = Literal(sessions, 1, 36525, "1s to 36525s")

_SCALAR = WithJsonSchema({"type": ["string", "number", "boolean"]})
_NUMERIC = WithJsonSchema({"type": ["string", "number"]})
_PARAM = "[a-z][a-z0-9_]*"
#: A ratio with its unit, or a param, as an editor checks it.
RATIO_PATTERN = rf"^([+-]?[0-9][0-9_.]*(%|bps)|{_PARAM})$"
_RATIO = WithJsonSchema({"type": "string", "pattern": RATIO_PATTERN})
_HOLD = WithJsonSchema({"type": "string", "pattern": rf"^([0-9_]+[ds]|{_PARAM})$"})
_REBALANCED = WithJsonSchema({"anyOf": [{"enum": list(_REBALANCE)}, {"type": "string", "pattern": "^[0-9_]+s$"}]})

Expression = Annotated[str, Kind("expression"), units.reader(expression), _SCALAR]
ParamText = Annotated[str, Kind("number, ratio or span"), units.reader(literal), _NUMERIC]
RebalanceText = Annotated[str, Kind("words or sessions"), units.reader(rebalance), _REBALANCED]
FractionText = Annotated[str, Kind("ratio or param"), _FRACTION, units.reader(_FRACTION), _RATIO]
OffsetText = Annotated[str, Kind("ratio or param"), _OFFSET, units.reader(_OFFSET), _RATIO]
VolatilityText = Annotated[str, Kind("ratio or param"), _VOLATILITY, units.reader(_VOLATILITY), _RATIO]
CountText = Annotated[str, Kind("whole number or param"), _COUNT, units.reader(_COUNT), _NUMERIC]
DelayText = Annotated[str, Kind("whole number or param"), _DELAY, units.reader(_DELAY), _NUMERIC]
PositiveText = Annotated[str, Kind("number or param"), _POSITIVE, units.reader(_POSITIVE), _NUMERIC]
SpanText = Annotated[str, Kind("span or param"), _SPAN, units.reader(_SPAN), _HOLD]
SessionsText = Annotated[str, Kind("sessions or param"), _SESSIONS, units.reader(_SESSIONS), _HOLD]
