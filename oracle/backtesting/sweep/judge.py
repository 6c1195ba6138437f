"""What a sweep proves: every run counted, the best one run alone and judged against all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from oracle.backtesting.evidence import count
from oracle.backtesting.lineage import Descent
from oracle.backtesting.statistics.frequency import sharpe_per_period
from oracle.backtesting.trials import Trial
from oracle.core.errors import DataError
from oracle.strategy.compile import compile_strategy
from oracle.strategy.declared import DeclaredStrategy

if TYPE_CHECKING:
    from oracle.backtesting.result import BacktestRun
    from oracle.backtesting.sweep.result import SweepResult
    from oracle.backtesting.sweep.sweeper import Sweeper
    from oracle.backtesting.trials import TrialLedger


def judge(
    result: SweepResult,
    sweeper: Sweeper,
    run: Callable[[DeclaredStrategy], BacktestRun],
    ledger: TrialLedger,
    announce: Callable[[str], None],
) -> SweepResult:
    """Return the result with its best combination run alone, and its evidence known.

    Where each symbol ran by itself there is no one run to judge; the runs are counted all the same.
    """
    strategy = sweeper.strategy
    try:
        lineage = ledger.record(ledger.lineage(Descent.of(strategy)), trials(result, sweeper))
        if lineage.announcement is not None:
            announce(lineage.announcement)
    except DataError as problem:
        announce(f"{strategy.name}: its number of trials is unknown: {problem}")
    if result.symbols or result.best is None:
        return result
    binding = result.binding()
    best = run(DeclaredStrategy.of(compile_strategy(strategy.compiled.loaded, binding), binding))
    count(strategy, [best], ledger, lambda words: None)
    return replace(result, best_run=best)


def trials(result: SweepResult, sweeper: Sweeper) -> list[Trial]:
    """Return the runs of a sweep as the trial ledger counts them."""
    if result.symbols:
        return []
    annual = result.frame["sharpe"].to_numpy()
    return [
        Trial(
            plan_hash,
            sweeper.data_hash,
            sweeper.conventions_hash,
            sharpe_per_period(sharpe) if np.isfinite(sharpe) else None,
            result.sessions,
        )
        for plan_hash, sharpe in zip(result.frame["plan_hash"].to_list(), annual.tolist(), strict=True)
    ]
