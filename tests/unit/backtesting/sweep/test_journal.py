"""The journal: nothing lost but a torn end, and never another sweep's rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from oracle.backtesting.sweep.journal import Journal, Rows, row_type
from oracle.core.errors import DataError

COLUMNS = ("trades", "sharpe")
IDENTITY = {"strategy": "a", "data": "b"}


def rows(*places: int) -> Rows:
    found = np.zeros(len(places), dtype=row_type(2))
    found["place"], found["symbol"], found["hash"] = places, -1, b"f" * 64
    found["values"] = [[place, np.nan] for place in places]
    return found


def opened(path: Path, **changes: str) -> Journal:
    return Journal({**IDENTITY, **changes}, COLUMNS, path)


def test_rows_come_back_in_order_and_each_once(tmp_path: Path) -> None:
    journal = opened(tmp_path / "deep" / "journal.rows")
    journal.add(rows(5, 2))
    journal.add(rows(2, 9))
    journal.close()
    again = opened(tmp_path / "deep" / "journal.rows")
    assert again.rows()["place"].tolist() == [2, 5, 9]
    assert again.rows()["hash"][0] == b"f" * 64
    again.close()


def test_a_file_cut_at_any_byte_keeps_its_whole_frames_and_goes_on(tmp_path: Path) -> None:
    whole = tmp_path / "whole.rows"
    journal = opened(whole)
    header = whole.stat().st_size
    for place in range(3):
        journal.add(rows(place))
    journal.close()
    data = whole.read_bytes()
    frame = (len(data) - header) // 3
    for cut in range(len(data) + 1):
        path = tmp_path / "cut.rows"
        path.write_bytes(data[:cut])
        torn = opened(path)
        kept = max(0, cut - header) // frame
        assert torn.rows()["place"].tolist() == list(range(kept)), cut
        torn.add(rows(7))
        torn.close()
        after = opened(path)
        assert after.rows()["place"].tolist() == [*range(kept), 7]
        after.close()


def test_a_frame_whose_bytes_changed_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "journal.rows"
    journal = opened(path)
    journal.add(rows(1))
    journal.close()
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)
    again = opened(path)
    assert len(again.rows()) == 0
    again.close()


def test_another_sweeps_journal_is_refused_and_says_in_what(tmp_path: Path) -> None:
    path = tmp_path / "journal.rows"
    opened(path).close()
    with pytest.raises(DataError, match=r"the data differ.*--out") as refused:
        opened(path, data="c")
    assert refused.value.code == "D302"
    with pytest.raises(DataError, match="columns differ"):
        Journal(IDENTITY, ("trades",), path)
    path.write_bytes(b"something else\n")
    with pytest.raises(DataError, match="no journal"):
        opened(path)


def test_without_a_file_rows_are_in_memory() -> None:
    journal = Journal(IDENTITY, COLUMNS)
    journal.add(rows(3))
    journal.close()
    assert journal.rows()["place"].tolist() == [3]
