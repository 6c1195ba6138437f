"""The engine's metrics for many paths at once, one path per row; on the path that was, they are the engine's own."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from oracle.backtesting.statistics.frequency import SESSIONS_PER_YEAR

Floats = npt.NDArray[np.float64]

#: How much of the returns is a tail.
TAIL = 0.05


def return_metrics(returns: Floats) -> dict[str, Floats]:
    """Return metrics of session returns by the names of a result; NaN where one does not exist.

    Parameters
    ----------
    returns : float64[n_paths, n_sessions], fractions above -1, 2 sessions or more

    Returns
    -------
    float64[n_paths] for each metric; units as in `oracle.backtesting.metrics`

    Source: the definitions of `oracle.backtesting.metrics`.
    Checked by: tests/unit/backtesting/test_intervals.py, against the engine's own
    """
    sessions = returns.shape[1]
    mean, deviation = returns.mean(axis=1), returns.std(axis=1, ddof=1)
    downside = np.sqrt((np.minimum(returns, 0.0) ** 2).mean(axis=1) * SESSIONS_PER_YEAR)
    grown: Floats = np.cumprod(1.0 + returns, axis=1, dtype=np.float64)
    annual = np.power(grown[:, -1], SESSIONS_PER_YEAR / sessions) - 1.0
    deepest = deepest_drawdown(grown)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = {
            "total_return": grown[:, -1] - 1.0,
            "annual_return": annual,
            "volatility": deviation * np.sqrt(SESSIONS_PER_YEAR),
            "sharpe": mean / deviation * np.sqrt(SESSIONS_PER_YEAR),
            "sortino": mean * SESSIONS_PER_YEAR / downside,
            "calmar": np.where(deepest < 0.0, annual / np.abs(deepest), np.nan),
            "max_drawdown": deepest,
            **_tails(returns),
        }
    return {name: np.where(np.isfinite(values), values, np.nan) for name, values in found.items()}


def deepest_drawdown(grown: Floats) -> Floats:
    """Return the deepest fall from a high, 0 or negative, of paths that start at 1 before their first column.

    Parameters
    ----------
    grown : float64[n_paths, n_sessions], equity over the start, > 0
    """
    highest = np.maximum(np.maximum.accumulate(grown, axis=1), 1.0)
    depth: Floats = (grown / highest).min(axis=1) - 1.0
    return np.minimum(depth, 0.0)


def benchmark_metrics(returns: Floats, benchmark: Floats) -> dict[str, Floats]:
    """Return alpha and beta of paths whose sessions were drawn together with the benchmark's.

    Parameters
    ----------
    returns, benchmark : float64[n_paths, n_sessions], fractions, 2 sessions or more

    Returns
    -------
    float64[n_paths] for each; NaN where the benchmark never moves
    """
    own = returns - returns.mean(axis=1, keepdims=True)
    theirs = benchmark - benchmark.mean(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        beta = (own * theirs).sum(axis=1) / (theirs * theirs).sum(axis=1)
        residual = (returns - beta[:, None] * benchmark).mean(axis=1)
    alpha = (1.0 + residual) ** SESSIONS_PER_YEAR - 1.0
    return {name: np.where(np.isfinite(v), v, np.nan) for name, v in (("alpha", alpha), ("beta", beta))}


def trade_metrics(profit: Floats) -> dict[str, Floats]:
    """Return profit factor, win rate and expectancy of closed round trips.

    Parameters
    ----------
    profit : float64[n_paths, n_trades], USD net of costs, 1 trade or more

    Returns
    -------
    float64[n_paths] for each; NaN for the profit factor of a path without a loss
    """
    won, lost = np.maximum(profit, 0.0).sum(axis=1), np.maximum(-profit, 0.0).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(lost > 0.0, won / lost, np.nan)
    return {
        "profit_factor": factor,
        "win_rate": (profit > 0.0).mean(axis=1),
        "expectancy_usd": profit.mean(axis=1),
    }


def _tails(returns: Floats) -> dict[str, Floats]:
    last = returns.shape[1] - 1
    places = [TAIL * last, (1.0 - TAIL) * last]
    around = sorted({int(place) for place in places} | {min(int(place) + 1, last) for place in places})
    parted = np.partition(returns, around, axis=1)
    low, high = (
        parted[:, int(place)] + (parted[:, min(int(place) + 1, last)] - parted[:, int(place)]) * (place - int(place))
        for place in places
    )
    worst = parted[:, : int(TAIL * last) + 1].mean(axis=1)
    return {
        "tail_ratio": np.abs(high) / np.abs(low),
        "value_at_risk": low,
        "conditional_value_at_risk": worst,
    }
