"""The functions of the strategy language, read from the engine: names, parameters, units, warm-up, documentation.

The list exists once, in the engine; this room gives it types and words. It computes nothing.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict

from oracle.core import native

Kind = Literal["time_series", "elementwise", "cross_section", "reduction", "calendar"]


class Entry(BaseModel):
    """What catalogue entries agree on."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Parameter(Entry):
    """One parameter in positional order; ``accepts`` says series, length or number, with its range in words."""

    name: str
    is_series: bool
    is_length: bool
    accepts: str
    optional: bool
    default: float | None
    minimum: float | None
    maximum: float | None
    doc: str


class Output(Entry):
    """One output; the name is empty when the function has only one."""

    name: str
    unit: str
    doc: str


class Function(Entry):
    """One function of the language."""

    name: str
    kind: Kind
    family: str
    summary: str
    reads: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    outputs: tuple[Output, ...]
    warm_up: int | None
    settle: int | None
    formula: str
    edge_cases: str
    source: str
    version: int

    @property
    def signature(self) -> str:
        """The call as a strategy file writes it, with defaults: ``macd(series, fast=12, slow=26, signal=9)``."""
        return f"{self.name}({', '.join(_written(parameter) for parameter in self.parameters)})"


def _written(parameter: Parameter) -> str:
    if parameter.default is not None:
        return f"{parameter.name}={parameter.default:g}"
    return f"{parameter.name}=…" if parameter.optional else parameter.name


@cache
def functions() -> tuple[Function, ...]:
    """Return every function, by family and name."""
    listed = [Function.model_validate(entry) for entry in json.loads(native.catalog())]
    return tuple(sorted(listed, key=lambda function: (function.family, function.name)))


@cache
def by_name() -> dict[str, Function]:
    """Return the functions by name."""
    return {function.name: function for function in functions()}
