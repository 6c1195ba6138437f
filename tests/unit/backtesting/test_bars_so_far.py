"""What a strategy in Python is handed: the bars so far, like a list of its own, without a copy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle.backtesting.prefix import Prefix
from oracle.backtesting.python_signals import decided
from oracle.core.interfaces import BaseStrategy
from oracle.core.models import OHLCV, Signal
from oracle.data.frame import prepare_columns

FIRST = datetime(2020, 1, 2, tzinfo=UTC)


def bars(count: int) -> list[OHLCV]:
    price = {"open": 10.0, "high": 11.0, "low": 9.0, "close": 10.0, "volume": 1e6}
    return [OHLCV(symbol="X", timestamp=FIRST + timedelta(days=day), **price) for day in range(count)]


ALL = bars(12)
INDEX = st.integers(-15, 15)
MAYBE = st.none() | INDEX


@given(st.integers(0, 12), MAYBE, MAYBE, st.none() | st.integers(-4, 4).filter(bool), INDEX)
def test_it_reads_like_the_list_of_its_bars(length: int, start: Any, stop: Any, step: Any, place: int) -> None:
    behind = ALL[:length]
    prefix, expected = Prefix(behind), ALL[:length]
    behind += ALL[length:]
    assert list(prefix) == expected == prefix.copy() == prefix[:]
    assert (len(prefix), bool(prefix), list(reversed(prefix))) == (length, bool(length), expected[::-1])
    assert prefix[start:stop:step] == expected[start:stop:step]
    assert prefix == expected
    assert expected == prefix
    assert prefix != [*ALL, *ALL]
    assert (prefix + ALL, ALL + prefix) == ([*expected, *ALL], [*ALL, *expected])
    if -length <= place < length:
        assert prefix[place] is expected[place]
    else:
        with pytest.raises(IndexError, match="out of range"):
            prefix[place]


def test_who_changes_it_changes_a_copy() -> None:
    behind = bars(4)
    prefix, untouched = Prefix(behind), Prefix(behind)
    prefix.append(ALL[7])
    prefix.reverse()
    prefix[0] = ALL[9]
    del prefix[1]
    prefix.insert(0, ALL[8])
    assert [bar.timestamp.day for bar in prefix] == [10, 11, 4, 3, 2]
    prefix.sort(key=lambda bar: bar.timestamp)
    prefix.extend(ALL[:1])
    assert [bar.timestamp.day for bar in prefix] == [2, 3, 4, 10, 11, 2]
    prefix.clear()
    assert (len(prefix), prefix.copy(), repr(prefix)) == (0, [], "[]")
    behind.append(ALL[11])
    assert (behind[:4], untouched.copy(), len(untouched)) == (ALL[:4], ALL[:4], 4)


def test_no_decision_copies_the_history() -> None:
    views: list[Prefix] = []

    class Keeper(BaseStrategy):
        name = "keeper"  # type: ignore[assignment]  # a constant answers for a property
        min_hold_days = 2  # type: ignore[assignment]  # as above

        def generate_signals(self, data: dict[str, list[OHLCV]]) -> list[Signal]:
            views.append(cast("Prefix", data["X"]))
            return []

        def get_parameters(self) -> dict[str, Any]:
            return {}

        def get_required_data(self) -> list[str]:
            return ["X"]

    days = np.datetime64("2020-01-01", "ns").astype(np.int64) + np.arange(12) * 86_400_000_000_000
    flat = np.full(12, 10.0)
    decided(Keeper(), prepare_columns("X", days, flat, flat, flat, flat, flat), None, None)
    assert [len(view) for view in views] == list(range(1, 13))
    assert len({id(view._bars) for view in views}) == 1
