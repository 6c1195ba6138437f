"""The tear sheet opens in a real browser, offline, and draws all of its charts."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

import oracle
from oracle.data.demo import demo_bars

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
CHARTS = ("equity", "months", "years", "rolling", "fan", "price")


@pytest.fixture(scope="module")
def sheet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = oracle.backtest(oracle.MomentumStrategy(), demo_bars(), limits=oracle.NO_LIMITS)
    return run.to_html(tmp_path_factory.mktemp("sheet") / "momentum.html")


def test_the_sheet_names_no_other_resource(sheet: Path) -> None:
    """Links, scripts, images and styles all stand in the file; addresses inside the chart library are only text."""
    page = sheet.read_text(encoding="utf-8")
    outside = re.findall(r"<(?:script|link|img|iframe)[^>]*\b(?:src|href)\s*=", page.split("<script>")[0])
    assert outside == []
    assert "<link" not in page.split("</style>")[1].split("<script>")[0]


@pytest.mark.skipif(BROWSER is None, reason="no Chromium here: the tear sheet was not opened in a browser")
def test_the_browser_draws_every_chart(sheet: Path, tmp_path: Path) -> None:
    quiet = ["--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
    command = [str(BROWSER), "--headless", "--no-sandbox", *quiet, "--disable-sync", f"--user-data-dir={tmp_path}"]
    done = subprocess.run(
        [*command, "--virtual-time-budget=10000", "--dump-dom", sheet.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    for chart in CHARTS:
        drawn = re.search(rf'<div id="{chart}" class="chart[^"]*js-plotly-plot', done.stdout)
        assert drawn, f"the chart {chart} was not drawn"
    assert done.stdout.count("heatmaplayer") >= 1
    assert "AAPL (" in done.stdout
