"""No look-ahead: what is known after n bars is the first part of what is known after all of them, bit for bit."""

from __future__ import annotations

import random
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from market import SHIPPED, days, demo, until
from trials import CAPITAL, Trial, engine_of, run_of, trials

from oracle import bootstrap
from oracle import indicators as ta
from oracle.backtesting.result import BacktestRun
from oracle.backtesting.rust_engine import RustEngine
from oracle.data.frame import Prepared
from oracle.signals import catalog
from oracle.strategy.declared import DeclaredStrategy

Column = npt.NDArray[np.float64]

CUTS = 200
TIME_SERIES = [function for function in catalog.functions() if function.kind == "time_series"]
OTHERS = sorted(function.name for function in catalog.functions() if function.kind != "time_series")

#: What each function that is not a time series is tried on, as a strategy file writes it; all give a number.
EXPRESSIONS = {
    "abs": "abs(change_ratio(close, 5))",
    "bottom": "if(bottom(change_ratio(close, 63), 2), 1, 0)",
    "breadth": "breadth(close > sma(close, 50))",
    "bucket": "bucket(change_ratio(close, 63), 3)",
    "clip": "clip(close, sma(close, 20), highest(close, 50))",
    "coalesce": "coalesce(sma(close, 200), close)",
    "count_members": "count_members(close > sma(close, 50))",
    "cs_mean": "cs_mean(change_ratio(close, 63))",
    "cs_median": "cs_median(change_ratio(close, 63))",
    "cs_quantile": "cs_quantile(change_ratio(close, 63), 0.25)",
    "cs_sum": "cs_sum(volume)",
    "cs_zscore": "cs_zscore(change_ratio(close, 63), mask=close > 20)",
    "day_of_week": "day_of_week()",
    "demean": "demean(change_ratio(close, 63), by=sector)",
    "exp": "exp(change_ratio(close, 5))",
    "if": "if(close > sma(close, 50), close, sma(close, 50))",
    "is_missing": "if(is_missing(sma(close, 150)), 1, 0)",
    "is_month_end": "if(is_month_end(), 1, 0)",
    "log": "log(close / sma(close, 50))",
    "max": "max(close, sma(close, 20))",
    "min": "min(close, sma(close, 20))",
    "month": "month()",
    "percentile": "percentile(change_ratio(close, 63), by=sector)",
    "rank": "rank(change_ratio(close, 63))",
    "sessions_to_month_end": "sessions_to_month_end()",
    "sign": "sign(close - sma(close, 20))",
    "sqrt": "sqrt(abs(change_ratio(close, 5)))",
    "top": "if(top(change_ratio(close, 63), 2, by=sector), 1, 0)",
    "winsorize": "winsorize(change_ratio(close, 63), 0.2)",
}
#: And what changes the context of an expression, or remembers.
CONTEXTS = {
    "at a week": 'at("1Week", sma(close, 10))',
    "at a month": 'at("1Month", highest(high, 3))',
    "of another symbol": 'symbol("IBM", sma(close, 20))',
    "a level far back": "lag(close, 250)",
    "adjusted levels": "highest(high, 120) - lowest(low, 120)",
    "dollar volume": "sma(close * volume, 20)",
}

TRIAL = """
schema: 1
name: trial
universe:
  symbols: [AAPL, FB, GOOG, IBM, MSFT]
  sectors: {{AAPL: devices, FB: web, GOOG: web, IBM: devices, MSFT: devices}}
timeframe: 1Day
entry:
  long: day_of_week() == 1 or day_of_week() == 3 or day_of_week() == 5
  priority: {expression}
exit: {{max_hold: 3s}}
sizing: {{method: fixed_fraction, fraction: 5%}}
"""


@cache
def columns() -> dict[str, Column]:
    """Real columns of one symbol with a split inside, and conditions made of them."""
    bars = demo()
    rows = slice(int(bars.offsets[0]), int(bars.offsets[1]))
    fields = {name: getattr(bars, name)[rows] for name in ("open", "high", "low", "close", "volume")}
    fields["average"] = ta.sma(fields["close"], 20)
    fields["condition"] = (fields["close"] > fields["average"]).astype(np.float64)
    return fields


def arguments(function: catalog.Function) -> dict[str, Column | float]:
    """What a function is called with: series by role, defaults, and twenty bars where it asks for a length."""
    series = iter([columns()["close"], columns()["average"]])
    given: dict[str, Column | float] = {name: columns()[name] for name in function.reads}
    for parameter in function.parameters:
        if parameter.is_series:
            given[parameter.name] = columns()["condition"] if "condition" in parameter.name else next(series)
        elif parameter.default is None:
            given[parameter.name] = 20
    return given


def outputs(function: catalog.Function, given: dict[str, Column | float], count: int | None) -> list[Column]:
    """Every output of a function on the first ``count`` bars."""
    cut = {name: value if isinstance(value, int | float) else value[:count] for name, value in given.items()}
    result = getattr(ta, function.name)(**cut)
    return list(result) if isinstance(result, tuple) else [result]


@pytest.mark.parametrize("function", TIME_SERIES, ids=lambda function: function.name)
def test_a_function_of_the_first_bars_gives_the_first_values(function: catalog.Function) -> None:
    given = arguments(function)
    whole = outputs(function, given, None)
    length = len(whole[0])
    chosen = random.Random(function.name)
    for count in [1, 2, length - 1, *(chosen.randrange(1, length) for _ in range(CUTS))]:
        part = outputs(function, given, count)
        for first, all_of_it in zip(part, whole, strict=True):
            assert first.tobytes() == all_of_it[:count].tobytes(), f"{function.name} knows of bar {count}"


def test_every_function_is_tried() -> None:
    assert sorted(EXPRESSIONS) == OTHERS


@pytest.mark.parametrize("expression", [*EXPRESSIONS.values(), *CONTEXTS.values()], ids=[*EXPRESSIONS, *CONTEXTS])
def test_an_expression_on_the_first_bars_gives_the_first_values(expression: str) -> None:
    strategy = DeclaredStrategy(TRIAL.format(expression=expression))
    engine = RustEngine()
    whole = engine.run(strategy, demo()).signals
    longs = whole.filter(pl.col("direction") == "LONG")
    assert longs.height > 1000
    assert longs["strength"].is_not_null().mean() > 0.8, "the expression has values"
    for day in cuts(expression, 40):
        part = engine.run(strategy, until(demo(), day)).signals
        assert part.equals(whole.filter(pl.col("timestamp") <= day)), f"{expression} knows more than {day}"


def ex_dates() -> list[date]:
    """The days on which splits and dividends took effect."""
    bars = demo()
    rows = bars.offsets[bars.action_symbol] + bars.action_bar
    stamps = bars.ts_ns[rows].astype("datetime64[ns]").astype("datetime64[D]")
    return sorted({day for day in stamps.tolist()})


def cuts(seed: str, count: int) -> list[date]:
    """Random last days: a third of them right at an ex-date, one session before it, or one after."""
    chosen, sessions, ex = random.Random(seed), days(demo()), ex_dates()
    assert len(ex) > 50
    beside = [sessions[sessions.index(chosen.choice(ex)) + chosen.choice((-1, 0, 1))] for _ in range(count // 3)]
    anywhere = [chosen.choice(sessions[:-1]) for _ in range(count - len(beside))]
    # Both splits of the data, whole and cut off, are always among them.
    splits = [date(2000, 6, 21), date(2005, 2, 28)]
    return sorted({*beside, *anywhere, *splits, *(day - timedelta(days=1) for day in splits)})


@cache
def engine(limited: bool) -> RustEngine:
    return RustEngine(limits=bootstrap.limits(), waive=("vix",)) if limited else RustEngine()


#: What an order was when it was decided; its status, and where a protective order stands, go on changing.
DECIDED = ("order_id", "symbol", "side", "order_type", "decided_at", "parent_id")
STAMP = {"signals": "timestamp", "fills": "filled_at", "verdicts": "timestamp", "ledger": "timestamp"}
DONE = ("FILLED", "CANCELLED", "EXPIRED", "REJECTED")


@pytest.mark.parametrize("limited", [True, False], ids=["limits", "no_limits"])
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_strategy_on_the_first_bars_does_the_first_things(path: Path, limited: bool) -> None:
    strategy = DeclaredStrategy(path)
    whole = engine(limited).run(strategy, demo())
    assert whole.trade_count > 20
    for day in cuts(f"{path.stem} {limited}", CUTS // 2):
        same_until(engine(limited).run(strategy, until(demo(), day)), whole, day, demo())


@given(trials(), st.integers(1, 79))
@settings(max_examples=max(150, settings.default.max_examples), suppress_health_check=[HealthCheck.too_slow])
def test_any_strategy_on_the_first_bars_does_the_first_things(trial: Trial, count: int) -> None:
    """With bars that are missing here and there: on a day without a bar nobody knows whether another comes."""
    whole, bars = run_of(trial)
    sessions = days(bars)
    day = sessions[min(count, len(sessions) - 1)]
    same_until(engine_of(trial).run(DeclaredStrategy(trial.yaml), until(bars, day), CAPITAL), whole, day, bars)


def same_until(part: BacktestRun, whole: BacktestRun, day: date, bars: Prepared) -> None:
    """A run that ends on a day is the beginning of the run that goes on."""
    split_symbols = [bars.symbols[index] for index in set(bars.action_symbol[bars.action_split != 1.0].tolist())]
    for name, stamp in STAMP.items():
        expected = getattr(whole, name).filter(pl.col(stamp) <= day)
        assert getattr(part, name).equals(expected), f"{name} until {day}"
    assert part.equity.equals(whole.equity.filter(pl.col("timestamp") <= day)), f"equity until {day}"
    # An exit that fills in parts is one round trip, dated by its last part: on a day between, it is not the same yet.
    parted = pl.concat([run.fills.filter(pl.len().over("order_id") > 1)["symbol"] for run in (part, whole)]).unique()
    ended = (pl.col("exit_time") <= day) & ~pl.col("symbol").is_in(parted.to_list())
    closed = [run.trades.filter(ended).sort(pl.all()) for run in (part, whole)]
    assert closed[0].equals(closed[1]), f"trades until {day}"
    orders = whole.orders.filter(pl.col("decided_at") <= day)
    assert part.orders.select(DECIDED).equals(orders.select(DECIDED)), f"orders until {day}"
    done = part.orders["status"].is_in(DONE)
    assert part.orders.filter(done).equals(orders.filter(done)), f"orders that are done until {day}"
    # An order that waits for the day of a split is restated by it.
    waiting = ~done & part.orders["parent_id"].is_null() & ~part.orders["symbol"].is_in(split_symbols)
    entries = part.orders.filter(waiting)
    decided = entries.select("order_id", "quantity", "limit_price", "stop_price", "reason")
    assert decided.equals(orders.join(entries, on="order_id", how="semi").select(decided.columns)), f"entries on {day}"
