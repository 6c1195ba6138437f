"""The pages of walk-forward and ranking: offline, traceable, drawn by a real browser, and nothing breaks out."""

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
from oracle.backtesting import trust
from oracle.backtesting.ranking.report import render as render_ranking
from oracle.backtesting.ranking.score import rank
from oracle.backtesting.walk_forward.report import render
from oracle.backtesting.walk_forward.result import WalkForward
from oracle.backtesting.walk_forward.windows import Scheme
from oracle.core.config import Settings

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
HOSTILE = '</script><script>alert("x")</script><img src=x onerror=alert(1)>&amp;$title'


@cache
def walked() -> WalkForward:
    strategy = oracle.load_strategy(ROOT / "strategies" / "momentum.yaml")
    grid = ("lookback=63,126", "hold=1,2")
    return oracle.walk_forward(strategy, demo(), scheme=Scheme(24, 12, 6), grid=grid, limits=oracle.NO_LIMITS)


@cache
def pages() -> dict[str, str]:
    other = replace(walked(), strategy="other")
    return {"walk_forward": render(walked()), "ranking": render_ranking(rank([walked(), other], Settings().strategy))}


class Elements(HTMLParser):
    """The elements of a page, with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def charts(text: str) -> dict[str, Any]:
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert data is not None
    parsed: dict[str, Any] = json.loads(data[1], parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))
    return parsed


@pytest.mark.parametrize("name", ["walk_forward", "ranking"])
def test_nothing_is_fetched(name: str) -> None:
    loading = {"src", "href", "srcset", "data", "action", "poster", "background"}
    found = Elements(pages()[name]).found
    assert [(tag, key) for tag, attributes in found for key in attributes if key in loading] == []
    assert {"link", "iframe", "object", "embed", "img", "base"} & {tag for tag, _ in found} == set()


def test_every_window_can_be_traced_to_its_backtests() -> None:
    text = pages()["walk_forward"]
    for result in walked().windows:
        window = result.window
        for digest in (result.test.plan_hash, result.train.run_id, result.test.run_id, result.part.run_id):
            assert f'<code title="{digest}">' in text
        assert f"<td>{window.train.start}<br>{window.train.end}</td><td>{window.decided}</td>" in text
        assert f"<td>{window.test.start}<br>{window.test.end}</td><td>{window.part.end}</td>" in text
        for run in (result.train, result.test):
            assert f"<td>{round(run.sharpe, 2) + 0.0:.2f}</td>" in text


def test_the_charts_have_a_point_for_every_session_and_window() -> None:
    drawn = charts(pages()["walk_forward"])
    for name in ("time", "window", "equity", "fixed", "benchmark", "drawdown"):
        assert len(drawn[name]) == walked().equity.height
    count = len(walked().windows)
    assert [len(drawn[name]) for name in ("bands", "before", "after", "fitted")] == [count] * 4
    assert [param["name"] for param in drawn["params"]] == ["lookback", "hold"]
    assert all(len(param["chosen"]) == count for param in drawn["params"])


def test_the_ranking_shows_each_part_and_each_demand() -> None:
    text = pages()["ranking"]
    for card in rank([walked()], Settings().strategy):
        for part in card.parts:
            assert f"<td>{part.label}</td>" in text
            assert f"<td>{100 * part.points:.1f}</td>" in text
    assert text.count('class="no">failed') + text.count('class="yes">passed') == 8
    points = charts(text)["strategies"][0]["points"]
    assert sum(points) == pytest.approx(100 * rank([walked()], Settings().strategy)[0].score, abs=0.01)


def test_a_name_cannot_break_out() -> None:
    hostile = replace(walked(), strategy=HOSTILE)
    for name, text in {
        "walk_forward": render(hostile),
        "ranking": render_ranking(rank([hostile], Settings().strategy)),
    }.items():
        tags = [tag for tag, _ in Elements(text).found]
        assert tags.count("script") == [tag for tag, _ in Elements(pages()[name]).found].count("script")
        assert "img" not in tags
    assert charts(render_ranking(rank([hostile], Settings().strategy)))["strategies"][0]["name"] == HOSTILE


@pytest.mark.skipif(BROWSER is None, reason="no Chromium here: the pages were not opened in a browser")
@pytest.mark.parametrize(
    ("name", "drawn"), [("walk_forward", ("equity", "decay", "params", "months")), ("ranking", ("points", "curves"))]
)
def test_the_browser_draws_every_chart(name: str, drawn: tuple[str, ...], tmp_path: Path) -> None:
    page = tmp_path / f"{name}.html"
    page.write_text(pages()[name], encoding="utf-8")
    quiet = ["--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
    command = [str(BROWSER), "--headless", "--no-sandbox", *quiet, "--disable-sync", f"--user-data-dir={tmp_path}/user"]
    done = subprocess.run(
        [*command, "--virtual-time-budget=10000", "--dump-dom", page.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    for chart in drawn:
        assert re.search(rf'<div id="{chart}" class="chart[^"]*js-plotly-plot', done.stdout), chart


def test_intervals_are_those_of_what_the_curve_measured() -> None:
    result = walked()
    equity = result.equity
    found = trust.intervals_of(equity["return"][1:], equity["benchmark"].pct_change()[1:], result.trades["pnl"])
    assert set(found) == set(trust.SHOWN)
    rows = " ".join(re.sub(r"<[^>]+>", " ", pages()["walk_forward"]).split())
    for name, interval in found.items():
        assert interval.measured == pytest.approx(result.metrics[name], rel=1e-9), name
        assert trust.span(interval) in rows
