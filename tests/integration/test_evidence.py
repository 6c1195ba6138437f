"""Evidence: what every run says of its own worth, from the command line and from Python."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from command import printed
from market import ROOT, SHIPPED, TRIALS, demo

import oracle
from oracle import bootstrap
from oracle.backtesting.evidence import count
from oracle.backtesting.result import BacktestRun, to_json
from oracle.backtesting.rust_engine import RustEngine
from oracle.backtesting.statistics.deflated_sharpe import deflated_sharpe_ratio
from oracle.backtesting.trials import TrialLedger
from oracle.bootstrap import demonstration
from oracle.data.demo import demo_path
from oracle.data.importer import import_files
from oracle.data.store import BarStore
from oracle.strategy.declared import DeclaredStrategy

MOMENTUM = ROOT / "strategies" / "momentum.yaml"
KEYS = {
    "lineage", "trials", "sessions", "sharpe", "probabilistic_sharpe", "deflated_sharpe",
    "expected_maximum_sharpe", "minimum_track_record_length",
}  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("store")
    import_files([demo_path()], BarStore(folder))
    return folder


@pytest.fixture
def trials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "ledger" / "trials.sqlite"
    monkeypatch.setenv(TRIALS, str(path))
    return path


def test_the_first_run_counts_itself_and_a_re_run_prints_the_same_bytes(store: Path, trials: Path) -> None:
    first = printed(store, [MOMENTUM])
    (result,) = json.loads(first)
    assert set(result["evidence"]) == KEYS
    assert result["evidence"]["trials"] == 1
    assert result["evidence"]["deflated_sharpe"] == result["evidence"]["probabilistic_sharpe"]
    assert printed(store, [MOMENTUM]) == first
    assert printed(store, [MOMENTUM], RAYON_NUM_THREADS="1") == first
    assert trials.exists()


def test_variants_in_one_call_are_counted_before_any_of_them_is_printed(
    store: Path, trials: Path, tmp_path: Path
) -> None:
    variants = []
    for length in (100, 150, 200):
        path = tmp_path / f"v{length}.yaml"
        text = MOMENTUM.read_text().replace("name: momentum\n", f"name: v{length}\n")
        path.write_text(text.replace("sma(close, 200)", f"sma(close, {length})").split("tests:")[0])
        variants.append(path)
    first = printed(store, variants)
    assert [result["evidence"]["trials"] for result in json.loads(first)] == [3, 3, 3]
    assert printed(store, variants) == first
    assert len({result["evidence"]["lineage"] for result in json.loads(first)}) == 1


def test_more_trials_deflate(trials: Path) -> None:
    ratios = []
    for lookback in ("21", "126", "252"):
        strategy = oracle.load_strategy(MOMENTUM, {"lookback": lookback})
        run = oracle.backtest(strategy, demo(), limits=oracle.NO_LIMITS)
        assert run.evidence.trials == len(ratios) + 1
        ratios.append(run.trial.sharpe_per_period)
    assert None not in ratios
    mean = sum(ratios) / 3
    variance = sum((ratio - mean) ** 2 for ratio in ratios) / 2
    moments = run._moments
    assert moments is not None
    assert run.metrics["sharpe"] == pytest.approx(ratios[-1] * math.sqrt(252))
    expected = deflated_sharpe_ratio(ratios[-1], 3269, moments.skewness, moments.kurtosis, 3, variance)
    assert run.evidence.deflated_sharpe == pytest.approx(expected)
    assert run.evidence.probabilistic_sharpe is not None
    assert run.evidence.deflated_sharpe is not None
    assert run.evidence.deflated_sharpe < run.evidence.probabilistic_sharpe


def test_what_changes_no_result_makes_no_trial(trials: Path) -> None:
    strategy = oracle.load_strategy(MOMENTUM)
    for benchmark in (None, "IBM"):
        assert oracle.backtest(strategy, demo(), limits=oracle.NO_LIMITS, benchmark=benchmark).evidence.trials == 1
    again = oracle.load_strategy(MOMENTUM.read_text().replace("name: momentum\n", "name: renamed\n"))
    assert oracle.backtest(again, demo(), limits=oracle.NO_LIMITS).evidence.trials == 1


def test_what_changes_a_result_makes_one(trials: Path) -> None:
    strategy = oracle.load_strategy(MOMENTUM)
    found = [
        oracle.backtest(strategy, demo(), limits=oracle.NO_LIMITS).evidence.trials,
        oracle.backtest(strategy, demo(), waive=("vix",)).evidence.trials,
        oracle.backtest(strategy, demo(), limits=oracle.NO_LIMITS, capital=1e6).evidence.trials,
        oracle.backtest(
            strategy, demo(), limits=oracle.NO_LIMITS,
            settings=oracle.Settings.model_validate({"simulation": {"slippage": {"model": "zero"}}}),
        ).evidence.trials,
    ]  # fmt: skip
    assert found == [1, 2, 3, 4]


def test_an_announced_lineage_goes_to_stderr_alone(trials: Path, capsys: pytest.CaptureFixture[str]) -> None:
    oracle.backtest(oracle.load_strategy(MOMENTUM), demo(), limits=oracle.NO_LIMITS)
    assert capsys.readouterr() == ("", "")
    edited = oracle.load_strategy(MOMENTUM.read_text().replace("sma(close, 200)", "sma(close, 180)").split("tests:")[0])
    oracle.backtest(edited, demo(), limits=oracle.NO_LIMITS)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "momentum: counted with momentum-" in shown.err


def test_a_ledger_that_cannot_be_written_spoils_nothing_and_counts_as_unknown(
    trials: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trials.parent.write_text("a file where a folder should be")
    run = oracle.backtest(oracle.load_strategy(MOMENTUM), demo(), limits=oracle.NO_LIMITS)
    assert "momentum: its number of trials is unknown: D301" in capsys.readouterr().err
    shown = run.evidence.to_dict()
    assert [shown[key] for key in ("trials", "lineage", "deflated_sharpe", "expected_maximum_sharpe")] == [None] * 4
    assert run.evidence.probabilistic_sharpe is not None
    assert "number of trials unknown" in run.summary()


def test_a_ledger_that_breaks_afterwards_is_unknown_too(tmp_path: Path) -> None:
    path, said = tmp_path / "trials.sqlite", []
    run = RustEngine().run(DeclaredStrategy(MOMENTUM), demo())
    count(DeclaredStrategy(MOMENTUM), [run], TrialLedger(path), said.append)
    assert said == []
    path.write_bytes(b"x" * 5000)
    assert run.evidence.trials is None
    assert len(said) == 1


def test_an_uncounted_run_has_unknown_trials() -> None:
    run = RustEngine().run(DeclaredStrategy(MOMENTUM), demo())
    assert run.evidence.trials is None
    assert run.evidence.sessions == 3269


def test_evidence_is_outside_the_result(trials: Path, tmp_path: Path) -> None:
    strategy = oracle.load_strategy(MOMENTUM)
    counted = oracle.backtest(strategy, demo(), limits=oracle.NO_LIMITS)
    plain = bootstrap.engine(no_limits=True).run(strategy, demo())
    assert counted.run_id == plain.run_id
    assert counted.to_dict() == plain.to_dict()
    folders = [run.save(tmp_path / name) for name, run in (("a", counted), ("b", plain))]
    assert (folders[0] / "result.json").read_bytes() == (folders[1] / "result.json").read_bytes()
    again = BacktestRun.load(folders[0])
    assert again.evidence.trials is None
    assert json.loads(to_json([counted]))[0]["evidence"]["trials"] == 1
    with pytest.raises(oracle.DataError, match="run it again"):
        _ = again.trial


def test_a_strategy_that_never_trades_is_a_trial_without_a_ratio(trials: Path) -> None:
    never = oracle.load_strategy("schema: 1\nname: never\nuniverse: {symbols: [IBM]}\nentry: {long: close > 100_000}\n")
    evidence = oracle.backtest(never, demo(), limits=oracle.NO_LIMITS).evidence
    assert (evidence.trials, evidence.probabilistic_sharpe, evidence.minimum_track_record_length) == (1, None, None)
    assert "no Sharpe ratio to judge (1 trial of never-" in evidence.summary()


def test_tests_have_a_ledger_of_their_own() -> None:
    run = oracle.backtest(oracle.load_strategy(SHIPPED[0]), demo(), limits=oracle.NO_LIMITS)
    assert run.evidence.trials is not None
    assert Path(bootstrap.settings().data.trials).parent.name.startswith("oracle-trials-")


def test_the_demo_leaves_no_trials(tmp_path: Path, trials: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SA_DATA__STORE", str(tmp_path / "bars"))
    shown = demonstration.demo(tmp_path / "reports")
    assert not trials.exists()
    assert {row.limited.evidence.trials for row in shown.rows} == {2}
