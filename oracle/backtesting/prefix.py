"""The bars known at a close, as a list without a copy: what a strategy in Python is handed at each decision."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, MutableSequence
from itertools import islice
from typing import TYPE_CHECKING, Any, SupportsIndex, overload

if TYPE_CHECKING:
    from oracle.core.models import OHLCV


class Prefix(MutableSequence["OHLCV"]):
    """The first bars of a list that grows behind them, oldest first; reads and changes like a list of its own.

    It never shows a later bar than when it was made, however long it is kept. Whoever changes it gets a copy first, so
    that nothing comes back to the list it was cut from.

    Parameters
    ----------
    bars : the list; it may grow at its end and changes in no other way
    """

    __slots__ = ("_bars", "_length")

    def __init__(self, bars: list[OHLCV]) -> None:
        self._bars = bars
        #: Bars that count; None once the list is this prefix's own.
        self._length: int | None = len(bars)

    def _own(self) -> list[OHLCV]:
        if self._length is not None:
            self._bars, self._length = self._bars[: self._length], None
        return self._bars

    def __len__(self) -> int:
        return len(self._bars) if self._length is None else self._length

    @overload
    def __getitem__(self, index: SupportsIndex) -> OHLCV: ...
    @overload
    def __getitem__(self, index: slice) -> list[OHLCV]: ...
    def __getitem__(self, index: SupportsIndex | slice) -> OHLCV | list[OHLCV]:
        length = len(self)
        if isinstance(index, slice):
            start, stop, step = index.indices(length)
            # Counting down, -1 would mean the end of the list once more.
            return self._bars[start:stop:step] if step > 0 else [self._bars[at] for at in range(start, stop, step)]
        place = index.__index__()
        if not -length <= place < length:
            raise IndexError("list index out of range")
        return self._bars[place if place >= 0 else length + place]

    def __setitem__(self, index: Any, value: Any) -> None:
        self._own()[index] = value

    def __delitem__(self, index: SupportsIndex | slice) -> None:
        del self._own()[index]

    def insert(self, index: SupportsIndex, value: OHLCV) -> None:
        """Put a bar before a place, in a copy."""
        self._own().insert(index, value)

    def sort(self, **how: Any) -> None:
        """Sort a copy, by ``key`` and ``reverse`` as a list does."""
        self._own().sort(**how)

    def copy(self) -> list[OHLCV]:
        """Return the bars as a list."""
        return self[:]

    def __iter__(self) -> Iterator[OHLCV]:
        return islice(self._bars, len(self))

    def __add__(self, other: Iterable[OHLCV]) -> list[OHLCV]:
        return [*self, *other]

    def __radd__(self, other: Iterable[OHLCV]) -> list[OHLCV]:
        return [*other, *self]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Prefix | list):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]  # as of a list

    def __repr__(self) -> str:
        return repr(self[:])
