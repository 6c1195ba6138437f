"""Which places are tried: all of them, or some by seeded chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from oracle.backtesting.sweep.condition import Condition
from oracle.core.errors import UsageError

if TYPE_CHECKING:
    import polars as pl

    from oracle.backtesting.sweep.space import Places, Space

#: Places looked at together.
AT_ONCE = 1 << 16
#: Places drawn for each one that is wanted, before a condition counts as too narrow.
DRAWS_EACH_MAX = 1_000


def param_columns(space: Space, places: Places) -> pl.DataFrame:
    """Return the values of params at places, as numbers: whole where they are lengths, else fractions or bare."""
    import polars as pl

    codes = space.codes(places)
    columns = {}
    for at, name in enumerate(space.names):
        values = pl.Series(name, space.numbers(name)[codes[:, at]])
        columns[name] = values.cast(pl.Int64) if space.is_whole(name) else values
    return pl.DataFrame(columns)


def may_run(space: Space, places: Places, where: Condition, metrics: list[str]) -> Places:
    """Return the places that some values of the metrics could make fit."""
    import polars as pl

    if where.text is None:
        return places
    missing = [pl.lit(None, pl.Float64).alias(name) for name in metrics if name in where.names]
    truth = where.of(param_columns(space, places).with_columns(missing))
    fitting: Places = places[truth.fill_null(True).to_numpy()]
    return fitting


def every_place(space: Space, where: Condition, metrics: list[str], maximum: int) -> Places:
    """Return every place that may run, in order.

    Raises
    ------
    UsageError : there are more than ``maximum`` combinations
    """
    if space.size > maximum:
        raise UsageError(
            f"the params have {space.size:,} combinations, and sweep.max_combinations is {maximum:,}; "
            "name fewer values by --grid, or search by --method random or tpe"
        )
    parts = [np.arange(first, min(first + AT_ONCE, space.size)) for first in range(0, space.size, AT_ONCE)]
    return np.concatenate([may_run(space, part, where, metrics) for part in parts])


def random_places(space: Space, where: Condition, metrics: list[str], trials: int, seed: int) -> Places:
    """Return distinct places drawn evenly among those that may run, in order; all of them where there are no more.

    Raises
    ------
    UsageError : hardly any combination may run
    """
    if space.size <= max(4 * trials, AT_ONCE):
        fitting = every_place(space, where, metrics, space.size)
        chosen = np.random.default_rng(seed).permutation(fitting)[:trials]
        return np.sort(chosen)
    chance, found, drawn = np.random.default_rng(seed), np.empty(0, dtype=np.int64), 0
    while len(found) < trials:
        if drawn > DRAWS_EACH_MAX * trials:
            raise UsageError(
                f"--where lets fewer than one combination in {DRAWS_EACH_MAX:,} run; name values by --grid"
            )
        fresh = may_run(space, chance.integers(0, space.size, 4 * trials), where, metrics)
        drawn += 4 * trials
        both = np.concatenate([found, fresh])
        _, first = np.unique(both, return_index=True)
        found = both[np.sort(first)][:trials]
    return np.sort(found)
