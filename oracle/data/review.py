"""Look over a whole history for what no single bar shows: missing sessions, undated splits, unbelievable dividends.

Nothing is changed here; a person decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import polars as pl

from oracle.data.quality import Finding, Sessions, missing_sessions, split_like_jumps
from oracle.data.splits import is_large_dividend, nearest_split
from oracle.data.store import History


def gaps(history: History, calendar: Sessions, file: str) -> tuple[int, list[Finding]]:
    """How many sessions are missing inside a daily history, and a finding for each stretch of them (Q022)."""
    if history.timeframe != "1Day":
        return 0, []
    found: list[Finding] = []
    missing = missing_sessions(history.bars["ts"].dt.date(), calendar)
    for first, last, count in missing:
        span = first if first == last else f"{first} to {last}"
        when = datetime.fromisoformat(first).replace(tzinfo=UTC)
        plural = "" if count == 1 else "s"
        found.append(Finding("Q022", f"no bar on {span} ({count} session{plural})", file, None, history.symbol, when))
    return sum(count for _, _, count in missing), found


def jumps(history: History, file: str) -> Iterator[Finding]:
    """Split-like jumps that no file speaks of. Where a file knows the actions of its span, a fall is just a fall."""
    if history.adjusted_only or history.timeframe != "1Day":
        return
    bars = history.bars
    columns = bars["ts"].to_physical().to_numpy(), bars["open"].to_numpy(), bars["close"].to_numpy()
    for ts_ns, ratio, found in split_like_jumps(*columns, history.actions["ts"].to_physical().to_numpy()):
        when = datetime.fromtimestamp(ts_ns / 1e9, UTC)
        day = when.date().isoformat()
        if any(origin.knows_actions and origin.first < day <= origin.last for origin in history.origins):
            continue
        problem = f"the price moves by a factor of {1 / found:.4g} overnight, like a {ratio} split; no action is dated"
        yield Finding("Q030", problem, file, None, history.symbol, when)


def large_dividends(symbol: str, bars: pl.DataFrame, actions: pl.DataFrame, file: str) -> Iterator[Finding]:
    """Dividends beyond a quarter of the close before them (Q036), with the split that they may be instead."""
    before = bars.select("ts", "row", pl.col("close").shift(1).alias("close_before"))
    for row in actions.join(before, on="ts").filter(pl.col("close_before").is_not_null()).iter_rows(named=True):
        price, cash = row["close_before"] / row["split_ratio"], row["dividend"]
        if is_large_dividend(cash, price):
            yield Finding("Q036", doubt(cash, price), file, row["row"], symbol, row["ts"])


def doubt(dividend_usd: float, price_usd: float) -> str:
    """What is odd about a dividend, given the close before it on the same basis."""
    told = f"a dividend of ${dividend_usd:,.4g} on a price of ${price_usd:,.4g} was booked"
    if dividend_usd >= price_usd:
        return f"{told}; no share pays more than it costs"
    near = nearest_split(price_usd / (price_usd - dividend_usd))
    return f"{told}; was it a {near.numerator}:{near.denominator} split?"
