"""The time-series functions for notebooks: ``from oracle import indicators as ta; ta.rsi(close, 14)``.

Each function takes NumPy arrays or polars Series of one length, oldest first, and gives back the same kind; a function
with several outputs gives a named tuple, whose arrays share one block of memory. They are the machines that strategies
run on, so the numbers are the same to the last bit. NaN (or null) is a missing value. Functions that read bars take
them first: ``ta.atr(high, low, close, 14)``. ``dir(ta)`` lists them; ``help(ta.rsi)`` documents one.
"""

from __future__ import annotations

import inspect
from collections import namedtuple
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from oracle.core import native
from oracle.core.errors import RangeError
from oracle.signals import catalog

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

    Column = npt.NDArray[np.float64] | pl.Series

_made: dict[str, Callable[..., Any]] = {}


def __getattr__(name: str) -> Callable[..., Any]:
    if name not in _made:
        function = catalog.by_name().get(name)
        if function is None or function.kind != "time_series":
            raise AttributeError(f"oracle.indicators has no function {name!r}; dir(oracle.indicators) lists them")
        _made[name] = _make(function)
    return _made[name]


def __dir__() -> list[str]:
    return sorted(function.name for function in catalog.functions() if function.kind == "time_series")


def _make(function: catalog.Function) -> Callable[..., Any]:
    """Return a Python function that runs one catalogue entry."""
    series = [*function.reads, *(p.name for p in function.parameters if p.is_series)]
    numbers = [p for p in function.parameters if not p.is_series]
    signature = _signature(function)
    outputs = [output.name for output in function.outputs]
    answer = namedtuple(function.name, outputs) if len(outputs) > 1 else None

    def compute(*args: object, **kwargs: object) -> object:
        try:
            given = signature.bind(*args, **kwargs)
        except TypeError as problem:
            raise TypeError(f"{function.name}(): {problem}; call it as {function.name}{signature}") from None
        given.apply_defaults()
        columns = [given.arguments[name] for name in series if given.arguments[name] is not None]
        values = [_number(function, p, given.arguments[p.name]) for p in numbers]
        results = native.indicator(function.name, values, columns)
        return answer(*results) if answer else results[0]

    compute.__name__ = compute.__qualname__ = function.name
    compute.__doc__ = document(function)
    compute.__signature__ = signature  # type: ignore[attr-defined]  # what inspect reads
    return compute


def _signature(function: catalog.Function) -> inspect.Signature:
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    required = [inspect.Parameter(name, kind) for name in function.reads]
    required += [inspect.Parameter(p.name, kind) for p in function.parameters if not p.optional]
    optional = [inspect.Parameter(p.name, kind, default=_default(p)) for p in function.parameters if p.optional]
    return inspect.Signature([*required, *optional])


def _default(parameter: catalog.Parameter) -> float | int | None:
    if parameter.default is None:
        return None
    return int(parameter.default) if parameter.is_length else parameter.default


def _number(function: catalog.Function, parameter: catalog.Parameter, value: object) -> float:
    low, high = parameter.minimum, parameter.maximum
    what = f"{function.name}({parameter.name})"
    wanted = f"{'a whole number' if parameter.is_length else 'a number'} from {low:g} to {high:g}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RangeError(f"{what}: found {value!r}; expected {wanted}")
    inside = low is not None and high is not None and low <= value <= high
    if not inside or (parameter.is_length and value != int(value)):
        raise RangeError(f"{what}: found {value!r}; expected {wanted}")
    return float(value)


def document(function: catalog.Function) -> str:
    """Return the docstring of one function: shapes, units, warm-up, errors, edge cases, source."""
    lines = [function.summary, "", "Parameters", "----------"]
    lines += [f"{field} : float64[n_bars], oldest first; NaN is missing" for field in function.reads]
    for parameter in function.parameters:
        if parameter.is_series:
            lines.append(f"{parameter.name} : float64[n_bars], oldest first, {parameter.doc}; {parameter.accepts}")
        else:
            unit = "int, bars" if parameter.is_length else "float"
            span = f"{parameter.minimum:g} to {parameter.maximum:g}"
            lines.append(f"{parameter.name} : {unit}, {span}; {parameter.doc}")
    lines += ["", "Returns", "-------"]
    for output in function.outputs:
        name = f"{output.name} : " if output.name else ""
        lines.append(f"{name}float64[n_bars], {output.unit}; {output.doc}")
    warm_up = "depends on the arguments" if function.warm_up is None else f"{function.warm_up} bars with the defaults"
    lines += ["", f"Warm-up: NaN on the leading bars; {warm_up}.", ""]
    lines += ["Raises", "------", "DataError (D101) : the columns differ in length or are not numbers"]
    lines += ["RangeError (R101) : an argument is out of range; carries the range", ""]
    lines += [f"Formula: {function.formula}", f"Edge cases: {function.edge_cases}", f"Source: {function.source}"]
    lines.append(f"Checked by: tests/golden/indicators/{function.name}.csv")
    return "\n".join(lines)
