"""Bars of strategy tests, laid on NYSE sessions."""

from __future__ import annotations

from datetime import date

import pytest

from oracle.data.errors import BarsError
from oracle.data.series import DEFAULT_VOLUME, bars_from_series

NAN = float("nan")


def test_bars_stand_on_sessions_and_default_to_the_close() -> None:
    """2024-06-06 is a Thursday; the third bar is missing, so Monday the 10th has none."""
    bars = bars_from_series({"AAA": {"close": (10.0, 11.0, NAN, 12.0)}}, date(2024, 6, 6))
    assert bars["date"].to_list() == [date(2024, 6, 6), date(2024, 6, 7), date(2024, 6, 11)]
    for name in ("open", "high", "low", "close"):
        assert bars[name].to_list() == [10.0, 11.0, 12.0]
    assert set(bars["volume"]) == {DEFAULT_VOLUME}


def test_a_holiday_is_passed_over() -> None:
    """Juneteenth 2024 was a Wednesday: the bar of a start on it falls on Thursday."""
    bars = bars_from_series({"AAA": {"close": (1.0, 2.0)}}, date(2024, 6, 19))
    assert bars["date"].to_list() == [date(2024, 6, 20), date(2024, 6, 21)]


def test_high_and_low_hold_open_and_close() -> None:
    bars = bars_from_series({"AAA": {"close": (10.0, 12.0), "open": (11.0, NAN)}}, date(2024, 6, 6))
    assert bars["open"].to_list() == [11.0, 12.0]
    assert bars["high"].to_list() == [11.0, 12.0]
    assert bars["low"].to_list() == [10.0, 12.0]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"open": (1.0,)}, "no close"),
        ({"close": (1.0,), "last": (1.0,)}, "unknown field 'last'"),
        ({"close": (1.0, 2.0), "open": (1.0,)}, "open has 1 bars, close has 2"),
        ({"close": (1.0, 0.0)}, "bar 2 of close is 0"),
    ],
)
def test_what_no_bar_has_is_refused(fields: dict[str, tuple[float, ...]], words: str) -> None:
    with pytest.raises(BarsError, match=words):
        bars_from_series({"AAA": fields}, date(2024, 6, 6))
