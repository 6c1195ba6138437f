"""Intervals: around the engine's own metrics, and as wide as theory says."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import polars as pl
import pytest
from market import ROOT, SHIPPED, demo

from oracle.backtesting.rust_engine import RustEngine
from oracle.backtesting.statistics.intervals import Interval, return_intervals, trade_intervals
from oracle.backtesting.statistics.path_metrics import return_metrics
from oracle.core.errors import RangeError
from oracle.strategy.declared import DeclaredStrategy


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_measured_is_what_the_engine_measured(path: object) -> None:
    run = RustEngine(benchmark="IBM").run(DeclaredStrategy(ROOT / "strategies" / str(path)), demo())
    sessions = run.equity.select(pl.col("equity", "benchmark").pct_change()).slice(1)
    profit = run.trades.filter(pl.col("exit_time").is_not_null())["pnl"]
    found = [
        *return_intervals(sessions["equity"].to_numpy(), sessions["benchmark"].to_numpy(), paths=1),
        *trade_intervals(profit.to_numpy(), paths=1),
    ]
    assert len(found) == 15
    for interval in found:
        assert interval.measured == pytest.approx(run.metrics[interval.metric], rel=1e-9), interval.metric


def named(found: tuple[Interval, ...]) -> dict[str, Interval]:
    return {interval.metric: interval for interval in found}


def test_the_interval_of_a_sharpe_ratio_is_as_wide_as_lo_says() -> None:
    """A. Lo (2002), equation 10: of independent normal returns, an error of sqrt((1 + SR²/2) / n) per period."""
    returns = np.random.default_rng(2).normal(0.0008, 0.01, 2500)
    sharpe = named(return_intervals(returns, paths=4000, block_length=1.0))["sharpe"]
    assert sharpe.low is not None
    assert sharpe.high is not None
    ratio = returns.mean() / returns.std(ddof=1)
    width = 2 * NormalDist().inv_cdf(0.975) * math.sqrt((1 + ratio**2 / 2) / len(returns) * 252)
    assert sharpe.high - sharpe.low == pytest.approx(width, rel=0.06)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Of many worlds with a known mean, the 90% interval of the Sharpe ratio holds the true one in about 90%."""
    generator = np.random.default_rng(9)
    worlds = 200
    held = 0
    for world in range(worlds):
        returns = generator.normal(0.001, 0.01, 500)
        sharpe = named(return_intervals(returns, paths=200, level=0.9, seed=world))["sharpe"]
        assert sharpe.low is not None
        assert sharpe.high is not None
        held += sharpe.low <= 0.1 * math.sqrt(252) <= sharpe.high
    assert held / worlds == pytest.approx(0.9, abs=0.08)


def test_dependence_widens_what_a_shuffle_would_narrow() -> None:
    shocks = np.random.default_rng(5).normal(0.0, 0.01, 3000)
    returns = shocks + 0.6 * np.concatenate([[0.0], shocks[:-1]]) + 0.4 * np.concatenate([[0.0, 0.0], shocks[:-2]])
    widths = []
    for block in (1.0, None):
        total = named(return_intervals(returns, paths=1000, block_length=block))["annual_return"]
        assert total.low is not None
        assert total.high is not None
        widths.append(total.high - total.low)
    assert widths[1] > 1.4 * widths[0]


def test_pairs_stay_pairs() -> None:
    """A strategy that is twice its benchmark has a beta of 2 on every path, and no alpha."""
    benchmark = np.random.default_rng(1).normal(0.0005, 0.01, 400)
    found = named(return_intervals(2.0 * benchmark, benchmark, paths=50))
    assert (found["beta"].low, found["beta"].high) == pytest.approx((2.0, 2.0))
    assert (found["alpha"].low, found["alpha"].high) == pytest.approx((0.0, 0.0), abs=1e-12)


def test_a_metric_that_most_paths_lack_has_no_interval() -> None:
    found = named(trade_intervals([5.0, 7.0, 9.0]))
    assert found["profit_factor"] == Interval("profit_factor", None, None, None)
    assert found["win_rate"] == Interval("win_rate", 1.0, 1.0, 1.0)
    assert named(trade_intervals([5.0, 7.0, 9.0, -1.0]))["profit_factor"].high is not None
    still = named(return_intervals([0.0] * 30, [0.0] * 30))
    assert still["sharpe"] == Interval("sharpe", None, None, None)
    assert still["beta"] == Interval("beta", None, None, None)


def test_drawdown_starts_from_the_start() -> None:
    found = return_metrics(np.array([[-0.5, 0.1, 0.1], [0.1, -0.5, 0.1], [0.1, 0.1, 0.1]]))
    assert found["max_drawdown"] == pytest.approx([-0.5, -0.5, 0.0])
    assert np.isnan(found["calmar"][2])


@pytest.mark.parametrize("values", [[], [0.1]])
def test_too_few_have_no_intervals(values: list[float]) -> None:
    assert return_intervals(values) == ()
    assert trade_intervals(values) == ()


def test_the_same_seed_gives_the_same_intervals() -> None:
    returns = np.random.default_rng(0).normal(0.0, 0.01, 300)
    assert return_intervals(returns, paths=100) == return_intervals(returns, paths=100)
    assert return_intervals(returns, paths=100) != return_intervals(returns, paths=100, seed=1)


def test_what_is_out_of_range_is_refused() -> None:
    with pytest.raises(RangeError, match="level"):
        return_intervals([0.1, 0.2], level=1.0)
    with pytest.raises(RangeError, match="benchmark"):
        return_intervals([0.1, 0.2], [0.1])
    with pytest.raises(RangeError, match="returns"):
        return_intervals([0.1, math.inf])
