"""The plateau: what a combination is worth beside its neighbours, because a good parameter has good neighbours."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    Floats = npt.NDArray[np.float64]

#: Params up to which a neighbour may differ in all of them; beyond, in one.
CORNERS_PARAMS_MAX = 4


def plateau(codes: npt.NDArray[np.int64], scores: Floats, shape: tuple[int, ...]) -> Floats:
    """Return the median of each combination's score and those of its neighbours on the lattice.

    Parameters
    ----------
    codes : int64[n, n_params], index of each param's value
    scores : float64[n], NaN for a combination that did not run or may not win
    shape : number of values of each param

    Returns
    -------
    float64[n]; NaN where the combination itself has no score, or none of its neighbours has one

    A neighbour differs by one step at most in every param; where more than four vary, in one alone. A spike among poor
    neighbours has a poor plateau.
    """
    varying = [column for column, count in enumerate(shape) if count > 1]
    own, order = _keys(codes, shape), np.argsort(_keys(codes, shape), kind="stable")
    known, values = own[order], scores[order]
    found = [scores]
    for shift in _shifts(len(varying)):
        moved = codes.copy()
        moved[:, varying] += shift
        inside = ((moved >= 0) & (moved < np.array(shape))).all(axis=1)
        keys = np.where(inside, _keys(moved, shape), -1)
        at = np.minimum(np.searchsorted(known, keys), len(known) - 1)
        found.append(np.where(inside & (known[at] == keys), values[at], np.nan))
    around = np.vstack(found)
    counts = np.isfinite(around[1:]).sum(axis=0)
    result = np.full(len(scores), np.nan)
    usable = np.isfinite(scores) & (counts > 0)
    result[usable] = np.nanmedian(around[:, usable], axis=0)
    return result


def _keys(codes: npt.NDArray[np.int64], shape: tuple[int, ...]) -> npt.NDArray[np.int64]:
    keys = np.zeros(len(codes), dtype=np.int64)
    for column, count in enumerate(shape):
        keys = keys * count + codes[:, column]
    return keys


def _shifts(params: int) -> list[npt.NDArray[np.int64]]:
    if params <= CORNERS_PARAMS_MAX:
        steps = (np.array(step) for step in itertools.product((-1, 0, 1), repeat=params))
        return [step for step in steps if step.any()]
    return [sign * np.eye(params, dtype=np.int64)[axis] for axis in range(params) for sign in (-1, 1)]
