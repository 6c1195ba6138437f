"""Bars for a run, from a store or straight from a file, as the engine's columns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from oracle.data.errors import BarsError
from oracle.data.frame import Prepared, prepare
from oracle.data.sources import has_bar_files
from oracle.data.store import BarStore


def read_bars(path: Path, symbols: Sequence[str], timeframe: str = "1Day") -> Prepared:
    """Return the bars of the symbols that the store or file at ``path`` has.

    Raises
    ------
    BarsError (D201) : nothing is there, or a folder that is no store
    BarsError (D207) : none of the symbols
    """
    _refuse_what_is_no_store(path)
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


def _refuse_what_is_no_store(path: Path) -> None:
    """Say what stands in the place of a store, and how to make one; an empty folder is one without bars."""
    if path.is_file() or (path / "manifest.json").is_file():
        return
    if not path.exists():
        raise BarsError(
            "D201", f"{path} does not exist; `oracle data import PATH... --store {path}` makes a store there"
        )
    if has_bar_files(path):
        raise BarsError("D201", f"{path} is not a store but a folder of files; `oracle data import {path}` makes one")


def _read_file(path: Path) -> pl.DataFrame:
    frame = pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path, try_parse_dates=True)
    names = {name: name.strip().lower().replace(" ", "_") for name in frame.columns}
    return frame.rename({name: "symbol" if new == "ticker" else new for name, new in names.items()})
