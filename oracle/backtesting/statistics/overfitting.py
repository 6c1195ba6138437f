"""Whether choosing the best of many strategies is worth anything: the probability of backtest overfitting.

Combinatorially symmetric cross-validation: the sessions are cut into blocks; each half of the blocks serves once to
choose a strategy, and the other half to judge the choice. A Sharpe ratio needs only the sums and the sums of squares of
the blocks, so that no split touches the returns again.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
import numpy.typing as npt

from oracle.core.errors import RangeError

Floats = npt.NDArray[np.float64]

#: More blocks than this make more splits than anybody waits for (20 give 184,756).
BLOCKS_MAX = 20
#: Sharpe ratios held at a time: 8 MB.
VALUES_AT_ONCE = 1_000_000


@dataclass(frozen=True, slots=True)
class Overfitting:
    """What came of choosing on one half and judging on the other, over all splits.

    ``probability`` of overfitting: how often the chosen strategy was not above the median of all on the other half.
    ``logits`` is float64[n_splits]: ln(w / (1 - w)) of the chosen one's relative rank w there. ``chosen_in_sample`` and
    ``chosen_out_of_sample`` are its Sharpe ratios per period, ``mean_out_of_sample`` that of the mean strategy.
    ``degradation_slope`` and ``degradation_intercept`` belong to the line of the chosen one's ratio out of sample on
    that in sample; a negative slope means that a better past went with a worse future.
    ``loss_probability`` is how often the chosen one lost out of sample. The two dominances say whether the distribution
    of the chosen ones' Sharpe ratios lies to the right of the mean strategy's: everywhere (first order), or for
    everybody who dislikes risk (second order).
    """

    probability: float
    logits: Floats
    chosen_in_sample: Floats
    chosen_out_of_sample: Floats
    mean_out_of_sample: Floats
    degradation_slope: float
    degradation_intercept: float
    loss_probability: float
    dominates_first_order: bool
    dominates_second_order: bool
    blocks: int
    sessions_left_out: int


def backtest_overfitting(returns: npt.ArrayLike, blocks: int = 16) -> Overfitting:
    """Return the probability of backtest overfitting and what goes with it.

    Parameters
    ----------
    returns : float64[n_sessions, n_strategies], fractions per session, finite; every strategy that was tried
    blocks : even, 4 to 20, with 2 sessions or more in each; 16 give 12,870 splits

    Raises
    ------
    RangeError (R101) : the shape, a value or the number of blocks is out of range

    Edge cases: sessions that do not fill the blocks are left out, the oldest first; a strategy without variance has a
    Sharpe ratio of 0; equals share the middle of their ranks.
    Source: Bailey, Borwein, Lopez de Prado and Zhu, The Probability of Backtest Overfitting (2015), section 2.3
    (algorithm 2.3) and section 3 (the four statistics).
    Checked by: tests/unit/backtesting/test_overfitting.py, against a literal twin
    """
    matrix = np.asarray(returns, dtype=np.float64)
    _refuse(matrix, blocks)
    left_out = len(matrix) % blocks
    sums, squares, centre, length = _block_sums(matrix[left_out:], blocks)
    return _splits(sums, squares, centre, length, left_out)


def overfitting_of_blocks(sums: npt.ArrayLike, squares: npt.ArrayLike, sessions: int) -> Overfitting:
    """Return the same from what is left of the returns when there are too many to keep.

    Parameters
    ----------
    sums, squares : float64[n_blocks, n_strategies], of the returns of each block and of their squares, oldest first
    sessions : returns of each strategy; those that do not fill the blocks were left out, the oldest first

    Raises
    ------
    RangeError (R101) : a shape, a value or the number of blocks is out of range
    """
    totals, raw = np.asarray(sums, dtype=np.float64), np.asarray(squares, dtype=np.float64)
    blocks = len(totals)
    if totals.shape != raw.shape:
        raise RangeError(f"sums and squares: found the shapes {totals.shape} and {raw.shape}; expected one")
    _refuse_blocks(totals, blocks, sessions)
    length = sessions // blocks
    centre = totals.sum(axis=0) / (length * blocks)
    # Of distances from the mean, as `_block_sums` has them.
    distances = totals - length * centre
    return _splits(distances, raw - centre * (totals + distances), centre, length, sessions % blocks)


def _splits(sums: Floats, squares: Floats, centre: Floats, length: int, left_out: int) -> Overfitting:
    """Return what choosing on one half of the blocks comes to on the other, over all halves."""
    blocks, strategies = sums.shape
    count = comb(blocks, blocks // 2)
    logits, chosen, judged, average = (np.empty(count) for _ in range(4))
    at_once = max(1, VALUES_AT_ONCE // strategies)
    halves = _halves(blocks)
    observations = length * blocks // 2
    for first in range(0, count, at_once):
        rows = slice(first, min(first + at_once, count))
        half = halves[rows]
        inside = _sharpe(half @ sums, half @ squares, centre, observations)
        outside = _sharpe((1.0 - half) @ sums, (1.0 - half) @ squares, centre, observations)
        best = inside.argmax(axis=1)[:, None]
        chosen[rows] = np.take_along_axis(inside, best, axis=1)[:, 0]
        own = np.take_along_axis(outside, best, axis=1)
        judged[rows], average[rows] = own[:, 0], outside.mean(axis=1)
        rank = (outside < own).sum(axis=1) + ((outside == own).sum(axis=1) + 1) / 2.0
        relative = rank / (strategies + 1)
        logits[rows] = np.log(relative / (1.0 - relative))
    slope, intercept = _line(chosen, judged)
    ours, theirs = np.sort(judged), np.sort(average)
    return Overfitting(
        probability=float((logits <= 0.0).mean()),
        logits=logits,
        chosen_in_sample=chosen,
        chosen_out_of_sample=judged,
        mean_out_of_sample=average,
        degradation_slope=slope,
        degradation_intercept=intercept,
        loss_probability=float((judged < 0.0).mean()),
        dominates_first_order=bool((ours >= theirs).all() and (ours > theirs).any()),
        dominates_second_order=bool((ours.cumsum() >= theirs.cumsum()).all() and (ours != theirs).any()),
        blocks=blocks,
        sessions_left_out=left_out,
    )


def _refuse(matrix: Floats, blocks: int) -> None:
    _refuse_blocks(matrix, blocks, len(matrix))


def _refuse_blocks(matrix: Floats, blocks: int, sessions: int) -> None:
    if matrix.ndim != 2 or matrix.shape[1] < 2:
        raise RangeError(f"returns: found the shape {matrix.shape}; expected sessions x 2 or more strategies")
    if not np.isfinite(matrix).all():
        raise RangeError("returns: found a gap or an infinity; expected finite numbers")
    if blocks % 2 or not 4 <= blocks <= BLOCKS_MAX:
        raise RangeError(f"blocks: found {blocks}; expected an even number from 4 to {BLOCKS_MAX}")
    if sessions < 2 * blocks:
        raise RangeError(f"returns: found {sessions} sessions; expected {2 * blocks} or more, 2 in each block")


def _block_sums(matrix: Floats, blocks: int) -> tuple[Floats, Floats, Floats, int]:
    """Return sums and sums of squares per block of distances from the whole mean, that mean, and a block's length.

    Distances from the mean keep the digits that the difference of two large sums of squares would lose.
    """
    centre = matrix.mean(axis=0)
    length = len(matrix) // blocks
    sums, squares = (np.empty((blocks, matrix.shape[1])) for _ in range(2))
    for block in range(blocks):
        distance = matrix[block * length : (block + 1) * length] - centre
        sums[block], squares[block] = distance.sum(axis=0), np.einsum("tn,tn->n", distance, distance)
    return sums, squares, centre, length


def _halves(blocks: int) -> Floats:
    """Return float64[n_splits, n_blocks], 1 where a block is in the half that chooses; in lexical order."""
    members = np.array(list(combinations(range(blocks), blocks // 2)))
    halves = np.zeros((len(members), blocks))
    np.put_along_axis(halves, members, 1.0, axis=1)
    return halves


def _sharpe(sums: Floats, squares: Floats, centre: Floats, observations: int) -> Floats:
    mean = sums / observations
    squares -= mean * sums
    mean += centre
    # What is left of a constant's squares is rounding.
    steady = squares <= observations * (1e-14 * np.abs(centre)) ** 2
    deviation = np.sqrt(np.where(steady, 1.0, squares) / (observations - 1))
    return np.where(steady, 0.0, mean / deviation)


def _line(x: Floats, y: Floats) -> tuple[float, float]:
    distance = x - x.mean()
    spread = float(distance @ distance)
    slope = float(distance @ y) / spread if spread > 0 else 0.0
    return slope, float(y.mean() - slope * x.mean())
