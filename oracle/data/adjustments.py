"""Turn the steps of an adjustment factor into dated splits and cash dividends.

A vendor's adjusted close is close times a factor that is flat between corporate actions and steps on each ex-date.
The numbered way from the two columns to events:

1. `factor.bands`: each bar confines the factor to an interval, because adjusted closes are rounded (often to cents).
2. `factor.change_points`: the factor stays flat while the intervals of a stretch have a point in common, so rounding
   noise never becomes a tiny dividend; where the ex-date itself hides in the noise, the best-fitting day is taken.
3. `_explain`: a step is a split where it is a simple ratio and the raw prices jump with it, a dividend otherwise,
   or both; a step that the raw prices contradict is left unexplained and reported, never booked.
4. Where that leaves steps unexplained, or dividends too large to believe, the closes themselves may have been rounded
   after the adjusted ones were computed from them: the bounds are widened by that, and kept if they explain more.

Vendors divide by different closes when they build the factor: the close before the ex-date (CRSP, Yahoo) or that of
the ex-date (Quandl WIKI). The convention that makes the amounts whole cents is taken, symbol by symbol.

This room reads columns and returns events; it never changes a price.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from oracle.data.factor import Float64Array, Int64Array, Step, bands, change_points, decimals_of, first_break, steps_of
from oracle.data.splits import COMMON, PLAUSIBLE, is_large_dividend

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
    exact, doubtful = _infer(ts_ns, open_, close, adjusted_close, None)
    close_decimals = decimals_of(close) if doubtful else None
    if close_decimals is None:
        return exact
    rounded, still_doubtful = _infer(ts_ns, open_, close, adjusted_close, close_decimals)
    return rounded if still_doubtful < doubtful else exact


def _infer(
    ts_ns: Int64Array,
    open_: Float64Array,
    close: Float64Array,
    adjusted_close: Float64Array,
    close_decimals: int | None,
) -> tuple[Inferred, int]:
    """What the factor says under one belief about the closes, and how many of its steps are hard to believe."""
    decimals = decimals_of(adjusted_close)
    low, high = bands(close, adjusted_close, decimals, close_decimals)
    if len(close) == 0 or first_break(low, high, 0) == len(close):
        return Inferred((), (), Convention.PREVIOUS_CLOSE, decimals), 0
    steps = steps_of(open_, close, low, high, change_points(low, high, close, adjusted_close))
    convention = _convention(steps)
    actions: list[Action] = []
    unexplained: list[Unexplained] = []
    large = 0
    for step in steps:
        explained = _explain(step, convention)
        when = int(ts_ns[step.bar])
        if explained is None:
            unexplained.append(Unexplained(when, step.growth, step.price_ratio))
        elif explained != (1.0, 0.0):
            actions.append(Action(when, *explained))
            large += is_large_dividend(explained[1], step.close_before / explained[0])
    return Inferred(tuple(actions), tuple(unexplained), convention, decimals), large + len(unexplained)


def _convention(steps: list[Step]) -> Convention:
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


def _cash(step: Step, split: float, convention: Convention) -> tuple[float, float, float]:
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


def _explain(step: Step, convention: Convention) -> tuple[float, float] | None:
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


def _shows(step: Step, ratio: float) -> bool:
    """Whether the raw price jump lies nearer to `ratio` than to no jump."""
    return abs(math.log(step.price_ratio) - math.log(ratio)) < abs(math.log(ratio)) / 2.0


def _simple_split(step: Step) -> float | None:
    """The simplest split ratio that explains the whole step, if one does and the raw prices show it."""
    # Factor files carry 1.5 as 10.6667 / 7.1111.
    low, high = step.growth_min * (1 - 2e-5), step.growth_max * (1 + 2e-5)
    for ratio in PLAUSIBLE:
        if low <= float(ratio) <= high and _shows(step, float(ratio)):
            return float(ratio)
    return None


def _is_small_cash(step: Step, split: float, convention: Convention) -> bool:
    """Whether a small step reads better as cash: under 6:5, a whole-cent amount is the likelier cause."""
    if not 1.0 < split < 1.2:
        return False
    estimate, low, high = _cash(step, 1.0, convention)
    return low <= round(estimate, 2) <= high


def _split_and_cash(step: Step, convention: Convention) -> tuple[float, float] | None:
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
