"""Windows worked out by hand on the NYSE calendar: months, ends of months, purge, embargo, and what is complete."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest

from oracle.backtesting.walk_forward.windows import Period, Scheme, Window, add_months, windows
from oracle.core import native
from oracle.core.errors import RangeError


def sessions(first: date, last: date) -> list[date]:
    """The NYSE sessions from one day to another, both included."""
    days = native.sessions(first, (last - first).days + 1).tolist()
    return [day for day in days if day <= last]


def test_three_windows_by_the_calendar() -> None:
    # The exchange opened on 3 January 2007, after New Year and a day of mourning. So every boundary is the 3rd of a
    # month, and the first session on or after it begins the test.
    found = windows(sessions(date(2007, 1, 3), date(2009, 10, 30)), Scheme(24, 6, 3))
    assert [window.train for window in found] == [
        Period(date(2007, 1, 3), date(2009, 1, 2)),
        Period(date(2007, 4, 3), date(2009, 4, 2)),
    ]
    assert [window.decided for window in found] == [date(2009, 1, 2), date(2009, 4, 2)]
    assert [window.test for window in found] == [
        Period(date(2009, 1, 5), date(2009, 7, 2)),  # the 3rd is a Saturday in January, and a holiday in July
        Period(date(2009, 4, 3), date(2009, 10, 2)),  # 3 October is a Saturday
    ]
    assert [window.part for window in found] == [
        Period(date(2009, 1, 5), date(2009, 4, 2)),
        Period(date(2009, 4, 3), date(2009, 10, 2)),
    ]


def test_an_anchored_training_begins_at_the_first_bar_and_tests_where_a_rolling_one_does() -> None:
    days = sessions(date(2007, 1, 3), date(2011, 12, 30))
    rolling, anchored = windows(days, Scheme(24, 6, 3)), windows(days, Scheme(24, 6, 3, anchored=True))
    assert {window.train.start for window in anchored} == {date(2007, 1, 3)}
    assert [(w.train.end, w.decided, w.test, w.part) for w in anchored] == [
        (w.train.end, w.decided, w.test, w.part) for w in rolling
    ]
    assert [w.train.start for w in rolling[:3]] == [date(2007, 1, 3), date(2007, 4, 3), date(2007, 7, 3)]


def test_purge_shortens_training_and_embargo_moves_the_test() -> None:
    days = sessions(date(2007, 1, 3), date(2009, 10, 30))
    (plain, _), (found, _) = windows(days, Scheme(24, 6, 3)), windows(days, Scheme(24, 6, 3, purge=3, embargo=2))
    assert plain.train.end == date(2009, 1, 2)
    # Purged: Fri 2 January, Wed 31 and Tue 30 December; 1 January is a holiday.
    assert found.train == Period(date(2007, 1, 3), date(2008, 12, 29))
    # In neither: Mon 5 and Tue 6 January. The decision falls on the last of these, the first trade on the 7th.
    assert found.decided == date(2009, 1, 6)
    assert found.test.start == date(2009, 1, 7)
    # The end moves by as many: after Thu 2 July come Mon 6 and Tue 7, because the 3rd is a holiday.
    assert found.test.end == date(2009, 7, 7)


@pytest.mark.parametrize(
    "scheme",
    [Scheme(24, 6, 3), Scheme(12, 3, 3, purge=10, embargo=7), Scheme(6, 12, 1, anchored=True, embargo=30)],
    ids=str,
)
def test_every_session_of_the_stitched_stretch_is_in_one_part(scheme: Scheme) -> None:
    days = sessions(date(2000, 1, 31), date(2006, 8, 17))
    found = windows(days, scheme)
    stretch = [day for day in days if found[0].part.start <= day <= found[-1].part.end]
    owned = [day for w in found for day in days if w.part.start <= day <= w.part.end]
    assert owned == stretch
    gap = scheme.purge + scheme.embargo
    for window in found:
        assert sum(window.train.end < day < window.test.start for day in days) == gap
        assert window.decided == max(day for day in days if day < window.test.start)
        assert window.train.end <= window.decided
        assert window.part.end <= window.test.end


def test_a_step_longer_than_the_test_leaves_sessions_out() -> None:
    found = windows(sessions(date(2000, 1, 3), date(2004, 12, 31)), Scheme(12, 3, 6))
    assert all(window.part == window.test for window in found)
    for one, after in itertools.pairwise(found):
        assert after.test.start - one.test.end > timedelta(days=80)


def last_end(last: date, embargo: int = 0) -> Window:
    return windows(sessions(date(2008, 3, 3), last), Scheme(12, 6, 6, embargo=embargo))[-1]


def test_a_test_that_ends_on_the_weekend_after_the_last_bar_is_complete() -> None:
    # Windows of 6 months from 3 March 2009 on. The one of March 2011 ends before 3 September, the Saturday before Labor
    # Day: Friday the 2nd is its last session, and nothing of it is missing when the bars end there.
    assert last_end(date(2011, 9, 2)).test.end == date(2011, 9, 2)
    assert last_end(date(2011, 9, 1)).test.end == date(2011, 3, 2)


def test_a_complete_window_does_not_change_when_bars_are_added() -> None:
    scheme = Scheme(12, 6, 3)
    days = sessions(date(2008, 3, 3), date(2012, 6, 29))
    whole = windows(days, scheme)
    for count in range(500, len(days), 37):
        some = windows(days[:count], scheme)
        # The part of the last one grows shorter once there is a next.
        assert some[:-1] == whole[: len(some) - 1]
        assert (some[-1].train, some[-1].test) == (whole[len(some) - 1].train, whole[len(some) - 1].test)
        assert some[-1].test.end <= days[count - 1]


def test_an_embargo_waits_for_the_sessions_it_moves_the_end_by() -> None:
    assert last_end(date(2011, 9, 2), 2).test.end == date(2011, 3, 4)
    # Monday 5 September 2011 is Labor Day: two sessions later is Wednesday the 7th.
    assert last_end(date(2011, 9, 7), 2).test.end == date(2011, 9, 7)


def test_too_short_data_say_what_they_lack() -> None:
    with pytest.raises(
        RangeError, match=r"2000-03-01 to 2001-01-02 are shorter than one window: 24 months of training"
    ):
        windows(sessions(date(2000, 3, 1), date(2001, 1, 2)), Scheme(24, 6, 3))
    with pytest.raises(RangeError, match="no bars"):
        windows([], Scheme(24, 6, 3))
    with pytest.raises(RangeError, match="1 month or longer"):
        Scheme(0, 6, 6)
    with pytest.raises(RangeError, match="0 sessions or more"):
        Scheme(24, 6, 6, purge=-1)
    with pytest.raises(RangeError, match="window 1: no session is left to train on"):
        windows(sessions(date(2000, 3, 1), date(2002, 1, 2)), Scheme(1, 1, 1, purge=40))


def test_a_stretch_without_bars_is_refused() -> None:
    days = [d for d in sessions(date(2000, 1, 3), date(2004, 1, 2)) if not date(2001, 6, 1) <= d < date(2002, 9, 1)]
    with pytest.raises(RangeError, match="no session is left"):
        windows(days, Scheme(12, 3, 3))


def test_months_end_where_months_end() -> None:
    assert add_months(date(2000, 1, 31), 1) == date(2000, 2, 29)
    assert add_months(date(2000, 1, 31), 2) == date(2000, 3, 31), "the 31st comes back"
    assert add_months(date(2000, 11, 30), 3) == date(2001, 2, 28)
    assert add_months(date(2000, 5, 1), 24) == date(2002, 5, 1)
