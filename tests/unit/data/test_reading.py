"""Bars for a run: from a store, from a file, and what is said of a place that is neither."""

from __future__ import annotations

from pathlib import Path

import pytest

from oracle.data.errors import BarsError
from oracle.data.importer import import_files
from oracle.data.reading import read_bars
from oracle.data.store import BarStore

GOOD = "symbol,date,open,high,low,close,volume\nAAA,2024-06-10,10,11,9,10.5,1000\nAAA,2024-06-11,10,11,9,10.5,1000\n"


def refusal(path: Path) -> str:
    with pytest.raises(BarsError) as found:
        read_bars(path, ["AAA"])
    return str(found.value)


def test_what_does_not_exist_is_said_not_to(tmp_path: Path) -> None:
    assert refusal(tmp_path / "nope").startswith(f"D201 {tmp_path}/nope does not exist; `oracle data import PATH...")


def test_a_folder_of_files_is_told_from_a_store(tmp_path: Path) -> None:
    (tmp_path / "bars.csv").write_text(GOOD)
    assert refusal(tmp_path) == (
        f"D201 {tmp_path} is not a store but a folder of files; `oracle data import {tmp_path}` makes one"
    )
    assert read_bars(tmp_path / "bars.csv", ["AAA"]).symbols == ["AAA"]


def test_a_store_without_the_symbols_asks_for_them(tmp_path: Path) -> None:
    (tmp_path / "bars.csv").write_text(GOOD.replace("AAA", "BBB"))
    import_files([tmp_path / "bars.csv"], BarStore(tmp_path / "store"))
    assert "D207" in refusal(tmp_path / "store")
    assert "has no 1Day bars of AAA" in refusal(tmp_path / "store")
    (tmp_path / "empty").mkdir()
    assert "D207" in refusal(tmp_path / "empty")
