"""How long the blocks of a bootstrap have to be for a series, so that what hangs together stays together."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from oracle.backtesting.statistics.moments import finite_column

#: Lags in a row whose correlation must be insignificant before the series counts as forgotten.
QUIET_LAGS = 5
#: Fewer values than this say nothing about their dependence.
VALUES_MIN = 10


def expected_block_length(values: npt.ArrayLike) -> float:
    """Return the mean block length, 1 or more, that suits the stationary bootstrap of a series.

    Longer memory and longer series want longer blocks; independent values want 1.

    Parameters
    ----------
    values : float64[n], finite, any unit; fewer than 10 give 1

    Raises
    ------
    RangeError (R101) : ``values`` is no one column of finite numbers

    Source: Politis and White, Automatic Block-Length Selection for the Dependent Bootstrap (2004), section 3.2, with
    the constant corrected by Patton, Politis and White (2009); the flat-top lag window of Politis and Romano (1995).
    Checked by: tests/unit/backtesting/test_stationary_bootstrap.py
    """
    series = finite_column(values, "values")
    count = len(series)
    if count < VALUES_MIN or not np.ptp(series) > 0:
        return 1.0
    longest = math.ceil(min(3.0 * math.sqrt(count), count / 3.0))
    lags = min(math.ceil(math.sqrt(count)) + QUIET_LAGS, count - 1)
    distance = series - series.mean()
    covariance = np.array([distance[: count - lag] @ distance[lag:] / count for lag in range(lags + 1)])
    window = min(2 * max(_memory(np.abs(covariance / covariance[0]), count), 1), lags)
    lag = np.arange(1, window + 1)
    weighted = np.clip(2.0 * (1.0 - lag / window), 0.0, 1.0) * covariance[1 : window + 1]
    slope, level = 2.0 * float(lag @ weighted), float(covariance[0] + 2.0 * weighted.sum())
    if level == 0:
        return float(longest)
    wanted = math.cbrt((slope / level) ** 2 * count)
    return min(max(wanted, 1.0), float(longest))


def volatility_block_length(returns: npt.ArrayLike) -> float:
    """Return the longer of the block lengths that returns and their squares want.

    Calm and stormy weeks come in clusters, which only the squares show; a drawdown depends on them.

    Parameters
    ----------
    returns : float64[n], fractions, finite

    Raises
    ------
    RangeError (R101) : ``returns`` is no one column of finite numbers
    """
    series = finite_column(returns, "returns")
    return (
        max(expected_block_length(series), expected_block_length((series - series.mean()) ** 2)) if len(series) else 1.0
    )


def _memory(correlation: npt.NDArray[np.float64], count: int) -> int:
    """Return the lag after which correlations are insignificant: for some lags in a row, or else for good."""
    significant = correlation[1:] > 2.0 * math.sqrt(math.log10(count) / count)
    quiet = 0
    for lag, stands_out in enumerate(significant, start=1):
        quiet = 0 if stands_out else quiet + 1
        if quiet == QUIET_LAGS:
            return lag - QUIET_LAGS
    return int(np.flatnonzero(significant)[-1]) + 1 if significant.any() else 0
