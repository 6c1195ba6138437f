"""Corporate actions that a frame carries itself, in columns of its own or in the steps of its adjustment factor.

Events are returned with notes for the run's report; placing them on bars is `frame`'s work.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from oracle.data.adjustments import infer_actions
from oracle.data.review import doubt
from oracle.data.soundness import Float64Array, Int64Array
from oracle.data.splits import is_large_dividend

Event = tuple[int, int, float, float]  # symbol index, ts_ns, split ratio, dividend


def own_events(
    columns: dict[str, Float64Array], names: Sequence[str], offsets: Int64Array, ts_ns: Int64Array, notes: list[str]
) -> list[Event]:
    """Actions from the frame's action columns, else from the steps of its adjustment factor."""
    if "split_ratio" in columns or "dividend" in columns:
        return _stated_events(columns, offsets, ts_ns)
    if "adjusted_close" not in columns:
        return []
    events: list[Event] = []
    for index, (a, b) in enumerate(pairwise(offsets.tolist())):
        inferred = infer_actions(
            ts_ns[a:b], columns["open"][a:b], columns["close"][a:b], columns["adjusted_close"][a:b]
        )
        events.extend((index, act.ts_ns, act.split_ratio, act.dividend_usd) for act in inferred.actions)
        for act in inferred.actions:
            before = int(np.searchsorted(ts_ns[a:b], act.ts_ns)) - 1
            price = float(columns["close"][a + before]) / act.split_ratio
            if is_large_dividend(act.dividend_usd, price):
                day = np.datetime64(act.ts_ns, "ns").astype("datetime64[D]")
                notes.append(f"{names[index]} {day}: {doubt(act.dividend_usd, price)}")
        for step in inferred.unexplained:
            when = np.datetime64(step.ts_ns, "ns").astype("datetime64[D]")
            notes.append(
                f"{names[index]} {when}: the adjustment factor grows by {step.factor_ratio:.6g} where raw prices "
                "do not move; no split or dividend was booked"
            )
    return events


def _stated_events(columns: dict[str, Float64Array], offsets: Int64Array, ts_ns: Int64Array) -> list[Event]:
    none = np.full(len(ts_ns), np.nan)
    split = columns.get("split_ratio", none)
    split = np.where((split > 0.0) & np.isfinite(split), split, 1.0)
    cash = columns.get("dividend", none)
    cash = np.where((cash > 0.0) & np.isfinite(cash), cash, 0.0)
    rows = np.flatnonzero((split != 1.0) | (cash != 0.0))
    owner = np.searchsorted(offsets, rows, side="right") - 1
    return [(int(i), int(ts_ns[r]), float(split[r]), float(cash[r])) for i, r in zip(owner, rows, strict=True)]
