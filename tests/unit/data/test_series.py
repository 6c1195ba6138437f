"""The terse notation of strategy tests."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle.data.errors import BarsError
from oracle.data.series import SeriesError, bars_from_series, parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("100", [100.0]),
        ("100 x 3", [100.0, 100.0, 100.0]),
        ("1, 2, 3", [1.0, 2.0, 3.0]),
        ("_", [None]),
        ("1, _, 3", [1.0, None, 3.0]),
        ("_ x 2; 5", [None, None, 5.0]),
        ("10 -> 12 x 3", [10.0, 11.0, 12.0]),
        ("12->10x3", [12.0, 11.0, 10.0]),
        ("1_000.5 x 2", [1000.5, 1000.5]),
        # From 0 to 1 in four bars: steps of a third, both ends exact.
        ("0 -> 1 x 4", [0.0, 1 / 3, 2 / 3, 1.0]),
        (" 10 -> 12 x 3 ; 100 x 2 ;_; 1, 2 ", [10.0, 11.0, 12.0, 100.0, 100.0, None, 1.0, 2.0]),
    ],
)
def test_series_expand(text: str, expected: list[float | None]) -> None:
    values = parse(text)
    assert [value is None for value in values] == [value is None for value in expected]
    assert [v for v in values if v is not None] == pytest.approx([v for v in expected if v is not None], rel=1e-15)


def test_the_documented_decline_has_300_bars_with_both_ends() -> None:
    values = parse("250 -> 200 x 300")
    assert (len(values), values[0], values[-1]) == (300, 250.0, 200.0)


@pytest.mark.parametrize(
    ("text", "offset", "problem"),
    [
        ("", 0, "empty segment"),
        ("1; ;2", 2, "empty segment"),
        ("1, abc", 3, "cannot read 'abc'"),
        ("1; 10 -> 20", 3, "needs a number of bars"),
        ("10 -> 20 x 1", 0, "at least 2 bars"),
        ("5 x 0", 0, "at least 1 bar"),
        ("5 x 2.5", 0, "found '2.5' after x"),
        ("5 x", 0, "cannot read"),
        ("7; -5", 3, "negative"),
        ("1 -> -5 x 3", 0, "negative"),
        ("1 -> 2 -> 3 x 9", 0, "two arrows"),
        ("1 x 100_001", 0, "at most 100,000"),
        ("1 x 123_456_789_000", 0, "at most 100,000"),
        ("1 x " + "9" * 5000, 0, "at most 100,000"),
        ("9" * 5000, 0, "beyond 10,000,000"),
        ("1__0", 0, "cannot read"),
        ("nan", 0, "cannot read"),
        ("1e9 x 3", 0, "cannot read"),
        ("99999999", 0, "beyond 10,000,000"),
        ("__", 0, "cannot read"),
    ],
)
def test_problems_are_located(text: str, offset: int, problem: str) -> None:
    with pytest.raises(SeriesError) as caught:
        parse(text)
    first = caught.value.problems[0]
    assert problem in first.message
    assert first.offset == offset == caught.value.offset


def test_every_problem_of_a_text_is_found() -> None:
    with pytest.raises(SeriesError) as caught:
        parse("1, x, 2; y; 5 x 0")
    assert [problem.offset for problem in caught.value.problems] == [3, 9, 12]


@given(st.text(alphabet="0123456789.->x_,; \n", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        values, offsets = parse(text), []
    except SeriesError as error:
        values, offsets = [], [problem.offset for problem in error.problems]
    assert all(0 <= offset <= len(text) for offset in offsets)
    assert all(value is None or value >= 0.0 for value in values)
    assert values or offsets


@given(
    st.lists(
        st.one_of(
            st.tuples(st.floats(0.01, 1e6), st.integers(1, 20)),
            st.tuples(st.floats(0.01, 1e6), st.floats(0.01, 1e6), st.integers(2, 20)),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_segments_have_the_lengths_and_ends_they_say(segments: list[tuple[float, ...]]) -> None:
    values = parse(
        "; ".join(f"{s[0]:f} x {s[1]}" if len(s) == 2 else f"{s[0]:f} -> {s[1]:f} x {s[2]}" for s in segments)
    )
    at = 0
    for segment in segments:
        count = int(segment[-1])
        assert values[at] == float(f"{segment[0]:f}")
        assert values[at + count - 1] == float(f"{segment[-2]:f}")
        at += count
    assert at == len(values)


def test_bars_stand_on_weekdays_and_default_to_the_close() -> None:
    # 2024-06-06 is a Thursday; the missing bar is the Monday.
    bars = bars_from_series({"AAA": {"close": "10, 11, _, 12"}}, date(2024, 6, 6))
    assert bars["date"].to_list() == [date(2024, 6, 6), date(2024, 6, 7), date(2024, 6, 11)]
    for field in ("open", "high", "low"):
        assert bars[field].to_list() == [10.0, 11.0, 12.0]
    assert bars["volume"].to_list() == [1e7] * 3


def test_given_fields_widen_the_range_and_others_follow() -> None:
    series = {"BBB": {"close": "10 x 2", "open": "12, _", "volume": "0, 5"}, "AAA": {"close": "1", "high": "2"}}
    bars = bars_from_series(series, date(2024, 6, 6))
    assert bars.select("symbol", "open", "high", "low", "close", "volume").rows() == [
        ("AAA", 1.0, 2.0, 1.0, 1.0, 1e7),
        ("BBB", 12.0, 12.0, 10.0, 10.0, 0.0),
        ("BBB", 10.0, 10.0, 10.0, 10.0, 5.0),
    ]


def test_given_sessions_are_used_and_must_suffice() -> None:
    sessions = np.array(["2024-06-18", "2024-06-20", "2024-06-21"], dtype="datetime64[D]")
    bars = bars_from_series({"AAA": {"close": "1, 2"}}, date(2024, 6, 19), sessions)
    assert bars["date"].to_list() == [date(2024, 6, 20), date(2024, 6, 21)]
    with pytest.raises(BarsError, match="3 bars from 2024-06-19 need more than the 2 sessions known"):
        bars_from_series({"AAA": {"close": "1 x 3"}}, date(2024, 6, 19), sessions)


@pytest.mark.parametrize(
    ("texts", "problem"),
    [
        ({"open": "1"}, "AAA: no close"),
        ({"close": "1", "clsoe": "1"}, "unknown field 'clsoe'"),
        ({"close": "1 x 3", "open": "1 x 2"}, "open has 2 bars, close has 3"),
        ({"close": "1, 0"}, "bar 2 of close is 0"),
    ],
)
def test_fields_that_do_not_fit_are_refused(texts: dict[str, str], problem: str) -> None:
    with pytest.raises(BarsError, match=problem):
        bars_from_series({"AAA": texts}, date(2024, 6, 6))
