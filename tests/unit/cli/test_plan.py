"""`oracle plan`: the engine's own account of a strategy, as text, JSON and a Mermaid graph."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from oracle.cli.app import run
from oracle.strategy.compile import load_strategy

RULES = """\
schema: 1
name: cross
universe: {symbols: [MSFT, AAPL]}
features:
  quick: ema(close, 10)
entry: {long: "cross_above(quick, ema(close, 50)) and rsi(close, 14) < 70"}
exit: {when: close < quick, stop_loss: 8%, max_hold: 20s}
sizing: {method: half_kelly, prior: {trades: 30, win_rate: 52%, payoff: 1.3}, max_position: 40%}
execution: {order_type: limit, limit_offset: 0.05%}
"""

TARGETS = """\
schema: 1
name: rotation
universe: {symbols: [MSFT, AAPL]}
portfolio: {select: "top 1 by roc(close, 20)", weight: inverse_volatility(60), rebalance: monthly, offset: 2}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("cross", RULES), ("rotation", TARGETS)):
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def test_json_is_one_object_per_file_with_structured_settings(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", str(folder), "--json"]) == 0
    rules, targets = json.loads(capsys.readouterr().out)
    assert [plan["name"] for plan in (rules, targets)] == ["cross", "rotation"]
    assert rules["plan_hash"] == load_strategy(RULES).plan.hash
    assert rules["symbols"] == ["AAPL", "MSFT"]
    assert rules["sizing"] == {
        "method": "half_kelly", "prior_trades": 30, "prior_win_rate": 0.52, "prior_payoff": 1.3, "min_trades": 20,
        "floor": 0.01, "max_position_frac": 0.4, "max_positions": None, "fractional": False, "round_lot": 1,
    }  # fmt: skip
    assert rules["execution"] == {
        "entry": "limit", "exit": "market", "limit_offset_frac": 0.0005, "stop_offset_frac": 0,
        "time_in_force_sessions": 1,
    }  # fmt: skip
    assert (rules["max_hold"], rules["min_hold_days"], rules["portfolio"]) == ({"sessions": 20}, 2, None)
    portfolio = targets["portfolio"]
    assert portfolio["rebalance"] == {"schedule": "monthly", "offset": 2}
    assert portfolio["weight"]["method"] == "inverse_volatility"
    chosen = targets["nodes"][portfolio["select"]]
    assert (chosen["op"], chosen["roots"]) == ("top(1)", ["portfolio.select"])


def test_nodes_name_their_inputs_and_what_they_decide(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", str(folder / "cross.yaml"), "--json"]) == 0
    (plan,) = json.loads(capsys.readouterr().out)
    assert [node["id"] for node in plan["nodes"]] == list(range(len(plan["nodes"])))
    assert all(entry < node["id"] for node in plan["nodes"] for entry in node["inputs"])
    by_op = {node["op"]: node for node in plan["nodes"]}
    # An average of 50 closes has its first value on the 50th bar; a crossing looks back one more.
    assert (by_op["ema(50)"]["warm_up"], by_op["cross_above"]["warm_up"]) == (49, 50)
    assert by_op["ema(10)"]["inputs"] == [by_op["close"]["id"]]
    assert plan["features"] == {"quick": next(node["id"] for node in plan["nodes"] if "quick" in node["roots"])}
    compiled = load_strategy(RULES).plan
    roots = {root: node["id"] for node in plan["nodes"] for root in node["roots"]}
    assert compiled.roots == roots
    assert {"entry.long", "exit.long", "exit.stop_loss", "quick"} <= set(roots)
    assert [node.op for node in compiled.nodes] == [node["op"] for node in plan["nodes"]]
    assert compiled.warm_up == plan["warm_up"] == 50


def test_text_has_a_line_per_node_and_the_settings(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", str(folder)]) == 0
    first, second = (part for part in capsys.readouterr().out.split("\n\nrotation"))
    plan = load_strategy(RULES).plan
    assert first.startswith(f"cross  plan {plan.hash[:12]}\n")
    assert "sizing: method half_kelly" in first
    assert "execution: entry limit, exit market" in first
    assert sum(line.startswith("#") for line in first.splitlines()) == len(plan.nodes)
    assert "rebalance monthly (offset 2)" in second
    assert all(line == line.rstrip() for line in first.splitlines())


def test_the_graph_has_an_arrow_per_input(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", str(folder / "cross.yaml"), "--mermaid"]) == 0
    lines = capsys.readouterr().out.splitlines()
    nodes = load_strategy(RULES).plan.nodes
    assert lines[0] == "graph TD"
    assert sum(" --> " in line for line in lines) == sum(len(node.inputs) for node in nodes)
    assert sum('["' in line for line in lines) == len(nodes)


def test_a_graph_is_no_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", str(folder), "--json", "--mermaid"]) == 2
    assert "exclude each other" in capsys.readouterr().err
