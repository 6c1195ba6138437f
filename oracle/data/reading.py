"""Bars for a run, from a store or straight from a file, as the engine's columns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from oracle.data.errors import BarsError
from oracle.data.frame import Prepared, prepare
from oracle.data.store import BarStore


def read_bars(path: Path, symbols: Sequence[str], timeframe: str = "1Day") -> Prepared:
    """Return the bars of the symbols that the store or file at ``path`` has.

    Raises
    ------
    BarsError : nothing is there, or none of the symbols
    """
    if path.is_file():
        frame = _read_file(path)
        if "symbol" in frame.columns:
            frame = frame.filter(pl.col("symbol").is_in(list(symbols)))
        return prepare(frame, symbol=path.name.split(".")[0].upper())
    store = BarStore(path)
    held = store.symbols(timeframe)
    wanted = [symbol for symbol in symbols if symbol in held]
    if not wanted:
        missing = ", ".join(symbols)
        raise BarsError("D207", f"{path} has no {timeframe} bars of {missing}; bring them in with `oracle data import`")
    bars, actions = store.read(wanted, timeframe=timeframe)
    return prepare(bars, actions=actions, adjusted_only=store.adjusted_only(wanted, timeframe))


def _read_file(path: Path) -> pl.DataFrame:
    frame = pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path, try_parse_dates=True)
    names = {name: name.strip().lower().replace(" ", "_") for name in frame.columns}
    return frame.rename({name: "symbol" if new == "ticker" else new for name, new in names.items()})
