"""The tear sheet: one file, offline, and nothing in a name can break out of its place."""

from __future__ import annotations

import json
import re
from functools import cache
from html.parser import HTMLParser

import polars as pl
import pytest
from market import ROOT, demo

from oracle import bootstrap
from oracle.backtesting.report import render
from oracle.backtesting.result import FRAMES, BacktestRun
from oracle.backtesting.rust_engine import RustEngine
from oracle.strategy.declared import DeclaredStrategy

HOSTILE = '</script><script>alert("x")</script><img src=x onerror=alert(1)>&amp;$title'


class Page(HTMLParser):
    """What a browser would see: elements with attributes, and the text of scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        self.text.setdefault(self._open[-1] if self._open else "", []).append(data)


@cache
def result() -> BacktestRun:
    engine = RustEngine(limits=bootstrap.limits(), waive=("vix",))
    return engine.run(DeclaredStrategy(ROOT / "strategies" / "momentum.yaml"), demo())


@cache
def page() -> Page:
    return Page(render(result()))


def test_nothing_is_fetched() -> None:
    loading = {"src", "href", "srcset", "data", "action", "poster", "background"}
    outside = [
        (tag, name, value)
        for tag, attributes in page().elements
        for name, value in attributes.items()
        if name in loading
    ]
    assert outside == []
    assert {"link", "iframe", "object", "embed", "img", "base"} & {tag for tag, _ in page().elements} == set()
    own = "".join(page().text["style"]) + "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "oracle/backtesting/tear_sheet").glob("*.js")
    )
    assert not re.search(r"https?:|//cdn|@import|url\(|fetch\(|XMLHttpRequest|import\(", own)


def test_the_sheet_shows_what_the_result_holds() -> None:
    text = render(result())
    for heading in ("Equity", "Monthly returns", "Rolling Sharpe", "Trades on price", "What the limits did", "Trades"):
        assert heading in text
    for code in result().verdict_counts:
        assert f"<code>{code}</code>" in text
    assert "Waived" in text
    assert "vix" in text
    assert result().plan_hash[:16] in text
    assert result().run_id[:16] in text


def charts(text: str) -> dict[str, object]:
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert data is not None
    parsed: dict[str, object] = json.loads(data[1], parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))
    return parsed


def test_the_charts_have_a_point_for_every_bar() -> None:
    drawn = charts(render(result()))
    for name in ("time", "equity", "drawdown", "exposure"):
        column = drawn[name]
        assert isinstance(column, list)
        assert len(column) == result().equity.height
    benchmark = drawn["benchmark"]
    assert isinstance(benchmark, dict)
    assert benchmark["time"] == drawn["time"], "every daily bar is the close of its session"
    assert len(benchmark["value"]) == result().equity.height
    shown = drawn["symbols"]
    assert isinstance(shown, list)
    assert {each["symbol"] for each in shown} == set(result().trades["symbol"])


def test_names_cannot_break_out() -> None:
    run = result()
    frames = {name: getattr(run, name) for name in FRAMES}
    for name in ("fills", "trades", "prices", "verdicts"):
        frames[name] = frames[name].with_columns(pl.lit(HOSTILE).alias("symbol"))
    frames["trades"] = frames["trades"].with_columns(pl.lit(HOSTILE).alias("reason"))
    frames["verdicts"] = frames["verdicts"].with_columns(pl.lit(HOSTILE).alias("reason"))
    fields = {**run.model_dump(), "strategy": HOSTILE, "notes": (HOSTILE,), "waived": (HOSTILE,)}
    hostile = BacktestRun.of(lambda name: frames[name], lambda: HOSTILE, **fields)
    text = render(hostile)
    seen = Page(text)
    assert [tag for tag, _ in seen.elements].count("script") == [tag for tag, _ in page().elements].count("script")
    assert "img" not in {tag for tag, _ in seen.elements}
    assert not any(name.startswith("on") for _, attributes in seen.elements for name in attributes)
    shown = charts(text)["symbols"]
    assert isinstance(shown, list)
    assert shown[0]["symbol"] == HOSTILE, "it is shown as what it is"
