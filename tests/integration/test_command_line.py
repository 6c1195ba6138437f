"""The command line from outside: what a person or a script meets, in the process it would run in."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from market import ROOT, SHIPPED, TRIALS

from oracle.bootstrap import settings
from oracle.cli.app import command_names, run
from oracle.data.demo import demo_path
from oracle.data.importer import import_files
from oracle.data.store import BarStore

MOMENTUM = str(ROOT / "strategies" / "momentum.yaml")
LOCATED = re.compile(r"^(?P<path>[^:\n]+):(?P<line>\d+):(?P<column>\d+): (?P<code>[A-Z]\d{3}) (?P<message>\S.*)$")

#: One of each: what stands on which line, and the code that says so.
WRONG = {
    9: ("  momentum: change_ratio(close, 5)", "S002", "the key `momentum` stands twice"),
    10: ("  average: smaa(close, 20)", "E201", "did you mean `sma`?"),
    11: ("  strong: momentum > hurdle", "E202", "unknown name `hurdle`"),
    13: ("  second: first - 1", "E203", "first -> second -> first"),
    14: ("  mixed: close + volume", "E302", "a price level and a volume do not go together"),
    15: ("  short_one: sma(close)", "E401", "`sma` needs `length`"),
    16: ("  long_one: rsi(close, 50_000)", "E406", "expected 2 to 5000"),
    18: ("  long: close > 10 and close < 5", "W501", "the condition can never be true"),
    20: ("  stop_loss: 8", "E303", "did you mean `8%`?"),
    21: ("sizng: {method: equal_weight}", "S010", "did you mean `sizing`?"),
}
REST = {
    1: "schema: 1", 2: "name: everything_wrong", 3: "universe: {symbols: [AAPL, IBM]}", 4: "timeframe: 1Day",
    5: "params:", 6: "  lookback: {default: 20}", 7: "features:", 8: "  momentum: change_ratio(close, lookback)",
    12: "  first: second + 1", 17: "entry:", 19: "exit:",
}  # fmt: skip
BROKEN = "schema: 1\nname: broken\nuniverse: {symbols: [AAPL, IBM\nentry: {long: close > 5}\n"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("store")
    import_files([demo_path()], BarStore(folder))
    return str(folder)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("SA_") and name != TRIALS]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize("name", command_names())
def test_help_shows_an_example_that_names_the_command(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([name, "--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    under = {"data": "data import", "new": "new strategy"}.get(name)
    if under is not None:
        assert run([*under.split(), "--help"]) == 0
        shown = " ".join(capsys.readouterr().out.split())
    assert f"Example: oracle {under or name}" in shown


def test_one_file_with_one_of_each_problem_and_one_that_is_no_yaml(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = {**REST, **{number: text for number, (text, _, _) in WRONG.items()}}
    Path("wrong.yaml").write_text("\n".join(lines[n] for n in sorted(lines)) + "\n", encoding="utf-8")
    Path("broken.yaml").write_text(BROKEN, encoding="utf-8")
    assert run(["check", "wrong.yaml", "broken.yaml"]) == 1
    shown = capsys.readouterr().out
    found = [match for match in map(LOCATED.match, shown.split("\n")) if match]
    at = {(match["path"], int(match["line"]), match["code"]) for match in found}
    assert ("broken.yaml", 4, "S001") in at
    for number, (text, code, words) in WRONG.items():
        assert ("wrong.yaml", number, code) in at, f"line {number}: {text}"
        (message,) = [m for m in found if int(m["line"]) == number and m["code"] == code]
        explained = shown[message.start() + shown.index(message[0]) :].split("\nwrong.yaml:", 1)[0]
        assert words in explained, explained
        column = int(message["column"])
        assert text[column - 1 :].strip(), "the column is inside the line"
        assert text.strip() in explained, "the line is shown"
    unexpected = {(line, code) for path, line, code in at if path == "wrong.yaml"} - {
        (number, code) for number, (_, code, _) in WRONG.items()
    }
    assert {code for _, code in unexpected} <= {"W503"}, "what nothing uses, because its users are refused"


@pytest.mark.parametrize("arguments", [
    ["check", "no_such.yaml"], ["backtest"], ["backtest", MOMENTUM, "--capital", "much"],
    ["backtest", MOMENTUM, "--limits", "x.yaml", "--no-limits"], ["backtest", MOMENTUM, "--from", "yesterday"],
    ["plan", MOMENTUM, "--param", "lookback"], ["plan", MOMENTUM, "--param", "no_such=1"], ["test", "no_such.yaml"],
    ["indicators", "rssi"], ["data"], ["data", "import", "--zone", "Mars"], ["init"], ["new", "strategy"],
])  # fmt: skip
def test_what_makes_no_sense_is_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_a_refused_strategy_stops_every_command_with_its_findings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(BROKEN, encoding="utf-8")
    for command in ("check", "plan", "test", "backtest"):
        assert run([command, str(path)]) == 1, command
        shown = capsys.readouterr()
        assert f"{path}:4:6: S001 " in shown.out + shown.err


METRICS = {
    "total_return", "annual_return", "volatility", "sharpe", "sortino", "calmar", "max_drawdown", "profit_factor",
    "win_rate",
}  # fmt: skip


def test_a_backtest_as_json_has_the_keys_others_script_against(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["backtest", *map(str, SHIPPED), "--data", store, "--waive", "vix", "--json"]) == 0
    shown = capsys.readouterr()
    codes = {match["code"] for match in map(LOCATED.match, shown.err.split("\n")) if match}
    assert all(code.startswith("W") for code in codes), "warnings go beside the JSON, not into it"
    results = json.loads(shown.out, parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))
    assert [result["strategy"] for result in results] == [path.stem for path in SHIPPED]
    for result in results:
        assert set(result["metrics"]) >= METRICS
        assert all(value is None or isinstance(value, float | int) for value in result["metrics"].values())
        assert all(re.fullmatch("[0-9a-f]{64}", result[name]) for name in ("plan_hash", "policy_hash", "run_id"))
        assert isinstance(result["trades"], int)
        assert result["trades"] > 0
        assert isinstance(result["final_equity"], float)
        assert result["verdicts"], "the shipped limits bind"
        assert all(isinstance(count, int) for count in result["verdicts"].values())
        assert result["waived"] == ["vix"]


def test_without_limits_there_is_no_policy(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["backtest", MOMENTUM, "--data", store, "--no-limits", "--json"]) == 0
    (result,) = json.loads(capsys.readouterr().out)
    assert (result["policy_hash"], result["waived"]) == (None, [])


def test_dates_and_capital_confine_a_run(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--data", store, "--no-limits", "--from", "2005-01-03", "--to", "2006-12-29", "--capital", "5000"]
    assert run(["backtest", MOMENTUM, *arguments, "--benchmark", "IBM", "--json"]) == 0
    (result,) = json.loads(capsys.readouterr().out)
    assert (result["start"][:10], result["end"][:10]) == ("2005-01-03", "2006-12-29")
    assert result["initial_capital"] == 5000.0
    assert result["trades"] > 0, "the averages are warm on the first day"


def test_a_missing_vix_stops_the_run_and_is_named(
    store: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SA_SIMULATION__WAIVE", "[]")
    assert run(["backtest", MOMENTUM, "--data", store]) == 3
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "VIX" in shown.err
    assert "--waive vix" in shown.err or "waive" in shown.err
    assert "Traceback" not in shown.err


def test_missing_sectors_stop_the_run_and_are_named(
    store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bare.yaml"
    path.write_text(
        "schema: 1\nname: bare\nuniverse: {symbols: [IBM]}\ntimeframe: 1Day\n"
        'entry: {long: "close > sma(close, 20)"}\nexit: {when: "close < sma(close, 20)"}\n',
        encoding="utf-8",
    )
    assert run(["backtest", str(path), "--data", store, "--waive", "vix"]) == 3
    assert "sector" in capsys.readouterr().err
    assert run(["backtest", str(path), "--data", store, "--waive", "vix,sector", "--json"]) == 0
    (result,) = json.loads(capsys.readouterr().out)
    assert result["waived"] == ["sector", "vix"]


def test_an_empty_store_stops_the_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["backtest", MOMENTUM, "--data", str(tmp_path / "nothing"), "--no-limits"]) == 3
    assert "Traceback" not in capsys.readouterr().err


def test_plan_as_json_has_the_keys_others_script_against(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", str(ROOT / "strategies"), "--json"]) == 0
    plans = json.loads(capsys.readouterr().out)
    assert [plan["name"] for plan in plans] == [path.stem for path in SHIPPED]
    for plan in plans:
        assert re.fullmatch("[0-9a-f]{64}", plan["plan_hash"])
        assert [node["id"] for node in plan["nodes"]] == list(range(len(plan["nodes"])))
        assert all(source < node["id"] for node in plan["nodes"] for source in node["inputs"])
    assert run(["plan", MOMENTUM]) == 0
    assert plans[2]["plan_hash"][:12] in capsys.readouterr().out


def test_a_bound_param_is_another_plan(capsys: pytest.CaptureFixture[str]) -> None:
    hashes = set()
    for bound in ([], ["--param", "lookback=63"], ["--param", "lookback=126"]):
        assert run(["plan", MOMENTUM, "--json", *bound]) == 0
        hashes.add(json.loads(capsys.readouterr().out)[0]["plan_hash"])
    assert len(hashes) == 2, "126 is the default"


def test_the_tests_of_the_shipped_strategies_pass(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["test", str(ROOT / "strategies"), "--json"]) == 0
    results = json.loads(capsys.readouterr().out)
    assert {result["strategy"] for result in results} == {path.stem for path in SHIPPED}
    assert all(result["passed"] and result["failures"] == [] for result in results)


def test_a_failing_test_of_a_strategy_is_a_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = Path(MOMENTUM).read_text(encoding="utf-8").replace("expect: {entries: [AAPL]}", "expect: {entries: [IBM]}")
    path = tmp_path / "momentum.yaml"
    path.write_text(text, encoding="utf-8")
    assert run(["test", str(path)]) == 1
    assert "FAIL momentum: the leader of two rising stocks is bought first" in capsys.readouterr().out


def test_the_shipped_strategies_pass_their_check(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(ROOT / "strategies"), str(ROOT / "config"), "--strict"]) == 0
    assert capsys.readouterr().out == ""


def test_a_new_project_checks_and_tests_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["init", "project"]) == 0
    monkeypatch.chdir(tmp_path / "project")
    assert run(["check", "strategies", "config", "--strict"]) == 0
    assert run(["new", "strategy", "second_idea"]) == 0
    assert run(["check", "strategies", "--strict"]) == 0
    capsys.readouterr()
    assert run(["test", "strategies"]) == 0
    shown = capsys.readouterr().out
    assert shown.count("ok  ") >= 2
    assert "FAIL" not in shown


def test_bars_go_in_and_come_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """From a CSV file with bad bars to a report, through the commands alone."""
    monkeypatch.chdir(tmp_path)
    rows = [f"2024-01-{day:02},{100 + day},{102 + day},{99 + day},{101 + day},10000" for day in (2, 3, 4, 5, 8, 9, 10)]
    rows[3] = "2024-01-05,105,90,104,106,10000"
    Path("IBM.csv").write_text("\n".join(["Date,Open,High,Low,Close,Volume", *rows]) + "\n", encoding="utf-8")
    assert run(["data", "import", "IBM.csv", "--store", "bars"]) == 1, "a bad bar is a finding"
    shown = capsys.readouterr().out
    assert "IBM.csv" in shown
    assert "2024-01-05" in shown
    assert run(["data", "list", "--store", "bars", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [(entry["symbol"], entry["bars"]) for entry in listed["series"]] == [("IBM", 6)]
    Path("s.yaml").write_text(
        "schema: 1\nname: s\nuniverse: {symbols: [IBM]}\ntimeframe: 1Day\nentry: {long: close > open}\n"
        "exit: {max_hold: 3s}\n",
        encoding="utf-8",
    )
    assert run(["backtest", "s.yaml", "--data", "bars", "--no-limits", "--report", "out/s.html"]) == 0
    assert Path("out/s.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_the_environment_overrides_by_prefix_alone(
    monkeypatch: pytest.MonkeyPatch, store: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert settings().broker.ibkr.port == 4002
    monkeypatch.setenv("SA_BROKER__IBKR__PORT", "4001")
    assert settings().broker.ibkr.port == 4001
    monkeypatch.delenv("SA_BROKER__IBKR__PORT")
    arguments = ["backtest", MOMENTUM, "--data", store, "--waive", "vix", "--json"]
    assert run(arguments) == 0
    before = capsys.readouterr().out
    monkeypatch.setenv("MAX_POSITIONS", "999")
    monkeypatch.setenv("PORTFOLIO_LIMITS__MAX_POSITIONS", "999")
    assert run(arguments) == 0
    assert capsys.readouterr().out == before
    monkeypatch.setenv("SA_RISK__PORTFOLIO_LIMITS__MAX_POSITIONS", "1")
    assert run(arguments) == 0
    assert json.loads(capsys.readouterr().out)[0]["policy_hash"] != json.loads(before)[0]["policy_hash"]


@pytest.mark.parametrize("variable", ["SA_BROKER__IBKR__PORTT", "SA_RISK__POSITION_LIMITS__MAX_POSITON", "SA_NOTHING"])
def test_a_variable_that_matches_nothing_is_refused_by_name(
    variable: str, monkeypatch: pytest.MonkeyPatch, store: str, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(variable, "1")
    assert run(["backtest", MOMENTUM, "--data", store, "--waive", "vix"]) == 1
    assert variable in capsys.readouterr().err
    assert run(["check", "config"]) == 1
    assert variable in capsys.readouterr().out


def test_the_schema_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema"]) == 0
    assert json.loads(capsys.readouterr().out)["type"] == "object"


def test_indicators_are_listed_and_documented(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["indicators", "--json"]) == 0
    names = [entry["name"] for entry in json.loads(capsys.readouterr().out)]
    assert len(names) == len(set(names)) >= 80
    assert run(["indicators", "rsi"]) == 0
    assert "Wilder" in capsys.readouterr().out
