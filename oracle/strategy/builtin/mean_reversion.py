"""`MeanReversionStrategy`: the file `strategies/mean_reversion.yaml` as a class."""

from __future__ import annotations

from oracle.core.shipped import strategy_file
from oracle.strategy.declared import DeclaredStrategy


class MeanReversionStrategy(DeclaredStrategy):
    """Buy a fall below the lower Bollinger band and sell the return to the middle.

    Parameters
    ----------
    params : values that differ from the file's defaults, by name, as in the file: `lookback="63"`
    """

    def __init__(self, **params: str | float) -> None:
        super().__init__(strategy_file("mean_reversion"), {name: str(value) for name, value in params.items()})
