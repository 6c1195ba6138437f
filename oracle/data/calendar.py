"""The sessions that daily bars are held against: the engine's New York calendar, over the years it is exact for."""

from __future__ import annotations

from datetime import date
from functools import cache

import numpy as np

from oracle.core.native import sessions
from oracle.data.quality import Sessions

# The engine's table begins in 1998; its rules for regular holidays give the right days back to 1980.
_FIRST, _LAST = date(1980, 1, 1), date(2035, 12, 31)
# Closures of those earlier years that no rule gives: an election, a hurricane, a day of mourning.
_CLOSURES = np.array(["1980-11-04", "1985-09-27", "1994-04-27"], dtype="datetime64[D]")


@cache
def nyse_sessions() -> Sessions:
    """Sessions of the New York Stock Exchange from 1980 to 2035, ascending, datetime64[D]; not to be written to.

    Source: held against exchange_calendars in the tests.
    """
    days = sessions(_FIRST, (_LAST - _FIRST).days)
    days = days[(days <= np.datetime64(_LAST)) & ~np.isin(days, _CLOSURES)]
    days.flags.writeable = False
    return days
