"""The terse notation of series (each expected value worked out by hand) and the ways to write an expectation."""

from __future__ import annotations

import math

import pytest

from oracle.core.units import UnreadableError
from oracle.strategy.expectation import Expectations, series


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("100 x 3", (100.0, 100.0, 100.0)),
        ("250 -> 200 x 3", (250.0, 225.0, 200.0)),
        ("1 -> 2 x 5", (1.0, 1.25, 1.5, 1.75, 2.0)),
        ("1, 2.5, 1_000", (1.0, 2.5, 1000.0)),
        ("5", (5.0,)),
        ("100 x 2; 101 -> 103 x 3; 7", (100.0, 100.0, 101.0, 102.0, 103.0, 7.0)),
        ("1e6 x 2", (1e6, 1e6)),
        ("3->1 x 3", (3.0, 2.0, 1.0)),
    ],
)
def test_a_series_is_read_segment_by_segment(text: str, expected: tuple[float, ...]) -> None:
    assert series(text) == expected


def test_a_ramp_ends_exactly_where_it_says() -> None:
    values = series("250 -> 200.1 x 301")
    assert (values[0], values[-1], len(values)) == (250.0, 200.1, 301)


def test_an_underscore_is_a_missing_bar() -> None:
    values = series("1, _, 3; _ x 2")
    assert [math.isnan(v) for v in values] == [False, True, False, True, True]


@pytest.mark.parametrize(
    "text",
    ["", ";", "1;;2", "1 x", "1 x 0", "1 x -2", "1 -> 2", "1 -> 2 x 1", "_ -> 2 x 3", "1 x 2.5", "a", "-1", "1, , 2",
     "1 x 20_001", "10_000 x 20_000; 1", "1 -> 2 -> 3 x 4", ".nan"],
)  # fmt: skip
def test_what_is_not_a_series_is_refused(text: str) -> None:
    with pytest.raises(UnreadableError) as refused:
        series(text)
    assert refused.value.code in {"S012", "S013"}


def test_expectations_are_written_in_four_ways() -> None:
    expect = Expectations.model_validate(
        {
            "entries": "none",
            "exits": "2",
            "signals": {"AAPL": "1", "ON": "0"},
            "orders": ["AAPL", {"symbol": "ON", "bar": "201", "side": "long"}],
        }
    )
    assert expect.entries is not None
    assert expect.entries.is_none
    assert expect.exits is not None
    assert expect.exits.count == 2
    assert expect.signals is not None
    assert expect.signals.counts == {"AAPL": 1, "ON": 0}
    assert expect.orders is not None
    assert expect.orders.items is not None
    first, second = expect.orders.items
    assert (first.symbol, first.bar) == ("AAPL", None)
    assert (second.symbol, second.bar, second.side) == ("ON", 201, "long")
    assert expect.verdicts is None


@pytest.mark.parametrize("nothing", ["none", "0", [], {"AAPL": "0"}, {"AAPL": "0", "ON": "0"}])
def test_nothing_is_expected_however_it_is_written(nothing: object) -> None:
    expect = Expectations.model_validate({"entries": nothing})
    assert expect.entries is not None
    assert expect.entries.is_none


@pytest.mark.parametrize("something", ["1", ["AAPL"], {"AAPL": "0", "ON": "1"}])
def test_something_is_not_nothing(something: object) -> None:
    expect = Expectations.model_validate({"entries": something})
    assert expect.entries is not None
    assert not expect.entries.is_none
