"""A sweep's rows are those of plain backtests, whatever the threads, the memory, the order and the interruptions."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from market import ROOT, TRIALS, demo, only

import oracle
from oracle.backtesting.sweep.result import SweepResult
from oracle.backtesting.sweep.space import written
from oracle.core.config import Settings
from oracle.strategy.declared import DeclaredStrategy

STOPS = """
schema: 1
name: stops
universe: {symbols: [AAPL, IBM, MSFT]}
params:
  fast: {default: 10, choices: [10, 20]}
  slow: {default: 50, range: [50, 100], step: 50}
  stop: {default: 8%, choices: [5%, 8%]}
  risk: {default: 2%, choices: [1%, 2%]}
  hold: {default: 60d, choices: [20d, 60d]}
features: {f: "sma(close, fast)", s: "sma(close, slow)"}
entry: {long: "f > s and rank(roc(close, fast)) <= 2", priority: "roc(close, slow)"}
exit: {when: f < s, stop_loss: stop, trailing_stop: "3 * atr(14)", max_hold: hold}
sizing: {method: risk_per_trade, fraction: risk, max_positions: 2}
"""
STYLES = {
    "stops": (STOPS, ()),
    "momentum": ((ROOT / "strategies" / "momentum.yaml").read_text(encoding="utf-8"), ("lookback=63,126", "hold=1,2")),
}


def swept(style: str, limited: bool, **settings: object) -> SweepResult:
    text, grid = STYLES[style]
    return oracle.sweep(
        DeclaredStrategy(text),
        demo(),
        grid=grid,
        limits=None if limited else oracle.NO_LIMITS,
        waive=("vix", "sector"),
        metrics=("exposure", "time_in_market", "turnover", "alpha", "tail_ratio", "value_at_risk"),
        start=date(2004, 1, 1),
        **settings,  # type: ignore[arg-type]  # each test names keywords of its own
    )


@pytest.mark.parametrize("limited", [False, True])
@pytest.mark.parametrize("style", STYLES)
def test_each_row_is_a_backtest_bit_for_bit(style: str, limited: bool) -> None:
    result = swept(style, limited)
    assert result.frame.height == result.space.size
    limits = None if limited else oracle.NO_LIMITS
    for row in result.frame.iter_rows(named=True):
        strategy = DeclaredStrategy(STYLES[style][0], result.binding(row))
        run = oracle.backtest(strategy, demo(), limits=limits, waive=("vix", "sector"), start=date(2004, 1, 1))
        assert row["plan_hash"] == run.plan_hash
        assert (row["trades"], row["final_equity"]) == (run.trade_count, run.final_equity)
        for name in set(result.frame.columns) & set(run.metrics):
            assert row[name] == run.metrics[name], (row["binding"], name)
        returns = run._session_returns()["return"].to_numpy()
        assert len(returns) == result.sessions
        length = len(returns) // result.blocks
        blocks = returns[len(returns) - length * result.blocks :].reshape(result.blocks, length)
        np.testing.assert_allclose(row["block_sums"], blocks.sum(axis=1), rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(row["block_squares"], (blocks**2).sum(axis=1), rtol=1e-9, atol=1e-15)


def test_threads_memory_and_earlier_columns_change_nothing(tmp_path: Path) -> None:
    tiny = Settings.from_yaml(ROOT / "config" / "settings.yaml", {"SA_SWEEP__MEMORY": "1 MB"})
    ways = {
        "one": swept("stops", False, threads=1),
        "many": swept("stops", False, threads=7),
        "narrow": swept("stops", False, settings=tiny),
    }
    files = {name: result.save(tmp_path / name) for name, result in ways.items()}
    for file in ("results.parquet", "sweep.json"):
        assert len({(folder / file).read_bytes() for folder in files.values()}) == 1, file


def test_each_symbol_by_itself_is_a_strategy_of_one_symbol() -> None:
    strategy = DeclaredStrategy(STOPS)
    result = oracle.sweep(
        strategy, demo(), grid=("stop=8%", "risk=2%", "hold=60d"), each_symbol=True, limits=oracle.NO_LIMITS
    )
    for row in result.frame.iter_rows(named=True):
        alone = []
        for symbol in result.symbols:
            text = STOPS.replace("[AAPL, IBM, MSFT]", f"[{symbol}]")
            one = DeclaredStrategy(text, result.binding(row))
            alone.append(oracle.backtest(one, only(demo(), symbol), limits=oracle.NO_LIMITS).metrics["sharpe"])
        assert all(value is not None for value in alone)
        assert row["sharpe"] == sorted(alone)[1], "the median of three"  # type: ignore[type-var]  # none is None
    assert result.best_run is None
    assert result.per_symbol is not None
    assert result.per_symbol.height == 3 * result.frame.height


def test_the_winner_alone_is_the_winner_and_its_evidence_counts_every_trial() -> None:
    result = swept("momentum", False)
    assert result.best is not None
    assert result.best_run is not None
    assert result.best_run.sharpe == result.best["sharpe"] == result.frame["sharpe"].max()
    assert result.best_run.plan_hash == result.best["plan_hash"]
    assert result.evidence is not None
    assert result.evidence.trials is not None
    assert result.evidence.trials >= result.frame.height
    assert result.overfitting is not None
    assert 0 <= result.overfitting.probability <= 1


def test_a_condition_keeps_bad_params_from_running_and_bad_results_from_winning() -> None:
    free = swept("stops", False)
    where = "fast < slow and stop < 8% and (trades < 1 or sharpe < 0.3)"
    result = swept("stops", False, where=where)
    assert result.frame["stop"].unique().to_list() == [0.05]
    assert result.frame.height == free.frame.height // 2
    fit = [row["sharpe"] is not None and (row["trades"] < 1 or row["sharpe"] < 0.3) for row in result.frame.to_dicts()]
    assert result.frame["feasible"].to_list() == fit
    best = result.best
    assert best is None or best["sharpe"] < 0.3
    nothing = swept("stops", False, where="trades < 0")
    assert nothing.best is None
    assert "No combination" in nothing.summary()
    with pytest.raises(oracle.OracleError, match="lets no combination run"):
        swept("stops", False, where="fast > slow")


def test_random_and_tpe_are_seeded_and_go_on_where_they_stopped(tmp_path: Path) -> None:
    for method in ("random", "tpe"):
        first = swept("stops", False, method=method, trials=14, seed=3)
        again = swept("stops", False, method=method, trials=14, seed=3, threads=3)
        assert first.frame.height == 14
        assert first.frame.equals(again.frame), method
        # Five trials are in the journal when the search of fourteen begins.
        folder = tmp_path / method
        swept("stops", False, method=method, trials=5, seed=3, folder=folder)
        size = (folder / "journal.rows").stat().st_size
        resumed = swept("stops", False, method=method, trials=14, seed=3, folder=folder)
        assert resumed.frame.equals(first.frame)
        assert (folder / "journal.rows").stat().st_size > size
    assert not swept("stops", False, method="random", trials=14, seed=4).frame.equals(first.frame)


SCRIPT = """
import sys, os, signal, time
import oracle
from market import demo
from oracle.strategy.declared import DeclaredStrategy
text, folder, pause, *grid = sys.argv[1:]
def told(done, total):
    print(done, total, flush=True)
    time.sleep(float(pause))
oracle.sweep(DeclaredStrategy(text), demo(), grid=grid, folder=folder, limits=oracle.NO_LIMITS, progress=told)
"""


def start(
    folder: Path, pause: float = 0.0, grid: tuple[str, ...] = ("fast=5..44:1", "risk=1%,2%")
) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RAYON_")}
    environment |= {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}", TRIALS: os.environ[TRIALS]}
    command = [sys.executable, "-c", SCRIPT, STOPS, str(folder), str(pause), *grid]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(folder: Path) -> None:
    with start(folder) as process:
        _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_sweep_that_is_stopped_goes_on_and_ends_with_the_same_bytes(how: signal.Signals, tmp_path: Path) -> None:
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    finish(whole)
    with start(stopped, pause=0.05) as process:
        assert process.stdout is not None
        for line in process.stdout:
            done, total = map(int, line.split())
            if 0 < total // 3 < done:
                process.send_signal(how)
                break
        process.communicate()
    assert process.returncode != 0
    assert not (stopped / "results.parquet").exists()
    kept = (stopped / "journal.rows").stat().st_size
    assert kept < (whole / "journal.rows").stat().st_size
    finish(stopped)
    for file in ("results.parquet", "sweep.json"):
        assert (stopped / file).read_bytes() == (whole / file).read_bytes(), file


def test_ctrl_c_is_heard_inside_the_engine(tmp_path: Path) -> None:
    # Half a million runs would take far longer than the test waits.
    with start(
        tmp_path / "s", grid=("fast=2..501:1", "slow=502..1001:1", "risk=1%,2%", "stop=8%", "hold=60d")
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "KeyboardInterrupt" in errors


def test_saved_results_load_and_the_folder_of_another_sweep_is_refused(tmp_path: Path) -> None:
    result = swept("momentum", False, folder=tmp_path / "s")
    loaded = SweepResult.load(tmp_path / "s")
    assert loaded.frame.equals(result.frame)
    assert loaded.to_dict() == result.to_dict()
    assert loaded.best_run is None
    with pytest.raises(oracle.DataError, match="conventions differ"):
        swept("momentum", True, folder=tmp_path / "s")
    with pytest.raises(oracle.DataError, match="no sweep here"):
        SweepResult.load(tmp_path)


def test_minute_bars_are_scored_at_session_closes() -> None:
    import polars as pl

    chance = np.random.default_rng(5)
    days = [date(2024, 1, day) for day in (2, 3, 4, 5, 8, 9, 10, 11, 12)]
    begin = np.timedelta64(14 * 60 + 30, "m")
    stamps = np.array([np.datetime64(day, "ns") + begin + np.timedelta64(m, "m") for day in days for m in range(390)])
    close = 100 * np.exp(np.cumsum(chance.normal(0, 0.001, len(stamps))))
    frame = pl.DataFrame(
        {"symbol": ["AAA"] * len(stamps), "timestamp": pl.Series(stamps).dt.replace_time_zone("UTC"), "open": close,
         "high": close * 1.0005, "low": close * 0.9995, "close": close, "volume": [1e6] * len(stamps)}
    )  # fmt: skip
    text = (
        "schema: 1\nname: minutes\nuniverse: {symbols: [AAA]}\ntimeframe: 1Min\n"
        "params: {fast: {default: 10, choices: [5, 10, 20]}}\n"
        'entry: {long: "close > sma(close, fast)", short: "close < 99.9% * sma(close, fast)"}\n'
        'exit: {long: "close < sma(close, fast)", short: "close > sma(close, fast)"}\n'
    )
    held = ("exposure", "time_in_market")
    result = oracle.sweep(DeclaredStrategy(text), frame, limits=oracle.NO_LIMITS, metrics=held)
    assert result.sessions == len(days)
    for row in result.frame.iter_rows(named=True):
        run = oracle.backtest(DeclaredStrategy(text, result.binding(row)), frame, limits=oracle.NO_LIMITS)
        for name in ("sharpe", "max_drawdown", "exposure", "time_in_market", "total_return"):
            assert row[name] == run.metrics[name], name
        assert row["final_equity"] == run.final_equity


def test_the_binding_of_a_row_is_what_set_takes() -> None:
    result = swept("momentum", False)
    for row in result.frame.iter_rows(named=True):
        assert row["binding"] == written(result.binding(row))
        assert all(math.isfinite(row[name]) for name in ("lookback", "hold"))
