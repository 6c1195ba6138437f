"""Hourly and minute strategies from bars to tear sheet: sessions, warm-up, stops, reports."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

import oracle
from oracle.backtesting.result import BacktestRun
from oracle.backtesting.rust_engine import RustEngine
from oracle.core.errors import RunError

PUBLISHED = Path(__file__).parents[1] / "golden" / "published"


def intraday(name: str) -> pl.DataFrame:
    bars = pl.read_csv(PUBLISHED / name, try_parse_dates=True).rename({"bar_start": "timestamp"})
    return bars.drop("price_factor") if "price_factor" in bars.columns else bars


STRATEGY = """schema: 1
name: {name}
universe: {{symbols: [{symbols}]}}
timeframe: {timeframe}
entry: {{long: "ema(close, {fast}) > ema(close, {slow})"}}
exit: {{when: "ema(close, {fast}) < ema(close, {slow})", stop_loss: {stop}, trailing_stop: {stop}}}
min_hold_days: 2
sizing: {{method: fixed_fraction, fraction: 40%}}
"""


def hourly() -> BacktestRun:
    text = STRATEGY.format(name="hourly_cross", symbols="SPY", timeframe="1Hour", fast=2, slow=5, stop="0.5%")
    return RustEngine().run(oracle.load_strategy(text), intraday("lean_spy_hourly.csv"))


def minutes() -> BacktestRun:
    text = STRATEGY.format(name="minute_cross", symbols="BAC, SPY", timeframe="1Min", fast=10, slow=60, stop="0.3%")
    return RustEngine().run(oracle.load_strategy(text), intraday("lean_minute.csv.gz"))


@pytest.mark.parametrize("run", [hourly, minutes])
def test_a_tear_sheet_of_bars_within_the_day(run: Callable[[], BacktestRun], tmp_path: Path) -> None:
    result = run()
    assert len(result.fills) > 1
    page = result.to_html(tmp_path / "sheet.html").read_text(encoding="utf-8")
    assert result.strategy in page
    assert "2013-10" in page
    assert result.summary()
    assert len(result.by_month()) == 1
    saved = BacktestRun.load(result.save(tmp_path / "result"))
    assert saved.equity.equals(result.equity)


def test_equity_has_a_row_per_bar_and_metrics_one_return_per_session() -> None:
    result = minutes()
    assert len(result.equity) == 1950
    # The starting point is the first bar of five sessions, so that each of them has a return.
    returns = result._session_returns()["return"].to_numpy()
    assert len(returns) == 5
    assert (1.0 + returns).prod() - 1.0 == pytest.approx(result.metrics["total_return"])
    assert result.metrics["sharpe"] == pytest.approx(returns.mean() / returns.std(ddof=1) * 252**0.5)
    assert result.metrics["volatility"] == pytest.approx(returns.std(ddof=1) * 252**0.5)
    assert result.evidence.sessions == 5
    assert result.by_month()["return"].to_list() == pytest.approx([result.metrics["total_return"]])
    worst = (result.equity["equity"] - result.equity["cash"] - result.equity["positions_value"]).abs().max()
    assert worst is not None
    assert worst < 1e-6


def test_nothing_is_decided_before_the_slow_average_is_warm() -> None:
    result = minutes()
    first = result.equity["timestamp"][0]
    # The average of 60 bars has a value at bar 60; the order fills at the open of bar 61.
    assert result.fills["filled_at"].min() >= first + pl.Series([60]).cast(pl.Duration("ns"))[0]
    assert result.orders["decided_at"].min() == result.equity["timestamp"][59]


def test_stops_work_within_the_minutes_of_the_session_they_were_entered_in() -> None:
    result = minutes()
    stopped = result.trades.filter(pl.col("reason").is_in(["stop_loss", "trailing_stop"]))
    assert len(stopped) > 0
    assert (stopped["sessions_held"] == 0).any()


def test_rule_exits_wait_for_the_minimum_hold_in_sessions() -> None:
    result = minutes()
    ruled = result.trades.filter(pl.col("reason") == "exit_rule")
    assert (ruled["sessions_held"] >= 2).all()


def test_bars_of_another_length_are_refused() -> None:
    text = STRATEGY.format(name="x", symbols="SPY", timeframe="1Day", fast=2, slow=5, stop="1%")
    with pytest.raises(RunError, match="1Hour"):
        RustEngine().run(oracle.load_strategy(text), intraday("lean_spy_hourly.csv"))


@pytest.mark.parametrize("conventions", ["native", "backtrader", "vectorbt", "lean", "zipline"])
def test_every_profile_runs_on_a_panel_of_minutes(conventions: str) -> None:
    text = STRATEGY.format(name="minute_cross", symbols="BAC, SPY", timeframe="1Min", fast=10, slow=60, stop="0.3%")
    result = RustEngine(conventions=conventions).run(oracle.load_strategy(text), intraday("lean_minute.csv.gz"))
    assert len(result.fills) > 1
    decided, filled = result.orders["decided_at"][0], result.fills["filled_at"][0]
    is_same_bar = conventions in ("vectorbt", "lean")
    assert (filled == decided) == is_same_bar
