"""The page of a sweep: offline, complete, drawn by a real browser, and nothing breaks out."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from market import ROOT, demo

import oracle
from oracle.backtesting.sweep.report import render
from oracle.backtesting.sweep.result import SweepResult

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
HOSTILE = '</script><script>alert("x")</script><img src=x onerror=alert(1)>&amp;$title'
GRIDS = {
    "two": ("lookback=21..252:21", "hold=1,2,3"),
    "one": ("lookback=21..252:21",),
}


@cache
def swept(name: str) -> SweepResult:
    strategy = oracle.load_strategy(ROOT / "strategies" / "momentum.yaml")
    grid = GRIDS[name] if name == "two" else (*GRIDS[name], "hold=2")
    return oracle.sweep(strategy, demo(), grid=grid, where="trades > 100", limits=oracle.NO_LIMITS)


def tags(text: str) -> list[str]:
    found: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert not {"src", "href", "srcset", "action"} & dict(attrs).keys(), "nothing is fetched"
            found.append(tag)

    Reader().feed(text)
    return found


def charts(text: str) -> dict[str, Any]:
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert data is not None
    parsed: dict[str, Any] = json.loads(data[1])
    return parsed


def test_the_charts_have_every_combination_and_the_table_the_best() -> None:
    result = swept("two")
    drawn = charts(render(result))
    assert [len(drawn[name]) for name in ("score", "plateau", "feasible")] == [36] * 3
    assert [param["name"] for param in drawn["params"]] == ["lookback", "hold"]
    assert result.best is not None
    assert [param["values"][code] for param, code in zip(drawn["params"], drawn["best"], strict=True)] == [
        *result.binding().values()
    ]
    text = render(result)
    assert f"--set {result.written_best()}" in text
    assert "Deflated Sharpe" in text
    assert "Overfitting" in text


def test_a_name_cannot_break_out() -> None:
    plain = tags(render(swept("two")))
    hostile = tags(render(replace(swept("two"), strategy=HOSTILE, where=HOSTILE)))
    assert hostile.count("script") == plain.count("script")
    assert "img" not in hostile


@pytest.mark.skipif(BROWSER is None, reason="no Chromium here: the pages were not opened in a browser")
@pytest.mark.parametrize("name", GRIDS)
def test_the_browser_draws_every_chart(name: str, tmp_path: Path) -> None:
    page = tmp_path / "sweep.html"
    page.write_text(render(swept(name)), encoding="utf-8")
    quiet = ["--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
    command = [str(BROWSER), "--headless", "--no-sandbox", *quiet, "--disable-sync", f"--user-data-dir={tmp_path}/user"]
    done = subprocess.run(
        [*command, "--virtual-time-budget=10000", "--dump-dom", page.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    for chart in ("heat", "plateau", "lines", "spread"):
        assert re.search(rf'<div id="{chart}" class="chart[^"]*js-plotly-plot', done.stdout), chart
