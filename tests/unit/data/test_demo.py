"""The demo prices are where the package keeps them, and their absence is explained."""

from __future__ import annotations

import sys
from datetime import date

import polars as pl
import pytest

from oracle.data.demo import DEMO_SECTORS, demo_bars, demo_path
from oracle.data.errors import BarsError


def test_the_demo_bars_are_in_the_import_format() -> None:
    bars = demo_bars()
    assert bars.columns == ["symbol", "date", "open", "high", "low", "close", "volume", "adjusted_close"]
    assert bars.schema["date"] == pl.Date
    assert bars.height == 12_154
    assert (bars["date"].min(), bars["date"].max()) == (date(2000, 3, 1), date(2013, 3, 1))
    assert sorted(DEMO_SECTORS) == bars["symbol"].unique().sort().to_list()


def test_without_the_package_the_install_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bokeh_sampledata", None)
    with pytest.raises(BarsError, match=r"D208 .*pip install --upgrade 'oracle\[demo\]'"):
        demo_path()
