"""Turn the steps of an adjustment factor into dated splits and cash dividends.

A vendor's adjusted close is close times a factor that is flat between corporate actions and steps on each ex-date.
The numbered way from the two columns to events:

1. `_bands`: each bar confines the factor to an interval, because adjusted closes are rounded (often to cents).
2. `_change_points`: the factor stays flat as long as the intervals of a stretch have a point in common, so rounding
   noise never becomes a tiny dividend; where the ex-date itself hides in the noise, the best-fitting day is taken.
3. `_explain`: a step is a split where it is a simple ratio and the raw prices jump with it, a dividend otherwise,
   or both; a step that the raw prices contradict is left unexplained and reported, never booked.

Vendors divide by different closes when they build the factor: the close before the ex-date (CRSP, Yahoo) or that of
the ex-date (Quandl WIKI). The convention that makes the amounts whole cents is taken, symbol by symbol.

This room reads columns and returns events; it never changes a price.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from oracle.data.splits import COMMON, PLAUSIBLE

Float64Array = npt.NDArray[np.float64]
Int64Array = npt.NDArray[np.int64]

# Vendors that print many digits compute in float32 or from factors of seven digits: relative noise up to 1e-7.
_NOISE_FRAC = 2e-7
# The smallest cash dividend that is told from noise, dollars per share.
_DIVIDEND_USD_MIN = 0.0005
# Cash dividends are declared in whole cents, or in these fractions of one, coarsest first.
_DECLARED_USD = (0.01, 0.005, 0.0025, 0.00125, 0.001, 0.0005, 0.0001)
# A step beyond this (in logarithm) must show in the raw prices to be believed.
_MUST_SHOW = 0.1


class Convention(StrEnum):
    """Which close a vendor's dividend factor is built on."""

    PREVIOUS_CLOSE = "previous_close"  # factor before the ex-date: 1 - D / close of the day before
    EX_CLOSE = "ex_close"  # factor before the ex-date: 1 / (1 + D / close of the ex-date)


@dataclass(frozen=True)
class Action:
    """A dated corporate action, in force from the open of the bar stamped `ts_ns` (the ex-date).

    `split_ratio` is new shares per old share (1:8 reverse is 0.125; 1 for none); `dividend_usd` is cash per share
    on the basis after the split (0 for none).
    """

    ts_ns: int
    split_ratio: float
    dividend_usd: float


@dataclass(frozen=True)
class Unexplained:
    """A step of the factor that is neither a believable split nor a believable dividend."""

    ts_ns: int
    factor_ratio: float
    price_ratio: float


@dataclass(frozen=True)
class Inferred:
    """What the factor of one symbol says: events in date order, and the steps that were left out."""

    actions: tuple[Action, ...]
    unexplained: tuple[Unexplained, ...]
    convention: Convention
    decimals: int | None


@dataclass(frozen=True)
class _Step:
    """One change of the factor: shares-equivalent growth `1 / r`, with the bounds that rounding leaves open."""

    bar: int
    growth: float
    growth_min: float
    growth_max: float
    close_before: float
    close: float
    price_ratio: float  # raw close before over raw open: what the market saw


def infer_actions(
    ts_ns: Int64Array, open_: Float64Array, close: Float64Array, adjusted_close: Float64Array
) -> Inferred:
    """Read dated splits and dividends from the steps of `adjusted_close / close`.

    Parameters
    ----------
    ts_ns : int64[n_bars], UTC nanoseconds, strictly increasing
    open_, close : float64[n_bars], USD per share, raw, finite, > 0
    adjusted_close : float64[n_bars], USD per share; NaN where unknown

    Returns
    -------
    Inferred
        One action per ex-date, in date order, and the steps that could not be explained.

    Edge cases: the first bar has no action; a constant factor other than 1 (an action after the last bar) gives none.
    Source: factor conventions of CRSP (previous close) and of Quandl WIKI (close of the ex-date).
    """
    decimals = _decimals(adjusted_close)
    low, high = _bands(close, adjusted_close, decimals)
    if len(close) == 0 or _first_break(low, high, 0) == len(close):
        return Inferred((), (), Convention.PREVIOUS_CLOSE, decimals)
    steps = _steps(open_, close, low, high, _change_points(low, high, close, adjusted_close))
    convention = _convention(steps)
    actions: list[Action] = []
    unexplained: list[Unexplained] = []
    for step in steps:
        explained = _explain(step, convention)
        when = int(ts_ns[step.bar])
        if explained is None:
            unexplained.append(Unexplained(when, step.growth, step.price_ratio))
        elif explained != (1.0, 0.0):
            actions.append(Action(when, *explained))
    return Inferred(tuple(actions), tuple(unexplained), convention, decimals)


def _decimals(adjusted_close: Float64Array) -> int | None:
    """Decimals to which the column is rounded, 2 to 6; None for full precision."""
    known = adjusted_close[np.isfinite(adjusted_close)]
    for decimals in range(2, 7):
        scaled = known * 10.0**decimals
        if np.all(np.abs(scaled - np.rint(scaled)) <= 1e-9 * np.maximum(1.0, scaled)):
            return decimals
    return None


def _bands(close: Float64Array, adjusted: Float64Array, decimals: int | None) -> tuple[Float64Array, Float64Array]:
    """Bounds of the factor that each bar allows; a bar without an adjusted close allows any."""
    # A shade over half a unit in the last place, so that ties rounded either way stay inside.
    rounding = 0.0 if decimals is None else 0.502 * 10.0**-decimals
    slack = rounding + _NOISE_FRAC * adjusted
    known = np.isfinite(adjusted)
    low = np.where(known, (adjusted - slack) / close, -np.inf)
    high = np.where(known, (adjusted + slack) / close, np.inf)
    return low, high


def _first_break(low: Float64Array, high: Float64Array, start: int) -> int:
    """First bar from `start` whose band misses the common band of all before it; the length if none does."""
    total, at, width = len(low), start, 64
    floor, ceiling = -np.inf, np.inf
    while at < total:
        end = min(total, at + width)
        floors = np.maximum(np.maximum.accumulate(low[at:end]), floor)
        ceilings = np.minimum(np.minimum.accumulate(high[at:end]), ceiling)
        apart = floors > ceilings
        if apart.any():
            return at + int(np.argmax(apart))
        floor, ceiling, at, width = float(floors[-1]), float(ceilings[-1]), end, width * 2
    return total


def _breaks(low: Float64Array, high: Float64Array) -> list[int]:
    """Greedy division into the fewest flat stretches: the latest possible start of each but the first."""
    found: list[int] = []
    at = _first_break(low, high, 0)
    while at < len(low):
        found.append(at)
        at = _first_break(low, high, at)
    return found


@dataclass(frozen=True)
class _Change:
    """A change of the factor: it took place from bar `first` to bar `last`, most likely at `bar`."""

    first: int
    last: int
    bar: int


def _change_points(low: Float64Array, high: Float64Array, close: Float64Array, adjusted: Float64Array) -> list[_Change]:
    """First bar of each new flat stretch, with the days between which rounding leaves it open.

    Read forwards, greedy division gives the latest possible change points; read backwards, the earliest. Between the
    two the factor before and the factor after both fit within rounding: the day with the least squared error wins.
    """
    latest = _breaks(low, high)
    earliest = [len(low) - at for at in reversed(_breaks(low[::-1], high[::-1]))]
    changes: list[_Change] = []
    for (start, first), (last, end) in zip(pairwise([0, *earliest]), pairwise([*latest, len(low)]), strict=True):
        bar = first
        if first < last:
            before, after = _middle(low[start:first], high[start:first]), _middle(low[last:end], high[last:end])
            span = slice(first, last)
            # Moving the change a day later trades that day's error under the new factor for that under the old.
            trade = (adjusted[span] - close[span] * before) ** 2 - (adjusted[span] - close[span] * after) ** 2
            bar += int(np.argmin(np.concatenate(([0.0], np.cumsum(np.nan_to_num(trade))))))
        changes.append(_Change(first, last, max(bar, changes[-1].bar + 1 if changes else 1)))
    return changes


def _middle(low: Float64Array, high: Float64Array) -> float:
    return (float(low.max()) + float(high.min())) / 2.0


def _steps(
    open_: Float64Array, close: Float64Array, low: Float64Array, high: Float64Array, changes: list[_Change]
) -> list[_Step]:
    """Size of each change, from the common bands of the bars that surely lie on either side.

    The middle of a common band is a better estimate than a median: for rounding noise its error falls as 1 / n.
    """
    begins, ends = [0, *(c.last for c in changes)], [*(c.first for c in changes), len(close)]
    spans = [slice(a, max(a + 1, b)) for a, b in zip(begins, ends, strict=True)]
    bands = [(float(low[span].max()), float(high[span].min())) for span in spans]
    steps: list[_Step] = []
    for change, (before, after) in zip(changes, pairwise(bands), strict=True):
        bar = change.bar
        if not (before[0] > 0.0 and after[0] > 0.0 and math.isfinite(before[1]) and math.isfinite(after[1])):
            continue
        steps.append(
            _Step(
                bar=bar,
                growth=sum(after) / sum(before),
                growth_min=after[0] / before[1],
                growth_max=after[1] / before[0],
                close_before=float(close[bar - 1]),
                close=float(close[bar]),
                price_ratio=float(close[bar - 1] / open_[bar]),
            )
        )
    return steps


def _convention(steps: list[_Step]) -> Convention:
    """The convention under which the dividends are whole cents beyond chance; the textbook's where nothing tells.

    Each amount is known to within an interval. A hit counts for as much as it is improbable (the interval's share of a
    cent, in logarithm), a miss against; steps known to no better than half a cent say nothing.
    """
    evidence = dict.fromkeys(Convention, 0.0)
    for step in steps:
        if step.growth <= 1.0 or _simple_split(step) is not None:
            continue
        for convention in Convention:
            _, low, high = _cash(step, 1.0, convention)
            chance = (high - low) / 0.01
            if chance < 0.5:
                hit = low <= round((low + high) / 2.0, 2) <= high
                evidence[convention] += -math.log(chance) if hit else math.log(chance) / 2.0
    # Funds pay fractions of a cent: then both miss, and a few lucky hits must not decide.
    ex_close = evidence[Convention.EX_CLOSE]
    is_ex_close = ex_close > 2.0 and ex_close > evidence[Convention.PREVIOUS_CLOSE]
    return Convention.EX_CLOSE if is_ex_close else Convention.PREVIOUS_CLOSE


def _cash(step: _Step, split: float, convention: Convention) -> tuple[float, float, float]:
    """Dividend per share after `split` that explains the step: estimate and bounds, dollars."""

    def amount(growth: float) -> float:
        rest = growth / split
        if convention is Convention.EX_CLOSE:
            return step.close * (rest - 1.0)
        return step.close_before / split * (1.0 - 1.0 / rest)

    # Vendors' factors of seven digits move the amount by about this much.
    slack = 2e-5 + 1e-6 * step.close
    return amount(step.growth), amount(step.growth_min) - slack, amount(step.growth_max) + slack


def _declared(estimate: float, low: float, high: float) -> float:
    """The amount a company would declare nearest to the estimate, within what rounding leaves open."""
    for grid in _DECLARED_USD:
        amount = round(estimate / grid) * grid
        if amount > 0.0 and low <= amount <= high:
            return round(amount, 6)
    return round(estimate, 6)


def _explain(step: _Step, convention: Convention) -> tuple[float, float] | None:
    """Split ratio and dividend of a step: (1, 0) for noise, None where the raw prices contradict it."""
    size = math.log(step.growth)
    if abs(size) > _MUST_SHOW and not _shows(step, step.growth):
        return None
    split = _simple_split(step)
    if split is not None and not _is_small_cash(step, split, convention):
        return split, 0.0
    both = _split_and_cash(step, convention)
    if both is not None:
        return both
    estimate, low, high = _cash(step, 1.0, convention)
    if abs(estimate) < _DIVIDEND_USD_MIN:
        return 1.0, 0.0
    if estimate < 0.0:
        return None
    return 1.0, _declared(estimate, low, high)


def _shows(step: _Step, ratio: float) -> bool:
    """Whether the raw price jump lies nearer to `ratio` than to no jump."""
    return abs(math.log(step.price_ratio) - math.log(ratio)) < abs(math.log(ratio)) / 2.0


def _simple_split(step: _Step) -> float | None:
    """The simplest split ratio that explains the whole step, if one does and the raw prices show it."""
    # Factor files carry 1.5 as 10.6667 / 7.1111.
    low, high = step.growth_min * (1 - 2e-5), step.growth_max * (1 + 2e-5)
    for ratio in PLAUSIBLE:
        if low <= float(ratio) <= high and _shows(step, float(ratio)):
            return float(ratio)
    return None


def _is_small_cash(step: _Step, split: float, convention: Convention) -> bool:
    """Whether a small step reads better as cash: under 6:5, a whole-cent amount is the likelier cause."""
    if not 1.0 < split < 1.2:
        return False
    estimate, low, high = _cash(step, 1.0, convention)
    return low <= round(estimate, 2) <= high


def _split_and_cash(step: _Step, convention: Convention) -> tuple[float, float] | None:
    """A common split and a dividend of up to 6% on the same ex-date."""
    for ratio in PLAUSIBLE:
        split = float(ratio)
        if not (ratio in COMMON and split < step.growth <= split * 1.06 and _shows(step, split)):
            continue
        estimate, low, high = _cash(step, split, convention)
        amount = _declared(estimate, low, high)
        if estimate >= _DIVIDEND_USD_MIN and abs(amount * 100 - round(amount * 100)) < 1e-6:
            return split, amount
    return None
