"""From file to engine and back: the JSON that goes out, and where the engine's findings land in the file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from oracle.core.errors import ConfigError, UsageError
from oracle.strategy.compile import CompiledStrategy, compile_strategy, require
from oracle.strategy.load import load_paths, load_text

STRATEGY = """\
schema: 1
name: sample
universe: {symbols: [AAPL, ON], where: close > 5, sectors: {AAPL: technology}}
params:
  lookback: {default: 126, range: [21, 252]}
  risk: {default: 5%, choices: [2%, 5%]}
features:
  momentum: change_ratio(close, lookback)
entry:
  long: >-
    close > sma(close, 200)
    and momentum > 0
exit: {max_hold: 90d}
sizing: {method: fixed_fraction, fraction: risk, max_positions: 3}
"""


@dataclass
class FakePlan:
    """A plan that describes itself by a fixed object."""

    hash: str = "abc"

    @property
    def required_symbols(self) -> list[str]:
        return ["AAPL", "ON"]

    def describe(self) -> str:
        shared = {"scope": "symbol", "context": ""}
        nodes = [
            {"id": 0, "op": "close", "text": "close", "unit": "level", "warm_up": 0, "inputs": [],
             "roots": []} | shared,
            {"id": 1, "op": ">", "text": "close > 5", "unit": "boolean", "warm_up": 3, "inputs": [0],
             "roots": ["entry.long"]} | shared,
        ]  # fmt: skip
        return json.dumps({"name": "sample", "plan_hash": self.hash, "warm_up": 3, "nodes": nodes})

    def text(self) -> str:
        return "0 close"

    def mermaid(self) -> str:
        return "flowchart LR"


class FakeEngine:
    """An engine that keeps what it was given and answers what it was told to."""

    def __init__(self, *findings: dict[str, Any]) -> None:
        self.findings = findings
        self.spec: dict[str, Any] = {}

    def __call__(self, spec_json: str, /) -> tuple[FakePlan | None, str]:
        self.spec = json.loads(spec_json)
        failed = any(f["severity"] == "error" for f in self.findings)
        return None if failed else FakePlan(), json.dumps(self.findings)


def finding(path: list[str], start: int, end: int, code: str = "E201", severity: str = "error") -> dict[str, Any]:
    """A diagnostic as the engine words it."""
    return {
        "code": code,
        "severity": severity,
        "path": path,
        "start": start,
        "end": end,
        "message": "a problem",
        "found": "",
        "expected": "",
        "suggestion": None,
        "notes": [],
    }


def places(compiled: CompiledStrategy) -> list[tuple[str, int, int, int]]:
    """Code, line, column and width of each diagnostic."""
    return [(d.code, d.line, d.column, d.width) for d in compiled.diagnostics]


def test_the_engine_gets_text_and_bound_values() -> None:
    engine = FakeEngine()
    compiled = compile_strategy(load_text(STRATEGY), {"lookback": "63"}, engine)
    assert compiled.diagnostics == ()
    assert require(compiled).hash == "abc"
    assert engine.spec["symbols"] == ["AAPL", "ON"]
    assert engine.spec["where"] == "close > 5"
    assert engine.spec["sectors"] == {"AAPL": "technology"}
    assert engine.spec["params"] == {"lookback": "63", "risk": "5%"}
    assert engine.spec["entry"] == {
        "long": "close > sma(close, 200) and momentum > 0",
        "short": None,
        "priority": None,
        "scale_in": None,
        "cooldown": None,
    }
    assert engine.spec["exit"]["max_hold"] == "90d"
    assert engine.spec["portfolio"] is None
    assert engine.spec["sizing"]["fraction"] == "5%", "a param's name gives way to its value"
    assert engine.spec["sizing"]["max_positions"] == "3"
    assert engine.spec["execution"]["order_type"] == "market"


def test_a_param_named_like_a_word_of_the_language_replaces_no_word() -> None:
    text = STRATEGY.replace("lookback:", "market:").replace("lookback)", "market)")
    engine = FakeEngine()
    compile_strategy(load_text(text), None, engine)
    assert engine.spec["execution"]["order_type"] == "market"


@pytest.mark.parametrize(
    ("path", "start", "end", "place"),
    [
        # `sma` stands at character 8 of the folded text, on line 11 of the file
        (["entry", "long"], 8, 11, (11, 13, 3)),
        # `momentum` stands at character 28, after the fold, on line 12
        (["entry", "long"], 28, 36, (12, 9, 8)),
        # from `sma` into the next line: underlined to the end of its own
        (["entry", "long"], 8, 40, (11, 13, 15)),
        (["features", "momentum"], 0, 12, (8, 13, 12)),
        (["where"], 8, 9, (3, 48, 1)),
        (["params", "lookback"], 0, 3, (5, 23, 3)),
        # the file says `risk`, the engine saw `5%`: the name is underlined
        (["sizing", "fraction"], 0, 2, (14, 44, 2)),
        (["sizing", "lookback"], 0, 0, (14, 1, 6)),
        ([], 0, 0, (1, 1, 1)),
    ],
)
def test_findings_land_where_they_were_written(
    path: list[str], start: int, end: int, place: tuple[int, int, int]
) -> None:
    compiled = compile_strategy(load_text(STRATEGY), None, FakeEngine(finding(path, start, end)))
    assert places(compiled) == [("E201", *place)]
    assert compiled.plan is None


def test_a_warning_leaves_the_plan() -> None:
    compiled = compile_strategy(
        load_text(STRATEGY), None, FakeEngine(finding(["entry", "long"], 0, 5, "W501", "warning"))
    )
    assert compiled.plan is not None
    assert [d.severity for d in compiled.diagnostics] == ["warning"]


def test_one_broken_value_hides_no_other_problem() -> None:
    text = STRATEGY.replace("name: sample", "name: sample\nnme: x").replace("max_hold: 90d", "max_hold: 90")
    engine = FakeEngine(finding(["entry", "long"], 8, 11))
    compiled = compile_strategy(load_text(text), None, engine)
    assert [d.code for d in compiled.diagnostics] == ["S010", "E201", "S014"]
    assert engine.spec["exit"]["max_hold"] is None


def test_a_name_whose_definition_was_refused_is_not_unknown_as_well() -> None:
    text = STRATEGY.replace("default: 126", "default: many")
    unknown_name = finding(["features", "momentum"], 20, 28, "E202")
    unknown_function = finding(["entry", "long"], 8, 11, "E201")
    compiled = compile_strategy(load_text(text), None, FakeEngine(unknown_name, unknown_function))
    assert [d.code for d in compiled.diagnostics] == ["S012", "E201"]


def test_a_bad_symbol_does_not_keep_the_membership_rule_from_being_checked() -> None:
    engine = FakeEngine()
    compiled = compile_strategy(load_text(STRATEGY.replace("[AAPL, ON]", "[aapl, ON]")), None, engine)
    assert [d.code for d in compiled.diagnostics] == ["S012"]
    assert engine.spec["where"] == "close > 5"


def test_settings_that_miss_a_refused_one_are_not_reported_as_well() -> None:
    text = STRATEGY.replace("fixed_fraction", "fixed_fracton")
    missing = finding(["sizing"], 0, 0, "E410")
    elsewhere = finding(["execution"], 0, 0, "E410")
    compiled = compile_strategy(load_text(text), None, FakeEngine(missing, elsewhere))
    assert [d.code for d in compiled.diagnostics] == ["E410", "S015"]


def test_a_param_that_fits_no_literal_is_reported_at_its_value_alone() -> None:
    text = STRATEGY.replace("default: 5%, choices: [2%, 5%]", "default: 5")
    compiled = compile_strategy(load_text(text), None, FakeEngine(finding(["sizing", "fraction"], 0, 1, "E303")))
    assert [(d.code, d.line) for d in compiled.diagnostics] == [("S014", 6)]


def unused(path: list[str]) -> dict[str, Any]:
    """The engine's warning about a name that nothing uses: it means the key, not a part of its text."""
    return finding(path, 0, 0, "W503", "warning")


def test_an_unused_name_is_underlined_as_a_key() -> None:
    compiled = compile_strategy(load_text(STRATEGY), None, FakeEngine(unused(["features", "momentum"])))
    assert places(compiled) == [("W503", 8, 3, 8)]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        # a param whose value stands in for a literal: the engine sees the value alone
        (("", ""), ["params", "risk"]),
        # its only reader may be what was refused
        (("exit: {", "exit: {whn: momentum > 0, "), ["features", "momentum"]),
    ],
)
def test_a_name_that_was_used_is_not_called_unused(change: tuple[str, str], path: list[str]) -> None:
    compiled = compile_strategy(load_text(STRATEGY.replace(*change)), None, FakeEngine(unused(path)))
    assert "W503" not in [d.code for d in compiled.diagnostics]


def test_a_broken_feature_is_not_called_unused_as_well() -> None:
    path = ["features", "momentum"]
    compiled = compile_strategy(load_text(STRATEGY), None, FakeEngine(finding(path, 0, 5), unused(path)))
    assert [d.code for d in compiled.diagnostics] == ["E201"]


def test_a_missing_name_does_not_keep_expressions_from_being_checked() -> None:
    text = STRATEGY.replace("schema: 1\nname: sample\n", "").replace("universe:", "universes:")
    compiled = compile_strategy(load_text(text), None, FakeEngine(finding(["entry", "long"], 8, 11)))
    assert sorted(d.code for d in compiled.diagnostics) == ["E201", "S010", "S011", "S011", "S011"]


def test_an_unreadable_file_never_reaches_the_engine() -> None:
    engine = FakeEngine()
    compiled = compile_strategy(load_text("- 1"), None, engine)
    assert engine.spec == {}
    with pytest.raises(ConfigError) as refused:
        require(compiled)
    assert refused.value.exit_code == 1


@pytest.mark.parametrize(
    ("bind", "said"),
    [({"lookbak": "1"}, "no param named lookbak"), ({"lookback": "many"}, "not a number"), ({"risk": "5"}, "the unit")],
)
def test_a_binding_that_makes_no_sense_is_a_usage_error(bind: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        compile_strategy(load_text(STRATEGY), bind, FakeEngine())


def test_a_plan_tells_of_its_nodes() -> None:
    plan = require(compile_strategy(load_text(STRATEGY), None, FakeEngine()))
    assert (plan.name, plan.hash, plan.warm_up) == ("sample", "abc", 3)
    assert [(n.id, n.text, n.inputs) for n in plan.nodes] == [(0, "close", ()), (1, "close > 5", (0,))]
    assert plan.roots == {"entry.long": 1}


def test_a_name_can_be_taken_once(tmp_path: Path) -> None:
    for file in ("a.yaml", "b.yml"):
        (tmp_path / file).write_text(STRATEGY, encoding="utf-8")
    (tmp_path / ".hidden.yaml").write_text("x", encoding="utf-8")
    first, second = load_paths([tmp_path])
    assert first.diagnostics == ()
    assert [(d.code, d.line) for d in second.diagnostics] == [("S017", 2)]


def test_paths_that_hold_nothing_are_usage_errors(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no strategy file"):
        load_paths([tmp_path])
    with pytest.raises(UsageError, match="no such file"):
        load_paths([tmp_path / "none.yaml"])


def test_a_plan_prints_itself_as_the_command_does(capsys: pytest.CaptureFixture[str]) -> None:
    from oracle.cli.app import run
    from oracle.core.shipped import strategy_file

    path = strategy_file("momentum")
    assert run(["plan", str(path)]) == 0
    (loaded,) = load_paths([path])
    assert f"{require(compile_strategy(loaded))}\n" == capsys.readouterr().out
