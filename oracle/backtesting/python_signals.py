"""Strategies whose signals are Python: asked bar by bar with what was known, their answers as columns for the engine.

At each close the strategy gets the bars so far and may speak of that close alone, so that it cannot look ahead. They
are views: a decision costs what the strategy itself does, not the length of history. Sizes, stops, limits and fills are
the engine's.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, cast

from oracle.backtesting.prefix import Prefix
from oracle.core.errors import OracleError, RunError
from oracle.core.interfaces import BaseStrategy
from oracle.core.models import OHLCV, Signal, SignalDirection
from oracle.data.columns import QUOTES
from oracle.strategy.declared import DeclaredStrategy
from oracle.strategy.spec import CODED_ENTRY, CODED_EXIT

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from oracle.data.frame import Prepared

    Signals = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]

DIRECTIONS = {SignalDirection.LONG: 1.0, SignalDirection.SHORT: -1.0, SignalDirection.FLAT: 0.0}

RULES = """schema: 1
name: {name}
universe: {{symbols: [{symbols}]}}
timeframe: {timeframe}
entry: {{long: {long}, short: {short}, priority: {priority}}}
exit: {{when: {exit}}}
min_hold_days: {min_hold_days}
"""


def declared_of(strategy: BaseStrategy) -> tuple[DeclaredStrategy, BaseStrategy | None]:
    """Return what the engine compiles, and the strategy to ask for signals where rules do not decide.

    A strategy without a file gets equal weights, market orders and no stops.
    """
    if isinstance(strategy, DeclaredStrategy):
        return strategy, strategy.coded
    symbols = ", ".join(f"'{symbol}'" for symbol in strategy.get_required_data())
    name = re.sub(r"[^a-z0-9_]+", "_", strategy.name.lower()).strip("_") or "python"
    timeframe = getattr(strategy, "timeframe", "1Day")
    about = {"name": name, "symbols": symbols, "timeframe": timeframe, "min_hold_days": strategy.min_hold_days}
    text = RULES.format(**about, **CODED_ENTRY, exit=CODED_EXIT)
    return DeclaredStrategy(text), strategy


def decided(strategy: BaseStrategy, bars: Prepared, first_ns: int | None, last_ns: int | None) -> Signals:
    """Return direction (1 long, -1 short, 0 flat, NaN none) and strength beside each bar of the period.

    Raises
    ------
    RunError : the strategy failed, or spoke of another bar or symbol than it was asked about
    """
    import numpy as np

    direction, strength = np.full(len(bars.ts_ns), np.nan), np.full(len(bars.ts_ns), np.nan)
    seen: dict[str, list[OHLCV]] = {symbol: [] for symbol in bars.symbols}
    columns = {name: getattr(bars, name).tolist() for name in ("open", "high", "low", "close", "volume")}
    columns |= {name: _optional(column) for name in QUOTES if (column := getattr(bars, name)) is not None}
    for ns, arrived in _arrivals(bars):
        if last_ns is not None and ns > last_ns:
            break
        moment = _moment(ns)
        for symbol, row in arrived.items():
            amounts = {name: column[row] for name, column in columns.items()}
            seen[symbol].append(OHLCV(symbol=symbol, timestamp=moment, **amounts))
        if first_ns is not None and ns < first_ns:
            continue
        # A prefix reads and changes like the list that the interface promises.
        view = {symbol: cast("list[OHLCV]", Prefix(known)) for symbol, known in seen.items() if known}
        for signal in _ask(strategy, view, moment):
            row = _row_of(strategy, signal, arrived, moment)
            direction[row], strength[row] = DIRECTIONS[signal.direction], signal.strength
    return direction, strength


def _optional(column: npt.NDArray[np.float64]) -> list[float | None]:
    return [None if math.isnan(value) else value for value in column.tolist()]


def _arrivals(bars: Prepared) -> Iterator[tuple[int, dict[str, int]]]:
    """Yield every moment in order, with the row of each symbol's bar there."""
    import numpy as np

    order = np.argsort(bars.ts_ns, kind="stable")
    stamps = bars.ts_ns[order].tolist()
    owners = (np.searchsorted(bars.offsets, order, side="right") - 1).tolist()
    found = zip(stamps, owners, order.tolist(), strict=True)
    for ns, group in groupby(found, key=itemgetter(0)):
        yield ns, {bars.symbols[owner]: row for _, owner, row in group}


def _ask(strategy: BaseStrategy, view: dict[str, list[OHLCV]], moment: datetime) -> list[Signal]:
    try:
        return list(strategy.generate_signals(view))
    except OracleError:
        raise
    except Exception as problem:
        raise RunError(
            f"{strategy.name} failed at the bar of {moment}: {type(problem).__name__}: {problem}"
        ) from problem


def _row_of(strategy: BaseStrategy, signal: Signal, now: dict[str, int], moment: datetime) -> int:
    about = f"{strategy.name} at the bar of {moment}"
    if signal.timestamp != moment:
        raise RunError(f"{about}: found a signal stamped {signal.timestamp}; expected the stamp of the last bar")
    if signal.symbol not in now:
        raise RunError(f"{about}: found a signal for {signal.symbol}; expected a symbol that has a bar there")
    return now[signal.symbol]


def _moment(ns: int) -> datetime:
    return datetime.fromtimestamp(ns // 1_000_000_000, UTC)
