"""Where each window begins and ends: calendar months laid over the sessions of the bars.

With `train`, `test` and `step` in months and `D` the first session, window k has the boundary `D + k step + train`.
Training is `[D + k step, boundary)`, or `[D, boundary)` when anchored, less its last `purge` sessions. The test is
`[boundary, boundary + test)`, moved later as a whole by `embargo` sessions. So `purge + embargo` sessions lie between
the two, and the tests still follow one another without a gap.

Source of purging and embargo: M. Lopez de Prado, Advances in Financial Machine Learning (2018), 7.4.1 and 7.4.2. There
an embargo follows a test, because in cross-validation training does; here training comes before, so that the same
distance is kept on the side where the two meet.
"""

from __future__ import annotations

import calendar
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from oracle.core import native
from oracle.core.demands import WalkForwardSettings
from oracle.core.errors import RangeError


@dataclass(frozen=True, slots=True)
class Period:
    """First and last session, both included."""

    start: date
    end: date

    def to_dict(self) -> dict[str, str]:
        """Return both as ISO dates."""
        return {"start": self.start.isoformat(), "end": self.end.isoformat()}


@dataclass(frozen=True, slots=True)
class Scheme:
    """How windows are cut: lengths in calendar months, `purge` and `embargo` in sessions.

    Raises
    ------
    RangeError : a length is below 1 month, or a number of sessions below 0
    """

    train_months: int = 24
    test_months: int = 6
    step_months: int = 3
    anchored: bool = False
    purge: int = 0
    embargo: int = 0

    def __post_init__(self) -> None:
        if min(self.train_months, self.test_months, self.step_months) < 1:
            raise RangeError("walk-forward windows are 1 month or longer")
        if min(self.purge, self.embargo) < 0:
            raise RangeError("purge and embargo are 0 sessions or more")

    @classmethod
    def of(cls, settings: WalkForwardSettings) -> Scheme:
        """Return the scheme of the settings."""
        return cls(
            settings.train_months,
            settings.test_months,
            settings.step_months,
            settings.anchored,
            settings.purge,
            settings.embargo,
        )

    def __str__(self) -> str:
        gap = f", purge {self.purge}" * (self.purge > 0) + f", embargo {self.embargo}" * (self.embargo > 0)
        kind = "anchored" if self.anchored else "rolling"
        return f"{kind}, {self.train_months}/{self.test_months}/{self.step_months} months{gap}"


@dataclass(frozen=True, slots=True)
class Window:
    """One training period and the test after it.

    `decided` is the session before the test: the test's backtest begins at its close, so that orders decided there
    fill at the first open of the test, and the first session of the test has a return. `part` is what the stitched
    curve takes: the test up to the session before the next window's test.
    """

    number: int
    train: Period
    decided: date
    test: Period
    part: Period


def windows(sessions: Sequence[date], scheme: Scheme) -> list[Window]:
    """Return the complete windows, first to last.

    A window is complete when no session of its test is still to come: its last session is there, and the next session
    of the exchange lies beyond the test's end. A test that the bars do not reach the end of is left out.

    Parameters
    ----------
    sessions : the sessions of the bars, in order, each once

    Raises
    ------
    RangeError : no window is complete, or a training or test period has no session
    """
    if not sessions:
        raise RangeError("there are no bars to walk over")
    first, last = sessions[0], sessions[-1]
    # One session beyond the bars tells whether a test that ends on a weekend after the last bar is complete.
    known = [*sessions, native.sessions(last + timedelta(days=1), 1)[0].item()]
    found: list[Window] = []
    while True:
        shift = len(found) * scheme.step_months
        boundary = add_months(first, shift + scheme.train_months)
        begin = bisect_left(known, boundary) + scheme.embargo
        stop = bisect_left(known, add_months(first, shift + scheme.train_months + scheme.test_months)) + scheme.embargo
        if stop > len(sessions):
            break
        start = 0 if scheme.anchored else bisect_left(sessions, add_months(first, shift))
        trained = bisect_left(sessions, boundary) - scheme.purge
        if start >= trained or begin >= stop:
            raise RangeError(f"window {len(found) + 1}: no session is left to train on or to test on before {boundary}")
        test = Period(sessions[begin], sessions[stop - 1])
        train = Period(sessions[start], sessions[trained - 1])
        found.append(Window(len(found) + 1, train, sessions[begin - 1], test, test))
    if not found:
        end = add_months(first, scheme.train_months + scheme.test_months)
        raise RangeError(
            f"the bars from {first} to {last} are shorter than one window: {scheme.train_months} months of training "
            f"and {scheme.test_months} of testing would end before {end}"
        )
    return [_cut(window, after, sessions) for window, after in zip(found, [*found[1:], None], strict=True)]


def _cut(window: Window, after: Window | None, sessions: Sequence[date]) -> Window:
    """Return the window with the part of its test that comes before the next test."""
    if after is None or after.test.start > window.test.end:
        return window
    last = sessions[bisect_left(sessions, after.test.start) - 1]
    return replace(window, part=Period(window.test.start, last))


def add_months(day: date, months: int) -> date:
    """Return the same day of a later month, or that month's last day where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
