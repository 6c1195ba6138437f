"""Identity: which edits of a file make another plan, and what makes another run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from market import ROOT, demo, until

from oracle import bootstrap
from oracle.backtesting.rust_engine import RustEngine
from oracle.core.config import Settings
from oracle.data.frame import Prepared
from oracle.risk.limits import RiskSettings
from oracle.strategy.declared import DeclaredStrategy

MOMENTUM = ROOT / "strategies" / "momentum.yaml"

#: edit: (what is replaced, by what, whether the plan stays the same)
EDITS = {
    "a comment": ("min_hold_days: 5", "# Five sessions outlast the noise.\nmin_hold_days: 5   # a week", True),
    "the order of keys": (
        "entry:\n  long: trend and momentum > 0 and rank(momentum) <= hold\n  priority: momentum\n",
        "entry:\n  priority: momentum\n  long: trend and momentum > 0 and rank(momentum) <= hold\n",
        True,
    ),
    "the description": ("Hold the strongest stocks", "Keep the strongest of the stocks", True),
    "a test": ("expect: {entries: [AAPL]}", "expect: {entries: [AAPL], exits: none}", True),
    "a range": ("range: [21, 252], step: 21", "range: [42, 252], step: 42", True),
    "the name of a feature": ("trend", "uptrend", True),
    "a number": ("sma(close, 200)", "sma(close, 150)", False),
    "the default of a param": ("default: 126", "default: 147", False),
    "a function": ("sma(close, 200)", "ema(close, 200)", False),
    "an operator": ("momentum > 0", "momentum >= 0", False),
    "the sizing": ("max_position: 40%", "max_position: 30%", False),
    "the universe": ("[AAPL, FB, GOOG, IBM, MSFT]", "[AAPL, FB, GOOG, IBM, MSFT, ORCL]", False),
    # Beyond the twelve: what else is no part of a plan, and what is.
    "the name": ("name: momentum\n", "name: dual_momentum\n", True),
    "the mode": ("mode: paper", "mode: off", True),
    "spaces in an expression": ("close > sma(close, 200)", "(close  >  sma( close,200 ))", True),
    "a number written otherwise": ("100_000", "100000", True),
    "a feature that nothing reads": ("features:\n", "features:\n  idle: close > open\n", True),
    "an exit": ("stop_loss: 15%", "stop_loss: 14%", False),
    "the least hold": ("min_hold_days: 5", "min_hold_days: 6", False),
    "the type of orders": ("order_type: market", "order_type: limit, limit_offset: 1%", False),
    "the order of conditions of equal meaning": ("and momentum > 0 and", "and 0 < momentum and", False),
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_changes_the_plan_hash_or_not(edit: str) -> None:
    old, new, is_same = EDITS[edit]
    text = MOMENTUM.read_text(encoding="utf-8")
    assert old in text
    edited = text.replace(old, new)
    assert edited != text
    plans = [DeclaredStrategy(each).plan.hash for each in (text, edited)]
    assert (plans[0] == plans[1]) is is_same


def run_id(
    text: str | Path = MOMENTUM,
    *,
    limits: RiskSettings | None = None,
    settings: Settings | None = None,
    benchmark: str | None = None,
    bars: Prepared | None = None,
    capital: float = 100_000,
) -> str:
    engine = RustEngine(limits=limits, settings=settings, waive=("vix",), benchmark=benchmark)
    return engine.run(DeclaredStrategy(text), demo() if bars is None else bars, capital).run_id


def test_a_moved_and_renamed_file_is_the_same_run(tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere" / "other.yaml"
    moved.parent.mkdir()
    moved.write_text("# moved\n" + MOMENTUM.read_text(encoding="utf-8"), encoding="utf-8")
    assert run_id(moved) == run_id(MOMENTUM) == run_id(MOMENTUM.read_text(encoding="utf-8"))


def test_another_process_and_folder_gives_the_same_run(tmp_path: Path) -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[2]); from test_identity import *; print(run_id(Path(sys.argv[1])))\n"
    )
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SA_")}
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests"), clean.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", code, str(MOMENTUM), str(Path(__file__).parent)],
        cwd=tmp_path, env={**clean, "PYTHONPATH": paths, "PYTHONHASHSEED": "7"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == run_id()


def test_everything_a_result_depends_on_is_in_its_id() -> None:
    shipped = bootstrap.limits()
    tighter = RiskSettings.from_yaml(
        ROOT / "config" / "risk_limits.yaml", {"SA_RISK__POSITION_LIMITS__MAX_POSITION": "4%"}
    )
    busier = replace(demo(), volume=demo().volume + 1.0)
    variants = {
        "the run": run_id(),
        "limits": run_id(limits=shipped),
        "tighter limits": run_id(limits=tighter),
        "commission": run_id(settings=simulated({"commission": {"model": "bps", "rate": "10bps"}})),
        "slippage": run_id(settings=simulated({"slippage": {"model": "bps", "rate": "9bps"}})),
        "participation": run_id(settings=simulated({"max_participation": "5%"})),
        "buffer": run_id(settings=simulated({"cash_buffer": "2%"})),
        "resumption": run_id(settings=simulated({"resume_after": "30"})),
        "capital": run_id(capital=100_001),
        "benchmark": run_id(benchmark="IBM"),
        "prices": run_id(bars=busier),
        "fewer bars": run_id(bars=until(demo(), date(2013, 2, 27))),
        "actions": run_id(bars=replace(demo(), action_dividend=demo().action_dividend * 2.0)),
        "another plan": run_id(MOMENTUM.read_text(encoding="utf-8").replace("sma(close, 200)", "sma(close, 199)")),
    }
    assert len(set(variants.values())) == len(variants), "two of them are one"


def simulated(simulation: dict[str, object]) -> Settings:
    return Settings.model_validate({"simulation": simulation})


def test_an_override_of_a_limit_is_in_the_policy_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    hashes = set()
    for value in (None, "5%", "4%"):
        env = {} if value is None else {"SA_RISK__POSITION_LIMITS__MAX_POSITION": value}
        limits = RiskSettings.from_yaml(ROOT / "config" / "risk_limits.yaml", env)
        engine = RustEngine(limits=limits, waive=("vix",))
        hashes.add(engine.run(DeclaredStrategy(MOMENTUM), demo()).policy_hash)
    assert len(hashes) == 2, "5% is what the file says"


def test_the_id_travels_with_a_saved_result(tmp_path: Path) -> None:
    run = RustEngine().run(DeclaredStrategy(MOMENTUM), demo())
    document = json.loads((run.save(tmp_path) / "result.json").read_text(encoding="utf-8"))
    assert document["run_id"] == run.run_id
    assert document["plan_hash"] == DeclaredStrategy(MOMENTUM).plan.hash
