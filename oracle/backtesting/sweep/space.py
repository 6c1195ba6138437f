"""The lattice of values that a sweep can take, and the place of each combination on it.

A combination is known by its place: the first param's index varies slowest. Every method and every journal speaks of
places, so that what one search has run another need not run again.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from oracle.backtesting.grid import grid_of
from oracle.core.errors import UsageError
from oracle.strategy.literal import unit_of, value_of

if TYPE_CHECKING:
    from oracle.strategy.declared import DeclaredStrategy
    from oracle.strategy.spec import Param

    Places = npt.NDArray[np.int64]

#: Values that a range without a step is cut into where it is not of whole numbers.
PARTS = 200
#: Most combinations that a place can be given to.
PLACES_MAX = 2**62


@dataclass(frozen=True)
class Space:
    """Names of the params that vary, and the values of each as literal text.

    ``fixed`` are params that declare a range without a step, which a grid leaves at their default.
    """

    values: dict[str, tuple[str, ...]]
    fixed: tuple[str, ...] = ()

    @classmethod
    def of(cls, strategy: DeclaredStrategy, asked: Iterable[str] = (), *, is_grid: bool = True) -> Space:
        """Return the values that a strategy declares, or that are asked for.

        Parameters
        ----------
        asked : ``name=value,value`` or ``name=low..high:step`` each, in the place of what the strategy declares
        is_grid : every combination is meant to run; else ranges without a step are cut finely

        Raises
        ------
        UsageError : no such form, param or value; or nothing to vary
        """
        spec, asked = strategy.spec, list(asked)
        values = {name: tuple(texts) for name, texts in grid_of(spec, strategy.get_parameters(), asked).items()}
        named = {text.partition("=")[0].strip() for text in asked}
        stepless = [n for n, p in spec.params.items() if n not in named and p.range is not None and p.step is None]
        if not is_grid:
            values |= {name: _cut(spec.params[name]) for name in stepless}
        varying = {name: texts for name, texts in values.items() if len(texts) > 1 or name in named}
        if not varying:
            raise UsageError(
                f"{strategy.name} has no param to vary: declare a range with a step or choices, "
                "or name values by --grid name=value,value"
            )
        space = cls(varying, tuple(stepless) if is_grid else ())
        if space.size > PLACES_MAX:
            raise UsageError(f"the params have {space.size:.1e} combinations; name fewer values by --grid")
        return space

    @property
    def names(self) -> tuple[str, ...]:
        """The params that vary, in the order of the file."""
        return tuple(self.values)

    @property
    def shape(self) -> tuple[int, ...]:
        """How many values each param has."""
        return tuple(len(texts) for texts in self.values.values())

    @property
    def size(self) -> int:
        """How many combinations there are."""
        return math.prod(self.shape)

    def codes(self, places: Places) -> npt.NDArray[np.int64]:
        """Return the index of each param's value, int64[n_places, n_params]."""
        codes = np.empty((len(places), len(self.shape)), dtype=np.int64)
        rest = places
        for column in range(len(self.shape) - 1, -1, -1):
            rest, codes[:, column] = np.divmod(rest, self.shape[column])
        return codes

    def places(self, codes: npt.NDArray[np.int64]) -> Places:
        """Return the places of combinations given by the indices of their values."""
        places: Places = np.zeros(len(codes), dtype=np.int64)
        for column, count in enumerate(self.shape):
            places = places * count + codes[:, column]
        return places

    def numbers(self, name: str) -> npt.NDArray[np.float64]:
        """Return the values of a param as numbers in its own unit: fractions, days, sessions or bare."""
        return np.array([value_of(text) for text in self.values[name]])

    def is_whole(self, name: str) -> bool:
        """Whether a param's values are all whole numbers, as lengths are."""
        return all(unit_of(text) != "%" and "." not in text and "e" not in text.lower() for text in self.values[name])

    def binding(self, place: int) -> dict[str, str]:
        """Return the values at a place, as literal text by name."""
        codes = self.codes(np.array([place]))[0]
        return {name: texts[code] for (name, texts), code in zip(self.values.items(), codes.tolist(), strict=True)}


def written(binding: Mapping[str, str]) -> str:
    """Return a binding as ``--set`` takes it: ``fast=10,slow=50``."""
    return ",".join(f"{name}={text}" for name, text in binding.items())


def _cut(param: Param) -> tuple[str, ...]:
    """Return the values of a range without a step: every whole number, or evenly spaced parts."""
    low, high = (text.replace("_", "") for text in param.range or ())
    unit = low.lstrip("+-.0123456789")
    first, last = (Decimal(text.removesuffix(unit)) for text in (low, high))
    is_whole = unit != "%" and all(
        number == int(number) for number in (first, last, Decimal(str(value_of(param.default))))
    )
    count = int(last - first) if is_whole else PARTS
    step = (last - first) / count if count else Decimal(0)
    return tuple(f"{(first + step * part).normalize():f}{unit}" for part in range(count + 1))
