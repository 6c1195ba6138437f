"""What a result proves: its Sharpe ratio against chance and against the number of attempts behind it.

Evidence stands outside a result's bytes and id, because it grows with every further attempt. A count that is not known
is said to be unknown and never taken for none or one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

from oracle.backtesting.lineage import Descent
from oracle.backtesting.statistics.deflated_sharpe import deflated_sharpe_ratio, expected_maximum_sharpe_per_period
from oracle.backtesting.statistics.frequency import annualised_sharpe
from oracle.backtesting.statistics.probabilistic_sharpe import probabilistic_sharpe_ratio
from oracle.backtesting.statistics.track_record import minimum_track_record_length
from oracle.core.errors import DataError

if TYPE_CHECKING:
    from oracle.backtesting.result import BacktestRun
    from oracle.backtesting.statistics.moments import Moments
    from oracle.backtesting.trials import Evidence, Trial, TrialLedger
    from oracle.strategy.declared import DeclaredStrategy

#: Asks for what is known of a lineage by now; None where its trials are unknown.
Known = Callable[[], "Evidence | None"]


@dataclass(frozen=True, slots=True)
class RunEvidence:
    """How far one result can be trusted.

    ``trials`` counts the attempts of its ``lineage``, itself included; None where they are unknown, and then there is
    no deflated ratio either. ``sharpe`` is the ratio that is judged, annual, of session returns whoever defines the
    metrics. ``probabilistic_sharpe`` and ``deflated_sharpe`` are probabilities, 0 to 1, that the true
    Sharpe ratio is above 0: of this result alone, and of the best of that many trials. ``expected_maximum_sharpe`` is
    what luck alone would have found, annual too. ``minimum_track_record_length`` is in sessions,
    beside the ``sessions`` that there are; None where no length would be enough. All are None where the returns never
    differ.
    """

    lineage: str | None
    trials: int | None
    sessions: int
    sharpe: float | None = None
    probabilistic_sharpe: float | None = None
    deflated_sharpe: float | None = None
    expected_maximum_sharpe: float | None = None
    minimum_track_record_length: float | None = None

    @classmethod
    def of(cls, moments: Moments | None, sessions: int, known: Evidence | None) -> RunEvidence:
        """Return the evidence for a result.

        Parameters
        ----------
        moments : of the session returns; None where they never differ
        sessions : how many returns there are
        known : what the ledger knows of the lineage; None where the trials are unknown
        """
        lineage, trials = (None, None) if known is None else (known.lineage, known.trials)
        if moments is None:
            return cls(lineage, trials, sessions)
        sharpe, shape = moments.sharpe_per_period, (moments.skewness, moments.kurtosis)
        luck = deflated = None
        if known is not None:
            luck = annualised_sharpe(expected_maximum_sharpe_per_period(known.trials, known.sharpe_variance))
            deflated = deflated_sharpe_ratio(sharpe, sessions, *shape, known.trials, known.sharpe_variance)
        return cls(
            lineage=lineage,
            trials=trials,
            sessions=sessions,
            sharpe=annualised_sharpe(sharpe),
            probabilistic_sharpe=probabilistic_sharpe_ratio(sharpe, sessions, *shape),
            deflated_sharpe=deflated,
            expected_maximum_sharpe=luck,
            minimum_track_record_length=minimum_track_record_length(sharpe, *shape),
        )

    @classmethod
    def median(cls, found: Sequence[RunEvidence]) -> RunEvidence:
        """Return the medians of the evidence of several results of one lineage, over those that have a Sharpe ratio."""
        judged = [each for each in found if each.probabilistic_sharpe is not None]

        def middle(name: str, missing: float = math.nan) -> float | None:
            values = [missing if value is None else value for value in (getattr(each, name) for each in judged)]
            middle = median(values) if values else math.nan
            return middle if math.isfinite(middle) else None

        return cls(
            lineage=found[0].lineage,
            trials=found[0].trials,
            sessions=int(median(each.sessions for each in found)),
            sharpe=middle("sharpe"),
            probabilistic_sharpe=middle("probabilistic_sharpe"),
            deflated_sharpe=middle("deflated_sharpe"),
            expected_maximum_sharpe=middle("expected_maximum_sharpe"),
            # None says that no length is enough.
            minimum_track_record_length=middle("minimum_track_record_length", math.inf),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the `evidence` object of ``oracle backtest --json``."""
        return asdict(self)

    def summary(self) -> str:
        """Return the evidence as one line for people."""
        if self.probabilistic_sharpe is None:
            found = "no Sharpe ratio to judge"
        else:
            odds, deflated = written_odds(self.probabilistic_sharpe), written_odds(self.deflated_sharpe)
            found = f"probabilistic Sharpe {odds}, deflated {deflated}"
        return f"{found} ({self.counted})"

    @property
    def counted(self) -> str:
        """The number of trials and their lineage, in words."""
        if self.trials is None:
            return "number of trials unknown"
        return f"{self.trials:,} trial{'' if self.trials == 1 else 's'} of {self.lineage}"


def written_odds(probability: float | None) -> str:
    """Return a probability as people read it: what is not certain is not written as if it were."""
    if probability is None:
        return "unknown"
    if 0.0005 <= probability <= 0.9995:
        return f"{probability:.1%}"
    return "<\u00a00.1%" if probability < 0.5 else ">\u00a099.9%"


def enter(
    strategy: DeclaredStrategy, trials: Iterable[Trial], ledger: TrialLedger, announce: Callable[[str], None]
) -> Known:
    """Enter trials of one strategy, or of variants of it, into the ledger in one transaction.

    A ledger that cannot be read or written spoils nothing: it is announced, and the number of trials stays unknown.

    Parameters
    ----------
    strategy : whose lineage the trials belong to
    announce : told what a person has to know about the count

    Returns
    -------
    Asks the ledger for what it knows, later entries included.
    """
    entered = list(trials)
    try:
        lineage = ledger.record(ledger.lineage(Descent.of(strategy)), entered)
    except DataError as problem:
        announce(f"{strategy.name}: its number of trials is unknown: {problem}")
        return lambda: None
    if lineage.announcement is not None:
        announce(lineage.announcement)
    least = len({trial.key for trial in entered})

    def known() -> Evidence | None:
        try:
            found = ledger.evidence(lineage.name)
        except DataError as problem:
            announce(f"{strategy.name}: its number of trials is unknown: {problem}")
            return None
        # Less than what was entered: the file was taken away.
        return found if found.trials >= least > 0 else None

    return known


def count(
    strategy: DeclaredStrategy, runs: Iterable[BacktestRun], ledger: TrialLedger, announce: Callable[[str], None]
) -> None:
    """Enter runs of one strategy, or of variants of it, as `enter` does, so that their evidence is known."""
    entered = list(runs)
    known = enter(strategy, [run.trial for run in entered], ledger, announce)
    for run in entered:
        run.counted_by(known)
