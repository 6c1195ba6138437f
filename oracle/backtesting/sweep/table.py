"""Rows of a journal as the table that people read: params, what each combination came to, and its plateau."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from oracle.backtesting.sweep.methods import param_columns
from oracle.backtesting.sweep.plateau import plateau
from oracle.backtesting.sweep.space import written

if TYPE_CHECKING:
    import numpy.typing as npt
    import polars as pl

    from oracle.backtesting.sweep.condition import Condition
    from oracle.backtesting.sweep.journal import Rows
    from oracle.backtesting.sweep.space import Space
    from oracle.backtesting.sweep.sweeper import Sweeper


def table(space: Space, sweeper: Sweeper, rows: Rows, where: Condition, metric: str) -> pl.DataFrame:
    """Return one row per combination, in the order of combinations.

    Columns: place, binding (as ``--set`` takes it), the params as numbers, trades, final_equity, session_mean and
    session_deviation (of the session returns), metrics, ``feasible`` (whether it may win), ``plateau`` (median of the
    metric over the combination and its neighbours), plan_hash, and the sums of the returns and of their squares in each
    block. Where each symbol ran by itself, numbers are medians over
    symbols, and plan_hash and sums are left out.
    """
    import polars as pl

    rows = np.sort(rows, order=["place", "symbol"])
    names, values = sweeper.wanted.columns, rows["values"]
    numbers = [name for name in names if not name.startswith(("sum_", "squares_"))]
    shown = [name for name in numbers if name != "sessions"]
    columns = {name: pl.Series(name, values[:, at]).fill_nan(None) for at, name in enumerate(names) if name in shown}
    frame = pl.DataFrame({"place": rows["place"], **columns})
    if sweeper.symbols:
        frame = frame.group_by("place", maintain_order=True).median()
    else:
        blocks = sweeper.wanted.blocks
        sums = values[:, len(numbers) :].reshape(len(rows), blocks, 2)
        hashes = pl.Series("plan_hash", rows["hash"].astype("U64").tolist(), dtype=pl.String)
        kind = pl.Array(pl.Float64, blocks)
        frame = frame.with_columns(
            hashes,
            pl.Series("block_sums", np.ascontiguousarray(sums[:, :, 0]), dtype=kind),
            pl.Series("block_squares", np.ascontiguousarray(sums[:, :, 1]), dtype=kind),
        )
        frame = frame.with_columns(pl.col("trades").cast(pl.Int64))
    places = frame["place"].to_numpy()
    bindings = pl.Series("binding", [written(space.binding(place)) for place in places.tolist()], dtype=pl.String)
    frame = (
        pl.DataFrame({"place": places, "binding": bindings})
        .hstack(param_columns(space, places))
        .hstack(frame.drop("place"))
    )
    feasible = where.of(frame).fill_null(False) & frame[metric].is_not_null()
    frame = frame.with_columns(feasible.alias("feasible"))
    around = plateau(space.codes(places), score_column(frame, metric), space.shape)
    frame = frame.with_columns(pl.Series("plateau", around).fill_nan(None))
    last = [name for name in ("plan_hash", "block_sums", "block_squares") if name in frame.columns]
    return frame.select([*(name for name in frame.columns if name not in last), *last])


def by_symbol(space: Space, sweeper: Sweeper, rows: Rows) -> pl.DataFrame:
    """Return one row per combination and symbol: place, binding, symbol, numbers, sessions (returns) and plan_hash."""
    import polars as pl

    rows = np.sort(rows, order=["place", "symbol"])
    columns = [name for name in sweeper.wanted.columns if not name.startswith(("sum_", "squares_"))]
    symbols = np.array(sweeper.symbols)[rows["symbol"]]
    bindings = {place: written(space.binding(place)) for place in np.unique(rows["place"]).tolist()}
    return pl.DataFrame(
        {
            "place": rows["place"],
            "binding": [bindings[place] for place in rows["place"].tolist()],
            "symbol": symbols.tolist(),
            **{
                name: pl.Series(name, rows["values"][:, at]).fill_nan(None)
                for at, name in enumerate(sweeper.wanted.columns)
                if name in columns
            },
            "plan_hash": rows["hash"].astype("U64").tolist(),
        }
    ).with_columns(pl.col("sessions").cast(pl.Int64))


def score_column(frame: pl.DataFrame, metric: str) -> npt.NDArray[np.float64]:
    """Return the metric of each row, NaN for one that may not win."""
    scores = frame[metric].to_numpy().astype(np.float64)
    return np.where(frame["feasible"].to_numpy(), scores, np.nan)
