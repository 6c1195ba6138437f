"""A sweep from request to result: places chosen, run where the journal lacks them, and the best found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import numpy as np

from oracle.backtesting.sweep.condition import Condition
from oracle.backtesting.sweep.journal import Journal
from oracle.backtesting.sweep.methods import every_place, may_run, random_places
from oracle.backtesting.sweep.result import SweepResult
from oracle.backtesting.sweep.table import score_column, table
from oracle.backtesting.sweep.tpe import tpe_places
from oracle.core.diagnostics import nearest
from oracle.core.errors import UsageError
from oracle.core.searches import Objective

if TYPE_CHECKING:
    from oracle.backtesting.sweep.journal import Rows
    from oracle.backtesting.sweep.space import Places, Space
    from oracle.backtesting.sweep.sweeper import Sweeper

METHODS = ("grid", "random", "tpe")
OBJECTIVES: tuple[str, ...] = get_args(Objective)

#: Told how many runs are done, of how many.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a sweep goes: which combinations, and what makes one the best.

    More is better for every metric that may be asked for. ``trials`` and ``seed`` belong to random and TPE.

    Raises
    ------
    UsageError : there is no such method or metric, or no trial
    """

    method: str = "grid"
    metric: str = "sharpe"
    where: str | None = None
    trials: int = 100
    seed: int = 0
    max_combinations: int = 1_000_000

    def __post_init__(self) -> None:
        for what, found, known in (("method", self.method, METHODS), ("metric", self.metric, OBJECTIVES)):
            if found not in known:
                meant = nearest(found, known)
                hint = f"; did you mean {meant}?" if meant else ""
                raise UsageError(f"--{what} {found}: expected one of {', '.join(known)}{hint}")
        if self.trials < 1:
            raise UsageError("--trials: expected 1 or more")


def metrics_of(plan: Plan, space_names: tuple[str, ...], known: tuple[str, ...]) -> tuple[str, ...]:
    """Return the metrics that a plan reads, beside those of every run.

    Raises
    ------
    UsageError : the condition names something else
    """
    where = Condition(plan.where, (*space_names, "trades", "final_equity", *known))
    return (plan.metric, *sorted(where.names & set(known)))


def sweep(
    sweeper: Sweeper, space: Space, plan: Plan, folder: Path | None = None, progress: Progress | None = None
) -> SweepResult:
    """Run a sweep, or what is left of it.

    Parameters
    ----------
    folder : keeps the journal, from which a sweep that was stopped goes on; None keeps nothing

    Raises
    ------
    DataError (D302) : the folder's journal is of another sweep
    RunError : a run lacks an input, or optuna is not installed
    UsageError : no combination may run
    """
    columns = [name for name in sweeper.wanted.columns if not name.startswith(("sum_", "squares_", "sessions"))]
    where, told = Condition(plan.where, (*space.names, *columns)), progress or (lambda done, total: None)
    path = None if folder is None else folder / "journal.rows"
    journal = Journal(sweeper.identity_on(space), sweeper.wanted.columns, path)
    try:
        run = sweeper.on(space)
        fit = partial(may_run, space, where=where, metrics=columns)
        symbols = max(1, len(sweeper.symbols))
        if plan.method == "tpe":
            tries = min(plan.trials, space.size)
            score = _Scored(space, sweeper, journal, run, where, plan.metric, lambda done: told(done, tries * symbols))
            places = tpe_places(space, fit, score, plan.trials, plan.seed)
        else:
            if plan.method == "grid":
                places = every_place(space, where, columns, plan.max_combinations)
            else:
                places = random_places(space, where, columns, plan.trials, plan.seed)
            if not len(places):
                raise UsageError("--where lets no combination run")
            complete(places, journal, run, symbols, told)
        rows = journal.rows()
        rows = rows[np.isin(rows["place"], places)]
    finally:
        journal.close()
    return SweepResult.of(sweeper, space, plan, rows, where)


def complete(
    places: Places,
    journal: Journal,
    run: Callable[[Places, Callable[[Rows], None]], None],
    symbols: int,
    told: Progress,
) -> None:
    """Run the places that the journal does not have for every symbol."""
    known, count = np.unique(journal.rows()["place"], return_counts=True)
    left = places[~np.isin(places, known[count >= symbols])]
    done, total = (len(places) - len(left)) * symbols, len(places) * symbols
    told(done, total)

    def take(rows: Rows) -> None:
        nonlocal done
        journal.add(rows)
        done += len(rows)
        told(done, total)

    if len(left):
        run(left, take)


@dataclass
class _Scored:
    """Runs places for a search that learns, and says what each came to."""

    space: Space
    sweeper: Sweeper
    journal: Journal
    run: Callable[[Places, Callable[[Rows], None]], None]
    where: Condition
    metric: str
    told: Callable[[int], None]

    def __post_init__(self) -> None:
        rows = self.journal.rows()
        self._rows: dict[int, list[Rows]] = {}
        for row in rows.reshape(-1, 1):
            self._rows.setdefault(int(row["place"][0]), []).append(row)
        self._asked = 0

    def __call__(self, places: Places) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        symbols = max(1, len(self.sweeper.symbols))
        left = np.array([p for p in places.tolist() if len(self._rows.get(p, ())) < symbols], dtype=np.int64)

        def take(rows: Rows) -> None:
            self.journal.add(rows)
            for row in rows.reshape(-1, 1):
                self._rows.setdefault(int(row["place"][0]), []).append(row)

        if len(left):
            for place in left.tolist():
                self._rows.pop(place, None)
            self.run(left, take)
        self._asked += len(places) * symbols
        self.told(self._asked)
        rows = np.concatenate([row for place in places.tolist() for row in self._rows[place]])
        found = table(self.space, self.sweeper, rows, self.where, self.metric)
        scores = dict(zip(found["place"].to_list(), score_column(found, self.metric).tolist(), strict=True))
        return np.array([scores[place] for place in places.tolist()])
