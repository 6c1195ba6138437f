"""A result: what is saved comes back, what is said of it agrees with its frames, and none of it is not a number."""

from __future__ import annotations

import json
import math
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from market import ROOT, SHIPPED, demo

from oracle import bootstrap
from oracle.backtesting.result import FRAMES, BacktestRun, to_json
from oracle.backtesting.rust_engine import RustEngine
from oracle.core.errors import DataError, RangeError
from oracle.strategy.declared import DeclaredStrategy

NEVER = """
schema: 1
name: never
universe: {symbols: [IBM]}
timeframe: 1Day
entry: {long: close > 100_000}
exit: {max_hold: 5s}
"""


@cache
def result_of(name: str, limited: bool = True) -> BacktestRun:
    engine = RustEngine(limits=bootstrap.limits(), waive=("vix",)) if limited else RustEngine()
    return engine.run(DeclaredStrategy(ROOT / "strategies" / f"{name}.yaml"), demo())


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_saved_result_comes_back_whole(path: Path, tmp_path: Path) -> None:
    run = result_of(path.stem)
    again = BacktestRun.load(run.save(tmp_path / "deep" / path.stem))
    assert again.to_dict() == run.to_dict()
    assert again.summary() == run.summary()
    for name in FRAMES:
        mine, other = getattr(run, name), getattr(again, name)
        assert mine.schema == other.schema, name
        assert mine.equals(other), name
    assert again.by_month().equals(run.by_month())
    second = BacktestRun.load(again.save(tmp_path / "second"))
    assert second.to_dict() == run.to_dict()


def test_the_same_result_is_saved_as_the_same_bytes(tmp_path: Path) -> None:
    folders = [result_of("breakout").save(tmp_path / name) for name in ("a", "b")]
    files = [sorted(path.name for path in folder.iterdir()) for folder in folders]
    assert files[0] == files[1] == sorted(["result.json", *(f"{name}.parquet" for name in FRAMES)])
    for name in files[0]:
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes(), name


def test_a_folder_without_a_result_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no result\.json"):
        BacktestRun.load(tmp_path)
    (tmp_path / "result.json").write_text('{"format": 99}', encoding="utf-8")
    with pytest.raises(DataError, match="another format"):
        BacktestRun.load(tmp_path)


def test_a_run_without_trades_is_a_result_too(tmp_path: Path) -> None:
    run = RustEngine().run(DeclaredStrategy(NEVER), demo())
    assert (run.trade_count, run.final_equity) == (0, 100_000.0)
    for name in ("orders", "fills", "trades", "signals", "verdicts"):
        assert getattr(run, name).is_empty(), name
    text = to_json([run])
    document = json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))
    metrics = document[0]["metrics"]
    assert metrics["total_return"] == 0.0
    assert metrics["win_rate"] is None
    assert metrics["profit_factor"] is None
    assert BacktestRun.load(run.save(tmp_path)).to_dict() == run.to_dict()
    assert "never" in run.summary()
    assert run.to_html(tmp_path / "never.html").stat().st_size > 1000


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
@pytest.mark.parametrize("limited", [True, False], ids=["limits", "no_limits"])
def test_metrics_are_those_of_the_frames(path: Path, limited: bool) -> None:
    """Against NumPy, on the result's own frames; the definitions are in the metric's words."""
    run = result_of(path.stem, limited)
    equity = run.equity["equity"].to_numpy()
    returns = np.diff(equity) / equity[:-1]
    close = {"rel": 1e-9, "abs": 1e-12}
    total = equity[-1] / equity[0] - 1.0
    fall = (equity / np.maximum.accumulate(equity) - 1.0).min()
    annual = (1.0 + total) ** (252.0 / len(returns)) - 1.0
    downside = math.sqrt(float(np.mean(np.minimum(returns, 0.0) ** 2)) * 252.0)
    expected = {
        "total_return": total,
        "annual_return": annual,
        "volatility": returns.std(ddof=1) * math.sqrt(252.0),
        "sharpe": returns.mean() / returns.std(ddof=1) * math.sqrt(252.0),
        "sortino": returns.mean() * 252.0 / downside,
        "max_drawdown": fall,
        "calmar": annual / -fall,
        "value_at_risk": np.percentile(returns, 5),
        "tail_ratio": abs(np.percentile(returns, 95)) / abs(np.percentile(returns, 5)),
    }
    pnl = run.trades.filter(pl.col("exit_time").is_not_null())["pnl"].to_numpy()
    expected |= {
        "win_rate": float((pnl > 0).mean()),
        "profit_factor": pnl[pnl > 0].sum() / -pnl[pnl < 0].sum(),
        "expectancy_usd": pnl.mean(),
        "exposure": run.equity["gross_exposure"].mean(),
        "time_in_market": float((run.equity["gross_exposure"].to_numpy() > 0).mean()),
        "turnover": (run.fills["price"] * run.fills["quantity"]).sum() / equity.mean() * 252.0 / len(equity),
    }
    for name, value in expected.items():
        loose = {"exposure", "time_in_market", "turnover"}  # whether the first row counts is a matter of taste
        tolerance = {"rel": 1e-3} if name in loose else close
        assert run.metrics[name] == pytest.approx(value, **tolerance), name
    assert run.final_equity == equity[-1]
    assert (run.equity["equity"] - run.equity["cash"] - run.equity["positions_value"]).abs().max() < 1e-6
    assert run.drawdown["drawdown"].to_numpy() == pytest.approx(equity / np.maximum.accumulate(equity) - 1.0, abs=1e-12)
    assert run.trade_count == run.trades.height


def test_the_dates_of_the_deepest_drawdown_are_rows_of_equity() -> None:
    run = result_of("momentum")
    rows = run.equity["timestamp"].to_list()
    stamps = (run.max_drawdown_peak, run.max_drawdown_trough, run.max_drawdown_recovery)
    peak, trough, recovery = (None if stamp is None else rows.index(stamp.date()) for stamp in stamps)
    equity = run.equity["equity"].to_numpy()
    assert peak is not None
    assert trough is not None
    assert equity[trough] / equity[peak] - 1.0 == pytest.approx(run.max_drawdown, abs=1e-12)
    assert equity[: trough + 1].max() == equity[peak]
    if recovery is not None:
        assert equity[recovery] >= equity[peak]
        assert (equity[peak + 1 : recovery] < equity[peak]).all()
    assert run.to_dict()["max_drawdown_dates"]["trough"] == rows[trough].isoformat()


def by_hand() -> BacktestRun:
    """Two months of two years, by hand: +10%, -5%; +20%, then nothing."""
    days = [date(2020, 11, 30), date(2020, 12, 1), date(2020, 12, 31), date(2021, 1, 4), date(2021, 1, 29)]
    equity = pl.DataFrame(
        {
            "timestamp": days,
            "equity": [100.0, 110.0, 104.5, 125.4, 125.4],
            "benchmark": [100.0, 100.0, 101.0, 101.0, 202.0],
            "drawdown": [0.0, 0.0, -0.05, 0.0, 0.0],
        }
    )
    return BacktestRun.of(
        lambda name: {"equity": equity}[name],
        lambda: "id",
        strategy="by_hand", plan_hash="0" * 64, policy_hash=None, start=None, end=None, initial_capital=100.0,
        final_equity=125.4, metrics={}, trade_count=0, verdict_counts={}, waived=(), notes=(),
    )  # fmt: skip


def test_tables_by_month_and_year() -> None:
    run = by_hand()
    # November has the starting point alone. December: 1.10 x 0.95 = 1.045; January: 1.20 x 1.
    months = run.by_month()
    assert months["month"].to_list() == [12, 1]
    assert months["return"].to_list() == pytest.approx([0.045, 0.2])
    years = run.by_year()
    assert years["year"].to_list() == [2020, 2021]
    assert years["return"].to_list() == pytest.approx([0.045, 0.2])
    assert years["benchmark_return"].to_list() == pytest.approx([0.01, 1.0])
    assert years["drawdown"].to_list() == [-0.05, 0.0]


def test_the_years_of_a_run_compound_to_its_total() -> None:
    run = result_of("swing_momentum")
    for table in (run.by_year(), run.by_month()):
        assert (1.0 + table["return"]).product() == pytest.approx(run.final_equity / run.initial_capital, rel=1e-9)


@pytest.mark.parametrize("capital", [0.0, -1.0, math.nan, math.inf, 1e12, True])
def test_a_capital_that_is_none_is_refused(capital: float) -> None:
    with pytest.raises(RangeError):
        RustEngine().run(DeclaredStrategy(NEVER), demo(), capital)


def test_a_period_without_bars_is_refused() -> None:
    with pytest.raises(RangeError, match="no bar"):
        RustEngine().run(DeclaredStrategy(NEVER), demo(), start=date(2030, 1, 1))
