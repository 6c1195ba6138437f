"""Find where an adjustment factor steps, and by how much, through the rounding of adjusted closes.

Each bar confines the factor to an interval; a stretch is flat as long as its intervals have a point in common.
What a step means is for `adjustments` to say.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Float64Array = npt.NDArray[np.float64]
Int64Array = npt.NDArray[np.int64]

# Vendors that print many digits compute in float32 or from factors of seven digits: relative noise up to 1e-7.
_NOISE_FRAC = 2e-7


@dataclass(frozen=True)
class Step:
    """One change of the factor: shares-equivalent growth `1 / r`, with the bounds that rounding leaves open."""

    bar: int
    growth: float
    growth_min: float
    growth_max: float
    close_before: float
    close: float
    price_ratio: float  # raw close before over raw open: what the market saw


def decimals_of(adjusted_close: Float64Array) -> int | None:
    """Decimals to which the column is rounded, 2 to 6; None for full precision."""
    known = adjusted_close[np.isfinite(adjusted_close)]
    for decimals in range(2, 7):
        scaled = known * 10.0**decimals
        if np.all(np.abs(scaled - np.rint(scaled)) <= 1e-9 * np.maximum(1.0, scaled)):
            return decimals
    return None


def bands(
    close: Float64Array, adjusted: Float64Array, decimals: int | None, close_decimals: int | None = None
) -> tuple[Float64Array, Float64Array]:
    """Bounds of the factor that each bar allows; a bar without an adjusted close allows any.

    `decimals` of the adjusted closes, and `close_decimals` of the closes where these were rounded after the adjusted
    ones were computed from them; None for as they stand.
    """
    slack = _rounding(decimals) + _NOISE_FRAC * adjusted
    known = np.isfinite(adjusted)
    low = np.where(known, (adjusted - slack) / (close + _rounding(close_decimals)), -np.inf)
    high = np.where(known, (adjusted + slack) / (close - _rounding(close_decimals)), np.inf)
    return low, high


def _rounding(decimals: int | None) -> float:
    """A shade over half a unit in the last place, so that ties rounded either way stay inside."""
    return 0.0 if decimals is None else 0.502 * 10.0**-decimals


def first_break(low: Float64Array, high: Float64Array, start: int) -> int:
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
    at = first_break(low, high, 0)
    while at < len(low):
        found.append(at)
        at = first_break(low, high, at)
    return found


@dataclass(frozen=True)
class _Change:
    """A change of the factor: it took place from bar `first` to bar `last`, most likely at `bar`."""

    first: int
    last: int
    bar: int


def change_points(low: Float64Array, high: Float64Array, close: Float64Array, adjusted: Float64Array) -> list[_Change]:
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


def steps_of(
    open_: Float64Array, close: Float64Array, low: Float64Array, high: Float64Array, changes: list[_Change]
) -> list[Step]:
    """Size of each change, from the common bands of the bars that surely lie on either side.

    The middle of a common band is a better estimate than a median: for rounding noise its error falls as 1 / n.
    """
    begins, ends = [0, *(c.last for c in changes)], [*(c.first for c in changes), len(close)]
    spans = [slice(a, max(a + 1, b)) for a, b in zip(begins, ends, strict=True)]
    common = [(float(low[span].max()), float(high[span].min())) for span in spans]
    steps: list[Step] = []
    for change, (before, after) in zip(changes, pairwise(common), strict=True):
        bar = change.bar
        if not (before[0] > 0.0 and after[0] > 0.0 and math.isfinite(before[1]) and math.isfinite(after[1])):
            continue
        steps.append(
            Step(
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
