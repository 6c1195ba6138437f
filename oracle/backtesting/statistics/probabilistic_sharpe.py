"""How probable it is that a true Sharpe ratio lies above a benchmark, given how short and how skewed the record is."""

from __future__ import annotations

import math
from statistics import NormalDist

from oracle.core.errors import RangeError


def sharpe_deviation(sharpe_per_period: float, observations: int, skewness: float, kurtosis: float) -> float:
    """Return the standard error of a Sharpe ratio per period.

    Parameters
    ----------
    sharpe_per_period : estimated, not annualised
    observations : periods it was estimated from, 2 or more
    skewness, kurtosis : of the returns; 0 and 3 for a normal distribution

    Raises
    ------
    RangeError (R101) : too few observations, or a kurtosis that no returns of this skewness have

    Source: Bailey and Lopez de Prado, The Sharpe Ratio Efficient Frontier (2012), equation 8, after Mertens (2002).
    """
    if observations < 2:
        raise RangeError(f"observations: found {observations}; expected 2 or more")
    return math.sqrt(sharpe_spread(sharpe_per_period, skewness, kurtosis) / (observations - 1))


def sharpe_spread(sharpe_per_period: float, skewness: float, kurtosis: float) -> float:
    """Return the variance of a Sharpe ratio's estimate times the observations less one.

    Raises
    ------
    RangeError (R101) : no returns of this skewness have such a kurtosis
    """
    spread = 1.0 - skewness * sharpe_per_period + (kurtosis - 1.0) / 4.0 * sharpe_per_period**2
    if not spread > 0:
        raise RangeError(f"kurtosis: found {kurtosis:g}; expected at least 1 + skewness² = {1 + skewness**2:g}")
    return spread


def probabilistic_sharpe_ratio(
    sharpe_per_period: float,
    observations: int,
    skewness: float = 0.0,
    kurtosis: float = 3.0,
    benchmark_per_period: float = 0.0,
) -> float:
    """Return the probability, 0 to 1, that the true Sharpe ratio is above the benchmark.

    Parameters
    ----------
    sharpe_per_period : estimated, not annualised
    observations : periods it was estimated from, 2 or more
    skewness, kurtosis : of the returns; 0 and 3 for a normal distribution
    benchmark_per_period : Sharpe ratio to be above, not annualised

    Raises
    ------
    RangeError (R101) : too few observations, or a kurtosis that no returns of this skewness have

    Source: Bailey and Lopez de Prado, The Sharpe Ratio Efficient Frontier (2012), equation 9.
    Checked by: tests/unit/backtesting/test_sharpe_statistics.py
    """
    error = sharpe_deviation(sharpe_per_period, observations, skewness, kurtosis)
    return NormalDist().cdf((sharpe_per_period - benchmark_per_period) / error)
