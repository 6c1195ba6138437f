"""The section on trust: it says what the evidence, the intervals and the fan hold, and the same thing every time."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from market import ROOT, SHIPPED, demo

from oracle import bootstrap
from oracle.backtesting import trust
from oracle.backtesting.report import render
from oracle.backtesting.result import BacktestRun
from oracle.backtesting.rust_engine import RustEngine
from oracle.backtesting.trials import Evidence
from oracle.strategy.declared import DeclaredStrategy

NEVER = "schema: 1\nname: never\nuniverse: {symbols: [IBM]}\nentry: {long: close > 100_000}\n"


def run_of(source: str | Path, known: Evidence | None = None) -> BacktestRun:
    run = RustEngine().run(DeclaredStrategy(source), demo())
    run.counted_by(lambda: known)
    return run


MOMENTUM = ROOT / "strategies" / "momentum.yaml"


def facts_of(run: BacktestRun) -> str:
    return trust.facts(run.evidence)


def text(page: str) -> str:
    return re.sub(r"<[^>]+>", " ", page)


def test_it_names_both_ratios_the_count_and_the_record() -> None:
    run = run_of(MOMENTUM, Evidence("momentum-1", 41, 0.0004, None))
    said = text(facts_of(run))
    evidence = run.evidence
    assert evidence.probabilistic_sharpe is not None
    assert evidence.deflated_sharpe is not None
    assert f"Probabilistic Sharpe {evidence.probabilistic_sharpe:.1%}" in " ".join(said.split())
    assert f"Deflated Sharpe {evidence.deflated_sharpe:.1%}" in " ".join(said.split())
    assert "41 trials of momentum-1" in said
    assert f"{evidence.expected_maximum_sharpe:.2f}" in said
    assert "3,269 sessions" in said
    assert f"{evidence.minimum_track_record_length:,.0f} would make it 95% sure" in said


def test_an_unknown_count_is_said_to_be_unknown() -> None:
    said = " ".join(text(facts_of(run_of(MOMENTUM))).split())
    assert "Deflated Sharpe unknown" in said
    assert "number of trials unknown" in said


def test_every_metric_that_has_an_interval_is_in_the_table_with_what_was_measured() -> None:
    run = run_of(MOMENTUM)
    found = trust.intervals(run)
    assert set(found) == set(trust.SHOWN)
    rows = text(trust.interval_rows(found))
    assert "Sharpe" in rows
    assert rows.count(" to ") == len(trust.SHOWN)
    for name, interval in found.items():
        assert interval.measured == pytest.approx(run.metrics[name], rel=1e-9)


@pytest.mark.parametrize(("worst", "written"), [(6_310.4, "+$6,310"), (0.0, "$0"), (-10_019.0, "-$10,019")])
def test_where_the_worst_path_in_twenty_ends_is_told_with_its_sign(worst: float, written: str) -> None:
    fan = trust.fan(run_of(MOMENTUM))
    assert fan is not None
    assert f"One path in twenty ends at <b>{written}</b>" in trust.odds(replace(fan, value_at_risk_usd=worst))


def test_a_name_cannot_break_out() -> None:
    run = run_of(MOMENTUM, Evidence("<img src=x>", 2, 0.1, None))
    assert "<img" not in facts_of(run)


@pytest.mark.parametrize("path", SHIPPED[:2], ids=lambda path: path.stem)
def test_a_sheet_has_the_same_bytes_again(path: object) -> None:
    assert render(run_of(path)) == render(run_of(path))


def test_a_strategy_that_never_trades_has_a_sheet() -> None:
    page = render(run_of(NEVER, Evidence("never-1", 1, 0.0, None)))
    assert "How far to trust this" in page
    assert "no length would make" in page
    assert "1 trial of never-1" in page


def test_a_single_session_is_too_short_for_any_of_it() -> None:
    run = RustEngine().run(DeclaredStrategy(NEVER), demo(), start=date(2012, 1, 3), end=date(2012, 1, 3))
    assert trust.intervals(run) == {}
    assert "Too few sessions" in trust.interval_rows({})
    assert "Too few sessions" in trust.odds(trust.fan(run))
    assert trust.fan_data(None) == {}
    assert "How far to trust this" in render(run)


def test_the_shipped_limits_show_the_section_too() -> None:
    engine = bootstrap.engine(waive=("vix",))
    page = render(engine.run(DeclaredStrategy(MOMENTUM), demo()))
    for words in ("How far to trust this", "Probabilistic Sharpe", "Deflated Sharpe", 'id="fan"'):
        assert words in page
