"""What the HTML reports share: one file each that opens offline, its numbers as JSON, and metrics as people read them.

The charts are drawn by the plotly.js that the plotly package carries. Nothing here computes a metric.
"""

from __future__ import annotations

import html
import importlib.util
import json
import math
from collections.abc import Iterable
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from oracle.backtesting.metrics import BY_NAME
from oracle.core.errors import RunError

if TYPE_CHECKING:
    import polars as pl

NEW_YORK = ZoneInfo("America/New_York")
CLOCK = "time in New York"
#: Sessions of bars within the day above which a chart is too narrow to show them one beside the other, and labels.
CLOSE_SESSIONS_MAX, LABELS_MAX = 66, 9


def fill(name: str, document: dict[str, Any], **parts: str) -> str:
    """Return the page `name`.html with its script `name`.js, the charts' data, and its parts put in.

    Raises
    ------
    RunError : the plotly package, which carries the chart library, is not installed
    """
    folder = files("oracle.backtesting") / "tear_sheet"

    def text(file: str) -> str:
        return (folder / file).read_text(encoding="utf-8")

    return Template(text(f"{name}.html")).substitute(
        style=text("sheet.css"),
        library=chart_library(),
        script=text("charts.js") + text(f"{name}.js"),
        data=embed(document),
        **parts,
    )


@cache
def chart_library() -> str:
    """Return plotly.js as text that may stand in a script element."""
    spec = importlib.util.find_spec("plotly")
    if spec is None or not spec.submodule_search_locations:
        raise RunError("the report needs the plotly package; install oracle with its dependencies")
    script = Path(spec.submodule_search_locations[0]) / "package_data" / "plotly.min.js"
    return script.read_text(encoding="utf-8").replace("</script", "<\\/script")


def embed(document: dict[str, Any]) -> str:
    """Return JSON that no text inside it can break out of."""
    return json.dumps(document, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")


def rounded(values: Iterable[float | None], digits: int) -> list[float | None]:
    """Return numbers for a chart; None for what is not one."""
    return [None if value is None or not math.isfinite(value) else round(value, digits) for value in values]


def column(frame: pl.DataFrame, name: str, digits: int) -> list[float | None]:
    """Return a column of numbers for a chart."""
    return rounded(frame[name].to_list(), digits)


def stamps(frame: pl.DataFrame, name: str = "timestamp") -> list[str]:
    """Return a column of dates, or of times in New York, as ISO text; nothing for a missing one."""
    return [moment(stamp, "T") for stamp in frame[name].to_list()]


def moment(stamp: date | None, between: str = " ") -> str:
    """Return a date, or a time to the minute in New York, as ISO text; nothing for a missing one."""
    if not isinstance(stamp, datetime):
        return "" if stamp is None else stamp.isoformat()
    return stamp.astimezone(NEW_YORK).strftime(f"%Y-%m-%d{between}%H:%M")


def clock(equity: pl.DataFrame) -> dict[str, Any]:
    """Return what a time axis of bars within the day has to know; nothing for daily bars.

    ``title`` says whose time it is. Where there are few enough sessions for their bars to be seen, ``ticks`` are the
    stamps that have a label, with ``labels``: such an axis has a place for each bar and none for nights.
    """
    import polars as pl

    if not isinstance(equity.schema["timestamp"], pl.Datetime):
        return {}
    days = equity["timestamp"].dt.convert_time_zone(str(NEW_YORK)).dt.date()
    firsts = [0, *(row for row in range(1, len(days)) if days[row] != days[row - 1])]
    if not len(days) or len(firsts) > CLOSE_SESSIONS_MAX:
        return {"title": CLOCK}
    labelled = firsts[:: -(-len(firsts) // LABELS_MAX)]
    texts = stamps(equity)
    years = dict.fromkeys([days[0].year, days[-1].year])
    return {
        "title": f"{' to '.join(map(str, years))}, {CLOCK}",
        "ticks": [texts[row] for row in labelled],
        "labels": [f"{days[row]:%d %b}" for row in labelled],
    }


def months(frame: pl.DataFrame) -> dict[str, Any]:
    """Return monthly returns (`year`, `month`, `return`) for the heat map."""
    return {
        "year": frame["year"].to_list(),
        "month": frame["month"].to_list(),
        "value": column(frame, "return", 5),
    }


def card(name: str, value: float | None) -> str:
    """Return a metric as one of the cards on top."""
    metric = BY_NAME[name]
    tone = "" if value is None or metric.form == "usd" else ("good" if value > 0 else "bad" if value < 0 else "")
    tone = tone if name not in {"win_rate", "profit_factor"} else ""
    return plain_card(metric.label, metric.write(value), metric.definition, tone)


def plain_card(label: str, value: str, title: str, tone: str = "") -> str:
    """Return one card: a label, a value, an explanation to hover for, and `good`, `bad` or nothing for its colour."""
    return (
        f'<div class="card" title="{html.escape(title)}"><span>{html.escape(label)}</span>'
        f'<b class="{tone}">{html.escape(value)}</b></div>'
    )


def notes(items: Iterable[str]) -> str:
    """Return sentences as a list, each begun with a capital; nothing for none."""
    shown = "".join(f"<li>{html.escape(item[:1].upper() + item[1:])}.</li>" for item in items)
    return f"<ul class='notes'>{shown}</ul>" if shown else ""


def row(cells: Iterable[str], title: str = "") -> str:
    """Return a table row of cells that are HTML already."""
    attribute = f' title="{html.escape(title)}"' if title else ""
    return f"<tr{attribute}>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def short(digest: str) -> str:
    """Return the beginning of a hash, with the whole of it to hover for."""
    return f'<code title="{html.escape(digest)}">{html.escape(digest[:8])}</code>'
