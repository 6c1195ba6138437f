"""What every engine does alike: params fitted on one window and traded on the next, by runs of its own."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING

from oracle.core.interfaces import BacktestEngine, BaseStrategy

if TYPE_CHECKING:
    import polars as pl

    from oracle.backtesting.result import BacktestRun
    from oracle.core.demands import WalkForwardSettings
    from oracle.core.models import OHLCV, BacktestResult
    from oracle.data.frame import Prepared


class WalkingEngine(BacktestEngine):
    """An engine whose `run` is all that a walk-forward needs."""

    #: How windows are cut and params are chosen, but for the three lengths.
    walk_settings: WalkForwardSettings

    @abstractmethod
    def run(
        self,
        strategy: BaseStrategy,
        data: Mapping[str, list[OHLCV]] | pl.DataFrame | Prepared,
        initial_capital: float = 100_000.0,
        start: date | datetime | None = None,
        end: date | datetime | None = None,
    ) -> BacktestRun:
        """Run one backtest; indicators begin at the first bar, trading at ``start``.

        Parameters
        ----------
        strategy : from ``oracle.load_strategy``, or any ``BaseStrategy``: its signals enter the same simulation
        data : bars as models by symbol, as a polars frame in the import format, or prepared columns
        initial_capital : USD, > 0, exact to a millionth
        start, end : first and last day (or moment) that may trade, both included

        Raises
        ------
        DataError : the bars are not usable
        RunError : an input that a limit needs is missing and not waived, the bars are of another timeframe, or the
            strategy's own code failed; says at which bar
        KeyboardInterrupt : Ctrl-C was pressed; nothing is left behind
        """

    def walk_forward(
        self,
        strategy: BaseStrategy,
        data: Mapping[str, list[OHLCV]] | pl.DataFrame | Prepared,
        initial_capital: float = 100_000.0,
        train_months: int = 24,
        test_months: int = 6,
        step_months: int = 3,
    ) -> list[BacktestResult]:
        """Choose params on each training window and return the result of each test window after it.

        Everything but the three lengths is as in the settings (section ``strategy.walk_forward``). Training and tests
        are runs of this engine. The results are ``BacktestRun`` objects, with their frames; each begins at the close of
        the session before its test. ``oracle.walk_forward`` gives the training, the stitched curve and the stability of
        the params besides.

        Raises
        ------
        RangeError : the bars hold no complete window
        UsageError : the strategy is not a declared one, or its params have too many combinations
        """
        from oracle.backtesting.walk_forward.objective import Objective
        from oracle.backtesting.walk_forward.walk import walk_forward
        from oracle.backtesting.walk_forward.windows import Scheme

        chosen, bars = self.walk_settings, prepared(data)
        lengths = (train_months, test_months, step_months)
        result = walk_forward(
            self,
            strategy,
            bars,
            initial_capital,
            Scheme(*lengths, anchored=chosen.anchored, purge=chosen.purge, embargo=chosen.embargo),
            Objective.of(chosen),
            max_combinations=chosen.max_combinations,
        )
        return [each.test for each in result.windows]


def prepared(data: Mapping[str, list[OHLCV]] | pl.DataFrame | Prepared) -> Prepared:
    """Return bars in any of the forms that engines take as columns.

    Raises
    ------
    DataError : the bars are not usable
    """
    from oracle.data.frame import Prepared, prepare
    from oracle.data.models import frame_of

    if isinstance(data, Prepared):
        return data
    return prepare(frame_of(data) if isinstance(data, Mapping) else data)
