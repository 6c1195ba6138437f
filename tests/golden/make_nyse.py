"""Write nyse_sessions.csv: every weekday from 1998 on that is not a full NYSE session.

Origin: the XNYS calendar of exchange_calendars, which is kept apart from this project's own rules. Run
``python tests/golden/make_nyse.py`` to make the file again.
"""

from __future__ import annotations

import sys
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path

import exchange_calendars

FIRST = "1998-01-01"
LAST = "2027-10-31"
TARGET = Path(__file__).with_name("nyse_sessions.csv")


def rows() -> list[str]:
    """Return ``date,kind`` lines; kind is ``closed`` or ``early``."""
    calendar = exchange_calendars.get_calendar("XNYS", start=FIRST, end=LAST)
    sessions = {stamp.date() for stamp in calendar.sessions}
    early = {stamp.date() for stamp in calendar.early_closes}
    day, last = date.fromisoformat(FIRST), date.fromisoformat(LAST)
    lines: list[str] = []
    while day <= last:
        if day.weekday() < 5 and day not in sessions:
            lines.append(f"{day},closed")
        elif day in early:
            lines.append(f"{day},early")
        day += timedelta(days=1)
    return lines


if __name__ == "__main__":
    origin = f"exchange_calendars {version('exchange_calendars')} (XNYS)"
    header = [f"# Weekdays that are not full NYSE sessions, from {origin}, made by make_nyse.py", "date,kind"]
    TARGET.write_text("\n".join([*header, *rows()]) + "\n")
    sys.stderr.write(f"wrote {TARGET.name}\n")
