"""A strategy declared in YAML, as the interface every strategy has: bars in, signals out.

Signals come from the compiled plan in the engine. Nothing here decides anything.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oracle.core import native
from oracle.core.errors import UsageError
from oracle.core.interfaces import BaseStrategy
from oracle.strategy.compile import CompiledStrategy, compile_strategy, require
from oracle.strategy.compile import load_strategy as compile_source
from oracle.strategy.plan import Plan

if TYPE_CHECKING:
    from oracle.core.diagnostics import Diagnostic
    from oracle.core.models import OHLCV, Signal
    from oracle.strategy.spec import StrategySpec


class DeclaredStrategy(BaseStrategy):
    """A strategy file with its compiled plan.

    Parameters
    ----------
    source : path of a YAML file, or the YAML itself (text with more than one line)
    bind : params that differ from their default, as literal text

    Raises
    ------
    ConfigError : the strategy has errors; carries all diagnostics
    """

    def __init__(self, source: str | Path, bind: Mapping[str, str] | None = None) -> None:
        self._take(compile_source(source, bind), bind or {})

    @classmethod
    def of(cls, compiled: CompiledStrategy, bind: Mapping[str, str] | None = None) -> DeclaredStrategy:
        """Return the strategy of a file that is already compiled."""
        strategy = cls.__new__(cls)
        strategy._take(compiled, bind or {})
        return strategy

    def _take(self, compiled: CompiledStrategy, bind: Mapping[str, str]) -> None:
        self.compiled = compiled
        self._bind = dict(bind)

    @cached_property
    def plan(self) -> Plan:
        """The compiled plan.

        Raises
        ------
        ConfigError : the strategy has errors; carries all diagnostics
        """
        return require(self.compiled)

    @cached_property
    def coded(self) -> BaseStrategy | None:
        """The Python strategy that decides instead of rules, where the file names one.

        Raises
        ------
        UsageError : there is no such class, or it is no ``BaseStrategy``
        """
        return None if self.spec.python is None else coded_strategy(self.spec.python)

    @property
    def spec(self) -> StrategySpec:
        """The file as a typed value."""
        return self.compiled.spec

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """The warnings of the file."""
        return self.compiled.diagnostics

    @property
    def name(self) -> str:
        """The strategy's name, as in its file."""
        return self.compiled.name

    @property
    def min_hold_days(self) -> int:
        """Sessions a position is kept after its fill before a rule may close it."""
        return self.spec.min_hold_days

    def get_parameters(self) -> dict[str, Any]:
        """Return the bound params by name, as literal text."""
        return dict(self.spec.bound(self._bind))

    def get_required_data(self) -> list[str]:
        """Return the symbols whose bars the strategy reads: its universe and those it names."""
        return self.plan.raw.required_symbols

    def alone(self, symbol: str, bind: Mapping[str, str] | None = None) -> DeclaredStrategy | None:
        """Return the strategy on a universe of one of its symbols; None where its rules have no sense there.

        Parameters
        ----------
        bind : params that differ from their default, as literal text
        """
        universe, loaded = self.spec.universe, self.compiled.loaded
        sectors = {name: sector for name, sector in universe.sectors.items() if name == symbol}
        own = universe.model_copy(update={"symbols": [symbol], "sectors": sectors})
        spec = self.spec.model_copy(update={"universe": own})
        if loaded.bound is None:
            return None
        compiled = compile_strategy(replace(loaded, bound=replace(loaded.bound, value=spec, partial=spec)), bind)
        return None if compiled.plan is None else DeclaredStrategy.of(compiled, bind)

    def generate_signals(self, data: dict[str, list[OHLCV]]) -> list[Signal]:
        """Return the signals of the last bar, for a flat book: one per member that has a bar in that session.

        Raises
        ------
        DataError : the bars are not usable
        """
        from oracle.core.models import Signal, SignalDirection
        from oracle.data.frame import prepare
        from oracle.data.models import frame_of

        if self.coded is not None:
            return self.coded.generate_signals(data)
        last = max((bar.timestamp for bars in data.values() for bar in bars), default=datetime.now(UTC))
        rows = native.signals(self.plan.raw, prepare(frame_of(data)))
        return [
            Signal(
                symbol=symbol,
                timestamp=last,
                direction=SignalDirection(direction),
                strength=strength,
                strategy=self.name,
                plan_hash=self.plan.hash,
            )
            for symbol, direction, strength in rows
        ]


def coded_strategy(path: str) -> BaseStrategy:
    """Return an instance of the class that ``package.module.Class`` names.

    Raises
    ------
    UsageError : there is no such class, or it is no ``BaseStrategy``
    """
    module, _, name = path.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as problem:
        raise UsageError(f"`python: {path}` names nothing that can be imported: {problem}") from None
    if not (isinstance(found, type) and issubclass(found, BaseStrategy)):
        raise UsageError(f"`python: {path}`: found {found!r}; expected a subclass of oracle's BaseStrategy")
    return found()


def load_strategy(source: str | Path, bind: Mapping[str, str] | None = None) -> DeclaredStrategy:
    """Load and compile one strategy from a file or from text.

    Parameters
    ----------
    source : path of a YAML file, or the YAML itself (text with more than one line)
    bind : params that differ from their default, as literal text: ``{"lookback": "63"}``

    Raises
    ------
    ConfigError : the strategy has errors; carries all diagnostics
    """
    return DeclaredStrategy(source, bind)
