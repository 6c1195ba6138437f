"""(f) Sweeps: crossovers of averages over many pairs, one with stops, in millions of bars x pairs a second.
(g) A search that learns, beside the backtests that it asked for.

Every case runs in a process of its own, so that its peak memory is its own; the first of its rounds is not counted.
vectorbt runs the same pairs in its own process, warm. Nothing here is asserted by a test.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass

import backtests
import numpy as np

from oracle.backtesting.sweep.search import Plan, sweep
from oracle.backtesting.sweep.space import Space
from oracle.backtesting.sweep.sweeper import Wanted
from oracle.data.frame import Prepared, prepare_columns
from oracle.strategy.declared import DeclaredStrategy

STRATEGY = """schema: 1
name: crossover
universe: {{symbols: [{symbols}]}}
timeframe: {timeframe}
params: {{fast: {{default: 20}}, slow: {{default: 50}}}}
features: {{f: "sma(close, fast)", s: "sma(close, slow)"}}
entry: {{long: "cross_above(f, s)"}}
exit: {{when: "cross_below(f, s)"{stops}}}
sizing: {{method: equal_weight, max_positions: 1}}
"""
LEARNED = """schema: 1
name: rotation
universe: {{symbols: [{symbols}]}}
params: {{lookback: {{default: 126, range: [21, 252], step: 1}}, trend: {{default: 200, range: [50, 300], step: 1}}}}
portfolio:
  select: "top 20 by roc(close, lookback) where close > sma(close, trend)"
  weight: 4.5%
  rebalance: on change
"""
TRIALS = 100
STOPS = ', stop_loss: 8%, trailing_stop: "3 * atr(14)"'


@dataclass(frozen=True)
class Case:
    """One sweep: how many bars it has over all symbols, and which lengths."""

    label: str
    bars: int
    fast: range
    slow: range
    daily: bool = True
    wide: bool = False
    stops: bool = False
    rounds: int = 5

    @property
    def pairs(self) -> int:
        """Combinations."""
        return len(self.fast) * len(self.slow)


LARGE, SMALL = (range(5, 55, 2), range(60, 260, 5)), (range(5, 55, 5), range(60, 260, 20))
CASES = {
    "daily": Case("1,000 pairs x 2,520 daily bars", backtests.DAYS, *LARGE),
    "wide": Case("100 pairs x 500 symbols x 2,520", backtests.DAYS * backtests.SYMBOLS, *SMALL, wide=True, rounds=2),
    "minute": Case("100 pairs x 1,000,000 minute bars", backtests.MINUTES, *SMALL, daily=False, rounds=2),
    "stops": Case("1,000 pairs with stops x 2,520", backtests.DAYS, *LARGE, stops=True),
}


def bars_of(case: Case) -> Prepared:
    """Return the bars of a case."""
    if case.wide:
        return backtests.wide_panel()
    stamps = backtests.days() if case.daily else backtests.minutes()
    walk = backtests.walk(backtests.DAYS, 0.015, 7) if case.daily else backtests.walk(backtests.MINUTES, 0.0007, 7)
    return prepare_columns("AAA", stamps, *walk)


def measured(name: str, threads: int) -> str:
    """Run one case in this process: best seconds, peak MB, trades."""
    case = CASES[name]
    symbols = ", ".join(backtests.names()) if case.wide else "AAA"
    timeframe, stops = "1Day" if case.daily else "1Min", STOPS if case.stops else ""
    strategy = DeclaredStrategy(STRATEGY.format(symbols=symbols, timeframe=timeframe, stops=stops))
    space = Space({"fast": tuple(map(str, case.fast)), "slow": tuple(map(str, case.slow))})
    wanted = Wanted(each_symbol=case.wide, threads=threads)
    capital = 100_000.0 if case.daily else 1e9
    sweeper = backtests.engine(None).sweeper(strategy, bars_of(case), capital, None, None, wanted)
    trades = [0.0]

    def call() -> None:
        trades[0] = 0.0
        # A new runner each time: no column is there from the round before.
        sweeper.on(space)(np.arange(space.size), lambda rows: trades.append(trades.pop() + rows["values"][:, 0].sum()))

    call()
    return f"{backtests.best_seconds(call, case.rounds)} {backtests.peak_mb()} {trades[0]}"


def measured_vectorbt(name: str) -> str:
    """Run one case on vectorbt in this process, as its documentation would write it: best seconds, peak MB, trades."""
    import pandas as pd
    import vectorbt as vbt

    case = CASES[name]
    bars = bars_of(case)
    shape = (backtests.SYMBOLS, backtests.DAYS) if case.wide else (1, case.bars)
    close, open_ = (pd.DataFrame(values.reshape(shape).T.copy()) for values in (bars.close, bars.open))
    pairs = [(fast, slow) for fast in case.fast for slow in case.slow]
    # All columns of all pairs at once do not fit into memory where there are many bars.
    part = max(1, 2_000_000 // case.bars)
    trades = 0

    def call() -> None:
        nonlocal trades
        trades = 0
        for first in range(0, len(pairs), part):
            some = pairs[first : first + part]
            fast = vbt.MA.run(close, [pair[0] for pair in some], short_name="fast")
            slow = vbt.MA.run(close, [pair[1] for pair in some], short_name="slow")
            entries = fast.ma_crossed_above(slow).vbt.fshift(1, fill_value=False)
            exits = fast.ma_crossed_below(slow).vbt.fshift(1, fill_value=False)
            price = pd.DataFrame(np.tile(open_.to_numpy(), (1, len(some))), columns=entries.columns)
            marks = pd.DataFrame(np.tile(close.to_numpy(), (1, len(some))), columns=entries.columns)
            portfolio = vbt.Portfolio.from_signals(
                marks, entries, exits, price=price, fees=0.001, init_cash=100_000.0, freq="1D"
            )
            portfolio.sharpe_ratio()
            portfolio.max_drawdown()
            trades += int(portfolio.trades.count().sum())

    call()
    return f"{backtests.best_seconds(call, 1)} {backtests.peak_mb()} {trades}"


def measured_tpe(threads: int) -> str:
    """Run the search, then each of its trials as a backtest of its own: seconds of both, peak MB, trials."""
    text = LEARNED.format(symbols=", ".join(backtests.names()))
    strategy, engine, bars = DeclaredStrategy(text), backtests.engine("5bps"), backtests.wide_panel()
    space, plan = Space.of(strategy), Plan(method="tpe", trials=TRIALS)
    places: list[int] = []

    def search() -> None:
        sweeper = engine.sweeper(strategy, bars, 1_000_000.0, None, None, Wanted(threads=threads))
        places[:] = sweep(sweeper, space, plan).frame["place"].to_list()

    def backtest_each() -> None:
        for place in places:
            engine.run(DeclaredStrategy(text, space.binding(place)), bars, 1_000_000.0)

    search()
    seconds = backtests.best_seconds(search, 2)
    peak = backtests.peak_mb()
    return f"{seconds} {backtests.best_seconds(backtest_each, 1)} {peak} {len(places)}"


def alone(*arguments: str, environment: dict[str, str] | None = None) -> tuple[float, ...]:
    """Run one of the functions that measure in a fresh process; its figures."""
    asked = [sys.executable, os.path.abspath(__file__), *arguments]
    answer = subprocess.run(asked, check=True, capture_output=True, text=True, env=environment).stdout
    return tuple(float(figure) for figure in answer.split())


def rows(*, with_vectorbt: bool) -> list[tuple[str, ...]]:
    """Return case, millions of bars x pairs a second on one thread and on two, peak MB, and vectorbt's beside it."""
    found = []
    for name, case in CASES.items():
        work = case.bars * case.pairs / 1e6
        one, two = (alone(name, str(threads)) for threads in (1, 2))
        beside = "–"
        if with_vectorbt and not case.stops:
            theirs = alone(name, "vectorbt")
            beside = f"{work / theirs[0]:.1f} in {theirs[1]:.0f} MB (x{theirs[0] / one[0]:.0f})"
        cells = (f"{work / one[0]:.0f}", f"{work / two[0]:.0f}", f"{one[1]:.0f}", beside, f"{one[2]:,.0f} trades")
        found.append((f"(f) crossover, {case.label}", *cells))
    return found


def tpe_rows() -> list[tuple[str, ...]]:
    """Return case, seconds of the search and of its backtests, how many times the one is of the other, and a note."""
    found = []
    for threads in (1, 2):
        environment = {**os.environ, "RAYON_NUM_THREADS": str(threads)}
        search, each, peak, trials = alone("tpe", str(threads), environment=environment)
        name = f"(g) TPE, rotation over {backtests.SYMBOLS} x {backtests.DAYS:,}, threads: {threads}"
        cells = (f"{search:.2f} s", f"{each:.2f} s", f"{search / each:.2f}", f"{trials:.0f} trials; peak {peak:.0f} MB")
        found.append((name, *cells))
    return found


if __name__ == "__main__":
    if sys.argv[1:2] == ["tpe"]:
        print(measured_tpe(int(sys.argv[2])))
    elif len(sys.argv) > 2:
        print(measured_vectorbt(sys.argv[1]) if sys.argv[2] == "vectorbt" else measured(sys.argv[1], int(sys.argv[2])))
    else:
        for row in [*rows(with_vectorbt="--vectorbt" in sys.argv), *tpe_rows()]:
            print("  ".join(row))
