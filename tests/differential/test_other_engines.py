"""The shipped strategies through the broker simulations of backtrader and vectorbt: no difference stays unexplained."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from market import ROOT, SHIPPED

import oracle
from oracle.backtesting.driven_engine import DrivenEngine
from oracle.backtesting.others import OTHER_ENGINES, other_engine
from oracle.backtesting.result import BacktestRun
from oracle.backtesting.rust_engine import RustEngine
from oracle.backtesting.verify import CENT, verify
from oracle.bootstrap import verify_strategy
from oracle.core.config import Settings
from oracle.core.errors import RunError, UsageError
from oracle.data.demo import demo_bars
from oracle.data.frame import Prepared, prepare

PUBLISHED = ROOT / "tests" / "golden" / "published"


@pytest.fixture(scope="module")
def bars() -> Prepared:
    return prepare(demo_bars())


@pytest.mark.parametrize("against", OTHER_ENGINES)
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_no_difference_of_a_shipped_strategy_stays_unexplained(path: Path, against: str, bars: Prepared) -> None:
    found = verify_strategy(oracle.load_strategy(path), bars, against)
    assert found.fills > 50
    assert found.unexplained == ()
    assert found.rounded == ()
    assert found.worst_usd < CENT
    explained = sum(len(part.vanished) for part in found.explained)
    assert explained == len(found.differences)
    assert json.loads(json.dumps(found.to_dict()))["unexplained"] == []
    assert "0 unexplained" in found.summary() or "no difference" in found.summary()


SHORTS = """schema: 1
name: both_sides
universe: {symbols: [AAPL, IBM, MSFT]}
entry: {long: "close > sma(close, 20)", short: "close < sma(close, 50)", priority: "rsi(close, 14)"}
exit: {stop_loss: 4%, take_profit: 6%, max_hold: 15s}
sizing: {method: fixed_fraction, fraction: 30%}
"""


@pytest.mark.parametrize("against", OTHER_ENGINES)
@pytest.mark.parametrize("execution", ["", "execution: {order_type: stop, stop_offset: 0.5%}\n"])
def test_shorts_stops_and_targets_agree_too(against: str, execution: str, bars: Prepared) -> None:
    found = verify_strategy(oracle.load_strategy(SHORTS + execution), bars, against, start=date(2008, 1, 2))
    assert found.fills > 300
    assert found.unexplained == ()
    # Rounding to a millionth of a dollar, a thousand times.
    assert found.worst_usd < 2 * CENT


def minute_bars() -> pl.DataFrame:
    return pl.read_csv(PUBLISHED / "lean_minute.csv.gz", try_parse_dates=True).rename({"bar_start": "timestamp"})


MINUTES = """schema: 1
name: minute_cross
universe: {symbols: [BAC, SPY]}
timeframe: 1Min
entry: {long: "ema(close, 10) > ema(close, 60)"}
exit: {when: "ema(close, 10) < ema(close, 60)", stop_loss: 0.3%, take_profit: 0.6%}
min_hold_days: 2
sizing: {method: fixed_fraction, fraction: 30%}
"""


@pytest.mark.parametrize("against", OTHER_ENGINES)
def test_a_panel_of_minutes_agrees(against: str) -> None:
    found = verify_strategy(oracle.load_strategy(MINUTES), prepare(minute_bars()), against)
    assert found.fills > 3
    assert found.unexplained == ()


# Two rules of partial fills cannot be expressed there: an entry that waits for the rest of an exit, the rest of a stop.
LONG_ONLY = """schema: 1
name: long_only
universe: {symbols: [AAPL, IBM, MSFT]}
entry: {long: "close > sma(close, 20)"}
exit: {when: "close < sma(close, 20)"}
sizing: {method: fixed_fraction, fraction: 30%}
"""

SETTINGS = {
    "parts": {"simulation": {"max_participation": "0.002%"}},
    "nights": {"simulation": {"borrow_rate": "1%", "interest": {"benchmark": [{"rate": "4%"}]}}},
    "regulatory": {"simulation": {"commission": {"model": "bps", "rate": "10bps", "regulatory_fees": "true"}}},
}


@pytest.mark.parametrize("against", OTHER_ENGINES)
@pytest.mark.parametrize("name", SETTINGS)
def test_other_costs_agree_too(name: str, against: str, bars: Prepared) -> None:
    settings, start = Settings.model_validate(SETTINGS[name]), date(2010, 1, 4)
    strategy = oracle.load_strategy(LONG_ONLY if name == "parts" else SHORTS)
    other = other_engine(against, settings)

    def run(conventions: str) -> BacktestRun:
        return RustEngine(settings=settings, conventions=conventions).run(strategy, bars, start=start)

    found = verify(run, other.run(strategy, bars, start=start), against, "native", other.conventions)
    assert found.fills > 150
    assert found.unexplained == ()


def test_a_library_that_is_not_there_is_named() -> None:
    class Missing(DrivenEngine):
        library = "no_such_library_of_ours"
        conventions = "native"

        def _trade(self, driver: Any, grid: Any, costs: Any, capital: float) -> Any:
            raise AssertionError

    with pytest.raises(RunError, match="no_such_library_of_ours is not installed"):
        Missing()
    with pytest.raises(UsageError, match="no engine to compare with"):
        other_engine("metatrader")


def test_costs_without_words_are_refused(bars: Prepared) -> None:
    from oracle.backtesting.backtrader_engine import BacktraderEngine

    tiered = Settings.model_validate({"simulation": {"commission": {"model": "tiered"}}})
    with pytest.raises(UsageError, match="tiered"):
        BacktraderEngine(settings=tiered).run(oracle.load_strategy(SHIPPED[0]), bars)
