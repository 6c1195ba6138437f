"""Which values of the params are tried: those the strategy declares, or those that are asked for."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from oracle.core.diagnostics import nearest
from oracle.core.errors import UsageError
from oracle.core.units import UnreadableError
from oracle.strategy.literal import literal, unit_of, value_of

if TYPE_CHECKING:
    from oracle.strategy.spec import Param, StrategySpec

#: Values of the params by name, as literal text.
Binding = Mapping[str, str]
Grid = Mapping[str, Sequence[str]]


def grid_of(spec: StrategySpec, defaults: Binding, asked: Iterable[str] = ()) -> dict[str, list[str]]:
    """Return the values of every param: its choices or range, its default where it has neither.

    Parameters
    ----------
    defaults : the value of each param when nothing else is said
    asked : `name=value,value` or `name=low..high:step` each; these values take the place of what the strategy declares
        for that param

    Raises
    ------
    UsageError : no such form, no such param, or no such value
    """
    values = {name: _declared(param, defaults[name]) for name, param in spec.params.items()}
    given: set[str] = set()
    for text in asked:
        name, equals, listed = text.partition("=")
        if not equals or not name.strip() or not listed.strip():
            raise UsageError(f"--grid {text}: expected name=value,value such as lookback=63,126")
        name = name.strip()
        _refuse_unknown(spec, name)
        if name in given:
            raise UsageError(f"--grid {text}: {name} is given twice; list its values in one place")
        given.add(name)
        values[name] = [value for part in listed.split(",") for value in _listed(spec, name, part.strip())]
        if len(values[name]) > len({value_of(value) for value in values[name]}):
            raise UsageError(f"--grid {text}: a value is given twice")
    return values


def _refuse_unknown(spec: StrategySpec, name: str) -> None:
    if name in spec.params:
        return
    meant = nearest(name, spec.params)
    hint = f"; did you mean {meant}?" if meant else ""
    has = f"its params are {', '.join(spec.params)}" if spec.params else "it has none"
    raise UsageError(f"--grid: the strategy {spec.name} has no param named {name}; {has}{hint}")


def _listed(spec: StrategySpec, name: str, text: str) -> list[str]:
    """Return the values of one part of a list: a value, or `low..high:step`."""
    if ".." not in text:
        return [_value(spec, name, text)]
    ends, _, step = text.partition(":")
    low, _, high = ends.partition("..")
    if not step:
        raise UsageError(f"--grid {name}={text}: a range has a step, such as {ends}:1")
    # The unit may stand once, at the end of the range.
    unit = unit_of(spec.params[name].default)
    parts = [part if unit_of(part) or not unit else f"{part}{unit}" for part in (low, high, step)]
    first, last, by = (_value(spec, name, part) for part in parts)
    if value_of(by) <= 0 or value_of(last) < value_of(first):
        raise UsageError(f"--grid {name}={text}: a range goes upwards, by steps above 0")
    return stepped(first, last, by)


def _value(spec: StrategySpec, name: str, text: str) -> str:
    default = spec.params[name].default
    try:
        literal(text)
    except UnreadableError as error:
        meant = f"; did you mean {error.suggestion}?" if error.suggestion else ""
        raise UsageError(
            f"--grid: {text!r} is no value of {name}: {error.message}; expected {error.expected}{meant}"
        ) from None
    unit = unit_of(default)
    if unit_of(text) != unit:
        number = text.rstrip("%bpsd")
        raise UsageError(
            f"--grid: {text} is no value of {name}, whose default is {default}: the unit differs; "
            f"did you mean {number}{unit}?"
        )
    return text


def combinations(values: Grid, maximum: int) -> list[dict[str, str]]:
    """Return every combination, the last param varying fastest; one empty for no params.

    Raises
    ------
    UsageError : there are more than ``maximum``
    """
    count = math.prod(len(options) for options in values.values())
    if count > maximum:
        raise UsageError(
            f"the params have {count:,} combinations, and strategy.walk_forward.max_combinations is {maximum:,}; "
            "widen a step in the strategy, or name fewer values by --grid"
        )
    return [dict(zip(values, chosen, strict=True)) for chosen in itertools.product(*values.values())]


def default_place(defaults: Binding, bindings: Sequence[Binding]) -> int | None:
    """Return where the defaults stand among the combinations; None where they are not one of them."""
    wanted = {name: value_of(text) for name, text in defaults.items()}
    for place, binding in enumerate(bindings):
        if all(math.isclose(value_of(text), wanted[name], rel_tol=1e-12) for name, text in binding.items()):
            return place
    return None


def _declared(param: Param, default: str) -> list[str]:
    if param.choices is not None:
        return list(param.choices)
    if param.range is None or param.step is None:
        return [default]
    first, last = param.range
    return stepped(first, last, param.step)


def stepped(first: str, last: str, step: str) -> list[str]:
    """Return the values from the first on, by steps, up to the last; literals of one unit."""
    unit = unit_of(first)
    low, high, by = (_number(text, unit) for text in (first, last, step))
    return [f"{low + by * count:f}{unit}" for count in range(int((high - low) / by) + 1)]


def _number(text: str, unit: str) -> Decimal:
    """Return the number before the unit, exactly; basis points as percent."""
    plain = text.replace("_", "").removeprefix("+")
    if plain.endswith("bps"):
        return Decimal(plain.removesuffix("bps")) / 100
    return Decimal(plain.removesuffix(unit))
