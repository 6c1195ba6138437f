"""`BreakoutStrategy`: the file `strategies/breakout.yaml` as a class."""

from __future__ import annotations

from oracle.core.shipped import strategy_file
from oracle.strategy.declared import DeclaredStrategy


class BreakoutStrategy(DeclaredStrategy):
    """Follow a close above the highest high of weeks, with stops in average true range.

    Parameters
    ----------
    params : values that differ from the file's defaults, by name, as in the file: `lookback="63"`
    """

    def __init__(self, **params: str | float) -> None:
        super().__init__(strategy_file("breakout"), {name: str(value) for name, value in params.items()})
