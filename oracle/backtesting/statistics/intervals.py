"""Intervals around the metrics of a backtest: how far chance alone would have moved them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from oracle.backtesting.statistics.block_length import expected_block_length, volatility_block_length
from oracle.backtesting.statistics.moments import finite_column
from oracle.backtesting.statistics.path_metrics import benchmark_metrics, return_metrics, trade_metrics
from oracle.backtesting.statistics.stationary_bootstrap import resampled_indices
from oracle.core.errors import RangeError

Floats = npt.NDArray[np.float64]
Measure = Callable[[npt.NDArray[np.int64]], Mapping[str, Floats]]


@dataclass(frozen=True, slots=True)
class Interval:
    """A metric as measured and the interval that holds it, in the metric's own unit; None where it does not exist."""

    metric: str
    measured: float | None
    low: float | None
    high: float | None


def return_intervals(
    returns: npt.ArrayLike,
    benchmark: npt.ArrayLike | None = None,
    *,
    paths: int = 2000,
    level: float = 0.95,
    block_length: float | None = None,
    seed: int = 0,
) -> tuple[Interval, ...]:
    """Return the intervals of the metrics of session returns; of alpha and beta too where there is a benchmark.

    Parameters
    ----------
    returns : float64[n_sessions], fractions, finite
    benchmark : float64[n_sessions], the benchmark's returns of the same sessions, which are drawn in pairs
    paths : series drawn; 2000 leave an end of an interval uncertain by about a fiftieth of its distance
    level : share of the drawn series within the interval, above 0 and below 1
    block_length : mean length of a block, sessions; None takes ``volatility_block_length`` of the returns
    seed : the same seed, the same intervals

    Raises
    ------
    RangeError (R101) : an argument is out of range, or the lengths differ

    Edge cases: fewer than 2 returns have no intervals at all; a metric has none where fewer than half of the drawn
    series have the metric.
    Source: Politis and Romano, The Stationary Bootstrap (1994); percentile intervals, Efron (1979).
    Checked by: tests/unit/backtesting/test_intervals.py
    """
    series = finite_column(returns, "returns")
    if len(series) < 2:
        return ()
    mean_length = volatility_block_length(series) if block_length is None else block_length
    if benchmark is None:
        return _intervals(lambda at: return_metrics(series[at]), len(series), paths, level, mean_length, seed)
    other = finite_column(benchmark, "benchmark")
    if len(other) != len(series):
        raise RangeError(f"benchmark: found {len(other):,} returns; expected {len(series):,}, one for each session")

    def measure(at: npt.NDArray[np.int64]) -> dict[str, Floats]:
        return {**return_metrics(series[at]), **benchmark_metrics(series[at], other[at])}

    return _intervals(measure, len(series), paths, level, mean_length, seed)


def trade_intervals(
    profit: npt.ArrayLike,
    *,
    paths: int = 2000,
    level: float = 0.95,
    block_length: float | None = None,
    seed: int = 0,
) -> tuple[Interval, ...]:
    """Return the intervals of profit factor, win rate and expectancy, from round trips drawn anew.

    Parameters
    ----------
    profit : float64[n_trades], USD net of costs, of closed round trips in the order of their entries
    paths, level, seed : as in ``return_intervals``
    block_length : mean length of a block, round trips; None takes ``expected_block_length`` of the profits

    Raises
    ------
    RangeError (R101) : an argument is out of range

    Edge cases: fewer than 2 round trips have no intervals.
    """
    series = finite_column(profit, "profit")
    if len(series) < 2:
        return ()
    mean_length = expected_block_length(series) if block_length is None else block_length
    return _intervals(lambda at: trade_metrics(series[at]), len(series), paths, level, mean_length, seed)


def _intervals(
    measure: Measure, count: int, paths: int, level: float, block_length: float, seed: int
) -> tuple[Interval, ...]:
    if not 0.0 < level < 1.0:
        raise RangeError(f"level: found {level:g}; expected above 0 and below 1")
    measured = measure(np.arange(count)[None, :])
    batches = [measure(at) for at in resampled_indices(count, paths, count, block_length, seed)]
    drawn = {name: np.concatenate([batch[name] for batch in batches]) for name in measured}
    return tuple(_interval(name, float(value[0]), drawn[name], level) for name, value in measured.items())


def _interval(name: str, measured: float, drawn: Floats, level: float) -> Interval:
    known = drawn[~np.isnan(drawn)]
    if np.isnan(measured) or 2 * len(known) < len(drawn):
        return Interval(name, None if np.isnan(measured) else measured, None, None)
    low, high = np.quantile(known, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    return Interval(name, measured, float(low), float(high))
