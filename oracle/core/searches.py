"""Settings of searches for parameters: what may be aimed at, and how parameters are swept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from oracle.core.binding import Problem, Strict, key
from oracle.core.units import Integer, Memory, Text, between

#: Metrics of a result that parameters may be fitted by; of each, more is better.
Objective = Literal[
    "sharpe",
    "sortino",
    "calmar",
    "total_return",
    "annual_return",
    "max_drawdown",
    "profit_factor",
    "win_rate",
    "expectancy_usd",
    "alpha",
    "tail_ratio",
]


class SweepSettings(Strict):
    """How parameters are swept."""

    folder: Text = key("var/sweeps", "Where sweeps keep their journals and results.", example="var/sweeps")
    memory: Annotated[Memory, between(10**6, 10**12, "1 MB to 1000 GB")] = key(
        128 * 10**6, "Most that the columns which combinations share may take.", unit="MB or GB", example="256 MB"
    )
    metric: Objective = key("sharpe", "Metric that makes a combination the best.", example="sortino")
    max_combinations: Annotated[Integer, between(1, 100_000_000, "1 to 100_000_000")] = key(
        1_000_000, "Most combinations of a grid.", example="1_000_000"
    )
    trials: Annotated[Integer, between(1, 1_000_000, "1 to 1_000_000")] = key(
        100, "Combinations that random and TPE try when nothing else is said.", example="100"
    )
    overfitting_blocks: Annotated[Integer, between(4, 16, "4 to 16")] = key(
        12, "Blocks of sessions behind the probability of overfitting; an even number.", example="16"
    )


def sweep_problems(sweep: SweepSettings) -> Iterator[Problem]:
    """Yield broken rules across keys."""
    blocks = sweep.overfitting_blocks
    if blocks % 2:
        at = ("sweep", "overfitting_blocks")
        yield Problem(at, "S013", "the blocks have no halves", f"{blocks}", "an even number from 4 to 16")
