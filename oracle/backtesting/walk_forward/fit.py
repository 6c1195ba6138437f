"""The search on the training windows, behind one small door, and the plain search that runs one backtest for each."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import date, datetime
from threading import Event
from typing import TYPE_CHECKING, Protocol

from oracle.backtesting.tables import session_closes
from oracle.backtesting.walk_forward.attempts import Attempt
from oracle.backtesting.walk_forward.objective import Score
from oracle.core.errors import ConfigError, UsageError
from oracle.strategy.compile import compile_strategy
from oracle.strategy.declared import DeclaredStrategy

if TYPE_CHECKING:
    from oracle.backtesting.grid import Binding
    from oracle.backtesting.result import BacktestRun
    from oracle.backtesting.walk_forward.windows import Period
    from oracle.data.frame import Prepared

#: Told how many combinations are done, of how many.
Progress = Callable[[int, int], None]


class Engine(Protocol):
    """An engine that runs one backtest."""

    def run(
        self,
        strategy: DeclaredStrategy,
        data: Prepared,
        initial_capital: float,
        start: date | datetime | None,
        end: date | datetime | None,
    ) -> BacktestRun: ...


@dataclass(frozen=True, slots=True)
class Fitting:
    """What is to be scored: every combination on every training period, by a metric."""

    strategy: DeclaredStrategy
    bindings: Sequence[Binding]
    periods: Sequence[Period]
    metric: str
    progress: Progress | None = None


class Search(Protocol):
    """Scores every combination on every training period. Bars after a period's end must not matter to its scores."""

    def __call__(self, fitting: Fitting) -> list[list[Score]]:
        """Return the scores by period, then by combination."""
        ...


def bound(strategy: DeclaredStrategy, binding: Binding) -> DeclaredStrategy:
    """Return the strategy with other values of its params.

    Raises
    ------
    UsageError : it does not compile with these values
    """
    compiled = compile_strategy(strategy.compiled.loaded, binding)
    if compiled.plan is None:
        values = ", ".join(f"{name}={value}" for name, value in binding.items())
        raise UsageError(f"{strategy.name} does not compile with {values}:\n{ConfigError(compiled.diagnostics)}")
    return DeclaredStrategy.of(compiled, binding)


@dataclass(frozen=True)
class EachBacktest:
    """Runs one backtest for each combination and period, in threads; each combination is compiled once.

    The engine frees Python's lock while it simulates. The scores do not depend on the number of threads.
    """

    engine: Engine
    bars: Prepared
    capital: float
    threads: int | None = None

    def __call__(self, fitting: Fitting) -> list[list[Score]]:
        """Return the scores by period, then by combination."""
        variants, stopped = [bound(fitting.strategy, binding) for binding in fitting.bindings], Event()

        def scores(variant: DeclaredStrategy) -> list[Score]:
            found = []
            for period in fitting.periods:
                if stopped.is_set():
                    break
                run = self.engine.run(variant, self.bars, self.capital, period.start, period.end)
                returns = session_closes(run.equity)["equity"].pct_change()[1:].to_numpy()
                moments = (float(returns.mean()), float(returns.std(ddof=1))) if len(returns) > 1 else (0.0, 0.0)
                attempt = Attempt.of(run.plan_hash, len(returns), *moments)
                found.append(Score(run.metrics[fitting.metric], run.trade_count, attempt))
            return found

        with ThreadPoolExecutor(self.threads or os.cpu_count() or 1) as pool:
            futures = [pool.submit(scores, variant) for variant in variants]
            try:
                for count, future in enumerate(as_completed(futures), 1):
                    future.result()
                    if fitting.progress is not None:
                        fitting.progress(count, len(futures))
            except BaseException:
                # Also for Ctrl-C: what has not begun never does, and what runs ends after its backtest.
                stopped.set()
                pool.shutdown(wait=True, cancel_futures=True)
                raise
        return [list(column) for column in zip(*(future.result() for future in futures), strict=True)]
