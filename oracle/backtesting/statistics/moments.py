"""The four moments of returns from which the Sharpe ratio's own uncertainty follows."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from oracle.core.errors import RangeError


@dataclass(frozen=True, slots=True)
class Moments:
    """Moments of returns per period.

    ``mean`` and ``deviation`` (divisor n - 1) are fractions per period; ``skewness`` and ``kurtosis`` are the plain
    standardised moments (divisor n), 0 and 3 for a normal distribution.
    """

    observations: int
    mean: float
    deviation: float
    skewness: float
    kurtosis: float

    @property
    def sharpe_per_period(self) -> float:
        """Mean over deviation, not annualised, risk-free rate zero."""
        return self.mean / self.deviation

    @classmethod
    def of(cls, returns: npt.ArrayLike) -> Moments | None:
        """Return the moments of returns; None where there are fewer than 2 or they never differ.

        Parameters
        ----------
        returns : float64[n_periods], fractions, finite

        Raises
        ------
        RangeError (R101) : ``returns`` is no one column of finite numbers
        """
        values = finite_column(returns, "returns")
        if len(values) < 2:
            return None
        mean = float(values.mean())
        distance = values - mean
        squares = distance * distance
        second = float(squares.mean())
        # A constant leaves only rounding behind.
        if second <= (1e-15 * max(abs(mean), float(np.abs(values).max()))) ** 2:
            return None
        return cls(
            observations=len(values),
            mean=mean,
            deviation=math.sqrt(float(squares.sum()) / (len(values) - 1)),
            skewness=float((squares * distance).mean()) / second**1.5,
            kurtosis=float((squares * squares).mean()) / second**2,
        )


def finite_column(values: npt.ArrayLike, what: str) -> npt.NDArray[np.float64]:
    """Return values as one float64 column.

    Raises
    ------
    RangeError (R101) : they have not one dimension, or are not all finite
    """
    column = np.asarray(values, dtype=np.float64)
    if column.ndim != 1 or not np.isfinite(column).all():
        raise RangeError(f"{what}: expected one column of finite numbers; found {column.ndim} dimensions or a gap")
    return column
