"""`MomentumStrategy`: the file `strategies/momentum.yaml` as a class."""

from __future__ import annotations

from oracle.core.shipped import strategy_file
from oracle.strategy.declared import DeclaredStrategy


class MomentumStrategy(DeclaredStrategy):
    """Dual momentum: hold the strongest stocks while they beat the others and their own past.

    Parameters
    ----------
    params : values that differ from the file's defaults, by name, as in the file: `lookback="63"`
    """

    def __init__(self, **params: str | float) -> None:
        super().__init__(strategy_file("momentum"), {name: str(value) for name, value in params.items()})
