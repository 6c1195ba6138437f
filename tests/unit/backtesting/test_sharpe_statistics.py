"""The statistics of a Sharpe ratio, against the worked examples of the papers that define them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from oracle.backtesting.statistics.deflated_sharpe import deflated_sharpe_ratio, expected_maximum_sharpe_per_period
from oracle.backtesting.statistics.frequency import annualised_sharpe, sharpe_per_period
from oracle.backtesting.statistics.moments import Moments
from oracle.backtesting.statistics.probabilistic_sharpe import probabilistic_sharpe_ratio, sharpe_deviation
from oracle.backtesting.statistics.track_record import minimum_track_record_length
from oracle.core.errors import RangeError

# Bailey and Lopez de Prado, The Deflated Sharpe Ratio (2014), "A numerical example": the best of the trials has an
# annual Sharpe ratio of 2.5 over 1,250 days of 250 a year; the trials' annual ratios have a variance of 1/2.
DAYS, SHARPE, VARIANCE = 1250, 2.5 / math.sqrt(250), 0.5 / 250


def test_the_deflated_sharpe_ratio_of_the_papers_example() -> None:
    assert expected_maximum_sharpe_per_period(100, VARIANCE) == pytest.approx(0.1132, abs=5e-5)
    assert deflated_sharpe_ratio(SHARPE, DAYS, -3.0, 10.0, 100, VARIANCE) == pytest.approx(0.9004, abs=5e-5)


def test_with_fewer_trials_or_normal_returns_the_example_would_have_passed() -> None:
    """The same section: 46 trials of such returns, or 88 of normal ones, would have left 95%."""
    assert deflated_sharpe_ratio(SHARPE, DAYS, -3.0, 10.0, 46, VARIANCE) == pytest.approx(0.9505, abs=5e-5)
    assert deflated_sharpe_ratio(SHARPE, DAYS, 0.0, 3.0, 88, VARIANCE) == pytest.approx(0.9505, abs=5e-5)


def test_the_probabilistic_sharpe_ratio_of_a_hedge_fund() -> None:
    """Bailey and Lopez de Prado, The Sharpe Ratio Efficient Frontier (2012): two years of months, 0.458 a month."""
    assert probabilistic_sharpe_ratio(0.458, 24) == pytest.approx(0.982, abs=5e-4)
    assert probabilistic_sharpe_ratio(0.458, 24, -2.448, 10.164) == pytest.approx(0.913, abs=5e-4)


@pytest.mark.parametrize(("periods", "skewness", "kurtosis", "years"), [
    (252, 0.0, 3.0, 2.73), (52, 0.0, 3.0, 2.83), (12, 0.0, 3.0, 3.24), (12, -0.72, 5.78, 4.99),
])  # fmt: skip
def test_years_until_a_sharpe_ratio_of_2_is_surely_above_1(
    periods: int, skewness: float, kurtosis: float, years: float
) -> None:
    """The same paper, on the minimum track record: daily, weekly and monthly normal returns, and a hedge fund's."""
    one, two = (sharpe_per_period(annual, periods) for annual in (1.0, 2.0))
    length = minimum_track_record_length(two, skewness, kurtosis, benchmark_per_period=one)
    assert length is not None
    assert length / periods == pytest.approx(years, abs=5e-3)


def test_after_the_minimum_track_record_the_probability_is_the_confidence() -> None:
    length = minimum_track_record_length(0.08, -1.0, 7.0, benchmark_per_period=0.02, confidence=0.9)
    assert length is not None
    whole = [probabilistic_sharpe_ratio(0.08, count, -1.0, 7.0, 0.02) for count in (int(length), int(length) + 1)]
    assert whole[0] < 0.9 < whole[1]


def test_no_record_is_long_enough_below_the_benchmark() -> None:
    assert minimum_track_record_length(0.02, benchmark_per_period=0.02) is None
    assert minimum_track_record_length(-0.1) is None


def test_one_trial_is_no_choice() -> None:
    assert expected_maximum_sharpe_per_period(1, 0.3) == 0.0
    assert deflated_sharpe_ratio(0.1, 500, -1.0, 6.0, 1, 0.0) == probabilistic_sharpe_ratio(0.1, 500, -1.0, 6.0)


# H. L. Harter, Expected Values of Normal Order Statistics (1961), table 1: the greatest of n.
GREATEST = {5: 1.16296, 10: 1.53875, 100: 2.50759, 1000: 3.24144}


@pytest.mark.parametrize("trials", sorted(GREATEST))
def test_the_expected_maximum_is_near_that_of_normal_order_statistics(trials: int) -> None:
    assert expected_maximum_sharpe_per_period(trials, 1.0) == pytest.approx(GREATEST[trials], rel=0.026)
    assert expected_maximum_sharpe_per_period(trials, 0.25) == pytest.approx(GREATEST[trials] / 2, rel=0.026)


def test_a_deflated_ratio_falls_with_trials_and_with_their_spread() -> None:
    by_trials = [deflated_sharpe_ratio(0.1, 1000, -0.5, 5.0, n, 0.001) for n in (1, 2, 10, 100, 10_000)]
    assert by_trials == sorted(by_trials, reverse=True)
    by_spread = [deflated_sharpe_ratio(0.1, 1000, -0.5, 5.0, 50, variance) for variance in (0.0, 1e-4, 1e-3, 1e-2)]
    assert by_spread == sorted(by_spread, reverse=True)


def test_the_standard_error_is_what_drawn_samples_show() -> None:
    """Sharpe ratios of many short samples scatter as equation 8 says, for skewed returns too."""
    generator = np.random.default_rng(11)
    samples = generator.gamma(4.0, 1.0, (20_000, 250)) * -0.005 + 0.0215
    ratios = samples.mean(axis=1) / samples.std(axis=1, ddof=1)
    # A gamma distribution of shape 4: mean 4, variance 4, skewness 1, kurtosis 3 + 6 / 4; here mirrored.
    true = (0.0215 - 0.02) / 0.01
    assert sharpe_deviation(true, 250, -1.0, 4.5) == pytest.approx(ratios.std(), rel=0.02)


def test_moments_worked_by_hand() -> None:
    # Mean 0.01; distances -0.02, 0, 0, 0.02, 0: squares sum to 0.0008, cubes to 0, fourth powers to 3.2e-7.
    moments = Moments.of([-0.01, 0.01, 0.01, 0.03, 0.01])
    assert moments is not None
    assert moments.observations == 5
    assert moments.mean == pytest.approx(0.01)
    assert moments.deviation == pytest.approx(math.sqrt(0.0008 / 4))
    assert moments.skewness == pytest.approx(0.0, abs=1e-12)
    assert moments.kurtosis == pytest.approx((3.2e-7 / 5) / (0.0008 / 5) ** 2)
    assert moments.sharpe_per_period == pytest.approx(0.01 / math.sqrt(0.0002))


@pytest.mark.parametrize("returns", [[], [0.01], [0.01, 0.01, 0.01], [0.0] * 50, [0.1] * 7])
def test_returns_that_never_differ_have_no_moments(returns: list[float]) -> None:
    assert Moments.of(returns) is None


def test_per_year_and_per_period_are_inverse() -> None:
    assert annualised_sharpe(0.1, 252) == pytest.approx(0.1 * math.sqrt(252))
    assert sharpe_per_period(annualised_sharpe(0.07, 52), 52) == pytest.approx(0.07)


def test_what_is_out_of_range_is_refused() -> None:
    with pytest.raises(RangeError, match="observations"):
        probabilistic_sharpe_ratio(0.1, 1)
    with pytest.raises(RangeError, match="kurtosis"):
        probabilistic_sharpe_ratio(1.0, 100, skewness=2.0, kurtosis=1.0)
    with pytest.raises(RangeError, match="trials"):
        expected_maximum_sharpe_per_period(0, 1.0)
    with pytest.raises(RangeError, match="variance"):
        expected_maximum_sharpe_per_period(2, -1.0)
    with pytest.raises(RangeError, match="confidence"):
        minimum_track_record_length(0.1, confidence=0.5)
    with pytest.raises(RangeError, match="periods"):
        annualised_sharpe(0.1, 0)
    with pytest.raises(RangeError, match="returns"):
        Moments.of([0.1, math.nan])
