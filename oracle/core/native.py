"""The only importer of the compiled module: types, contiguity and UTC nanoseconds, nothing else.

Columns cross without a copy where they are contiguous float64 without nulls. No arithmetic and no decision is here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Protocol

from oracle.core.errors import DataError, EngineError

try:
    from oracle import _engine
except ImportError as problem:  # pragma: no cover - only on an unbuilt checkout
    raise EngineError(
        f"the compiled engine is not there ({problem}); build it with `make demo` or `maturin develop --release`"
    ) from problem

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

    Floats = npt.NDArray[np.float64]
    Integers = npt.NDArray[np.int64]

VERSION = _engine.__version__
EPOCH = date(1970, 1, 1)

Driver = _engine.Driver
Plan = _engine.Plan
Run = _engine.Run
Sweep = _engine.Sweep


class Bars(Protocol):
    """Bars as columns, as ``oracle.data.frame.Prepared`` holds them; the engine borrows the arrays."""

    @property
    def symbols(self) -> list[str]: ...
    @property
    def offsets(self) -> Integers: ...
    @property
    def ts_ns(self) -> Integers: ...
    @property
    def open(self) -> Floats: ...
    @property
    def high(self) -> Floats: ...
    @property
    def low(self) -> Floats: ...
    @property
    def close(self) -> Floats: ...
    @property
    def volume(self) -> Floats: ...
    @property
    def bid(self) -> Floats | None: ...
    @property
    def ask(self) -> Floats | None: ...
    @property
    def action_symbol(self) -> Integers: ...
    @property
    def action_bar(self) -> Integers: ...
    @property
    def action_split(self) -> Floats: ...
    @property
    def action_dividend(self) -> Floats: ...
    @property
    def adjusted_only(self) -> list[bool]: ...
    @property
    def daily(self) -> bool: ...


def compile(spec_json: str, /) -> tuple[Plan | None, str]:
    """Return the plan of a spec (JSON), or None, and its diagnostics as a JSON array."""
    return _engine.compile(spec_json)


def codes() -> str:
    """Return the manual's tables that the engine keeps (diagnostics, verdicts, sizing, ...) as a JSON object."""
    return _engine.codes()


def policy_hash(policy: str) -> str:
    """Return the hash of a risk policy (JSON)."""
    return _engine.policy_hash(policy)


def simulate(
    plan: Plan,
    bars: Bars,
    config: str,
    benchmark: str | None = None,
    progress: Callable[[int, int], object] | None = None,
    signals: tuple[Floats, Floats] | None = None,
) -> Run:
    """Run a plan over bars with the simulation's settings (JSON).

    Parameters
    ----------
    progress : hears of a run long enough to wait for: steps done, and all
    signals : direction (1 long, -1 short, 0 flat, NaN none) and strength beside each bar; they take the place of the
        plan's entry and exit rules

    Raises
    ------
    DataError (D101, D102) : the columns do not fit together or hold what no bar has
    RunError (D103) : an input that a limit or the benchmark needs is missing
    RangeError (R101) : a setting is out of range, or the period holds no bar
    KeyboardInterrupt : Ctrl-C was pressed; nothing is left behind
    """
    return _engine.simulate(plan, bars, config, benchmark, progress, signals)


def drive(
    plan: Plan,
    bars: Bars,
    config: str,
    benchmark: str | None = None,
    signals: tuple[Floats, Floats] | None = None,
) -> Driver:
    """Return a run of a plan that is told its fills from outside; arguments and errors as of ``simulate``."""
    return _engine.Driver(plan, bars, config, benchmark, signals)


def conventions_of(text: str) -> dict[str, str]:
    """Return the setting of each switch that conventions in words (``lean,cash=cut``) come to.

    Raises
    ------
    RangeError (R101) : there is no such profile, switch or setting
    """
    return _engine.conventions_of(text)


def are_sound(
    ts_ns: Integers,
    open: Floats,
    high: Floats,
    low: Floats,
    close: Floats,
    volume: Floats,
    price_max: float,
    volume_max: float,
) -> bool:
    """Return whether one symbol's columns increase in time and hold bars within the bounds (USD per share, shares).

    False may also be said of columns that a closer look finds nothing wrong with.
    """
    return _engine.are_sound(ts_ns, open, high, low, close, volume, price_max, volume_max)


def coverage(plan: Plan, bars: Bars) -> str:
    """Return, per member, on how many bars the plan could have entered, as a JSON array."""
    return _engine.coverage(plan, bars)


def signals(plan: Plan, bars: Bars) -> list[tuple[str, str, float]]:
    """Return symbol, LONG / SHORT / FLAT and strength of each member on the last bar, for a flat book."""
    return _engine.signals(plan, bars)


def sessions(first: date, count: int) -> npt.NDArray[np.datetime64]:
    """Return the dates (datetime64[D]) of `count` NYSE sessions from ``first`` on, unscheduled closures left out."""
    return _engine.sessions((first - EPOCH) // timedelta(days=1), count).astype("datetime64[D]")


def catalog() -> str:
    """Return every function of the language as a JSON array."""
    return _engine.catalog()


def indicator(name: str, numbers: list[float], columns: list[object]) -> list[Floats] | list[pl.Series]:
    """Return the outputs of a time-series function over whole columns, as the kind of the first column.

    Raises
    ------
    DataError (D101) : a column is not numeric or the lengths differ
    RangeError (R101) : a number is out of range
    """
    outputs = _engine.indicator(name, numbers, [as_floats(column, name) for column in columns])
    if columns and type(columns[0]).__module__.startswith("polars"):
        import polars as pl

        return [pl.Series(name, output) for output in outputs]
    return outputs


def as_floats(column: object, what: str) -> Floats:
    """Return a column as contiguous float64, with NaN for nulls; without a copy where it is that already."""
    import numpy as np

    if type(column).__module__.startswith("polars"):
        column = _floats_of_series(column, what)  # type: ignore[arg-type]  # the module says it is a Series
    try:
        array = np.asarray(column, dtype=np.float64)
    except (TypeError, ValueError) as problem:
        raise DataError(f"{what}: a column is not numeric ({problem})", code="D101") from None
    if array.ndim != 1:
        raise DataError(f"{what}: a column has {array.ndim} dimensions; expected one", code="D101")
    return np.ascontiguousarray(array)


def _floats_of_series(series: pl.Series, what: str) -> object:
    import polars as pl

    if not series.dtype.is_numeric():
        raise DataError(f"{what}: a column holds {series.dtype}; expected numbers", code="D101")
    floats = series.cast(pl.Float64).rechunk()
    return (floats.fill_null(float("nan")) if floats.null_count() else floats).to_numpy(writable=False)


def metrics(equity: Floats, gross_exposure: Floats, benchmark: Floats, traded_usd: float, trade_pnl: Floats) -> str:
    """Return the metrics of a session-close equity curve (USD) as a JSON object; see ``backtesting.metrics``."""
    return _engine.metrics(equity, gross_exposure, benchmark, traded_usd, trade_pnl)
