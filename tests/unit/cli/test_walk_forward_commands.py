"""`oracle walk-forward` and `oracle rank`: JSON of a fixed shape, exit codes, and mistakes explained."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from market import ROOT, TRIALS

from oracle.cli.app import run
from oracle.data.demo import demo_bars

SHORT = ["--train", "36", "--test", "24", "--step", "24", "--no-limits"]
STRATEGY = str(ROOT / "strategies" / "momentum.yaml")
GRID = ["--grid", "lookback=63,126", "--grid", "hold=2"]

NUMBER = {"type": ["number", "null"]}
PERIOD = {
    "type": "object",
    "required": ["start", "end"],
    "additionalProperties": False,
    "properties": {name: {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"} for name in ("start", "end")},
}
RUN = {
    "type": "object",
    "required": ["run_id", "trades", "metrics"],
    "additionalProperties": False,
    "properties": {
        "run_id": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "trades": {"type": "integer"},
        "metrics": {"type": "object", "additionalProperties": NUMBER},
    },
}
WINDOW = {
    "type": "object",
    "required": [
        "number", "train", "decided", "test", "part", "params", "fitted", "eligible", "tied", "in_sample",
        "out_of_sample", "ratio", "in_sample_annual_rate", "out_of_sample_annual_rate", "plan_hash", "runs",
    ],
    "additionalProperties": False,
    "properties": {
        **{name: {"type": "integer"} for name in ("number", "eligible", "tied")},
        **{name: PERIOD for name in ("train", "test", "part")},
        **{name: NUMBER for name in ("in_sample", "out_of_sample", "ratio")},
        **{name: NUMBER for name in ("in_sample_annual_rate", "out_of_sample_annual_rate")},
        "decided": {"type": "string"},
        "params": {"type": "object", "additionalProperties": {"type": "string"}},
        "fitted": {"type": "boolean"},
        "plan_hash": {"type": "string"},
        "runs": {
            "type": "object",
            "required": ["train", "test", "part", "fixed"],
            "additionalProperties": False,
            "properties": {name: RUN for name in ("train", "test", "part", "fixed")},
        },
    },
}  # fmt: skip
EVIDENCE = {
    "type": "object",
    "required": [
        "lineage", "trials", "sessions", "sharpe", "probabilistic_sharpe", "deflated_sharpe",
        "expected_maximum_sharpe", "minimum_track_record_length",
    ],
    "additionalProperties": False,
    "properties": {
        "lineage": {"type": ["string", "null"]}, "trials": {"type": ["integer", "null"]},
        "sessions": {"type": "integer"}, "sharpe": NUMBER, "expected_maximum_sharpe": NUMBER,
        "minimum_track_record_length": NUMBER,
        **{name: {**NUMBER, "minimum": 0, "maximum": 1} for name in ("probabilistic_sharpe", "deflated_sharpe")},
    },
}  # fmt: skip
WALK = {
    "type": "array",
    "items": {
        "type": "object",
        "required": [
            "strategy", "policy_hash", "start", "end", "initial_capital", "final_equity", "scheme", "objective",
            "grid", "combinations", "metrics", "max_drawdown_dates", "positive_months", "trades", "cut_at_seams",
            "efficiency", "decay", "params", "fixed", "windows", "waived", "notes", "evidence",
        ],
        "additionalProperties": False,
        "properties": {
            "strategy": {"type": "string"}, "policy_hash": {"type": ["string", "null"]}, "start": {}, "end": {},
            "initial_capital": {"type": "number"}, "final_equity": {"type": "number"}, "efficiency": NUMBER,
            "scheme": {
                "type": "object",
                "required": ["train_months", "test_months", "step_months", "anchored", "purge", "embargo"],
            },
            "objective": {"type": "object", "required": ["metric", "minimum_trades"]},
            "grid": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
            "combinations": {"type": "integer"}, "positive_months": {"type": "number"},
            "metrics": {"type": "object", "additionalProperties": NUMBER}, "max_drawdown_dates": {"type": "object"},
            "trades": {"type": "integer"}, "cut_at_seams": {"type": "integer"},
            "decay": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["metric", "in_sample", "out_of_sample", "difference", "ratio", "windows", "worse"],
                },
            },
            "params": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["name", "values", "changes", "turnover", "mean", "deviation", "dispersion"],
                },
            },
            "fixed": {"type": "object", "required": ["params", "plan_hash", "trades", "positive_months", "metrics"]},
            "windows": {"type": "array", "minItems": 1, "items": WINDOW},
            "waived": {"type": "array"}, "notes": {"type": "array", "items": {"type": "string"}},
            "evidence": EVIDENCE,
        },
    },
}  # fmt: skip
CARDS = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["strategy", "score", "passed", "parts", "thresholds", "walk_forward", "evidence"],
        "additionalProperties": False,
        "properties": {
            "evidence": EVIDENCE,
            "strategy": {"type": "string"},
            "score": {"type": "number", "minimum": 0, "maximum": 1},
            "passed": {"type": "boolean"},
            "parts": {
                "type": "array",
                "minItems": 5,
                "items": {"required": ["name", "value", "worst", "best", "marks", "weight", "points"]},
            },
            "thresholds": {
                "type": "array",
                "minItems": 4,
                "items": {"required": ["name", "found", "expected", "passed"]},
            },
            "walk_forward": {"required": ["start", "end", "windows", "efficiency", "metrics", "last_params"]},
        },
    },
}


@pytest.fixture(autouse=True)
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Its own for each test: what others have tried would be announced on stderr.
    monkeypatch.setenv(TRIALS, str(tmp_path / "trials.sqlite"))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("bars") / "demo.parquet"
    demo_bars().write_parquet(path)
    return str(path)


def shown(capsys: pytest.CaptureFixture[str]) -> Any:
    seen = capsys.readouterr()
    assert seen.err == "", "no progress where stderr is not a terminal"
    return json.loads(seen.out)


def test_the_json_of_a_walk_forward_has_a_fixed_shape(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["walk-forward", STRATEGY, "--data", data, *SHORT, *GRID, "--json"]
    assert run(arguments) == 0
    found = shown(capsys)
    jsonschema.validate(found, WALK)
    (walk,) = found
    assert walk["grid"] == {"lookback": ["63", "126"], "hold": ["2"]}
    assert walk["scheme"] == {
        "train_months": 36, "test_months": 24, "step_months": 24, "anchored": False, "purge": 0, "embargo": 0,
    }  # fmt: skip
    assert run(arguments) == 0
    assert shown(capsys) == found, "the same again"


def test_options_and_variables_reach_the_walk(
    data: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SA_STRATEGY__WALK_FORWARD__METRIC", "calmar")
    monkeypatch.setenv("SA_STRATEGY__WALK_FORWARD__PURGE", "9")
    options = ["--anchored", "--purge", "5", "--embargo", "2", "--min-trades", "3", "--from", "2003-01-01"]
    assert run(["walk-forward", STRATEGY, "--data", data, *SHORT, *GRID, *options, "--json"]) == 0
    (walk,) = shown(capsys)
    assert (walk["scheme"]["anchored"], walk["scheme"]["purge"], walk["scheme"]["embargo"]) == (True, 5, 2)
    assert walk["objective"] == {"metric": "calmar", "minimum_trades": 3}
    assert {window["train"]["start"] for window in walk["windows"]} == {"2003-01-02"}


def test_the_summary_names_every_window(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["walk-forward", STRATEGY, "--data", data, *SHORT, *GRID]) == 0
    text = capsys.readouterr().out
    assert text.startswith("momentum  out of sample 2003-03-03 to 2013-02-28, 5 windows (rolling, 36/24/24 months)\n")
    for start in ("2003-03-03", "2005-03-01", "2007-03-01", "2009-03-02", "2011-03-01"):
        assert f"  {start} " in text
    assert "Walk-forward efficiency" in text


def test_the_report_and_the_files_are_written(data: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report, folder = tmp_path / "a" / "walk.html", tmp_path / "saved"
    extra = ["--report", str(report), "--save", str(folder), "--json"]
    assert run(["walk-forward", STRATEGY, "--data", data, *SHORT, *GRID, *extra]) == 0
    seen = capsys.readouterr()
    assert json.loads(seen.out)
    assert seen.err.splitlines() == [f"momentum: {report}", f"momentum: {folder}"]
    assert report.is_file()
    assert (folder / "walk_forward.json").is_file()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--grid", "lookbak=63"], 2, "no param named lookbak; its params are lookback, hold; did you mean lookback?"),
        (["--grid", "lookback"], 2, "expected name=value,value"),
        (["--grid", "hold=5%"], 2, "the unit differs; did you mean 5?"),
        (["--grid", "lookback=0"], 2, "does not compile with lookback=0"),
        (["--metric", "sharp"], 2, "did you mean sharpe?"),
        (["--train", "0"], 2, "Invalid value for '--train'"),
        (["--limits", "x.yaml", "--no-limits"], 2, "exclude each other"),
        (["--to", "2002-01-01"], 3, "shorter than one window"),
        (["--data", "nowhere.parquet"], 3, "nowhere.parquet"),
    ],
)
def test_a_mistake_is_explained(
    arguments: list[str], code: int, said: str, data: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["walk-forward", STRATEGY, "--data", data, "--no-limits", *arguments]) == code
    seen = capsys.readouterr()
    assert seen.out == ""
    assert said in " ".join(seen.err.split())
    assert "Traceback" not in seen.err


def test_a_grid_is_for_one_strategy(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["walk-forward", str(ROOT / "strategies"), "--data", data, "--grid", "hold=1"]) == 2
    assert "--grid names params of one strategy; found 5 strategies" in capsys.readouterr().err


def test_findings_of_a_file_exit_with_one(tmp_path: Path, data: str, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.yaml").write_text("- a list\n", encoding="utf-8")
    assert run(["walk-forward", str(tmp_path / "bad.yaml"), "--data", data]) == 1
    assert "S012" in capsys.readouterr().err


def test_the_json_of_a_ranking_has_a_fixed_shape_and_failures_exit_with_one(
    data: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [str(ROOT / "strategies" / f"{name}.yaml") for name in ("momentum", "regime_rotation")]
    report = tmp_path / "ranking.html"
    arguments = ["rank", *names, "--data", data, *SHORT, "--json"]
    assert run([*arguments, "--report", str(report)]) == 1
    cards = json.loads(capsys.readouterr().out)
    jsonschema.validate(cards, CARDS)
    assert report.is_file()
    assert sorted((card["score"] for card in cards), reverse=True) == [card["score"] for card in cards]
    assert not any(card["passed"] for card in cards)
    for key, value in {"SHARPE": "-9", "PROFIT_FACTOR": "0", "TRADES": "0"}.items():
        monkeypatch.setenv(f"SA_STRATEGY__MINIMUM_{key}", value)
    monkeypatch.setenv("SA_STRATEGY__MAXIMUM_DRAWDOWN", "100%")
    assert run(arguments) == 0
    eased = shown(capsys)
    assert [card["score"] for card in eased] == [card["score"] for card in cards], "thresholds do not touch the score"


def test_the_folder_of_strategies_is_ranked_when_nothing_is_named(
    data: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("strategies").mkdir()
    plain = "schema: 1\nname: mine\nuniverse: {symbols: [IBM]}\nentry: {long: 'close > sma(close, 50)'}\n"
    Path("strategies/mine.yaml").write_text(plain, encoding="utf-8")
    assert run(["rank", "--data", data, *SHORT]) == 1
    text = capsys.readouterr().out
    assert text.startswith("1. mine  ")
    assert "FAILED  Sharpe" in text
