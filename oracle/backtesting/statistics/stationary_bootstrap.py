"""Draw series that might have come instead: blocks of random length from the one that did come, joined in a row."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from oracle.core.errors import RangeError

#: Values drawn at a time; bounds the memory, and is part of what a seed means.
VALUES_AT_ONCE = 500_000


def resampled_indices(
    count: int, paths: int, length: int, block_length: float, seed: int
) -> Iterator[npt.NDArray[np.int64]]:
    """Yield batches of paths as indices into a series of ``count`` values.

    A block begins at a random place and goes on, past the end to the beginning, for a random (geometric) length.

    Parameters
    ----------
    count : values of the series, 1 or more
    paths : how many series to draw, 1 or more
    length : values of each drawn series, 1 or more
    block_length : mean length of a block, 1 or more; 1 draws each value on its own
    seed : the same seed, the same paths

    Yields
    ------
    int64[n, length], 0 to count - 1; ``paths`` rows over all batches

    Raises
    ------
    RangeError (R101) : an argument is out of range

    Source: Politis and Romano, The Stationary Bootstrap (1994), section 2.
    Checked by: tests/unit/backtesting/test_stationary_bootstrap.py
    """
    if min(count, paths, length) < 1 or not block_length >= 1:
        raise RangeError("a bootstrap needs 1 value, 1 path, 1 step and a block length of 1, each or more")
    generator = np.random.Generator(np.random.PCG64(seed))
    step = np.arange(length)
    at_once = max(1, VALUES_AT_ONCE // length)
    for first in range(0, paths, at_once):
        shape = (min(at_once, paths - first), length)
        begins = generator.random(shape) < 1.0 / block_length
        begins[:, 0] = True
        start = generator.integers(count, size=shape)
        latest = np.maximum.accumulate(np.where(begins, step, 0), axis=1)
        yield (np.take_along_axis(start, latest, axis=1) + step - latest) % count
