"""Groups, drift, equal risk, additions, partial exits and rests through other engines: every difference is named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import polars as pl
import pytest

import oracle
from oracle.backtesting.others import OTHER_ENGINES, other_engine
from oracle.backtesting.result import BacktestRun
from oracle.backtesting.rust_engine import RustEngine
from oracle.backtesting.verify import CENT, verify
from oracle.core.config import Settings
from oracle.core.errors import UsageError
from oracle.data.demo import demo_bars
from oracle.data.frame import Prepared, prepare

START = date(2006, 1, 3)
HEAD = "schema: 1\nname: held\nuniverse: {symbols: [AAPL, GOOG, IBM, MSFT]}\n"

GROUPS = """features: {momentum: "change_ratio(close, 126)", trend: "close > sma(close, 200)"}
portfolio:
  rebalance: monthly
  gross: 95%
  groups:
    growth:
      share: 60%
      members: [AAPL, GOOG]
      select: top 1 by momentum where trend
      weight: inverse_volatility(60)
    old:
      share: "if(symbol(\\"IBM\\", close > sma(close, 200)), 40%, 20%)"
      members: [IBM, MSFT]
      groups:
        blue: {share: 50%, members: [IBM]}
        soft: {share: 50%, members: [MSFT]}
"""
DRIFT = """portfolio:
  select: all
  rebalance: on drift
  corridor: {absolute: 5%, relative: 20%}
  to: TO
  gross: 90%
"""
PARITY = """portfolio:
  select: all where close > sma(close, 100)
  weight: risk_parity(60)
  rebalance: monthly
  corridor: 2%
"""
PARITY_RULES = """entry: {long: "close > sma(close, 50)", priority: "change_ratio(close, 60)"}
exit: {when: "close < sma(close, 50)"}
sizing: {method: risk_parity, max_positions: 3}
"""
ADDITIONS = """entry:
  long: "close > highest(lag(high, 1), 20)"
  scale_in: {when: "close > position.last_entry_price + 0.5 * atr(20)", times: 3, size: 50%}
exit: {when: "close < lowest(lag(low, 1), 10)", stop_loss: 2 * atr(20), take_profit: 20%}
sizing: {method: fixed_fraction, fraction: 10%}
"""
PARTS = """entry: {long: "close > sma(close, 50)"}
exit:
  when: "close < sma(close, 50)"
  stop_loss: 4%
  take_profit: 15%
  partial:
    - {when: position.profit > 5%, close: 50%}
    - {when: position.profit > 10%, close: 50%}
sizing: {method: fixed_fraction, fraction: 20%}
"""
RESTS = """entry: {long: "close > sma(close, 20)", short: "close < sma(close, 20)", cooldown: 14d}
exit: {stop_loss: 3%, trailing_stop: 5%, take_profit: 6%, max_hold: 20d}
sizing: {method: fixed_fraction, fraction: 15%}
"""
ALL_OF_IT = """entry:
  long: "close > highest(lag(high, 1), 20)"
  short: "close < lowest(lag(low, 1), 20)"
  scale_in: {when: position.profit > 3%, times: 2, size: 50%}
  cooldown: 5s
exit:
  when: "position.from_best < -8%"
  stop_loss: 2 * atr(20)
  partial:
    - {when: position.profit > 10%, close: 50%}
    - {when: position.profit > 20%, close: 50%}
sizing: {method: fixed_fraction, fraction: 10%}
"""
SHORT_TARGETS = """features: {momentum: "change_ratio(close, 60)"}
portfolio:
  select: all
  weight: "if(momentum > 0, 30%, -15%)"
  rebalance: weekly
  corridor: {relative: 20%}
"""
ADDITIONS_FIRST = """entry:
  long: "close > highest(lag(high, 1), 10)"
  priority: "change_ratio(close, 20)"
  scale_in: {when: "close > position.last_entry_price + 0.5 * atr(20)", times: 3, size: 100%}
exit: {when: "rsi(close, 14) > 70", stop_loss: 2 * atr(14), take_profit: 15%}
sizing: {method: risk_parity, max_positions: 3}
execution: {order_type: limit, limit_offset: 0.1%}
"""
SHORT_OF_CASH = """entry:
  long: "rsi(close, 14) < 40"
  priority: "change_ratio(close, 20)"
  scale_in: {when: position.bars_since_entry >= 3, times: 4, size: 50%}
  cooldown: 3s
exit: {stop_loss: 5%, take_profit: 15%, max_hold: 10s}
sizing: {method: fixed_fraction, fraction: 40%, round_lot: 10}
"""
#: By name: the strategy, and reasons of fills without which the run would show nothing.
STRATEGIES = {
    "groups": (GROUPS, {"rebalance"}),
    "groups_with_stops": (GROUPS + "exit: {stop_loss: 8%}\n", {"rebalance", "stop_loss"}),
    "groups_in_parts_of_shares": (GROUPS + "sizing: {fractional: true}\n", {"rebalance"}),
    "drift_to_target": (DRIFT.replace("TO", "target"), {"rebalance"}),
    "drift_to_edge": (DRIFT.replace("TO", "edge") + "exit: {trailing_stop: 15%}\n", {"rebalance", "trailing_stop"}),
    "equal_risk": (PARITY, {"rebalance"}),
    "equal_risk_of_rules": (PARITY_RULES, {"exit_rule"}),
    "additions": (ADDITIONS, {"scale_in", "stop_loss", "take_profit"}),
    "additions_at_stop_limits": (
        ADDITIONS + "execution: {order_type: stop_limit, stop_offset: 0.3%, limit_offset: 0.1%}\n",
        {"scale_in", "stop_loss"},
    ),
    "partial_exits": (PARTS, {"partial_exit", "stop_loss", "exit_rule"}),
    "rests": (RESTS, {"stop_loss", "trailing_stop", "take_profit", "max_hold"}),
    "all_of_it": (ALL_OF_IT, {"scale_in", "partial_exit", "stop_loss", "exit_rule"}),
    "additions_by_priority": (ADDITIONS_FIRST, {"scale_in", "stop_loss", "exit_rule"}),
    "short_of_cash": (SHORT_OF_CASH, {"scale_in", "max_hold", "take_profit"}),
    "parts_of_shares": (
        PARTS.replace(
            "{method: fixed_fraction, fraction: 20%}", "{method: fixed_shares, shares: 300, fractional: true}"
        ),
        {"partial_exit", "stop_loss"},
    ),
    "short_targets": (SHORT_TARGETS, {"rebalance"}),
}


@pytest.fixture(scope="module")
def bars() -> Prepared:
    return prepare(demo_bars())


def natively(text: str, bars: Prepared, settings: Settings) -> Callable[[str], BacktestRun]:
    strategy = oracle.load_strategy(HEAD + text)
    return lambda words: RustEngine(settings=settings, conventions=words).run(strategy, bars, start=START)


@pytest.mark.parametrize("against", OTHER_ENGINES)
@pytest.mark.parametrize("name", STRATEGIES)
def test_every_difference_is_one_of_a_convention(name: str, against: str, bars: Prepared) -> None:
    text, reasons = STRATEGIES[name]
    settings = Settings()
    other = other_engine(against, settings)
    theirs = other.run(oracle.load_strategy(HEAD + text), bars, start=START)
    assert reasons <= set(theirs.fills["reason"].to_list())
    found = verify(natively(text, bars, settings), theirs, against, "native", other.conventions)
    assert found.fills > 30
    assert found.unexplained == ()
    assert sum(len(part.vanished) for part in found.explained) + len(found.rounded) >= len(found.differences)
    # What rounding to a millionth of a dollar comes to.
    assert found.worst_usd < 2 * CENT


@pytest.mark.parametrize("against", OTHER_ENGINES)
@pytest.mark.parametrize("name", ["groups", "additions", "all_of_it"])
def test_orders_that_fill_in_parts_agree_too(name: str, against: str, bars: Prepared) -> None:
    settings = Settings.model_validate({"simulation": {"max_participation": "0.02%"}})
    other, text = other_engine(against, settings), STRATEGIES[name][0]
    theirs = other.run(oracle.load_strategy(HEAD + text), bars, start=START)
    found = verify(natively(text, bars, settings), theirs, against, "native", other.conventions)
    assert found.unexplained == ()


SHORTS = """entry: {short: "close < sma(close, 50)"}
exit:
  stop_loss: 2 * atr(14)
  trailing_stop: 5%
  partial: [{when: position.from_best < -3%, close: 50%}, {when: position.bars_held > 5, close: 25%}]
sizing: {method: fixed_fraction, fraction: 15%}
"""


def test_a_stop_stands_aside_for_a_whole_bar_though_a_split_sends_it_after_the_exit(bars: Prepared) -> None:
    """MSFT splits on 2003-02-18: the partial exit decided before and the stop are restated, the exit first."""
    other, strategy = other_engine("backtrader"), oracle.load_strategy(HEAD + SHORTS)
    period = {"start": date(2003, 1, 3), "end": date(2003, 6, 30)}
    theirs = other.run(strategy, bars, **period)
    split = theirs.fills.filter((pl.col("symbol") == "MSFT") & (pl.col("filled_at") == date(2003, 2, 18)))
    assert split["reason"].to_list() == ["partial_exit"]
    found = verify(
        lambda words: RustEngine(conventions=words).run(strategy, bars, **period),
        theirs,
        "backtrader",
        "native",
        other.conventions,
    )
    assert found.unexplained == ()


def test_vectorbt_lends_nothing(bars: Prepared) -> None:
    text = """entry: {long: "close > sma(close, 20)", short: "close < sma(close, 20)"}
exit: {max_hold: 20s}
sizing: {method: fixed_fraction, fraction: 50%, fractional: true}
"""
    strategy = oracle.load_strategy(HEAD + text)
    with pytest.raises(UsageError, match=r"vectorbt lends nothing: .* USD on 20\d\d-\d\d-\d\d"):
        other_engine("vectorbt").run(strategy, bars, start=START)


def test_a_limit_exit_beside_stops_is_refused_by_backtrader_alone(bars: Prepared) -> None:
    limit = "execution: {exit: limit, limit_offset: 0.1%}\n"
    with pytest.raises(UsageError, match="limit exit beside stops"):
        other_engine("backtrader").run(oracle.load_strategy(HEAD + PARTS + limit), bars, start=START)
    without_stops = PARTS.replace("  stop_loss: 4%\n  take_profit: 15%\n", "") + limit
    for against, text in (("vectorbt", PARTS + limit), ("vectorbt", without_stops), ("backtrader", without_stops)):
        other = other_engine(against)
        theirs = other.run(oracle.load_strategy(HEAD + text), bars, start=START)
        found = verify(natively(text, bars, Settings()), theirs, against, "native", other.conventions)
        assert found.unexplained == ()
