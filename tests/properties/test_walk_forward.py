"""No look-ahead in a walk-forward: the future of a window changes nothing in it, and the test nothing in its fit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from market import demo, only, until

from oracle.backtesting.rust_engine import RustEngine
from oracle.backtesting.walk_forward.objective import Objective
from oracle.backtesting.walk_forward.result import WalkForward
from oracle.backtesting.walk_forward.traded import WindowResult
from oracle.backtesting.walk_forward.walk import walk_forward
from oracle.backtesting.walk_forward.windows import Scheme
from oracle.data.frame import Prepared
from oracle.strategy.declared import DeclaredStrategy

TEXT = """
schema: 1
name: pullback
universe: {symbols: [AAPL, IBM, MSFT]}
params:
  length: {default: 20, choices: [10, 20]}
  depth: {default: 45, choices: [40, 45, 50]}
features:
  strength: rsi(close, length)
entry: {long: "close > sma(close, 100) and strength < depth", priority: 0 - strength}
exit: {when: strength > 65, stop_loss: 8%, max_hold: 40s}
sizing: {method: equal_weight, max_positions: 2}
"""
SCHEMES = [Scheme(24, 6, 3), Scheme(18, 4, 4, anchored=True, purge=5, embargo=3)]


@cache
def bars() -> Prepared:
    return until(only(demo(), "AAPL", "IBM", "MSFT"), date(2006, 1, 31))


def walk(data: Prepared, scheme: Scheme) -> WalkForward:
    objective = Objective("sharpe", 2)
    return walk_forward(RustEngine(), DeclaredStrategy(TEXT), data, 100_000.0, scheme, objective, max_combinations=6)


@cache
def whole(scheme: Scheme) -> WalkForward:
    return walk(bars(), scheme)


def altered(data: Prepared, after: date, seed: int) -> Prepared:
    """The bars with other prices and volumes after a day, as sound as the real ones."""
    later = data.ts_ns > np.datetime64(after, "ns").astype(np.int64)
    factor = np.where(later, np.exp(np.random.default_rng(seed).normal(0.0, 0.2, len(later))), 1.0)
    prices = {name: getattr(data, name) * factor for name in ("open", "high", "low", "close")}
    return replace(data, **prices, volume=np.where(later, data.volume * 3.0, data.volume))


def assert_equal(one: WindowResult, other: WindowResult) -> None:
    assert one.window.train == other.window.train
    assert one.window.test == other.window.test
    assert one.params == other.params
    assert one.choice == other.choice
    assert one.test.plan_hash == other.test.plan_hash
    assert one.test.equity.equals(other.test.equity)
    assert one.test.fills.equals(other.test.fills)
    assert dict(one.train.metrics) == dict(other.train.metrics)


@pytest.mark.parametrize("scheme", SCHEMES, ids=str)
@given(last=st.integers(0, 8), days=st.integers(0, 40))
def test_a_window_does_not_change_when_later_bars_are_cut(scheme: Scheme, last: int, days: int) -> None:
    known = whole(scheme).windows
    end = known[last].window.test.end
    day = date.fromordinal(end.toordinal() + days)
    some = walk(until(bars(), day), scheme).windows
    assert last < len(some) <= len(known)
    for one, other in zip(some, known, strict=False):
        assert_equal(one, other)


@pytest.mark.parametrize("scheme", SCHEMES, ids=str)
@given(last=st.integers(0, 8), seed=st.integers(0, 2**32))
def test_a_window_does_not_change_when_later_bars_are_altered(scheme: Scheme, last: int, seed: int) -> None:
    known = whole(scheme).windows
    other = walk(altered(bars(), known[last].window.test.end, seed), scheme).windows
    for one, same in zip(known[: last + 1], other[: last + 1], strict=True):
        assert_equal(one, same)
    assert [w.window for w in known] == [w.window for w in other]


@pytest.mark.parametrize("scheme", SCHEMES, ids=str)
@given(at=st.integers(0, 8), seed=st.integers(0, 2**32))
def test_the_fit_sees_nothing_after_the_end_of_its_training(scheme: Scheme, at: int, seed: int) -> None:
    known = whole(scheme).windows[at]
    other = walk(altered(bars(), known.window.train.end, seed), scheme).windows[at]
    assert other.params == known.params
    assert other.choice == known.choice
    assert other.train.equity.equals(known.train.equity)
    assert not other.test.equity.equals(known.test.equity) or known.test.trade_count == 0
