"""Walk-forward: params chosen on one window, judged on the next, again and again.

Each window is an ordinary backtest; indicators begin at the first stored bar, and only trading is confined.
"""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from oracle.core.errors import RangeError, UsageError
from oracle.strategy.compile import compile_strategy
from oracle.strategy.declared import DeclaredStrategy

if TYPE_CHECKING:
    from oracle.backtesting.result import BacktestRun
    from oracle.data.frame import Prepared
    from oracle.strategy.spec import Param

# More combinations than this per window is a sweep, and a search for luck.
COMBINATIONS_MAX = 512


class Engine(Protocol):
    """An engine that runs one backtest."""

    def run(
        self,
        strategy: DeclaredStrategy,
        data: Prepared,
        initial_capital: float,
        start: date | datetime | None,
        end: date | datetime | None,
    ) -> BacktestRun: ...


def walk_forward(
    engine: Engine,
    strategy: object,
    bars: Prepared,
    capital: float,
    train_months: int,
    test_months: int,
    step_months: int,
) -> list[BacktestRun]:
    """Return the result of each test window, with the params that had the best Sharpe ratio on the window before.

    Raises
    ------
    RangeError : a number of months is below 1, or the bars are shorter than one training and one test window
    UsageError : the strategy is not a declared one, or its params have too many combinations
    """
    if not isinstance(strategy, DeclaredStrategy):
        raise UsageError(f"walk-forward runs declared strategies; found {type(strategy).__name__}")
    if min(train_months, test_months, step_months) < 1:
        raise RangeError("walk-forward windows are 1 month or longer")
    first, last = (datetime.fromtimestamp(int(ns) // 10**9, UTC).date() for ns in (bars.ts_ns.min(), bars.ts_ns.max()))
    variants = [_bound(strategy, bind) for bind in combinations(strategy.spec.params)]
    results: list[BacktestRun] = []
    for start in itertools.count(0, step_months):
        begin, test = _add_months(first, start), _add_months(first, start + train_months)
        end = _add_months(test, test_months)
        if end > last + timedelta(days=1):
            break
        best = max(variants, key=lambda variant: _merit(engine, variant, bars, capital, begin, test))
        results.append(engine.run(best, bars, capital, test, end - timedelta(days=1)))
    if not results:
        raise RangeError(f"{first} to {last} is shorter than {train_months} + {test_months} months")
    return results


def _merit(engine: Engine, strategy: DeclaredStrategy, bars: Prepared, capital: float, begin: date, end: date) -> float:
    sharpe = engine.run(strategy, bars, capital, begin, end - timedelta(days=1)).sharpe
    return float("-inf") if sharpe is None else sharpe


def _bound(strategy: DeclaredStrategy, bind: dict[str, str]) -> DeclaredStrategy:
    return DeclaredStrategy.of(compile_strategy(strategy.compiled.loaded, bind), bind)


def combinations(params: dict[str, Param]) -> list[dict[str, str]]:
    """Return every combination of the params' ranges and choices, in order; one empty for no params.

    Raises
    ------
    UsageError : there are more than ``COMBINATIONS_MAX``
    """
    values = {name: _values(param) for name, param in params.items()}
    count = 1
    for options in values.values():
        count *= len(options)
    if count > COMBINATIONS_MAX:
        raise UsageError(f"the params have {count:,} combinations; walk-forward takes up to {COMBINATIONS_MAX}")
    return [dict(zip(values, chosen, strict=True)) for chosen in itertools.product(*values.values())]


def _values(param: Param) -> list[str]:
    if param.choices is not None:
        return list(param.choices)
    if param.range is None or param.step is None:
        return [param.default]
    low, high = (text.replace("_", "") for text in param.range)
    unit = low.lstrip("+-.0123456789")
    number = [Decimal(text.removesuffix(unit)) for text in (low, high, param.step.replace("_", ""))]
    steps = int((number[1] - number[0]) / number[2])
    return [f"{number[0] + number[2] * step}{unit}" for step in range(steps + 1)]


def _add_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    # The 28th exists in every month.
    return date(year, month + 1, min(day.day, 28))
