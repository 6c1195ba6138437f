"""The search on the training windows by one sweep each, which works out once what combinations share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np

from oracle.backtesting.sweep.space import Space
from oracle.backtesting.sweep.sweeper import Wanted
from oracle.backtesting.walk_forward.attempts import Attempt
from oracle.backtesting.walk_forward.fit import bound
from oracle.backtesting.walk_forward.objective import Score
from oracle.core.errors import EngineError

if TYPE_CHECKING:
    from datetime import date, datetime

    import numpy.typing as npt

    from oracle.backtesting.grid import Binding
    from oracle.backtesting.sweep.journal import Rows
    from oracle.backtesting.sweep.sweeper import Sweeper
    from oracle.backtesting.walk_forward.fit import Fitting
    from oracle.data.frame import Prepared
    from oracle.strategy.declared import DeclaredStrategy


@runtime_checkable
class SweepingEngine(Protocol):
    """An engine that runs many bindings of one strategy at once."""

    def sweeper(
        self,
        strategy: DeclaredStrategy,
        data: Prepared,
        initial_capital: float,
        start: date | datetime | None,
        end: date | datetime | None,
        wanted: Wanted,
    ) -> Sweeper: ...


@dataclass(frozen=True)
class EachSweep:
    """Runs one sweep for each period; its scores are those of one backtest for each combination, to the bit."""

    engine: SweepingEngine
    bars: Prepared
    capital: float
    threads: int | None = None

    def __call__(self, fitting: Fitting) -> list[list[Score]]:
        """Return the scores by period, then by combination.

        Raises
        ------
        UsageError : the strategy does not compile with some values
        """
        space, codes = _space(fitting.bindings)
        wanted = Wanted(metrics=(fitting.metric,), threads=self.threads)
        found: list[list[Score]] = []
        for count, period in enumerate(fitting.periods, 1):
            sweeper = self.engine.sweeper(fitting.strategy, self.bars, self.capital, period.start, period.end, wanted)
            try:
                found.append(_scores(sweeper, space, codes, fitting.metric))
            except EngineError:
                # Values that do not compile are refused with all that is wrong with them.
                for binding in fitting.bindings:
                    bound(fitting.strategy, binding)
                raise
            if fitting.progress is not None:
                fitting.progress(count, len(fitting.periods))
        return found


def _space(bindings: Sequence[Binding]) -> tuple[Space, npt.NDArray[np.int64]]:
    """Return the values of the bindings, and of each binding the index of every value."""
    values = {name: tuple(dict.fromkeys(binding[name] for binding in bindings)) for name in bindings[0]}
    index = {name: {text: code for code, text in enumerate(texts)} for name, texts in values.items()}
    codes = [[index[name][text] for name, text in binding.items()] for binding in bindings]
    return Space(values), np.array(codes, dtype=np.int64)


def _scores(sweeper: Sweeper, space: Space, codes: npt.NDArray[np.int64], metric: str) -> list[Score]:
    places = space.places(codes)
    columns = sweeper.wanted.columns
    at = {name: columns.index(name) for name in (metric, "trades", "sessions", "session_mean", "session_deviation")}
    scores: dict[int, Score] = {}

    def take(rows: Rows) -> None:
        hashes = rows["hash"].astype("U64").tolist()
        for place, plan_hash, numbers in zip(rows["place"].tolist(), hashes, rows["values"].tolist(), strict=True):
            measured = {name: numbers[column] for name, column in at.items()}
            sessions, moments = int(measured["sessions"]), (measured["session_mean"], measured["session_deviation"])
            value = None if math.isnan(measured[metric]) else measured[metric]
            scores[place] = Score(value, int(measured["trades"]), Attempt.of(plan_hash, sessions, *moments))

    sweeper.on(space)(places, take)
    return [scores[place] for place in places.tolist()]
