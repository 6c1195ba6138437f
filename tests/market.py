"""Real bars that several tests read: the demo prices and the extracts with known corporate actions.

Everything is read once. What a test expects of them is not written here.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from oracle.data.demo import demo_bars
from oracle.data.frame import Prepared, prepare

if TYPE_CHECKING:
    from datetime import date

ROOT = Path(__file__).parents[1]
SHIPPED = tuple(sorted((ROOT / "strategies").glob("*.yaml")))
EXTRACTS = ROOT / "tests" / "golden" / "bars"
#: The variable that names the trial ledger; tests have one of their own, which none of them may lose.
TRIALS = "SA_DATA__TRIALS"
DAY_NS = 86_400_000_000_000


@cache
def demo() -> Prepared:
    """AAPL, FB, GOOG, IBM and MSFT, daily, 2000 to 2013, with their splits and dividends."""
    return prepare(demo_bars())


@cache
def extract(name: str) -> pl.DataFrame:
    """One of the extracts in the import format, raw, with the adjusted close that its factors give."""
    frame = pl.read_csv(EXTRACTS / f"{name}.csv", try_parse_dates=True)
    return frame.select(
        pl.lit(name.partition("_")[0]).alias("symbol"),
        "date", "open", "high", "low", "close",
        pl.col("volume").cast(pl.Float64),
        (pl.col("close") * pl.col("price_factor") * pl.col("split_factor")).alias("adjusted_close"),
    )  # fmt: skip


def days(bars: Prepared) -> list[date]:
    """The sessions of the bars, in order."""
    return [date for date in np.unique(bars.ts_ns).astype("datetime64[ns]").astype("datetime64[D]").tolist()]


def only(bars: Prepared, *symbols: str) -> Prepared:
    """The bars and actions of some symbols."""
    return bars.only(symbols)


def until(bars: Prepared, day: date) -> Prepared:
    """The bars up to a day, that day included, and the corporate actions that took effect by then.

    Actions are dated facts. They are cut, not inferred anew from the shorter column.
    """
    last = int(np.datetime64(day, "ns").astype(np.int64)) + DAY_NS - 1
    rows, names, offsets, actions = [], [], [0], []
    for index, name in enumerate(bars.symbols):
        begin, end = int(bars.offsets[index]), int(bars.offsets[index + 1])
        count = int(np.searchsorted(bars.ts_ns[begin:end], last, side="right"))
        if count == 0:
            continue
        mine = np.flatnonzero((bars.action_symbol == index) & (bars.action_bar < count))
        actions.append((np.full(len(mine), len(names), dtype=np.int64), mine))
        rows.append(np.arange(begin, begin + count))
        names.append(name)
        offsets.append(offsets[-1] + count)
    row, event = np.concatenate(rows), np.concatenate([mine for _, mine in actions])
    fields = ("ts_ns", "open", "high", "low", "close", "volume")
    return replace(
        bars,
        symbols=names,
        offsets=np.array(offsets, dtype=np.int64),
        **{name: np.ascontiguousarray(getattr(bars, name)[row]) for name in fields},
        action_symbol=np.concatenate([symbol for symbol, _ in actions]),
        action_bar=bars.action_bar[event],
        action_split=bars.action_split[event],
        action_dividend=bars.action_dividend[event],
        adjusted_only=[bars.adjusted_only[bars.symbols.index(name)] for name in names],
    )
