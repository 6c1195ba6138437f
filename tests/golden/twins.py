"""Slow twins of functions that TA-Lib lacks, from the textbook formula, one bar at a time.

Arrays are float64[n_bars], oldest first; NaN is a missing value. Nothing here is shared with the engine.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def windows(values: Floats, length: int) -> list[Floats | None]:
    """Each bar's last `length` values, or None where there are fewer or one is missing."""
    out: list[Floats | None] = []
    for end in range(1, len(values) + 1):
        window = values[max(0, end - length) : end]
        out.append(None if len(window) < length or bool(np.isnan(window).any()) else window)
    return out


def average(values: Floats, length: int) -> Floats:
    """Mean of the last `length` values."""
    return np.array([math.nan if w is None else math.fsum(w) / length for w in windows(values, length)])


def weighted(values: Floats, length: int) -> Floats:
    """Average with weights 1 to `length`, the newest weighing most."""
    total = length * (length + 1) / 2
    return np.array(
        [
            math.nan if w is None else math.fsum((i + 1) * x for i, x in enumerate(w)) / total
            for w in windows(values, length)
        ]
    )


def hull(values: Floats, length: int) -> Floats:
    """Hull's average: weighted, of twice the half-length less the full, over the root of the length (2005)."""
    return weighted(2 * weighted(values, length // 2) - weighted(values, length), math.isqrt(length))


def weighted_by_volume(values: Floats, volume: Floats, length: int) -> Floats:
    """Sum of price times volume over sum of volume."""
    money, shares = windows(values * volume, length), windows(volume, length)
    return np.array(
        [
            math.nan if m is None or s is None else math.fsum(m) / math.fsum(s)
            for m, s in zip(money, shares, strict=True)
        ]
    )


def smoothed(values: Floats, length: int, weight: float) -> Floats:
    """`e + weight * (x - e)`, seeded with the mean of the first `length` present values; missing ones are skipped."""
    out = np.full(len(values), math.nan)
    seed: list[float] = []
    e = math.nan
    for bar, x in enumerate(values):
        if math.isnan(x):
            continue
        if math.isnan(e):
            seed.append(float(x))
            if len(seed) == length:
                e = math.fsum(seed) / length
        else:
            e += weight * (float(x) - e)
        out[bar] = e
    return out


def strength(values: Floats, long: int, short: int) -> Floats:
    """Blau's true strength index in percent-points: twice smoothed changes over twice smoothed absolute changes."""

    def twice(changes: Floats) -> Floats:
        return smoothed(smoothed(changes, long, 2 / (long + 1)), short, 2 / (short + 1))

    change = np.concatenate([[math.nan], np.diff(values)])
    return 100 * twice(change) / twice(np.abs(change))
