"""What a sweep proves: every run counted, the best one run alone and judged against all of them.

Where each symbol ran by itself, every (combination, symbol) is a trial, on the data of that symbol: whoever looks at
them may take the best pair, and a backtest of that pair is one of them. The best combination is then run alone on each
symbol, and its evidence is the median over symbols, as its other numbers are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from oracle.backtesting.evidence import RunEvidence, enter
from oracle.backtesting.statistics.frequency import sharpe_of
from oracle.backtesting.trials import Trial
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

    Parameters
    ----------
    run : gives the plain backtest of a strategy, on the bars that it reads where each symbol ran by itself
    announce : told what a person has to know about the count
    """
    strategy = sweeper.strategy
    known = enter(strategy, trials(result, sweeper), ledger, announce)
    if result.best is None:
        return result
    binding = result.binding()
    if not result.symbols:
        best = run(DeclaredStrategy.of(compile_strategy(strategy.compiled.loaded, binding), binding))
        best.counted_by(known)
        return replace(result, best_run=best)
    counted, found = known(), []
    for alone in (strategy.alone(symbol, binding) for symbol in result.symbols):
        if alone is not None:
            single = run(alone)
            single.counted_by(lambda: counted)
            found.append(single.evidence)
    if not found:
        return result
    judged = sum(each.sharpe is not None for each in found)
    return replace(result, symbol_evidence=RunEvidence.median(found), symbols_judged=judged)


def trials(result: SweepResult, sweeper: Sweeper) -> list[Trial]:
    """Return the runs of a sweep as the trial ledger counts them."""
    runs = result.frame if result.per_symbol is None else result.per_symbol
    if result.per_symbol is None:
        data = [sweeper.data_hash] * runs.height
        sessions = [result.sessions] * runs.height
    else:
        data = [sweeper.data_hashes[symbol] for symbol in runs["symbol"].to_list()]
        sessions = runs["sessions"].to_list()
    moments = zip(runs["session_mean"].to_list(), runs["session_deviation"].to_list(), strict=True)
    rows = zip(runs["plan_hash"].to_list(), data, moments, sessions, strict=True)
    return [
        Trial(plan_hash, own, sweeper.conventions_hash, sharpe_of(*moments), count)
        for plan_hash, own, moments, count in rows
    ]
