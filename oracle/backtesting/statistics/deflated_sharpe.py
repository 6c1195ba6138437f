"""What the best of many attempts is worth: the Sharpe ratio that luck alone would find, and the odds beyond it."""

from __future__ import annotations

import math
from statistics import NormalDist

from oracle.backtesting.statistics.probabilistic_sharpe import probabilistic_sharpe_ratio
from oracle.core.errors import RangeError

EULER_MASCHERONI = 0.5772156649015329


def expected_maximum_sharpe_per_period(trials: int, sharpe_variance_per_period: float) -> float:
    """Return the Sharpe ratio per period that the best of so many worthless trials is expected to show.

    Parameters
    ----------
    trials : independent attempts, 1 or more; one attempt is no choice, and gives 0
    sharpe_variance_per_period : variance of the trials' Sharpe ratios, not annualised, 0 or more

    Raises
    ------
    RangeError (R101) : an argument is out of range

    Source: Bailey and Lopez de Prado, The Deflated Sharpe Ratio (2014), equation 1 with a mean of 0, as in equation 2.
    Edge cases: the approximation is meant for many trials; for 2 it gives 0.52 deviations where 0.56 is exact.
    Checked by: tests/unit/backtesting/test_sharpe_statistics.py
    """
    if trials < 1:
        raise RangeError(f"trials: found {trials}; expected 1 or more")
    if not (sharpe_variance_per_period >= 0 and math.isfinite(sharpe_variance_per_period)):
        raise RangeError(f"variance of the trials: found {sharpe_variance_per_period}; expected 0 or more")
    if trials == 1:
        return 0.0
    quantile = NormalDist().inv_cdf
    usual = (1.0 - EULER_MASCHERONI) * quantile(1.0 - 1.0 / trials)
    rare = EULER_MASCHERONI * quantile(1.0 - 1.0 / (trials * math.e))
    return math.sqrt(sharpe_variance_per_period) * (usual + rare)


def deflated_sharpe_ratio(
    sharpe_per_period: float,
    observations: int,
    skewness: float,
    kurtosis: float,
    trials: int,
    sharpe_variance_per_period: float,
) -> float:
    """Return the probability, 0 to 1, that the true Sharpe ratio is above 0, though it is the best of many trials.

    It is the probabilistic Sharpe ratio against what luck alone would have found.

    Parameters
    ----------
    sharpe_per_period : of the chosen strategy, not annualised
    observations : periods it was estimated from, 2 or more
    skewness, kurtosis : of its returns; 0 and 3 for a normal distribution
    trials : independent attempts, 1 or more
    sharpe_variance_per_period : variance of the trials' Sharpe ratios, not annualised, 0 or more

    Raises
    ------
    RangeError (R101) : an argument is out of range

    Source: Bailey and Lopez de Prado, The Deflated Sharpe Ratio (2014), equation 2.
    Checked by: tests/unit/backtesting/test_sharpe_statistics.py
    """
    luck = expected_maximum_sharpe_per_period(trials, sharpe_variance_per_period)
    return probabilistic_sharpe_ratio(sharpe_per_period, observations, skewness, kurtosis, luck)
