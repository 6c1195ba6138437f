"""`oracle sweep`: JSON of a fixed shape, files that are found again, and mistakes explained."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from market import ROOT

from oracle.cli.app import run
from oracle.data.demo import demo_bars

STRATEGY = str(ROOT / "strategies" / "momentum.yaml")
GRID = ["--grid", "lookback=63,126", "--grid", "hold=1,2", "--no-limits"]
NUMBER = {"type": ["number", "null"]}
ROW = {
    "type": "object",
    "required": [
        "place",
        "binding",
        "lookback",
        "hold",
        "trades",
        "final_equity",
        "sharpe",
        "feasible",
        "plateau",
        "plan_hash",
    ],
    "additionalProperties": {"type": ["number", "null", "string", "boolean"]},
}
SCHEMA = {
    "type": "object",
    "required": [
        "strategy", "method", "metric", "where", "seed", "identity", "params", "symbols", "combinations", "tried",
        "feasible", "best", "top", "evidence",
    ],
    "additionalProperties": False,
    "properties": {
        **{name: {"type": "string"} for name in ("strategy", "method", "metric")},
        "where": {"type": ["string", "null"]},
        "symbols": {"type": "array", "items": {"type": "string"}},
        "identity": {"type": "object", "additionalProperties": {"type": "string"}},
        "params": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
        **{name: {"type": "integer"} for name in ("seed", "combinations", "tried", "feasible")},
        "best": {"anyOf": [ROW, {"type": "null"}]},
        "top": {"type": "array", "items": ROW},
        "evidence": {
            "type": "object",
            "required": ["best", "overfitting"],
            "additionalProperties": False,
            "properties": {
                "best": {"type": ["object", "null"]},
                "overfitting": {
                    "type": ["object", "null"],
                    "required": ["probability", "loss_probability", "degradation_slope", "blocks"],
                    "additionalProperties": NUMBER,
                },
            },
        },
    },
}  # fmt: skip


@pytest.fixture
def bars(tmp_path: Path) -> str:
    path = tmp_path / "bars.parquet"
    demo_bars().write_parquet(path)
    return str(path)


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[str, str]:
    assert run(["sweep", STRATEGY, *arguments]) == 0
    shown = capsys.readouterr()
    return shown.out, shown.err


def test_json_has_its_shape_and_the_same_bytes_again(
    bars: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = ["--data", bars, "--out", str(tmp_path / "s"), "--json"]
    first, errors = printed(capsys, *GRID, *out)
    document = json.loads(first)
    jsonschema.validate(document, SCHEMA)
    assert errors == ""
    assert (document["tried"], document["combinations"]) == (4, 4)
    assert document["best"] == document["top"][0]
    assert printed(capsys, *GRID, *out)[0] == first


def test_the_table_says_how_to_run_the_best_again_and_that_is_so(
    bars: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SA_SWEEP__FOLDER", str(tmp_path / "sweeps"))
    report = tmp_path / "report.html"
    shown, _ = printed(capsys, *GRID, "--data", bars, "--report", str(report))
    assert "Plateau" in shown
    assert "Probability of backtest overfitting" in shown
    assert report.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert len(list((tmp_path / "sweeps").glob("*/results.parquet"))) == 1
    again = shown.split("--set ")[1].split()[0]
    assert run(["backtest", STRATEGY, "--no-limits", "--data", bars, "--set", again, "--json"]) == 0
    alone = json.loads(capsys.readouterr().out)[0]
    document = json.loads(printed(capsys, *GRID, "--data", bars, "--json")[0])
    assert document["best"]["binding"] == again
    for name in ("sharpe", "total_return", "max_drawdown"):
        assert alone["metrics"][name] == document["best"][name]
    assert alone["plan_hash"] == document["best"]["plan_hash"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--grid", "lookbak=63,126"], "did you mean lookback?"),
        (["--grid", "lookback=63,nine"], "is no value of lookback"),
        (["--grid", "lookback=63,100000"], "lookback=100000"),
        (["--metric", "sharp"], "did you mean sharpe?"),
        (["--method", "grit"], "did you mean grid?"),
        (["--where", "lookbak > 63"], "did you mean lookback?"),
        (["--where", "lookback <"], "cannot be read"),
        (["--limits", "x.yaml", "--no-limits"], "exclude each other"),
        (["--trials", "0"], "--trials"),
    ],
)
def test_mistakes_are_usage_and_explained(
    arguments: list[str], words: str, bars: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["sweep", STRATEGY, "--data", bars, "--out", str(tmp_path / "s"), *arguments]) == 2
    shown = capsys.readouterr()
    assert words in " ".join(shown.err.split())
    assert shown.out == ""
    assert not (tmp_path / "s").exists()


def test_a_param_of_a_backtest_is_checked(bars: str, capsys: pytest.CaptureFixture[str]) -> None:
    for text, words in {
        "lookbak=63": "did you mean lookback?",
        "lookback": "expected name=value",
        "hold=1,hold=2": "given twice",
        "lookback=63d": "the unit differs",
    }.items():
        assert run(["backtest", STRATEGY, "--data", bars, "--no-limits", "--set", text]) == 2
        assert words in capsys.readouterr().err
