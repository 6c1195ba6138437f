"""What the engines of other libraries share: decisions from the driver, fills to it, the library's books in the result.

The library matches orders and keeps cash, commission and positions; nothing here does. A subclass gives it the driver's
orders and tells the driver what it filled.
"""

from __future__ import annotations

import importlib
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from threading import Lock
from types import ModuleType
from typing import TYPE_CHECKING, ClassVar

from oracle.backtesting.result import BacktestRun
from oracle.backtesting.rust_engine import RustEngine
from oracle.backtesting.walking_engine import WalkingEngine
from oracle.core import native
from oracle.core.config import Settings, SimulationSettings
from oracle.core.errors import RunError, UsageError
from oracle.core.interfaces import BaseStrategy

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

    from oracle.core.models import OHLCV
    from oracle.data.frame import Prepared

    Floats = npt.NDArray[np.float64]
    Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Grid:
    """Bars of one run by step and symbol: ``float64[n_steps, n_symbols]``, NaN where a symbol has no bar."""

    symbols: list[str]
    ts_ns: Integers
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats

    @cached_property
    def present(self) -> npt.NDArray[np.bool_]:
        """Whether a symbol has a bar at a step."""
        import numpy as np

        return ~np.isnan(self.close)

    @classmethod
    def of(cls, bars: Prepared, first_ns: int | None, last_ns: int | None) -> Grid:
        """Return the bars stamped within a period, its ends included."""
        import numpy as np

        stamps = np.unique(bars.ts_ns)
        low = 0 if first_ns is None else int(np.searchsorted(stamps, first_ns))
        high = len(stamps) if last_ns is None else int(np.searchsorted(stamps, last_ns, side="right"))
        stamps = stamps[low:high]
        columns = {name: np.full((len(stamps), len(bars.symbols)), np.nan) for name in FIELDS}
        for index in range(len(bars.symbols)):
            rows = slice(int(bars.offsets[index]), int(bars.offsets[index + 1]))
            own = bars.ts_ns[rows]
            inside = (own >= stamps[0]) & (own <= stamps[-1]) if len(stamps) else np.zeros(len(own), bool)
            steps = np.searchsorted(stamps, own[inside])
            for name, column in columns.items():
                column[steps, index] = getattr(bars, name)[rows][inside]
        return cls(list(bars.symbols), stamps, **columns)


#: The libraries keep state of their own beside a run; none says that it may run in several threads.
ONE_AT_A_TIME = Lock()
FIELDS = ("open", "high", "low", "close", "volume")


@dataclass(frozen=True, slots=True)
class Costs:
    """What is told to a library in its own terms.

    ``rate`` is a commission as a fraction of value, None where it is counted otherwise; ``slippage`` a fraction of the
    price; ``participation`` the most of a bar's volume that fills, None for any.
    """

    rate: float | None
    slippage: float
    participation: float | None

    @classmethod
    def of(cls, simulation: SimulationSettings, library: str) -> Costs:
        """Return settings as costs.

        Raises
        ------
        UsageError : a cost that the library has no words for
        """
        commission, slippage = simulation.commission, simulation.slippage
        slippages = {"zero": 0.0, "bps": slippage.rate, "spread": slippage.spread / 2}
        if commission.model == "tiered" or slippage.model not in slippages:
            raise UsageError(
                f"{library} has no {commission.model} commission with {slippage.model} slippage; expected commission"
                " zero, bps or per_share and slippage zero, bps or spread"
            )
        rate = {"zero": 0.0, "bps": commission.rate}.get(commission.model)
        # What hangs on the date of a sale is asked of the run's own model.
        rate = None if commission.regulatory_fees else rate
        return cls(rate, slippages[slippage.model], simulation.max_participation)


@dataclass(slots=True)
class Books:
    """Cash and equity as the library has them at each close, USD."""

    cash: list[float]
    equity: list[float]


class DrivenEngine(WalkingEngine):
    """An engine whose market is another library's.

    Parameters
    ----------
    settings : costs (section ``simulation``)
    benchmark : symbol to compare with; the equally weighted universe when None

    Raises
    ------
    RunError : the library is not installed
    """

    #: The library's name, as it is imported and as `--against` takes it.
    library: ClassVar[str]
    #: The conventions under which the native engine does the same.
    conventions: ClassVar[str]

    def __init__(self, *, settings: Settings | None = None, benchmark: str | None = None) -> None:
        self._module = _import(self.library)
        settings = settings or Settings()
        self._simulation, self.walk_settings = settings.simulation, settings.strategy.walk_forward
        self._native = RustEngine(settings=settings, benchmark=benchmark, conventions=self.conventions)

    def run(
        self,
        strategy: BaseStrategy,
        data: Mapping[str, list[OHLCV]] | pl.DataFrame | Prepared,
        initial_capital: float = 100_000.0,
        start: date | datetime | None = None,
        end: date | datetime | None = None,
    ) -> BacktestRun:
        """Run one backtest without limits; arguments and errors as of ``WalkingEngine.run``.

        Equity, cash and fills are the library's; round trips and metrics are reckoned from its fills.
        """
        import json

        declared, request = self._native.request(strategy, data, initial_capital, start, end)
        costs = Costs.of(self._simulation, self.library)
        config = json.loads(request.config)
        grid = Grid.of(request.bars, config["from_ns"], config["to_ns"])
        # A driver holds a copy of all columns and a thread.
        with ONE_AT_A_TIME:
            driver = native.drive(
                declared.plan.raw, request.bars, request.config, self._native.benchmark, request.signals
            )
            books = self._trade(driver, grid, costs, request.initial_capital)
        result = self._native.result(declared, request, driver.finish())
        return _with_books(result, books, self.library)

    @abstractmethod
    def _trade(self, driver: native.Driver, grid: Grid, costs: Costs, capital: float) -> Books:
        """Walk the grid with the library and return its books."""


def _import(library: str) -> ModuleType:
    try:
        return importlib.import_module(library)
    except ImportError as problem:
        raise RunError(f"{library} is not installed ({problem}); `pip install 'oracle[engines]'` brings it") from None


def _with_books(result: BacktestRun, books: Books, library: str) -> BacktestRun:
    """Put the library's cash and equity into a result, and say how far the fills explain them."""
    import polars as pl

    own = result.equity
    equity, cash = pl.Series("equity", books.equity), pl.Series("cash", books.cash)
    worst = float((own["equity"] - equity).abs().max() or 0.0)  # type: ignore[arg-type]  # a maximum of floats
    frame = own.with_columns(
        equity,
        cash,
        (equity - cash).alias("positions_value"),
        (own["gross_exposure"] * own["equity"] / equity).alias("gross_exposure"),
        (equity / equity.cum_max() - 1.0).alias("drawdown"),
    )
    note = f"orders, cash and fees by {library}; its equity and its fills agree to {worst:.6f} USD"
    fields = {name: getattr(result, name) for name in type(result).model_fields}
    fields.update(final_equity=books.equity[-1], notes=(*result.notes, note))
    return BacktestRun.of(
        lambda name: frame if name == "equity" else result._frame(name), lambda: f"{library}-{result.run_id}", **fields
    )
