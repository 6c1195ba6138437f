"""(b), (c) and (d): whole backtests, from columns in to equity and trades out, in seconds.

Prices are seeded walks: speed does not depend on their being real. Each case runs in this process several times and the
best is kept; peak memory is measured in a process of its own.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np

from oracle.backtesting.result import BacktestRun
from oracle.backtesting.rust_engine import RustEngine
from oracle.core import native
from oracle.core.config import Settings
from oracle.data.frame import Prepared, prepare_columns
from oracle.risk.limits import RiskSettings
from oracle.strategy.declared import DeclaredStrategy

DAYS, MINUTES, SYMBOLS = 2_520, 1_000_000, 500
DAY_NS, MINUTE_NS = 86_400_000_000_000, 60_000_000_000
WAIVED = ("vix", "sector")

#: Limits as wide as they go: none binds, and fills are those of a run without limits.
WIDE = {
    "SA_RISK__POSITION_LIMITS__MAX_POSITION": "100%",
    "SA_RISK__POSITION_LIMITS__MAX_SECTOR": "100%",
    "SA_RISK__POSITION_LIMITS__STOP_LOSS": "100%",
    "SA_RISK__POSITION_LIMITS__NO_LEVERAGE": "false",
    "SA_RISK__POSITION_LIMITS__MIN_PRICE": "0.01 USD",
    "SA_RISK__PORTFOLIO_LIMITS__MAX_DRAWDOWN": "100%",
    "SA_RISK__PORTFOLIO_LIMITS__MAX_DAILY_LOSS": "100%",
    "SA_RISK__PORTFOLIO_LIMITS__MAX_POSITIONS": "500",
    "SA_RISK__PORTFOLIO_LIMITS__MAX_DAILY_TRADES": "10000",
}

CROSSOVER = """schema: 1
name: crossover
universe: {{symbols: [AAA]}}
timeframe: {timeframe}
features: {{fast: "sma(close, 20)", slow: "sma(close, 50)"}}
entry: {{long: "cross_above(fast, slow)"}}
exit: {{when: "cross_below(fast, slow)"}}
sizing: {{{sizing}}}
"""

ROTATION = """schema: 1
name: rotation
universe: {{symbols: [{symbols}]}}
portfolio:
  select: "top 20 by roc(close, 126) where close > sma(close, 200)"
  weight: 4.5%
  rebalance: on change
"""

STOPS = """schema: 1
name: stops
universe: {{symbols: [{symbols}]}}
features: {{trend: "close > sma(close, 200)"}}
entry: {{long: trend, priority: "roc(close, 126)"}}
exit:
  when: "position.profit > 40% or position.days_held > 60 or cross_below(close, sma(close, 50))"
  stop_loss: 8%
  trailing_stop: "3 * atr(14)"
sizing: {{method: equal_weight, max_positions: 20}}
"""


def names() -> list[str]:
    """Return the symbols of the wide panel, in name order."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return [f"S{letters[i // 26]}{letters[i % 26]}" for i in range(SYMBOLS)]


def walk(bars: int, deviation: float, seed: int) -> tuple[np.ndarray, ...]:
    """Return open, high, low, close (USD) and volume (shares) of a geometric walk; every close is the next open's."""
    chance = np.random.default_rng(seed)
    close = 100.0 * np.exp(np.cumsum(chance.normal(0.0, deviation, bars)))
    open_ = np.concatenate([[100.0], close[:-1]]) * np.exp(chance.normal(0.0, deviation / 4, bars))
    return open_, np.maximum(open_, close) * 1.001, np.minimum(open_, close) * 0.999, close, np.full(bars, 1e6)


def days() -> np.ndarray:
    """Return stamps of daily bars on NYSE sessions, UTC nanoseconds."""
    stamps: np.ndarray = native.sessions(date(2004, 1, 2), DAYS).astype(np.int64) * DAY_NS
    return stamps


def minutes() -> np.ndarray:
    """Return stamps of 390 minute bars in each NYSE session from 14:30 UTC on."""
    sessions = native.sessions(date(2004, 1, 2), MINUTES // 390 + 1).astype(np.int64)
    stamps: np.ndarray = sessions[:, None] * DAY_NS + (870 + np.arange(390))[None, :] * MINUTE_NS
    return stamps.ravel()[:MINUTES]


def wide_panel() -> Prepared:
    """Return 500 symbols of daily bars in columns, without copies on the way, so that the peak is the run's own."""
    columns = np.empty((5, SYMBOLS * DAYS))
    for place in range(SYMBOLS):
        for column, values in zip(columns, walk(DAYS, 0.018, seed=place), strict=True):
            column[place * DAYS : (place + 1) * DAYS] = values
    nothing = np.zeros(0, dtype=np.int64)
    return Prepared(
        symbols=names(),
        offsets=np.arange(SYMBOLS + 1, dtype=np.int64) * DAYS,
        ts_ns=np.tile(days(), SYMBOLS),
        open=columns[0],
        high=columns[1],
        low=columns[2],
        close=columns[3],
        volume=columns[4],
        action_symbol=nothing,
        action_bar=nothing,
        action_split=np.zeros(0),
        action_dividend=np.zeros(0),
        adjusted_only=[False] * SYMBOLS,
        daily=True,
    )


def engine(slippage: str | None, limits: RiskSettings | None = None) -> RustEngine:
    """Return an engine with 10 bps of commission and that slippage (none when None)."""
    costs = {
        "commission": {"model": "bps", "rate": "10bps"},
        "slippage": {"model": "bps", "rate": slippage} if slippage else {"model": "zero"},
        "max_participation": None,
    }
    return RustEngine(limits=limits, settings=Settings.model_validate({"simulation": costs}), waive=WAIVED)


def crossover(daily: bool) -> Callable[[], BacktestRun]:
    """(b) SMA(20)/SMA(50): columns in, equity and trades out, with all that Python does between."""
    timeframe, sizing = (
        ("1Day", "method: equal_weight, max_positions: 1") if daily else ("1Min", "method: fixed_shares, shares: 100")
    )
    stamps, columns = (days(), walk(DAYS, 0.015, 7)) if daily else (minutes(), walk(MINUTES, 0.0007, 7))
    strategy = DeclaredStrategy(CROSSOVER.format(timeframe=timeframe, sizing=sizing))
    engine_, capital = engine(None), 100_000.0 if daily else 1e9
    return lambda: engine_.run(strategy, prepare_columns("AAA", stamps, *columns), capital)


def rotation(bars: Prepared, limits: RiskSettings | None) -> Callable[[], BacktestRun]:
    """(c) 500 symbols, shared cash: the top 20 by 126-day rate of change above their 200-day average, 4.5% each."""
    strategy, engine_ = DeclaredStrategy(ROTATION.format(symbols=", ".join(names()))), engine("5bps", limits)
    return lambda: engine_.run(strategy, bars, 1_000_000.0)


def stops(bars: Prepared) -> Callable[[], BacktestRun]:
    """(d) The same panel by rules, with stops, trailing stops and exits by a position's own profit and age."""
    strategy, engine_ = DeclaredStrategy(STOPS.format(symbols=", ".join(names()))), engine("5bps")
    return lambda: engine_.run(strategy, bars, 1_000_000.0)


def wide_limits() -> RiskSettings:
    """Return the shipped limits, widened until none binds."""
    limits = RiskSettings.from_yaml(env=WIDE)
    account = limits.portfolio_limits.model_copy(update={"min_cash_reserve": None})
    return limits.model_copy(update={"portfolio_limits": account})


def best_seconds(call: Callable[[], object], rounds: int) -> float:
    """Return the best of several rounds."""
    spent = []
    for _ in range(rounds):
        begun = time.perf_counter()
        call()
        spent.append(time.perf_counter() - begun)
    return min(spent)


def alone(case: str, threads: int | None = None) -> tuple[float, ...]:
    """Run a case of `measured` in a fresh process; its four figures."""
    environment = dict(os.environ) if threads is None else {**os.environ, "RAYON_NUM_THREADS": str(threads)}
    asked = [sys.executable, os.path.abspath(__file__), case]
    answer = subprocess.run(asked, env=environment, check=True, capture_output=True, text=True).stdout
    return tuple(float(figure) for figure in answer.split())


def measured(case: str) -> str:
    """Run one case in this process: best seconds, peak MB, peak MB before the first run, fills."""
    bars = wide_panel()
    limits = {"off": None, "wide": wide_limits(), "shipped": RiskSettings.from_yaml(env={}), "stops": None}[case]
    call = stops(bars) if case == "stops" else rotation(bars, limits)
    before = peak_mb()
    fills = len(call().fills)
    after = peak_mb()
    return f"{best_seconds(call, 40)} {after} {before} {fills}"


def peak_mb() -> float:
    """Return the largest resident size that this process has had, in MB of 10^6 bytes.

    Linux hands `getrusage`'s peak on from parent to child, so the figure of the process's own memory goes first.
    """
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    own = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    kilobytes = int(own[0]) if own else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kilobytes * 1024 / 1e6


def rows() -> list[tuple[str, float, str]]:
    """Return case, seconds and a note."""
    found: list[tuple[str, float, str]] = []
    for case, limits in (("off", "no limits"), ("wide", "wide limits"), ("shipped", "shipped limits")):
        seconds, peak, before, fills = alone(case)
        note = f"{fills:,.0f} fills; peak {peak:.0f} MB, of which {before:.0f} MB before the run"
        found.append((f"(c) rotation, {SYMBOLS} x {DAYS:,}, {limits}", seconds, note))
    seconds, _, _, fills = alone("stops", threads=1)
    rate = SYMBOLS * DAYS / seconds / 1e6
    note = f"{fills:,.0f} fills; {rate:.0f} million bars/s on one thread"
    found.append((f"(d) rules with stops, {SYMBOLS} x {DAYS:,}", seconds, note))
    for bars, daily, rounds in ((DAYS, True, 300), (MINUTES, False, 20)):
        call = crossover(daily)
        kind = "daily" if daily else "minute"
        note = f"{call().trade_count:,} trades"
        found.append((f"(b) crossover, {bars:,} {kind} bars", best_seconds(call, rounds), note))
    return sorted(found)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(measured(sys.argv[1]))
    else:
        for name, seconds, note in rows():
            print(f"{name:55}{seconds * 1e3:10.3f} ms  {note}")
