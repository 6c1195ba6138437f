"""How steady the choice of params is from window to window, and what is left of the training's merit in the test.

Sources: R. Pardo, The Evaluation and Optimization of Trading Strategies, 2nd ed. (2008), chapter 11, for walk-forward
efficiency; the rest are plain counts and moments.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from oracle.backtesting.grid import Binding, Grid
from oracle.strategy.literal import value_of

SESSIONS_PER_YEAR = 252


@dataclass(frozen=True, slots=True)
class Chosen:
    """How often a value was chosen; `share` is of the windows."""

    value: str
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class ParamStability:
    """How one param moved over the windows.

    Attributes
    ----------
    values : every value that was tried, in its order, and how often it was chosen
    changes : windows whose value differs from the window before
    turnover : `changes` over the windows that could have differed; None for one window
    mean, deviation : of the chosen values, in the param's own unit; the deviation is the population's
    dispersion : `deviation` over the distance from the least to the greatest value tried; 0 is always the same, 0.5
        jumps from one end to the other; None where one value was tried
    """

    name: str
    values: tuple[Chosen, ...]
    changes: int
    turnover: float | None
    mean: float
    deviation: float
    dispersion: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields, JSON-ready."""
        return asdict(self)


def param_stability(chosen: Sequence[Binding], grid: Grid) -> tuple[ParamStability, ...]:
    """Return the stability of each param.

    Parameters
    ----------
    chosen : the params of each window, first to last
    grid : the values that were tried
    """
    return tuple(_of_param(name, [binding[name] for binding in chosen], tried) for name, tried in grid.items())


def _of_param(name: str, chosen: Sequence[str], tried: Sequence[str]) -> ParamStability:
    counts = Counter(chosen)
    values = tuple(Chosen(v, counts[v], counts[v] / len(chosen)) for v in dict.fromkeys([*tried, *chosen]))
    numbers, ends = [value_of(v) for v in chosen], [value_of(v) for v in (*tried, *chosen)]
    changes, width, deviation = sum(a != b for a, b in pairwise(chosen)), max(ends) - min(ends), _deviation(numbers)
    return ParamStability(
        name,
        values,
        changes,
        changes / (len(chosen) - 1) if len(chosen) > 1 else None,
        statistics.fmean(numbers),
        deviation,
        deviation / width if width > 0 else None,
    )


def _deviation(numbers: Sequence[float]) -> float:
    return statistics.pstdev(numbers) if len(set(numbers)) > 1 else 0.0


def share(value: float | None) -> str:
    """Return a ratio in whole percent as people read it; an en dash where there is none."""
    return "–" if value is None else f"{round(value, 2) + 0.0:.0%}"


@dataclass(frozen=True, slots=True)
class Decay:
    """What a metric came to in training and in the test, over the windows that have both.

    Attributes
    ----------
    in_sample, out_of_sample : medians over those windows, which a window with two trades cannot pull away; None
        without one
    difference : `out_of_sample` - `in_sample`
    ratio : `out_of_sample` / `in_sample`; None where that of the training is not above 0, where it means nothing
    windows : how many have both
    worse : how many did worse in the test
    """

    metric: str
    in_sample: float | None
    out_of_sample: float | None
    difference: float | None
    ratio: float | None
    windows: int
    worse: int

    def to_dict(self) -> dict[str, Any]:
        """Return the fields, JSON-ready."""
        return asdict(self)


def decay(metric: str, pairs: Sequence[tuple[float | None, float | None]]) -> Decay:
    """Return the decay of a metric; each pair is its value in training and in the test."""
    both = [(a, b) for a, b in pairs if a is not None and b is not None]
    if not both:
        return Decay(metric, None, None, None, None, 0, 0)
    before, after = statistics.median(a for a, _ in both), statistics.median(b for _, b in both)
    worse = sum(b < a for a, b in both)
    return Decay(metric, before, after, after - before, ratio(before, after), len(both), worse)


def ratio(before: float | None, after: float | None) -> float | None:
    """Return `after` over `before`; None where `before` is not above 0, because a ratio to a loss says nothing."""
    return None if before is None or after is None or before <= 0 else after / before + 0.0


def annual_rate(metrics: Mapping[str, float | None], sessions: int) -> float | None:
    """Return the total return spread evenly over 252 sessions, as Pardo annualises profit; without compounding.

    Compounding would turn a good test of three months into a year that nobody lived through.
    """
    total = metrics["total_return"]
    return None if total is None or sessions < 1 else total * SESSIONS_PER_YEAR / sessions


def efficiency(rates: Sequence[tuple[float | None, float | None]]) -> float | None:
    """Return walk-forward efficiency: mean annual rate in the tests over that in training; 1 is no decay.

    None where training lost money: there is nothing to keep. Pardo asks for 0.5 or more.
    """
    both = [(a, b) for a, b in rates if a is not None and b is not None]
    return ratio(statistics.fmean(a for a, _ in both), statistics.fmean(b for _, b in both)) if both else None
