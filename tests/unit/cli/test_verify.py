"""`oracle verify` from the command line: text, JSON, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from market import SHIPPED

from oracle.backtesting.backtrader_engine import BacktraderEngine
from oracle.cli.app import run
from oracle.data.demo import demo_path

MOMENTUM = str(next(path for path in SHIPPED if path.stem == "momentum"))


def verify(*arguments: str) -> int:
    return run(["verify", MOMENTUM, "--data", str(demo_path()), "--from", "2010-01-04", *arguments])


def test_agreement_ends_with_zero_and_names_the_conventions(capsys: pytest.CaptureFixture[str]) -> None:
    assert verify("--against", "backtrader,vectorbt") == 0
    shown = capsys.readouterr().out
    assert "momentum against backtrader" in shown
    assert "momentum against vectorbt" in shown
    assert "cash=" in shown
    assert "0 unexplained" in shown


def test_json_has_every_difference_of_a_fill(capsys: pytest.CaptureFixture[str]) -> None:
    assert verify("--against", "backtrader", "--json") == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert found["unexplained"] == []
    assert found["worst_usd"] < 0.005
    assert all(f"{part['convention']}={part['setting']}" in BacktraderEngine.conventions for part in found["explained"])
    assert sum(part["differences"] for part in found["explained"]) == found["differences"]


def test_a_difference_that_no_switch_explains_ends_with_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # As if none of the switches were known.
    monkeypatch.setattr(BacktraderEngine, "conventions", "native")
    assert verify("--against", "backtrader") == 1
    shown = capsys.readouterr().out
    assert "0 explained" in shown
    assert "0 unexplained" not in shown


def test_an_engine_that_there_is_not_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert verify("--against", "metatrader") == 2
    assert "metatrader" in capsys.readouterr().err


def test_conventions_of_a_backtest_come_from_the_line_or_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = Path(MOMENTUM).read_text(encoding="utf-8")
    file = tmp_path / "lean.yaml"
    file.write_text(text.replace("fill: next_open}", "fill: next_open, conventions: lean}"), encoding="utf-8")
    data = ["--data", str(demo_path()), "--no-limits", "--json"]
    results = []
    for arguments in ([MOMENTUM], [MOMENTUM, "--conventions", "lean"], [str(file)]):
        assert run(["backtest", *arguments, *data]) == 0
        results.append(json.loads(capsys.readouterr().out)[0])
    plain, line, own = results
    assert line["final_equity"] == own["final_equity"] != plain["final_equity"]
    assert line["plan_hash"] == own["plan_hash"] == plain["plan_hash"]
    assert line["run_id"] == own["run_id"] != plain["run_id"]
    assert run(["backtest", MOMENTUM, *data, "--conventions", "metatrader"]) == 3
    assert "native, backtrader, vectorbt, lean, zipline" in capsys.readouterr().err
