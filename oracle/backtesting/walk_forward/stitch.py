"""One out-of-sample curve from the parts of the test windows, and its metrics by the engine's own definitions.

Every window's backtest begins flat with the same capital. Its equity is scaled so that it goes on where the part before
ended; its session returns are unchanged, and each session belongs to one part. At the end of a part what is open counts
as closed at that close: marked, without the costs of selling; the next part buys anew and pays for it. Money of
trades and fills is scaled like the equity. A position that a seam cuts is one round trip on each side of it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from oracle.backtesting.tables import session_closes
from oracle.core import native

if TYPE_CHECKING:
    import polars as pl

    from oracle.backtesting.result import BacktestRun
    from oracle.backtesting.walk_forward.windows import Window

_DATES = ("max_drawdown_peak", "max_drawdown_trough", "max_drawdown_recovery")


@dataclass(frozen=True)
class Stitched:
    """The stitched curve.

    Attributes
    ----------
    equity : one row per session, the first being the session before the first test: `timestamp`, `window` (null on the
        first row), `equity` and `benchmark` (USD), `return` (fraction; null on the first row), `drawdown` (0 or
        negative), `gross_exposure` (of equity)
    trades : the round trips of all parts as `BacktestRun.trades`, with `window` and `is_cut`; `pnl` and `fees` scaled
    seams : one row per part: `window`, `timestamp` of its last session, `scale` (stitched over own equity), `equity`
        there, `positions_value` and `positions` that the seam closes
    metrics : as of a backtest; those of trades count what a seam closes
    """

    equity: pl.DataFrame
    trades: pl.DataFrame
    seams: pl.DataFrame
    metrics: dict[str, float | None]
    drawdown_dates: dict[str, str | None]

    @cached_property
    def months(self) -> pl.DataFrame:
        """Year, month (1 to 12) and return of each calendar month with a session, as a fraction."""
        import polars as pl

        return (
            self.equity.drop_nulls("return")
            .group_by(pl.col("timestamp").dt.year().alias("year"), pl.col("timestamp").dt.month().alias("month"))
            .agg(((1.0 + pl.col("return")).product() - 1.0).alias("return"))
            .sort("year", "month")
        )

    @property
    def positive_months(self) -> float:
        """Share of calendar months with a gain, 0 to 1; a month without a change is not one."""
        return float((self.months["return"] > 0.0).sum()) / self.months.height


def stitch(windows: Sequence[Window], parts: Sequence[BacktestRun], capital: float) -> Stitched:
    """Return the stitched curve of the parts, each a backtest from `decided` to the end of the window's part."""
    import polars as pl

    curves, trades, seams, traded, level, mark = [], [], [], 0.0, capital, capital
    for window, run in zip(windows, parts, strict=True):
        sessions = session_closes(run.equity)
        scale, mark_scale = level / capital, mark / _first(sessions["benchmark"])
        own = sessions.filter(pl.col("timestamp") >= window.part.start)
        curves.append(
            own.select(
                "timestamp",
                pl.lit(window.number).alias("window"),
                pl.col("equity") * scale,
                pl.col("benchmark") * mark_scale,
                "gross_exposure",
            )
        )
        level, mark = float(own["equity"][-1]) * scale, _last(own["benchmark"]) * mark_scale
        traded += float((run.fills["price"] * run.fills["quantity"]).abs().sum()) * scale
        trips = run.trades.with_columns(
            pl.lit(window.number).alias("window"),
            pl.col("exit_time").is_null().alias("is_cut"),
            pl.col("pnl") * scale,
            pl.col("fees") * scale,
        )
        trades.append(trips)
        seams.append(
            {
                "window": window.number,
                "timestamp": window.part.end,
                "scale": scale,
                "equity": level,
                "positions_value": float(own["positions_value"][-1]) * scale,
                "positions": int(trips["is_cut"].sum()),
            }
        )
    equity = _with_returns(pl.concat([_start(windows[0].decided, capital), *curves]))
    all_trades = pl.concat(trades)
    metrics, dates = _metrics(equity, all_trades["pnl"], traded)
    return Stitched(equity, all_trades, pl.DataFrame(seams), metrics, dates)


def _first(column: pl.Series) -> float:
    return float(column[0]) if len(column) and column[0] is not None else float("nan")


def _last(column: pl.Series) -> float:
    return float(column[-1]) if len(column) and column[-1] is not None else float("nan")


def _start(day: date, capital: float) -> pl.DataFrame:
    import polars as pl

    types = {"timestamp": pl.Date, "window": pl.Int32, "equity": pl.Float64, "benchmark": pl.Float64}
    row = {"timestamp": [day], "window": [None], "equity": [capital], "benchmark": [capital], "gross_exposure": [0.0]}
    return pl.DataFrame(row, schema=types | {"gross_exposure": pl.Float64})


def _with_returns(equity: pl.DataFrame) -> pl.DataFrame:
    import polars as pl

    return equity.with_columns(
        pl.col("benchmark").fill_nan(None),
        pl.col("equity").pct_change().alias("return"),
        (pl.col("equity") / pl.col("equity").cum_max() - 1.0).alias("drawdown"),
    )


def _metrics(
    equity: pl.DataFrame, pnl: pl.Series, traded_usd: float
) -> tuple[dict[str, float | None], dict[str, str | None]]:
    """Return the engine's metrics of the curve, and the dates of its deepest drawdown."""
    benchmark = equity["benchmark"].pct_change()[1:]
    found = json.loads(
        native.metrics(
            native.as_floats(equity["equity"], "equity"),
            native.as_floats(equity["gross_exposure"], "gross exposure"),
            native.as_floats(benchmark[:0] if benchmark.null_count() else benchmark, "benchmark"),
            traded_usd,
            native.as_floats(pnl, "profit"),
        )
    )
    places = {name: found.pop(name) for name in _DATES}
    stamps = equity["timestamp"]
    dates = {
        name.removeprefix("max_drawdown_"): None if place is None else stamps[place].isoformat()
        for name, place in places.items()
    }
    return found, dates
