"""The engines of other libraries, by name; each library is imported when its engine is built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oracle.core.errors import UsageError

if TYPE_CHECKING:
    from oracle.backtesting.driven_engine import DrivenEngine
    from oracle.core.config import Settings

OTHER_ENGINES = ("backtrader", "vectorbt")


def other_engine(name: str, settings: Settings | None = None, benchmark: str | None = None) -> DrivenEngine:
    """Return the engine of another library.

    Raises
    ------
    UsageError : there is no such engine
    RunError : the library is not installed
    """
    if name == "backtrader":
        from oracle.backtesting.backtrader_engine import BacktraderEngine

        return BacktraderEngine(settings=settings, benchmark=benchmark)
    if name == "vectorbt":
        from oracle.backtesting.vectorbt_engine import VectorBTEngine

        return VectorBTEngine(settings=settings, benchmark=benchmark)
    raise UsageError(f"{name!r} is no engine to compare with; expected one of {', '.join(OTHER_ENGINES)}")
