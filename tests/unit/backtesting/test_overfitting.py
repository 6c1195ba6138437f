"""The probability of backtest overfitting, against a literal twin and the facts of its paper."""

from __future__ import annotations

import math
import tracemalloc
from itertools import combinations
from statistics import mean, stdev

import numpy as np
import pytest

from oracle.backtesting.statistics.overfitting import Overfitting, backtest_overfitting
from oracle.core.errors import RangeError


def noise(sessions: int, strategies: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.0, 0.01, (sessions, strategies))


def twin(returns: list[list[float]], blocks: int) -> tuple[list[float], list[tuple[float, float]]]:
    """Logits and Sharpe ratios of the chosen, by the six steps of the paper's algorithm 2.3, on plain lists."""
    length = len(returns) // blocks
    rows = returns[len(returns) % blocks :]
    parts = [rows[block * length : (block + 1) * length] for block in range(blocks)]
    logits, pairs = [], []
    for members in combinations(range(blocks), blocks // 2):
        training = [row for block in members for row in parts[block]]
        testing = [row for block in range(blocks) if block not in members for row in parts[block]]
        inside, outside = ([mean(column) / stdev(column) for column in zip(*part, strict=True)]
                           for part in (training, testing))  # fmt: skip
        best = inside.index(max(inside))
        relative = (sorted(outside).index(outside[best]) + 1) / (len(outside) + 1)
        logits.append(math.log(relative / (1.0 - relative)))
        pairs.append((inside[best], outside[best]))
    return logits, pairs


@pytest.mark.parametrize(("sessions", "strategies", "blocks"), [(60, 7, 6), (101, 12, 8), (43, 2, 4)])
def test_it_is_what_the_papers_steps_give(sessions: int, strategies: int, blocks: int) -> None:
    returns = noise(sessions, strategies, seed=sessions) + np.linspace(-0.001, 0.002, strategies)
    found = backtest_overfitting(returns, blocks)
    logits, pairs = twin(returns.tolist(), blocks)
    assert found.logits == pytest.approx(logits, rel=1e-12)
    assert found.chosen_in_sample == pytest.approx([inside for inside, _ in pairs], rel=1e-9)
    assert found.chosen_out_of_sample == pytest.approx([outside for _, outside in pairs], rel=1e-9)
    assert found.probability == sum(logit <= 0 for logit in logits) / len(logits)
    assert found.loss_probability == sum(outside < 0 for _, outside in pairs) / len(pairs)
    slope, intercept = np.polyfit(*np.array(pairs).T, 1)
    assert (found.degradation_slope, found.degradation_intercept) == pytest.approx((slope, intercept), rel=1e-6)
    assert found.sessions_left_out == sessions % blocks


def test_choosing_among_noise_is_a_toss() -> None:
    """Without skill the chosen one is as likely below the median as above, over many worlds."""
    worlds = [backtest_overfitting(noise(240, 20, seed), 8).probability for seed in range(60)]
    assert mean(worlds) == pytest.approx(0.5, abs=3 * stdev(worlds) / math.sqrt(len(worlds)) + 0.02)
    assert stdev(worlds) > 0.1, "one world says little"


def test_where_all_came_to_the_same_the_chosen_one_is_always_overfit() -> None:
    """The paper's test case of a Sharpe ratio of 0: with equal totals, what is above in one half is below in the other.

    Section 5.1 (table 1): the mean estimate is 1.000 in all three sizes.
    """
    returns = noise(1000, 100, seed=5)
    returns = (returns - returns.mean(axis=0)) / returns.std(axis=0) * 0.01
    found = backtest_overfitting(returns, 10)
    assert found.probability > 0.99
    assert found.degradation_slope < -0.5
    assert found.loss_probability > 0.99


def test_a_strategy_that_is_far_better_is_not_overfit() -> None:
    returns = noise(1000, 100, seed=6)
    returns[:, 41] += 0.01
    found = backtest_overfitting(returns, 10)
    assert found.probability == 0.0
    assert found.loss_probability == 0.0
    assert found.dominates_first_order
    assert found.dominates_second_order


def test_dominance_of_first_order_is_one_of_second_order() -> None:
    kinds = set()
    for seed in range(40):
        found = backtest_overfitting(noise(80, 4, seed) + 0.0015 * np.arange(4), 4)
        kinds.add((found.dominates_first_order, found.dominates_second_order))
    assert (True, True) in kinds
    assert (True, False) not in kinds
    assert len(kinds) > 1


def test_a_strategy_that_stays_in_cash_has_a_ratio_of_zero() -> None:
    returns = noise(64, 3, seed=2) - 0.02
    returns[:, 1] = 0.0
    found = backtest_overfitting(returns, 4)
    assert set(found.chosen_in_sample) == {0.0}, "the others lose"
    assert found.probability == 0.0


def test_equals_share_their_rank() -> None:
    returns = np.repeat(noise(64, 1, seed=3), 5, axis=1)
    assert set(backtest_overfitting(returns, 4).logits) == {0.0}


def test_the_scale_of_returns_does_not_matter() -> None:
    returns = noise(200, 10, seed=8)
    assert backtest_overfitting(returns * 7.0, 8).logits == pytest.approx(backtest_overfitting(returns, 8).logits)


def test_a_thousand_strategies_fit_in_memory() -> None:
    returns = noise(512, 1000, seed=9)
    tracemalloc.start()
    found = backtest_overfitting(returns)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(found.logits) == 12_870
    assert peak < 150e6


@pytest.mark.parametrize(("returns", "blocks", "word"), [
    (np.zeros(100), 16, "shape"), (np.zeros((100, 1)), 16, "shape"), (np.full((100, 2), np.nan), 16, "gap"),
    (np.zeros((100, 2)), 5, "blocks"), (np.zeros((100, 2)), 2, "blocks"), (np.zeros((100, 2)), 22, "blocks"),
    (np.zeros((31, 2)), 16, "sessions"),
])  # fmt: skip
def test_what_cannot_be_judged_is_refused(returns: np.ndarray, blocks: int, word: str) -> None:
    with pytest.raises(RangeError, match=word):
        backtest_overfitting(returns, blocks)


def test_the_result_names_its_blocks() -> None:
    found = backtest_overfitting(noise(70, 3, seed=1), 8)
    assert isinstance(found, Overfitting)
    assert (found.blocks, found.sessions_left_out, len(found.logits)) == (8, 6, 70)
