"""A search that learns: the tree-structured Parzen estimator of optuna, seeded, on the same lattice as the rest.

Trials are asked for a few at a time, so that they run together; the number does not depend on threads. A trial that the
journal has is not run again: the search that was killed asks the same questions and hears the same answers.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from oracle.core.errors import RunError, UsageError

if TYPE_CHECKING:
    from oracle.backtesting.sweep.space import Places, Space

#: Trials that are asked for before the answers to any of them are told.
AT_ONCE = 4
#: Questions in a row whose answer is not a place that may run.
REFUSED_MAX = 1_000

#: Scores of places: NaN for one that may not win.
Score = Callable[["Places"], "np.ndarray[Any, np.dtype[np.float64]]"]


def tpe_places(space: Space, may_run: Callable[[Places], Places], score: Score, trials: int, seed: int) -> Places:
    """Return the distinct places that the search tried, in the order in which it tried them.

    Parameters
    ----------
    may_run : of some places, those that may run
    score : runs places and returns what each came to; more is better

    Raises
    ------
    RunError : optuna is not installed
    UsageError : hardly any combination may run
    """
    if importlib.util.find_spec("optuna") is None:
        raise RunError("--method tpe needs optuna; install oracle with the extra `tune`: pip install 'oracle[tune]'")
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.TPESampler(seed=seed, multivariate=False, n_startup_trials=min(10, trials))
    study = optuna.create_study(direction="maximize", sampler=sampler)
    ranges: dict[str, optuna.distributions.BaseDistribution] = {
        name: optuna.distributions.IntDistribution(0, count - 1)
        for name, count in zip(space.names, space.shape, strict=True)
    }
    tried: dict[int, float] = {}
    refused, wanted = 0, min(trials, space.size)
    while len(tried) < wanted:
        asked: list[tuple[Any, int]] = []
        while len(asked) < min(AT_ONCE, wanted - len(tried)):
            if refused > REFUSED_MAX:
                if tried or asked:
                    break
                raise UsageError(f"--where let none of {REFUSED_MAX:,} combinations run; name values by --grid")
            trial = study.ask(ranges)
            place = int(space.places(np.array([[trial.params[name] for name in space.names]]))[0])
            if place in tried:
                refused += 1
                _tell(study, trial, tried[place])
            elif place in (known for _, known in asked) or not len(may_run(np.array([place]))):
                refused += 1
                study.tell(trial, state=optuna.trial.TrialState.FAIL)
            else:
                asked.append((trial, place))
        if not asked:
            break
        refused = 0
        values = score(np.array([place for _, place in asked]))
        for (trial, place), value in zip(asked, values.tolist(), strict=True):
            tried[place] = value
            _tell(study, trial, value)
    return np.array(list(tried), dtype=np.int64)


def _tell(study: Any, trial: Any, value: float) -> None:
    """Tell a score; one that may not win counts as worse than any that may."""
    import optuna

    if np.isfinite(value):
        study.tell(trial, value)
    else:
        study.tell(trial, state=optuna.trial.TrialState.PRUNED)
