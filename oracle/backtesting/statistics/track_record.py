"""How long a record has to be before its Sharpe ratio says something."""

from __future__ import annotations

from statistics import NormalDist

from oracle.backtesting.statistics.probabilistic_sharpe import sharpe_spread
from oracle.core.errors import RangeError


def minimum_track_record_length(
    sharpe_per_period: float,
    skewness: float = 0.0,
    kurtosis: float = 3.0,
    benchmark_per_period: float = 0.0,
    confidence: float = 0.95,
) -> float | None:
    """Return the periods after which a Sharpe ratio is above the benchmark with this confidence.

    None where it is not above the benchmark: then no length is enough.

    Parameters
    ----------
    sharpe_per_period : estimated, not annualised; taken to stay as it is while the record grows
    skewness, kurtosis : of the returns; 0 and 3 for a normal distribution
    benchmark_per_period : Sharpe ratio to be above, not annualised
    confidence : probability, above 0.5 and below 1

    Raises
    ------
    RangeError (R101) : the confidence is out of range, or no returns of this skewness have such a kurtosis

    Source: Bailey and Lopez de Prado, The Sharpe Ratio Efficient Frontier (2012), equation 11.
    Checked by: tests/unit/backtesting/test_sharpe_statistics.py
    """
    if not 0.5 < confidence < 1.0:
        raise RangeError(f"confidence: found {confidence:g}; expected above 0.5 and below 1")
    spread = sharpe_spread(sharpe_per_period, skewness, kurtosis)
    if sharpe_per_period <= benchmark_per_period:
        return None
    quantile = NormalDist().inv_cdf(confidence)
    return 1.0 + spread * (quantile / (sharpe_per_period - benchmark_per_period)) ** 2
