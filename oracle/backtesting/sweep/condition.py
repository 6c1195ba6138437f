"""`--where`: which combinations may run, and which of those that ran may win.

One expression over params and metrics, read by the SQL reader of polars and never by `eval`. What is not known yet is
missing, and logic has three values: a combination that no metric could make fit is not run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from oracle.core.diagnostics import nearest
from oracle.core.errors import UsageError

if TYPE_CHECKING:
    import polars as pl

#: Falls are written as sizes here: `max_drawdown < 20%`.
SIZES = ("max_drawdown", "value_at_risk", "conditional_value_at_risk")
#: A number with its unit, as strategies write it.
_NUMBER = re.compile(r"(?<![\w.])(\d[\d_]*(?:\.\d+)?)(?:\s*(%|bps|[ds]))?(?![\w.])")
_EQUALS = re.compile(r"(?<![<>!=])==(?!=)")


class Condition:
    """An expression over the names of params and metrics.

    Parameters
    ----------
    text : such as ``fast < slow and trades >= 30 and max_drawdown < 20%``; None holds always
    names : columns that it may name

    Raises
    ------
    UsageError : it cannot be read, or names something else
    """

    def __init__(self, text: str | None, names: Iterable[str]) -> None:
        self.text = text
        self._expression = None if text is None else _read(text, tuple(names))

    @property
    def names(self) -> frozenset[str]:
        """What it names."""
        return frozenset() if self._expression is None else frozenset(self._expression.meta.root_names())

    def of(self, frame: pl.DataFrame) -> pl.Series:
        """Return the truth of each row: true, false, or null where a missing value decides."""
        import polars as pl

        if self._expression is None:
            return pl.Series("where", [True]).new_from_index(0, frame.height)
        sizes = [pl.col(name).abs() for name in SIZES if name in frame.columns]
        return frame.with_columns(sizes).select(self._expression.alias("where"))["where"]


def _read(text: str, names: tuple[str, ...]) -> pl.Expr:
    import polars as pl

    plain = _EQUALS.sub("=", _NUMBER.sub(lambda found: _plain(found[1], found[2]), text))
    try:
        expression = pl.sql_expr(plain)
    except Exception as problem:
        raise UsageError(f"--where {text!r} cannot be read: {_first_line(problem)}") from None
    for name in expression.meta.root_names():
        if name not in names:
            meant = nearest(name, names)
            hint = f"; did you mean {meant}?" if meant else ""
            raise UsageError(f"--where: there is no param or metric named {name}{hint}")
    try:
        kind = pl.DataFrame({name: [1.0] for name in names}).select(expression.alias("where"))["where"].dtype
    except Exception as problem:
        raise UsageError(f"--where {text!r} makes no sense: {_first_line(problem)}") from None
    if kind != pl.Boolean:
        raise UsageError(f"--where {text!r} is no condition; expected a comparison such as fast < slow")
    return expression


def _plain(number: str, unit: str | None) -> str:
    """Return a number without its unit: fractions for ratios, days and sessions as they are."""
    digits = number.replace("_", "")
    return repr(float(digits) / (100 if unit == "%" else 10_000)) if unit in ("%", "bps") else digits


def _first_line(problem: Exception) -> str:
    return (str(problem).splitlines() or [type(problem).__name__])[0]
