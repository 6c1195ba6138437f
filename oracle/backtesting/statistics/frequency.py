"""A Sharpe ratio per period and per year are different numbers; every name here says which one it is."""

from __future__ import annotations

import math

from oracle.core.errors import RangeError

#: Sessions in a year, as the engine's metrics count them.
SESSIONS_PER_YEAR = 252
#: Deviation, relative to the mean, below which returns only differ by rounding.
ROUNDING = 1e-12


def annualised_sharpe(sharpe_per_period: float, periods_per_year: float = SESSIONS_PER_YEAR) -> float:
    """Return a Sharpe ratio per year: that per period times the square root of the periods in a year.

    Raises
    ------
    RangeError (R101) : ``periods_per_year`` is not above 0

    Source: A. Lo, The Statistics of Sharpe Ratios (2002), for returns without autocorrelation.
    """
    return sharpe_per_period * math.sqrt(_periods(periods_per_year))


def sharpe_per_period(annualised_sharpe: float, periods_per_year: float = SESSIONS_PER_YEAR) -> float:
    """Return a Sharpe ratio per period, from that per year; the inverse of ``annualised_sharpe``.

    Raises
    ------
    RangeError (R101) : ``periods_per_year`` is not above 0
    """
    return annualised_sharpe / math.sqrt(_periods(periods_per_year))


def sharpe_of(mean: float | None, deviation: float | None) -> float | None:
    """Return a Sharpe ratio per period from mean and deviation of its returns; None where they never differ."""
    if mean is None or deviation is None or not deviation > ROUNDING * abs(mean):
        return None
    return mean / deviation


def _periods(periods_per_year: float) -> float:
    if not periods_per_year > 0:
        raise RangeError(f"periods per year: found {periods_per_year}; expected more than 0")
    return periods_per_year
