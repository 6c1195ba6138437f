"""Split ratios as companies choose them: which are plausible, which common, and which one a price jump looks like."""

from __future__ import annotations

import math
from fractions import Fraction

_WHOLES = (*range(2, 31), 35, 40, 45, 50, 60, 70, 75, 80, 90, 100, 125, 150, 200, 250, 300, 400, 500, 1000)


def _plausible() -> tuple[Fraction, ...]:
    found = {Fraction(p, q) for p in range(1, 11) for q in range(1, 11)} | {Fraction(n) for n in _WHOLES}
    found |= {Fraction(1, n) for n in _WHOLES} | {Fraction(21, 20), Fraction(11, 10)}
    return tuple(sorted(found - {Fraction(1)}, key=lambda ratio: (ratio.numerator + ratio.denominator, ratio)))


# New shares per old share, simplest first: p:q up to 10, n:1 and 1:n, stock dividends of 5% and 10%.
PLAUSIBLE = _plausible()
# Those that a company also declares beside a cash dividend.
COMMON = frozenset(r for r in PLAUSIBLE if r == Fraction(3, 2) or 1 in (r.numerator, r.denominator))
_POPULAR = tuple(
    ratio for n in (2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 30, 40, 50, 100) for ratio in (Fraction(n), Fraction(1, n))
)

# A cash dividend beyond this part of the price is rare enough to be looked at; a misread split is the usual cause.
_LARGE_DIVIDEND_FRAC = 0.25


def is_large_dividend(dividend_usd: float, price_usd: float) -> bool:
    """Whether a dividend is too large a part of the close before its ex-date (on the basis after any split)."""
    return dividend_usd > _LARGE_DIVIDEND_FRAC * price_usd


def nearest_split(growth: float) -> Fraction:
    """The plausible split ratio nearest to a growth of shares, the simplest of equally near ones."""
    return min(PLAUSIBLE, key=lambda ratio: abs(math.log(growth / float(ratio))))


def split_near(price_ratio: float) -> Fraction | None:
    """The popular n:1 or 1:n split nearest to a raw price jump (close before over open), if one is near.

    Near is within 8%, and within 15% beyond 4:1, where a jump by itself is so rare that more noise is forgiven.
    """
    tolerance_frac = 0.08 if 0.25 < price_ratio < 4.0 else 0.15
    nearest = min(_POPULAR, key=lambda ratio: abs(math.log(price_ratio / float(ratio))))
    return nearest if abs(price_ratio / float(nearest) - 1.0) <= tolerance_frac else None
