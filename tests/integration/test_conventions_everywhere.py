"""Conventions reach every kind of run, and are part of what a trial and a sweep are known by."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from market import ROOT, demo, only

import oracle
from oracle.backtesting.conventions import conventions as costs
from oracle.backtesting.conventions import settled
from oracle.backtesting.rust_engine import RustEngine
from oracle.backtesting.walk_forward.windows import Scheme
from oracle.cli.app import run
from oracle.core.config import Settings
from oracle.core.errors import DataError, RangeError
from oracle.data.demo import demo_bars
from oracle.data.frame import Prepared
from oracle.strategy.declared import DeclaredStrategy

TEXT = """
schema: 1
name: crossing
universe: {symbols: [AAPL, MSFT]}
params: {fast: {default: 10, choices: [10, 20]}}
entry: {long: "sma(close, fast) > sma(close, 100)"}
exit: {when: "sma(close, fast) < sma(close, 100)"}
sizing: {method: equal_weight, max_positions: 2}
"""
UNDER_LEAN = TEXT + "execution: {conventions: lean}\n"
START = date(2008, 1, 1)


def strategy(text: str = TEXT) -> DeclaredStrategy:
    return DeclaredStrategy(text)


def bars() -> Prepared:
    return only(demo(), "AAPL", "IBM", "MSFT")


def test_the_api_takes_them_as_the_file_does() -> None:
    free = {"limits": oracle.NO_LIMITS, "start": START}
    said = oracle.backtest(strategy(), bars(), conventions="lean", **free)  # type: ignore[arg-type]  # keywords of several types
    written = oracle.backtest(strategy(UNDER_LEAN), bars(), **free)  # type: ignore[arg-type]  # keywords of several types
    native = oracle.backtest(strategy(), bars(), **free)  # type: ignore[arg-type]  # keywords of several types
    assert said.fills.equals(written.fills)
    assert said.trial == written.trial
    assert (said.run_id == written.run_id, said.run_id == native.run_id) == (True, False)
    assert said.trial.conventions_hash != native.trial.conventions_hash
    walks = {
        words: oracle.walk_forward(
            strategy(), bars(), scheme=Scheme(24, 12, 12), limits=oracle.NO_LIMITS, start=START, conventions=words
        )
        for words in (None, "lean")
    }
    by_file = oracle.walk_forward(
        strategy(UNDER_LEAN), bars(), scheme=Scheme(24, 12, 12), limits=oracle.NO_LIMITS, start=START
    )
    assert walks["lean"].equity.equals(by_file.equity)
    assert not walks["lean"].equity.equals(walks[None].equity)


@pytest.mark.parametrize("command", ["walk-forward", "rank"])
def test_commands_take_them(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, found = tmp_path / "demo.parquet", []
    demo_bars().write_parquet(data)
    short = ["--train", "36", "--test", "24", "--step", "24", "--no-limits", "--json", "--data", str(data)]
    path = tmp_path / "crossing.yaml"
    for text, more in ((TEXT, []), (TEXT, ["--conventions", "lean"]), (UNDER_LEAN, [])):
        path.write_text(text, encoding="utf-8")
        assert run([command, str(path), *short, *more]) in (0, 1)
        (result,) = json.loads(capsys.readouterr().out)
        found.append(result.get("walk_forward", result)["metrics"])
    assert found[1] == found[2] != found[0]
    assert run([command, str(path), *short, "--conventions", "mt4"]) == 3
    assert "found mt4; expected native, backtrader" in capsys.readouterr().err


def test_words_of_one_meaning_are_one_run() -> None:
    assert settled("native") == settled("native, fill=next_open") == settled("cash=cut") == "native"
    assert settled("lean") == settled("lean,fill=open_or_close") != settled("lean,fill=next_open")
    assert settled(settled("zipline")) == settled("zipline")
    with pytest.raises(RangeError):
        settled("mt4")
    ids = {
        RustEngine(conventions=words).run(strategy(), bars(), start=START).run_id
        for words in (None, "native", "native,fill=next_open")
    }
    assert len(ids) == 1


def test_settings_of_one_meaning_are_one_run() -> None:
    shipped = Settings.from_yaml(ROOT / "config" / "settings.yaml", {})
    assert costs(shipped.simulation) == costs(Settings().simulation)
    written = ("1", "1.0", "1.00", Decimal("1E0"))
    told = [costs(Settings.model_validate({"simulation": {"commission": {"minimum": m}}}).simulation) for m in written]
    assert all(each == told[0] for each in told)
    assert told[0]["commission"]["minimum_usd"] == "1"  # type: ignore[index]  # a mapping of model and amounts
    floors = [{"interest": {"benchmark": [{"rate": "4%"}], "floor": amount}} for amount in (10_000, Decimal("1E4"))]
    texts = [costs(Settings.model_validate({"simulation": each}).simulation)["interest"] for each in floors]
    assert texts[0] == texts[1]
    assert texts[0]["floor_usd"] == "10000"  # type: ignore[index]  # a mapping of model and amounts
    plain = RustEngine(waive=shipped.simulation.waive)
    assert RustEngine(settings=shipped).run(strategy(), bars()).run_id == plain.run(strategy(), bars()).run_id


def swept(folder: Path, data: Prepared, **how: str) -> None:
    oracle.sweep(strategy(), data, folder=folder, limits=oracle.NO_LIMITS, start=START, **how)  # type: ignore[arg-type]  # keywords of several types


def test_a_journal_knows_the_conventions_and_the_benchmarks_bars(tmp_path: Path) -> None:
    folder, data = tmp_path / "sweep", bars()
    swept(folder, data, benchmark="IBM")
    swept(folder, data, benchmark="IBM", conventions="native")
    with pytest.raises(DataError, match="the conventions differ"):
        swept(folder, data, benchmark="IBM", conventions="lean")
    with pytest.raises(DataError, match="the benchmark differ"):
        swept(folder, data)
    low, high = data.offsets[1], data.offsets[2]
    volume = data.volume.copy()
    volume[low:high] += 1.0
    assert data.symbols[1] == "IBM"
    with pytest.raises(DataError, match="the benchmark differ"):
        swept(folder, replace(data, volume=volume), benchmark="IBM")
