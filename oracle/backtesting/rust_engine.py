"""The default engine: hands plan, columns and settings to the compiled simulation and wraps what comes back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, get_args
from zoneinfo import ZoneInfo

from oracle.backtesting.conventions import conventions as costs
from oracle.backtesting.conventions import settled
from oracle.backtesting.python_signals import decided, declared_of
from oracle.backtesting.result import BacktestRun
from oracle.backtesting.sweep.sweeper import Sweeper, Wanted
from oracle.backtesting.tables import EQUITY, frame_of, prices_of
from oracle.backtesting.walking_engine import WalkingEngine, prepared
from oracle.core import native
from oracle.core.config import Settings, Waiver
from oracle.core.errors import RangeError, RunError, UsageError
from oracle.core.interfaces import BaseStrategy
from oracle.strategy.declared import DeclaredStrategy

if TYPE_CHECKING:
    import polars as pl

    from oracle.backtesting.python_signals import Signals
    from oracle.core.models import OHLCV
    from oracle.data.frame import Prepared
    from oracle.risk.limits import RiskSettings

NEW_YORK = ZoneInfo("America/New_York")
#: Bars that tell how far apart bars are.
SPACING_BARS = 1000
# The engine counts sessions; a result shows dates.
DRAWDOWN_DATES = ("max_drawdown_peak", "max_drawdown_trough", "max_drawdown_recovery")
FIXED_UNIVERSE = "the universe is a fixed list, not point-in-time: survivors and hindsight may flatter the result"


@dataclass(frozen=True, slots=True)
class Request:
    """What one simulation is told: bars, settings (JSON), capital (USD)."""

    bars: Prepared
    config: str
    initial_capital: float
    #: Direction and strength beside each bar, where Python decides instead of rules.
    signals: Signals | None = None
    #: The engine whose definitions headline metrics follow.
    definitions: str = "native"


class RustEngine(WalkingEngine):
    """Runs declared strategies on the compiled simulation.

    Parameters
    ----------
    limits : risk limits applied inside the run; None for none
    settings : costs and conventions (section ``simulation``)
    waive : inputs that limits need and the run may do without, beside those of the settings:
        ``vix``, ``sector``, ``raw_prices``
    benchmark : symbol to compare with; the equally weighted universe when None
    any_timeframe : take bars of another length than the strategy's, as the terse bars of its tests are
    conventions : a profile, settings of single switches, or both (``lean``, ``native,cash=reject``), before what the
        strategy's file says
    progress : hears of a run long enough to wait for: steps done, and all
    """

    def __init__(
        self,
        *,
        limits: RiskSettings | None = None,
        settings: Settings | None = None,
        waive: Iterable[str] = (),
        benchmark: str | None = None,
        any_timeframe: bool = False,
        conventions: str | None = None,
        progress: Callable[[int, int], object] | None = None,
    ) -> None:
        settings = settings or Settings()
        simulation = settings.simulation
        self.walk_settings = settings.strategy.walk_forward
        self._any_timeframe = any_timeframe
        self._progress = progress
        waive = tuple(waive)
        for name in waive:
            if name not in get_args(Waiver):
                raise UsageError(f"{name!r} cannot be waived; expected one of {', '.join(get_args(Waiver))}")
        self.benchmark = benchmark
        policy = None if limits is None else limits.to_engine()
        self._policy = None if policy is None else json.loads(policy)
        self.required_symbols = ("VIX",) if limits is not None else ()
        self.max_position = None if limits is None else limits.position_limits.max_position
        self._policy_hash = None if policy is None else native.policy_hash(policy)
        self._waive = tuple(sorted({*simulation.waive, *waive}))
        self._conventions = conventions
        if conventions is not None:
            native.conventions_of(conventions)
        self._config = {**costs(simulation), "policy": self._policy, "waive": list(self._waive)}

    def run(
        self,
        strategy: BaseStrategy,
        data: Mapping[str, list[OHLCV]] | pl.DataFrame | Prepared,
        initial_capital: float = 100_000.0,
        start: date | datetime | None = None,
        end: date | datetime | None = None,
    ) -> BacktestRun:
        """Run one backtest, as every engine does; see ``WalkingEngine.run``."""
        declared, request = self.request(strategy, data, initial_capital, start, end)
        raw = native.simulate(
            declared.plan.raw, request.bars, request.config, self.benchmark, self._progress, request.signals
        )
        return self.result(declared, request, raw)

    def request(
        self,
        strategy: BaseStrategy,
        data: Mapping[str, list[OHLCV]] | pl.DataFrame | Prepared,
        initial_capital: float,
        start: date | datetime | None,
        end: date | datetime | None,
    ) -> tuple[DeclaredStrategy, Request]:
        """Return the strategy, checked, and what the simulation is told; arguments as of ``run``."""
        declared, coded = declared_of(strategy)
        for day in (start, end):
            if day is not None and not isinstance(day, date):
                raise RangeError(f"start and end are dates or datetimes; found {day!r}")
        bars = prepared(data)
        if not self._any_timeframe:
            _refuse_other_timeframe(declared, bars)
        first_ns = None if start is None else _first_ns(start, daily=bars.daily)
        last_ns = None if end is None else _last_ns(end, daily=bars.daily)
        conventions = settled(self._conventions or declared.spec.execution.conventions)
        definitions = native.conventions_of(conventions)["metrics"]
        config = {
            **self._config,
            "conventions": conventions,
            "capital_usd": _exact(initial_capital),
            "from_ns": first_ns,
            "to_ns": last_ns,
        }
        signals = None if coded is None else decided(coded, bars, first_ns, last_ns)
        return declared, Request(bars, json.dumps(config), float(initial_capital), signals, definitions)

    def result(self, strategy: DeclaredStrategy, request: Request, raw: native.Run) -> BacktestRun:
        """Return a finished simulation as a result."""
        bars = request.bars
        first_ns, last_ns = raw.period
        metrics = {name: value for name, value in json.loads(raw.metrics).items() if name not in DRAWDOWN_DATES}
        return BacktestRun.of(
            lambda name: _frame(name, raw, bars),
            lambda: self._run_id(strategy, request),
            lambda: self._attempt(strategy, bars, request),
            strategy=strategy.name,
            plan_hash=strategy.plan.hash,
            policy_hash=self._policy_hash,
            start=_moment(first_ns),
            end=_moment(last_ns),
            initial_capital=request.initial_capital,
            final_equity=raw.final_equity,
            metrics=metrics,
            **dict(zip(DRAWDOWN_DATES, map(_moment, raw.drawdown_ns), strict=True)),
            trade_count=raw.trade_count,
            verdict_counts=raw.verdict_counts,
            waived=self._waived(bars),
            notes=(*raw.warnings, *bars.notes, *_data_notes(bars), *_definition_notes(request), FIXED_UNIVERSE),
        )

    def _waived(self, bars: Prepared) -> tuple[str, ...]:
        """What a run on these bars did without: no input that is there."""
        if self._policy is None:
            return ()
        return tuple(name for name in self._waive if name != "vix" or "VIX" not in bars.symbols)

    def sweeper(
        self,
        strategy: DeclaredStrategy,
        data: pl.DataFrame | Prepared,
        initial_capital: float,
        start: date | datetime | None,
        end: date | datetime | None,
        wanted: Wanted,
    ) -> Sweeper:
        """Return the same engine for many bindings of one strategy's params; every run has the bits of ``run``.

        Raises
        ------
        DataError : the bars are not usable
        RunError : the bars are of another timeframe
        UsageError : the strategy decides in Python, and has no params that the engine could bind
        """
        declared, request = self.request(strategy, data, initial_capital, start, end)
        if request.signals is not None:
            raise UsageError(f"{strategy.name} decides in Python: its params cannot be swept")
        data_hash, conventions_hash = self._attempt(declared, request.bars, request)
        compared = declared.spec.universe.symbols if self.benchmark is None else [self.benchmark]
        return Sweeper.of(
            declared,
            request.bars,
            request.config,
            wanted,
            benchmark=self.benchmark,
            beside=self.required_symbols,
            hashes=(data_hash, conventions_hash, self._policy_hash or ""),
            benchmark_hash=request.bars.manifest_hash_of(compared),
        )

    def attempt(
        self,
        strategy: DeclaredStrategy,
        data: pl.DataFrame | Prepared,
        initial_capital: float,
        start: date | datetime | None,
        end: date | datetime | None,
    ) -> tuple[str, str]:
        """Return the hashes of data and of conventions of ``run`` with these arguments: with a plan, a trial."""
        declared, request = self.request(strategy, data, initial_capital, start, end)
        return self._attempt(declared, request.bars, request)

    def _run_id(self, strategy: DeclaredStrategy, request: Request) -> str:
        """Hash of everything the result depends on."""
        bars = request.bars.manifest_hash
        parts = [strategy.plan.hash, self._policy_hash or "", request.config, self.benchmark or "", bars]
        if request.signals is not None:
            parts += [hashlib.sha256(column.tobytes()).hexdigest() for column in request.signals]
        return hashlib.sha256("\n".join((*parts, native.VERSION)).encode()).hexdigest()

    def _attempt(self, strategy: DeclaredStrategy, bars: Prepared, request: Request) -> tuple[str, str]:
        """Hashes of the data that decide and of all conventions, the benchmark and the engine's version left out."""
        symbols = {*strategy.get_required_data(), *self.required_symbols}
        return bars.manifest_hash_of(symbols), hashlib.sha256(request.config.encode()).hexdigest()


def _frame(name: str, raw: native.Run, bars: Prepared) -> pl.DataFrame:
    if name == "prices":
        return prices_of(bars, raw.traded, *raw.period)
    frame = frame_of(raw.table(name), daily=bars.daily)
    return frame.select(EQUITY) if name == "equity" else frame


def _data_notes(bars: Prepared) -> list[str]:
    adjusted = [symbol for symbol, only in zip(bars.symbols, bars.adjusted_only, strict=True) if only]
    return [f"adjusted prices only, no raw ones: {', '.join(adjusted)}"] if adjusted else []


def _definition_notes(request: Request) -> list[str]:
    if request.definitions == "native":
        return []
    whose = f"headline metrics of a run are as {request.definitions} defines them"
    return [f"{whose} (docs/conventions.md); intervals, trust, fan and a stitched curve are not"]


def _refuse_other_timeframe(strategy: DeclaredStrategy, bars: Prepared) -> None:
    """Refuse bars of another length than the strategy's: 200 days of hourly bars are not a 200-day average."""
    wanted, found = strategy.spec.timeframe, "1Day" if bars.daily else _intraday_timeframe(bars)
    if found is not None and found != wanted:
        raise RunError(
            f"the run lacks bars of {wanted}, the timeframe of {strategy.name}; found bars of {found}; "
            "import those, or change `timeframe`",
            code="D103",
        )


def _intraday_timeframe(bars: Prepared) -> str | None:
    """Return the usual spacing of the first symbol's first bars as a timeframe; None where too few bars tell."""
    import numpy as np

    steps = np.diff(bars.ts_ns[: min(int(bars.offsets[1]), SPACING_BARS)])
    spacings, counts = np.unique(steps, return_counts=True)
    if len(spacings) == 0:
        return None
    minutes = int(spacings[np.argmax(counts)]) // 60_000_000_000
    return f"{minutes // 60}Hour" if minutes % 60 == 0 else f"{minutes}Min"


def _exact(usd: float) -> str:
    if isinstance(usd, bool) or not isinstance(usd, int | float) or not 0 < usd < 1e12:
        raise RangeError(f"initial capital: found {usd!r}; expected more than 0 and less than 1,000,000,000,000 USD")
    return f"{usd:.6f}"


def _moment(ns: int) -> datetime | None:
    return None if ns < 0 else datetime.fromtimestamp(ns // 1_000_000_000, UTC)


def _first_ns(day: date | datetime, *, daily: bool) -> int:
    """Stamp of the first bar that may trade. A daily bar stands for its whole date, so there a moment means its day."""
    if isinstance(day, datetime) and not daily:
        return _to_ns(day if day.tzinfo else day.replace(tzinfo=NEW_YORK))
    return _to_ns(datetime.combine(day, time(), UTC if daily else NEW_YORK))


def _last_ns(day: date | datetime, *, daily: bool) -> int:
    """Stamp of the last bar that may trade; a day counts to its end."""
    if isinstance(day, datetime) and not daily:
        return _first_ns(day, daily=daily)
    return _first_ns(day + timedelta(days=1), daily=daily) - 1


def _to_ns(moment: datetime) -> int:
    return int(moment.timestamp()) * 1_000_000_000 + moment.microsecond * 1000
