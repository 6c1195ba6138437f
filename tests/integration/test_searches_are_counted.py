"""Walk-forwards, rankings and sweeps in real trial ledgers: what they add, what they do not, and what reports say."""

from __future__ import annotations

import json
import math
import sqlite3
import statistics
from pathlib import Path
from typing import Any

import pytest
from market import ROOT, TRIALS, demo, only

import oracle
from oracle import bootstrap
from oracle.backtesting.trials import TrialLedger
from oracle.backtesting.walk_forward.result import WalkForward, to_json
from oracle.backtesting.walk_forward.windows import Scheme
from oracle.cli.app import run
from oracle.data.demo import demo_bars
from oracle.strategy.declared import DeclaredStrategy

TEXT = """
schema: 1
name: crossing
universe: {symbols: [AAPL, IBM, MSFT], sectors: {AAPL: technology, IBM: technology, MSFT: technology}}
params:
  fast: {default: 10, choices: [5, 10]}
  slow: {default: 100, choices: [50, 100, 200]}
entry: {long: "sma(close, fast) > sma(close, slow)"}
exit: {when: "sma(close, fast) < sma(close, slow)", stop_loss: 10%}
sizing: {method: equal_weight, max_positions: 3}
"""
PLAIN = TEXT.replace("{default: 10, choices: [5, 10]}", "{default: 10}").replace(
    "{default: 100, choices: [50, 100, 200]}", "{default: 100}"
)
SCHEME = Scheme(36, 24, 24)
KEYS = {
    "lineage", "trials", "sessions", "sharpe", "probabilistic_sharpe", "deflated_sharpe",
    "expected_maximum_sharpe", "minimum_track_record_length",
}  # fmt: skip


@pytest.fixture(autouse=True)
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "ledger" / "trials.sqlite"
    monkeypatch.setenv(TRIALS, str(path))
    return path


@pytest.fixture(scope="module")
def prices(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("bars") / "demo.parquet"
    demo_bars().write_parquet(path)
    return str(path)


def walk(text: str = TEXT, scheme: Scheme = SCHEME, *grid: str) -> WalkForward:
    bars = only(demo(), "AAPL", "IBM", "MSFT")
    return oracle.walk_forward(DeclaredStrategy(text), bars, scheme=scheme, grid=grid, limits=oracle.NO_LIMITS)


def backtest(text: str = TEXT, **bind: str) -> oracle.BacktestRun:
    bars = only(demo(), "AAPL", "IBM", "MSFT")
    return oracle.backtest(DeclaredStrategy(text, bind), bars, limits=oracle.NO_LIMITS)


def sweep(**how: Any) -> oracle.SweepResult:
    bars = only(demo(), "AAPL", "IBM", "MSFT")
    return oracle.sweep(DeclaredStrategy(TEXT), bars, limits=oracle.NO_LIMITS, **how)


def writes(ledger: Path) -> int:
    """How many transactions have changed the file: SQLite counts them in its header."""
    return int.from_bytes(ledger.read_bytes()[24:28], "big")


def test_a_walk_counts_each_combination_once_and_itself_in_one_transaction(ledger: Path) -> None:
    first = walk()
    assert first.evidence.trials == 6 + 1
    assert writes(ledger) == 1
    before = ledger.read_bytes()
    again = walk()
    assert to_json([again]) == to_json([first])
    assert ledger.read_bytes() == before, "a re-walk needs no right to write"


def test_the_deflated_ratio_of_the_curve_is_judged_against_the_lineage(ledger: Path) -> None:
    found = walk()
    known = TrialLedger(ledger).evidence(str(found.evidence.lineage))
    evidence = found.evidence
    assert known.trials == evidence.trials == 7
    assert evidence.sessions == found.equity.height - 1
    returns = found.equity["return"].drop_nulls().to_numpy()
    sharpe, skewness = returns.mean() / returns.std(ddof=1), float(((returns - returns.mean()) ** 3).mean())
    skewness /= returns.std() ** 3
    kurtosis = float(((returns - returns.mean()) ** 4).mean()) / returns.std() ** 4
    deviation = math.sqrt((1 - skewness * sharpe + (kurtosis - 1) / 4 * sharpe**2) / (len(returns) - 1))
    normal, gamma = statistics.NormalDist(), 0.5772156649015329
    luck = math.sqrt(known.sharpe_variance) * (
        (1 - gamma) * normal.inv_cdf(1 - 1 / 7) + gamma * normal.inv_cdf(1 - 1 / (7 * math.e))
    )
    assert evidence.probabilistic_sharpe == pytest.approx(normal.cdf(sharpe / deviation))
    assert evidence.deflated_sharpe == pytest.approx(normal.cdf((sharpe - luck) / deviation))


def test_the_same_combinations_backtested_or_swept_are_the_same_trials() -> None:
    assert walk().evidence.trials == 7
    assert backtest(fast="5", slow="200").evidence.trials == 7
    swept = sweep()
    assert swept.evidence is not None
    assert swept.evidence.trials == 7
    assert backtest(fast="7", slow="200").evidence.trials == 8


@pytest.mark.parametrize("profile", ["native", "backtrader", "vectorbt", "lean", "zipline"])
def test_a_trial_has_the_ratio_of_its_returns_whoever_defines_the_metrics(
    ledger: Path, tmp_path: Path, profile: str
) -> None:
    bars = only(demo(), "AAPL", "IBM", "MSFT")
    asked: dict[str, Any] = {"limits": oracle.NO_LIMITS, "conventions": profile}
    run = oracle.backtest(DeclaredStrategy(TEXT), bars, **asked)
    evidence = run.evidence
    returns = run._returns
    assert evidence.sharpe == pytest.approx(float(returns.mean() / returns.std(ddof=1)) * math.sqrt(252))

    def ratio() -> float:
        with sqlite3.connect(ledger) as entries:
            ((found,),) = entries.execute(
                "SELECT sharpe_per_period FROM trial WHERE plan_hash = ?", (run.plan_hash,)
            ).fetchall()
        return float(found)

    by_itself = ratio()
    ledger.unlink()
    oracle.sweep(DeclaredStrategy(TEXT), bars, folder=tmp_path / "sweep", **asked)
    assert ratio() == pytest.approx(by_itself, rel=1e-9)


def test_sweeping_first_and_walking_then_comes_to_the_same_count() -> None:
    swept = sweep()
    assert swept.evidence is not None
    assert swept.evidence.trials == 6
    assert walk().evidence.trials == 7


def test_another_scheme_is_one_more_and_other_values_are_themselves_and_one_more() -> None:
    assert walk().evidence.trials == 7
    assert walk(TEXT, Scheme(24, 12, 12)).evidence.trials == 8
    assert walk(TEXT, SCHEME, "fast=5,10,20").evidence.trials == 8 + 3 + 1


def test_a_walk_without_params_is_one_trial_and_deflates_nothing() -> None:
    found = walk(PLAIN)
    assert found.evidence.trials == 1
    assert found.evidence.deflated_sharpe == found.evidence.probabilistic_sharpe
    assert backtest(PLAIN).evidence.trials == 1, "its plan on these data is that very trial"


def test_a_rename_and_an_edit_stay_in_the_lineage(capsys: pytest.CaptureFixture[str]) -> None:
    first = walk()
    renamed = walk(TEXT.replace("name: crossing", "name: fresh"))
    assert renamed.evidence.lineage == first.evidence.lineage
    assert renamed.evidence.trials == 7
    capsys.readouterr()
    edited = walk(TEXT.replace("stop_loss: 10%", "stop_loss: 5%"))
    assert edited.evidence.lineage == first.evidence.lineage
    assert edited.evidence.trials == 14
    assert "counted with crossing-" in capsys.readouterr().err


def test_a_ledger_that_cannot_be_written_stops_no_walk(ledger: Path, capsys: pytest.CaptureFixture[str]) -> None:
    counted = walk()
    ledger.unlink()
    ledger.parent.rmdir()
    ledger.parent.write_text("a file where a folder should be")
    found = walk()
    assert "crossing: its number of trials is unknown: D301" in capsys.readouterr().err
    assert found.to_dict() == counted.to_dict()
    shown = found.evidence.to_dict()
    assert [shown[key] for key in ("trials", "lineage", "deflated_sharpe", "expected_maximum_sharpe")] == [None] * 4
    assert shown["probabilistic_sharpe"] == counted.evidence.probabilistic_sharpe
    assert "deflated unknown (number of trials unknown)" in found.summary()


def test_the_engine_alone_counts_nothing(ledger: Path) -> None:
    bars = only(demo(), "AAPL", "IBM", "MSFT")
    bootstrap.engine(no_limits=True).walk_forward(DeclaredStrategy(TEXT), bars, 1e5, 36, 24, 24)
    assert not ledger.exists()


def test_evidence_is_no_part_of_what_a_walk_saves(tmp_path: Path) -> None:
    found = walk()
    saved = json.loads((found.save(tmp_path / "walk") / "walk_forward.json").read_text())
    assert "evidence" not in saved
    assert "evidence" not in found.to_dict()


def test_thousands_of_trials_are_one_transaction(ledger: Path) -> None:
    swept = sweep(grid=("fast=2..41:1", "slow=50..149:2"))
    assert swept.evidence is not None
    assert swept.evidence.trials == 2_000
    assert writes(ledger) == 1


def test_each_symbol_by_itself_is_a_trial_of_its_own_and_the_same_as_a_backtest_of_it(ledger: Path) -> None:
    result = sweep(each_symbol=True)
    assert result.evidence is not None
    assert result.evidence.trials == 6 * 3
    assert writes(ledger) == 1
    binding = result.binding()
    found = []
    for symbol in ("AAPL", "IBM", "MSFT"):
        text = TEXT.replace("[AAPL, IBM, MSFT]", f"[{symbol}]")
        text = text.replace("{AAPL: technology, IBM: technology, MSFT: technology}", f"{{{symbol}: technology}}")
        alone = oracle.backtest(DeclaredStrategy(text, binding), only(demo(), symbol), limits=oracle.NO_LIMITS)
        assert alone.evidence.trials == 18, "one of them"
        found.append(alone.evidence)
    for name in ("probabilistic_sharpe", "deflated_sharpe", "expected_maximum_sharpe", "sessions"):
        assert getattr(result.evidence, name) == pytest.approx(statistics.median(getattr(one, name) for one in found))
    needed = sorted(one.minimum_track_record_length or math.inf for one in found)
    assert result.evidence.minimum_track_record_length == (needed[1] if math.isfinite(needed[1]) else None)
    assert "18 trials of crossing-" in result.summary()
    assert "medians over 3 symbols" in result.summary()
    assert result.judgement()["best"]["trials"] == 18


def test_every_report_prints_both_ratios_and_the_count(
    tmp_path: Path, prices: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "crossing.yaml"
    path.write_text(TEXT)
    beside = ["--data", prices, "--no-limits"]
    windows = ["--train", "36", "--test", "24", "--step", "24"]
    commands = {
        "backtest": ["backtest", str(path), *beside],
        "walk": ["walk-forward", str(path), *beside, *windows],
        "rank": ["rank", str(path), *beside, *windows],
        "sweep": ["sweep", str(path), *beside, "--out", str(tmp_path / "swept")],
        "each": ["sweep", str(path), *beside, "--each-symbol", "--out", str(tmp_path / "each")],
    }
    trials = {"backtest": 1, "walk": 7, "rank": 7, "sweep": 7, "each": 25}
    for name, command in commands.items():
        page = tmp_path / f"{name}.html"
        assert run([*command, "--report", str(page)]) in (0, 1), name
        text, html = capsys.readouterr().out, page.read_text(encoding="utf-8")
        count = f"{trials[name]} trial{'s' if trials[name] > 1 else ''} of crossing-"
        assert count in text, name
        assert count in html, name
        for words in (text.lower(), html.lower()):
            assert "probabilistic sharpe" in words, name
            assert "deflated" in words, name
        assert run([*command, "--json"]) in (0, 1), name
        shown = json.loads(capsys.readouterr().out)
        found = (shown if isinstance(shown, dict) else shown[0])["evidence"]
        found = found.get("best", found)
        assert set(found) == KEYS, name
        assert found["trials"] == trials[name]
        assert 0 <= found["deflated_sharpe"] <= found["probabilistic_sharpe"] <= 1


def test_a_ranking_counts_each_strategy_under_its_own_lineage(
    prices: str, ledger: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shipped = [str(ROOT / "strategies" / name) for name in ("momentum.yaml", "breakout.yaml")]
    options = ["--data", prices, "--no-limits", "--train", "36", "--test", "24", "--step", "24", "--json"]
    assert run(["rank", *shipped, *options]) in (0, 1)
    cards = {card["strategy"]: card for card in json.loads(capsys.readouterr().out)}
    lineages = {name: card["evidence"]["lineage"] for name, card in cards.items()}
    assert len(set(lineages.values())) == 2
    for name, card in cards.items():
        assert lineages[name].startswith(f"{name}-")
        assert card["evidence"]["trials"] == TrialLedger(ledger).evidence(lineages[name]).trials > 1


def test_a_rule_may_name_a_symbol_of_the_universe_where_each_runs_by_itself() -> None:
    rule = "sma(close, fast) > sma(close, slow)"
    named = TEXT.replace(rule, f'{rule} and symbol(\\"IBM\\", close > sma(close, 200))', 1)
    bars = only(demo(), "AAPL", "IBM", "MSFT")
    result = oracle.sweep(
        DeclaredStrategy(named), bars, each_symbol=True, limits=oracle.NO_LIMITS, grid=("fast=5", "slow=50")
    )
    assert result.evidence is not None
    assert result.evidence.trials == 3
    rows = (
        {row["symbol"]: row for row in result.per_symbol.iter_rows(named=True)} if result.per_symbol is not None else {}
    )
    for symbol in ("AAPL", "IBM", "MSFT"):
        strategy = DeclaredStrategy(named, {"fast": "5", "slow": "50"}).alone(symbol, {"fast": "5", "slow": "50"})
        assert strategy is not None
        run = oracle.backtest(strategy, only(demo(), *{symbol, "IBM"}), limits=oracle.NO_LIMITS)
        assert run.metrics["sharpe"] == rows[symbol]["sharpe"]
        assert run.plan_hash == rows[symbol]["plan_hash"]
        assert run.evidence.trials == 3
