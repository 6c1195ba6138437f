"""Random strategies of a small grammar on random bars, for the laws that hold of every run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
import polars as pl
from hypothesis import strategies as st

from oracle import bootstrap
from oracle.backtesting.result import BacktestRun
from oracle.backtesting.rust_engine import RustEngine
from oracle.core import native
from oracle.core.config import Settings
from oracle.data.frame import Prepared, prepare
from oracle.risk.limits import RiskSettings
from oracle.strategy.declared import DeclaredStrategy

SYMBOLS = ("AAA", "BBB", "CCC")
CAPITAL = 100_000.0

CONDITIONS = (
    "close > sma(close, 5)", "close < lag(close, 1)", "cross_above(close, ema(close, 8))", "rsi(close, 3) < 40",
    "close > highest(lag(close, 1), 4)", "rank(change_ratio(close, 3)) <= 2", "day_of_week() == 2", "rising(close, 2)",
)  # fmt: skip
STOPS = (
    "", "stop_loss: 4%", "trailing_stop: 5%", "take_profit: 6%", "stop_loss: 2 * atr(3)", "stop_price: lowest(low, 5)",
    "stop_loss: 3%; take_profit: 5%", "trailing_stop: 2 * atr(3); take_profit: 4%", "max_hold: 4s",
)  # fmt: skip
SIZINGS = (
    "{method: equal_weight, max_positions: 3}", "{method: equal_weight, max_positions: 2, fractional: true}",
    "{method: fixed_fraction, fraction: 30%}", "{method: fixed_shares, shares: 100}",
    "{method: volatility_target, target: 20%, lookback: 5}", "{method: inverse_volatility, lookback: 5}",
    "{method: half_kelly, prior: {trades: 30, win_rate: 55%, payoff: 1.4}, min_trades: 5}",
    "{method: equal_weight, max_positions: 3, round_lot: 10}", "{method: risk_parity, lookback: 5}",
)  # fmt: skip
ORDERS = (
    "{order_type: market}", "{order_type: limit, limit_offset: 0.5%}", "{order_type: limit, limit_offset: -1%}",
    "{order_type: stop, stop_offset: 0.5%}", "{order_type: stop_limit, stop_offset: 0.2%, limit_offset: 0.6%}",
    "{order_type: market, time_in_force: 3s}", "{order_type: market, exit: limit, limit_offset: 0.3%}",
)  # fmt: skip
PORTFOLIOS = (
    "{select: 'top 2 by change_ratio(close, 4)', weight: equal, rebalance: weekly}",
    "{select: 'all where close > sma(close, 6)', weight: inverse_volatility(6), rebalance: every session}",
    "{select: 'bottom 1 by rsi(close, 4)', weight: equal, rebalance: 3s, gross: 80%}",
    "{select: all, weight: equal, rebalance: on change, corridor: 1%}",
    "{select: all, weight: risk_parity(5), rebalance: weekly, corridor: {absolute: 5%, relative: 25%}}",
    "{select: 'top 2 by change_ratio(close, 4)', rebalance: on drift, corridor: {relative: 10%}, to: edge}",
    "{rebalance: on drift, corridor: 3%, gross: 90%, groups: {"
    "some: {share: 50%, members: [AAA, BBB], select: 'top 1 by change_ratio(close, 3)'}, "
    "rest: {share: 'if(breadth(close > sma(close, 4)) > 50%, 50%, 20%)', groups: {"
    "one: {share: 60%, weight: risk_parity(5), corridor: 1%}, two: {share: 40%, members: [BBB, CCC]}}}}}",
)
#: What rules do beyond opening and closing once: under `entry`, and under `exit`.
ADDITIONS = (
    "scale_in: {when: 'position.profit > 1% and position.entries < 4', times: 2, size: 50%}",
    "scale_in: {when: 'close < position.last_entry_price * 98%'}", "cooldown: 3s", "cooldown: 6d",
)  # fmt: skip
PARTIALS = (
    "partial: [{when: position.profit > 1%, close: 50%}, {when: position.profit > 3%, close: 50%}]",
    "partial: [{when: 'position.bars_since_entry >= 2 and position.partials == 0', close: 30%}]",
)
COSTS = (
    {"commission": {"model": "zero"}, "slippage": {"model": "zero"}},
    {"commission": {"model": "bps", "rate": "10bps"}, "slippage": {"model": "bps", "rate": "7bps"}},
    {"commission": {"model": "per_share"}, "slippage": {"model": "spread", "spread": "4bps"}},
    {
        "commission": {
            "model": "tiered",
            "tiered": {"tiers": [{"up_to": 500, "per_share": "0.0035"}, {"per_share": "0.001"}]},
        },
        "slippage": {"model": "square_root", "volatility_window": 5, "volume_window": 3},
        "borrow_rate": "3%",
        "interest": {"benchmark": [{"rate": "4%"}, {"from": "2010-02-01", "rate": "2%"}], "floor": "1_000"},
    },
    {
        "commission": {"model": "per_share", "maximum_wins": "false", "regulatory_fees": "true"},
        "slippage": {"model": "volume_share", "impact": "5"},
        "borrow_rate": "30%",
    },
)


@dataclass(frozen=True)
class Trial:
    """A strategy, its bars, the costs, and whether the shipped limits guard it."""

    yaml: str
    bars: pl.DataFrame
    costs: int
    limited: bool
    shorts: bool
    participation: bool


@st.composite
def trials(draw: st.DrawFn) -> Trial:
    """A strategy of a small grammar on random bars with splits, dividends, gaps and missing sessions."""
    text = ["schema: 1", "name: trial", "universe: {symbols: [AAA, BBB, CCC]}", "timeframe: 1Day"]
    shorts = False
    if draw(st.booleans()):
        shorts = draw(st.booleans())
        rules = [f"long: {draw(st.sampled_from(CONDITIONS))}", "priority: change_ratio(close, 2)"]
        rules += [f"short: {draw(st.sampled_from(CONDITIONS))}"] if shorts else []
        added = {text.partition(":")[0]: text for text in draw(st.lists(st.sampled_from(ADDITIONS), max_size=2))}
        stop = draw(st.sampled_from(STOPS))
        leave = [f"when: {draw(st.sampled_from(CONDITIONS))}", *(stop.split("; ") if stop else [])]
        parts = draw(st.lists(st.sampled_from(PARTIALS), max_size=1))
        text += [f"entry: {{{', '.join([quoted(rules), *added.values()])}}}"]
        text += [f"exit: {{{', '.join([quoted(leave), *parts])}}}"]
        text += [f"sizing: {draw(st.sampled_from(SIZINGS))}", f"execution: {draw(st.sampled_from(ORDERS))}"]
    else:
        text.append(f"portfolio: {draw(st.sampled_from(PORTFOLIOS))}")
    bars = pl.concat([draw(series(symbol)) for symbol in SYMBOLS])
    return Trial(
        "\n".join(text) + "\n",
        bars,
        draw(st.integers(0, len(COSTS) - 1)),
        draw(st.booleans()),
        shorts,
        draw(st.booleans()),
    )


def quoted(rules: list[str]) -> str:
    """Rules for a mapping in braces; their values may hold commas."""
    pairs = (rule.partition(": ") for rule in rules)
    return ", ".join(f'{name}: "{value}"' if "(" in value else f"{name}: {value}" for name, _, value in pairs)


@st.composite
def series(draw: st.DrawFn, symbol: str) -> pl.DataFrame:
    """Forty to eighty daily bars in cents: a random walk, a split, dividends, sessions left out."""
    noise = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count = draw(st.integers(40, 80))
    swing = draw(st.sampled_from([0.005, 0.03, 0.08]))
    close = draw(st.sampled_from([8.0, 60.0, 900.0])) * np.exp(np.cumsum(noise.normal(0.001, swing, count)))
    ratio = np.ones(count)
    if draw(st.booleans()):
        at = draw(st.integers(5, count - 2))
        ratio[at] = draw(st.sampled_from([2.0, 3.0, 1.5, 0.1, 0.05]))
        close[at:] /= ratio[at]
    close = np.maximum(np.round(close, 2), 0.05)
    open_ = np.maximum(np.round(close * np.exp(noise.normal(0.0, swing / 2, count)), 2), 0.05)
    wide = np.exp(np.abs(noise.normal(0.0, swing / 2, (2, count))))
    high = np.round(np.maximum(open_, close) * wide[0], 2)
    low = np.maximum(np.round(np.minimum(open_, close) / wide[1], 2), 0.01)
    cash = np.where(noise.random(count) < 0.05, np.round(close * 0.01, 2), 0.0)
    dates = native.sessions(date(2010, 1, 4), count)
    there = (noise.random(count) > draw(st.sampled_from([0.0, 0.1]))) | (ratio != 1.0)
    frame = pl.DataFrame(
        {
            "symbol": [symbol] * count,
            "date": dates,
            "open": open_, "high": np.maximum(high, np.maximum(open_, close)),
            "low": np.minimum(low, np.minimum(open_, close)), "close": close,
            "volume": np.round(np.exp(noise.normal(9.0, 2.0, count))) + 1.0,
            "split_ratio": ratio, "dividend": cash,
        }
    )  # fmt: skip
    return frame.filter(pl.Series(there))


@cache
def shipped() -> RiskSettings:
    return bootstrap.limits()


def engine_of(trial: Trial) -> RustEngine:
    """An engine with the trial's costs, and the shipped limits where it has them."""
    costs = {**COSTS[trial.costs], "max_participation": "10%" if trial.participation else None}
    return RustEngine(
        limits=shipped() if trial.limited else None,
        settings=Settings.model_validate({"simulation": costs}),
        waive=("vix", "sector"),
    )


def run_of(trial: Trial) -> tuple[BacktestRun, Prepared]:
    """The trial's result, and the bars as the engine has them."""
    bars = prepare(trial.bars)
    return engine_of(trial).run(DeclaredStrategy(trial.yaml), bars, CAPITAL), bars
