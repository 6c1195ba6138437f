"""The stationary bootstrap and the length of its blocks, against what their papers prove."""

from __future__ import annotations

import math

import numpy as np
import pytest

from oracle.backtesting.statistics.block_length import expected_block_length, volatility_block_length
from oracle.backtesting.statistics.stationary_bootstrap import resampled_indices
from oracle.core.errors import RangeError


def drawn(count: int, paths: int, length: int, block: float, seed: int = 1) -> np.ndarray:
    return np.concatenate(list(resampled_indices(count, paths, length, block, seed)))


def test_blocks_go_on_around_the_end_and_have_the_mean_length() -> None:
    """Politis and Romano (1994), section 2: lengths are geometric, starts uniform, the series a circle."""
    at = drawn(50, 2000, 500, 8.0)
    goes_on = np.diff(at, axis=1) % 50 == 1
    # A new block begins with probability 1/8, and then lands on the next value by chance once in 50.
    assert goes_on.mean() == pytest.approx(1.0 - (1.0 / 8.0) * (1.0 - 1.0 / 50.0), abs=2e-3)
    assert ((at[:, :-1] == 49) & (at[:, 1:] == 0)).any()
    counts = np.bincount(at.ravel(), minlength=50)
    assert counts / counts.mean() == pytest.approx(np.ones(50), abs=0.05)


def test_the_variance_of_a_mean_is_what_the_paper_says() -> None:
    """Politis and Romano (1994), lemma 1: the bootstrap variance of the mean from circular autocovariances."""
    values = np.cumsum(np.random.default_rng(3).normal(size=60)) * 0.1
    distance, count, chance = values - values.mean(), len(values), 1.0 / 5.0
    circular = [float(distance @ np.roll(distance, -lag)) / count for lag in range(count)]
    expected = circular[0] / count + 2.0 / count * sum(
        (1.0 - lag / count) * (1.0 - chance) ** lag * circular[lag] for lag in range(1, count)
    )
    means = values[drawn(count, 40_000, count, 5.0)].mean(axis=1)
    assert means.var() == pytest.approx(expected, rel=0.03)
    assert means.mean() == pytest.approx(values.mean(), abs=4 * math.sqrt(expected / 40_000))


def test_blocks_of_one_draw_each_value_on_its_own() -> None:
    at = drawn(100, 200, 300, 1.0)
    assert (np.diff(at, axis=1) % 100 == 1).mean() == pytest.approx(0.01, abs=2e-3)


def test_the_seed_decides_everything() -> None:
    assert (drawn(30, 5, 40, 4.0, seed=2) == drawn(30, 5, 40, 4.0, seed=2)).all()
    assert (drawn(30, 5, 40, 4.0, seed=2) != drawn(30, 5, 40, 4.0, seed=3)).any()
    many = drawn(30, 600, 1500, 4.0)
    assert many.shape == (600, 1500), "more than one batch"


@pytest.mark.parametrize("memory", [0.3, 0.5, 0.8])
def test_the_block_length_of_an_autoregression_is_the_optimal_one(memory: float) -> None:
    """For x(t) = a x(t-1) + e the optimum follows by hand: G / g(0) = 2a / (1 - a²), so (2a / (1 - a²))^(2/3) n^(1/3).

    Politis and White (2004), section 3, with the constant of Patton, Politis and White (2009).
    """
    count = 60_000
    shocks = np.random.default_rng(4).normal(size=count)
    series = np.empty(count)
    last = 0.0
    for at, shock in enumerate(shocks):
        last = memory * last + shock
        series[at] = last
    optimum = (2.0 * memory / (1.0 - memory**2)) ** (2.0 / 3.0) * count ** (1.0 / 3.0)
    assert expected_block_length(series) == pytest.approx(optimum, rel=0.15)


def test_independent_values_want_short_blocks() -> None:
    lengths = [expected_block_length(np.random.default_rng(seed).normal(size=2000)) for seed in range(20)]
    assert np.median(lengths) < 4.0
    assert min(lengths) >= 1.0


def test_clusters_of_volatility_want_longer_blocks_than_returns_show() -> None:
    generator = np.random.default_rng(6)
    calm_or_storm = np.repeat(generator.choice([0.005, 0.03], 60), 50)
    returns = generator.normal(size=3000) * calm_or_storm
    assert volatility_block_length(returns) > 10.0 > expected_block_length(returns)


@pytest.mark.parametrize("values", [[], [1.0], [1.0, 2.0] * 3, [5.0] * 100])
def test_too_little_to_tell_gives_one(values: list[float]) -> None:
    assert expected_block_length(values) == 1.0
    assert volatility_block_length(values) == 1.0


def test_a_block_is_never_longer_than_the_bound() -> None:
    assert expected_block_length(np.arange(300.0)) <= math.ceil(3 * math.sqrt(300))


@pytest.mark.parametrize("arguments", [(0, 1, 1, 1.0), (1, 0, 1, 1.0), (1, 1, 0, 1.0), (1, 1, 1, 0.5)])
def test_what_cannot_be_drawn_is_refused(arguments: tuple[int, int, int, float]) -> None:
    with pytest.raises(RangeError):
        next(resampled_indices(*arguments, seed=0))
