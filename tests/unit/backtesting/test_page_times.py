"""Times on pages: New York's, whatever the stamps are kept in, and axes without nights."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl

from oracle.backtesting import page
from oracle.backtesting.tables import closing_rows, session_closes

UTC_NS = pl.Datetime("ns", "UTC")


def equity(*stamps: datetime) -> pl.DataFrame:
    return pl.DataFrame(
        {"timestamp": list(stamps), "equity": [float(n) for n in range(len(stamps))]},
        schema={"timestamp": UTC_NS, "equity": pl.Float64},
    )


def session(day: date, *hours: int) -> list[datetime]:
    return [datetime(day.year, day.month, day.day, hour, 30, tzinfo=UTC) for hour in hours]


def test_times_are_those_of_new_york_before_and_after_the_clock_changes() -> None:
    frame = equity(*session(date(2021, 3, 12), 14), *session(date(2021, 3, 15), 13))
    assert page.stamps(frame) == ["2021-03-12T09:30", "2021-03-15T09:30"]
    assert page.moment(frame["timestamp"][0]) == "2021-03-12 09:30"
    assert page.moment(date(2021, 3, 12)) == "2021-03-12"
    assert page.moment(None) == ""


def test_an_evening_bar_belongs_to_its_session_in_new_york() -> None:
    # 19:30 in New York is past midnight in UTC.
    frame = equity(*session(date(2021, 1, 4), 20), *session(date(2021, 1, 5), 0, 15), *session(date(2021, 1, 6), 0))
    assert session_closes(frame)["timestamp"].to_list() == [date(2021, 1, 4), date(2021, 1, 4), date(2021, 1, 5)]
    assert session_closes(frame)["equity"].to_list() == [0.0, 1.0, 3.0]


def test_the_starting_point_is_a_close_or_the_first_bar_of_a_session() -> None:
    inside = equity(*session(date(2021, 3, 1), 15, 16, 20), *session(date(2021, 3, 2), 15, 20))
    assert closing_rows(inside)["equity"].to_list() == [0.0, 2.0, 4.0]
    at_close = equity(*session(date(2021, 3, 1), 20), *session(date(2021, 3, 2), 15, 20))
    assert closing_rows(at_close)["equity"].to_list() == [0.0, 2.0]
    assert closing_rows(equity()).is_empty()
    daily = pl.DataFrame({"timestamp": [date(2021, 3, 1), date(2021, 3, 2)], "equity": [1.0, 2.0]})
    assert session_closes(daily).equals(daily)


def test_few_sessions_of_bars_have_a_place_for_each_bar_and_many_an_axis_of_dates() -> None:
    days = [date(2021, 3, 1) + timedelta(days=n) for n in range(80)]
    few = equity(*(stamp for day in days[:20] for stamp in session(day, 15, 16)))
    clock = page.clock(few)
    assert clock["title"] == "2021, time in New York"
    assert len(clock["ticks"]) == len(clock["labels"]) <= 9
    assert set(clock["ticks"]) <= set(page.stamps(few))
    assert (clock["ticks"][0], clock["labels"][0]) == ("2021-03-01T10:30", "01 Mar")
    many = equity(*(stamp for day in days for stamp in session(day, 15, 16)))
    assert page.clock(many) == {"title": "time in New York"}
    assert page.clock(pl.DataFrame({"timestamp": days, "equity": [1.0] * 80})) == {}
    assert "ticks" not in page.clock(equity())
