"""What a walk-forward has tried, as the trial ledger counts it.

    each combination    one trial on the whole of the walked period, whatever windows it was fitted on
    the defaults        one more, where they are none of the combinations
    the walk itself     one more, where it had combinations to choose from: other windows, another objective or other
                        values give another curve, and so another chance to find a pleasing one

A combination's plan, data and conventions are those of a plain backtest over the walked period, so that the same values
backtested or swept there are the same trial. Its Sharpe ratio is that of its training returns, pooled over windows that
do not overlap, counted back from the last: each session counts once, and a short window has no say of its own. One
trial for each window would count a session many times, and the noise of short records as a spread of skill.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from oracle.backtesting.statistics.frequency import sharpe_of, sharpe_per_period
from oracle.backtesting.trials import Trial

if TYPE_CHECKING:
    from oracle.backtesting.walk_forward.objective import Score
    from oracle.backtesting.walk_forward.result import WalkForward
    from oracle.backtesting.walk_forward.stitch import Stitched
    from oracle.backtesting.walk_forward.windows import Period


@dataclass(frozen=True, slots=True)
class Attempt:
    """One run on a training window: its plan, and its session returns by number, mean and deviation (divisor n - 1)."""

    plan_hash: str
    sessions: int
    mean: float
    deviation: float

    @classmethod
    def of(cls, plan_hash: str, sessions: int, mean: float, deviation: float) -> Attempt:
        """Return the attempt; where there are too few returns for a moment it is NaN, and counts as 0."""
        return cls(plan_hash, sessions, *(0.0 if math.isnan(moment) else moment for moment in (mean, deviation)))


@dataclass(frozen=True, slots=True)
class Tried:
    """One combination in training: Sharpe ratio per session, None where returns never differ, and their number."""

    plan_hash: str
    sharpe_per_period: float | None
    sessions: int


def apart(periods: Sequence[Period]) -> list[int]:
    """Return which periods are left, last to first, where those that overlap a later one are passed over."""
    chosen: list[int] = []
    for place in range(len(periods) - 1, -1, -1):
        if not chosen or periods[place].end < periods[chosen[-1]].start:
            chosen.append(place)
    return chosen


def pooled(attempts: Sequence[Attempt]) -> Tried:
    """Return several stretches of one plan as one record: its returns all together, each session of the same weight."""
    sessions = sum(each.sessions for each in attempts)
    plan_hash = attempts[0].plan_hash
    if sessions < 2:
        return Tried(plan_hash, None, sessions)
    mean = math.fsum(each.sessions * each.mean for each in attempts) / sessions
    squares = math.fsum(
        max(each.sessions - 1, 0) * each.deviation**2 + each.sessions * (each.mean - mean) ** 2 for each in attempts
    )
    return Tried(plan_hash, sharpe_of(mean, math.sqrt(squares / (sessions - 1))), sessions)


def tried(scores: Sequence[Sequence[Score]], periods: Sequence[Period]) -> tuple[Tried, ...]:
    """Return every distinct combination that was fitted, in the order of combinations.

    Parameters
    ----------
    scores : by training period, then by combination; those without an attempt are not counted
    periods : the training periods, first to last
    """
    places = apart(periods)
    found: dict[str, Tried] = {}
    for column in zip(*(scores[place] for place in places), strict=True):
        attempts = [score.attempt for score in column if score.attempt is not None]
        if attempts:
            found.setdefault(attempts[0].plan_hash, pooled(attempts))
    return tuple(found.values())


def trials(walk: WalkForward, data_hash: str, conventions_hash: str) -> list[Trial]:
    """Return the trials of a walk-forward.

    Parameters
    ----------
    data_hash, conventions_hash : of a plain backtest over the walked period
    """
    own = walk.windows[0].fixed.plan_hash
    found = [Trial(t.plan_hash, data_hash, conventions_hash, t.sharpe_per_period, t.sessions) for t in walk.tried]
    plans = sorted(trial.plan_hash for trial in found)
    if own not in plans:
        found.append(_curve(walk.fixed, own, data_hash, conventions_hash))
    if len(plans) > 1:
        way = json.dumps([asdict(walk.scheme), asdict(walk.objective)], sort_keys=True)
        found.append(_curve(walk.stitched, _digest(*plans), data_hash, _digest(conventions_hash, way)))
    return found


def _curve(curve: Stitched, plan_hash: str, data_hash: str, conventions_hash: str) -> Trial:
    sharpe, sessions = curve.metrics["sharpe"], curve.equity.height - 1
    return Trial(
        plan_hash, data_hash, conventions_hash, None if sharpe is None else sharpe_per_period(sharpe), sessions
    )


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
