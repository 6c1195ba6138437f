"""Where equity may go from here, if the returns to come are like those that were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from oracle.backtesting.statistics.block_length import volatility_block_length
from oracle.backtesting.statistics.frequency import SESSIONS_PER_YEAR
from oracle.backtesting.statistics.moments import finite_column
from oracle.backtesting.statistics.path_metrics import deepest_drawdown
from oracle.backtesting.statistics.stationary_bootstrap import resampled_indices
from oracle.core.errors import RangeError

PERCENTILES = (5, 25, 50, 75, 95)
DEPTHS = (0.1, 0.2, 0.3)


@dataclass(frozen=True, slots=True)
class Fan:
    """Percentiles of equity over a horizon, and the odds of what hurts.

    ``equity`` is float64[5, horizon + 1], USD, the rows at the 5th, 25th, 50th, 75th and 95th percentile of each
    session, the first column the start. ``value_at_risk_usd`` is the 5th percentile of the last session less the start;
    a loss is negative. ``drawdown_probabilities`` pairs a depth (a fraction) with the probability of a fall from a high
    of at least so much.
    """

    horizon: int
    paths: int
    block_length: float
    equity: npt.NDArray[np.float64]
    value_at_risk_usd: float
    loss_probability: float
    drawdown_probabilities: tuple[tuple[float, float], ...]


def equity_fan(
    returns: npt.ArrayLike,
    start_usd: float,
    *,
    horizon: int = SESSIONS_PER_YEAR,
    paths: int = 2000,
    depths: Sequence[float] = DEPTHS,
    block_length: float | None = None,
    seed: int = 0,
) -> Fan | None:
    """Return the fan of equity over the next sessions; None for fewer than 2 returns.

    Parameters
    ----------
    returns : float64[n_sessions], fractions above -1, finite
    start_usd : equity today, USD, > 0
    horizon : sessions, 1 or more
    paths : series drawn
    depths : falls from a high whose probability is asked for, above 0 and below 1
    block_length : mean length of a block, sessions; None takes ``volatility_block_length`` of the returns
    seed : the same seed, the same fan

    Raises
    ------
    RangeError (R101) : an argument is out of range

    Source: Politis and Romano, The Stationary Bootstrap (1994), for the drawn returns.
    Checked by: tests/unit/backtesting/test_fan.py
    """
    series = finite_column(returns, "returns")
    if not start_usd > 0 or not all(0.0 < depth < 1.0 for depth in depths):
        raise RangeError("a fan starts above 0 USD, and asks for falls above 0 and below 1")
    if len(series) < 2:
        return None
    mean_length = volatility_block_length(series) if block_length is None else block_length
    batches = resampled_indices(len(series), paths, horizon, mean_length, seed)
    grown = np.concatenate([np.cumprod(1.0 + series[at], axis=1) for at in batches])
    equity = np.full((len(PERCENTILES), horizon + 1), start_usd)
    equity[:, 1:] = np.percentile(grown, PERCENTILES, axis=0) * start_usd
    deepest = deepest_drawdown(grown)
    return Fan(
        horizon=horizon,
        paths=paths,
        block_length=mean_length,
        equity=equity,
        value_at_risk_usd=float(equity[0, -1] - start_usd),
        loss_probability=float((grown[:, -1] < 1.0).mean()),
        drawdown_probabilities=tuple((depth, float((deepest <= -depth).mean())) for depth in depths),
    )
