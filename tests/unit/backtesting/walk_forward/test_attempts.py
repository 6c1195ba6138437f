"""What a walk counts: training returns pooled over windows that do not overlap, held against plain numpy."""

from __future__ import annotations

import math
from datetime import date
from functools import cache

import numpy as np
import numpy.typing as npt
import pytest
from market import demo, only

from oracle.backtesting.rust_engine import RustEngine
from oracle.backtesting.statistics.moments import Moments
from oracle.backtesting.walk_forward.attempts import Attempt, apart, pooled, trials
from oracle.backtesting.walk_forward.objective import Objective
from oracle.backtesting.walk_forward.result import WalkForward
from oracle.backtesting.walk_forward.walk import walk_forward
from oracle.backtesting.walk_forward.windows import Period, Scheme
from oracle.data.frame import Prepared
from oracle.strategy.declared import DeclaredStrategy

TEXT = """
schema: 1
name: crossing
universe: {symbols: [AAPL, IBM]}
params:
  fast: {default: 10, choices: [5, 10]}
  slow: {default: 100, choices: [100, 200]}
entry: {long: "sma(close, fast) > sma(close, slow)"}
exit: {when: "sma(close, fast) < sma(close, slow)"}
sizing: {method: equal_weight, max_positions: 2}
"""
BINDINGS = [{"fast": fast, "slow": slow} for fast in ("5", "10") for slow in ("100", "200")]
Returns = npt.NDArray[np.float64]


def bars() -> Prepared:
    return only(demo(), "AAPL", "IBM")


def walk(scheme: Scheme, *grid: str, objective: Objective | None = None) -> WalkForward:
    wanted = objective or Objective("sharpe", 1)
    return walk_forward(
        RustEngine(), DeclaredStrategy(TEXT), bars(), 100_000.0, scheme, wanted, grid=grid, max_combinations=9
    )


@cache
def walked() -> WalkForward:
    return walk(Scheme(24, 6, 6))


def attempt(returns: Returns) -> Attempt:
    return Attempt("plan", len(returns), float(returns.mean()), float(returns.std(ddof=1)))


def test_windows_apart_are_counted_back_from_the_last() -> None:
    def years(*spans: tuple[int, int]) -> list[Period]:
        return [Period(date(first, 1, 1), date(last, 12, 31)) for first, last in spans]

    assert apart(years((2000, 2001), (2001, 2002), (2002, 2003), (2003, 2004), (2004, 2005))) == [4, 2, 0]
    assert apart(years((2000, 2001), (2001, 2002))) == [1]
    assert apart(years((2000, 2001), (2000, 2002), (2000, 2003))) == [2], "anchored: the last holds all"
    assert apart(years((2000, 2000), (2002, 2002), (2004, 2004))) == [2, 1, 0], "gaps between"


def test_pooled_returns_have_the_sharpe_ratio_of_all_of_them_together() -> None:
    draw = np.random.default_rng(3)
    parts = [draw.normal(0.001 * at, 0.01 * (at + 1), size) for at, size in enumerate((500, 20, 2, 750))]
    together = Moments.of(np.concatenate(parts))
    found = pooled([attempt(part) for part in parts])
    assert together is not None
    assert found.sharpe_per_period == pytest.approx(together.sharpe_per_period, rel=1e-12)
    assert found.sessions == 1272
    assert found.plan_hash == "plan"
    mean_of_ratios = sum(part.mean() / part.std(ddof=1) for part in parts) / 4
    assert found.sharpe_per_period != pytest.approx(mean_of_ratios, rel=0.1), "not what the windows' ratios average to"


def test_returns_that_never_differ_have_no_ratio() -> None:
    assert pooled([Attempt("plan", 500, 0.0, 0.0), Attempt("plan", 500, 0.0, 0.0)]).sharpe_per_period is None
    assert pooled([Attempt("plan", 300, 0.0001, 0.0), Attempt("plan", 700, 0.0001, 0.0)]).sharpe_per_period is None
    assert pooled([Attempt("plan", 1, 0.01, 0.0)]).sharpe_per_period is None
    # Idle in one window alone: its zeros belong to the record.
    active = np.random.default_rng(4).normal(0.001, 0.01, 500)
    together = Moments.of(np.concatenate([active, np.zeros(500)]))
    assert together is not None
    found = pooled([attempt(active), Attempt("plan", 500, 0.0, 0.0)])
    assert found.sharpe_per_period == pytest.approx(together.sharpe_per_period, rel=1e-12)


def test_an_attempt_is_its_returns_summed_up() -> None:
    found = Attempt.of("plan", 1, 0.01, math.nan)
    assert (found.mean, found.deviation) == (0.01, 0.0)
    assert Attempt.of("plan", 0, math.nan, math.nan) == Attempt("plan", 0, 0.0, 0.0)


def test_each_combination_is_tried_once_with_the_sharpe_ratio_of_its_training_returns() -> None:
    windows = [walked().windows[place].window.train for place in apart([w.window.train for w in walked().windows])]
    assert len(windows) == 6
    assert len(walked().tried) == len(BINDINGS)
    for bind, found in zip(BINDINGS, walked().tried, strict=True):
        strategy = DeclaredStrategy(TEXT, bind)
        runs = [RustEngine().run(strategy, bars(), 100_000.0, train.start, train.end) for train in windows]
        together = Moments.of(np.concatenate([run._returns for run in runs]))
        assert together is not None
        assert found.plan_hash == strategy.plan.hash
        assert found.sessions == together.observations
        assert found.sharpe_per_period == pytest.approx(together.sharpe_per_period, rel=1e-9)


def test_an_engine_without_sweeps_tries_the_same() -> None:
    class Plain:
        run = RustEngine().run

    scheme, objective = Scheme(36, 24, 24), Objective("sharpe", 1)
    plain = walk_forward(Plain(), DeclaredStrategy(TEXT), bars(), 1e5, scheme, objective, max_combinations=9)
    swept = walk(scheme).tried
    assert [(each.plan_hash, each.sessions) for each in plain.tried] == [
        (each.plan_hash, each.sessions) for each in swept
    ]
    # The same returns, summed up in another order.
    ratios = [each.sharpe_per_period for each in swept]
    assert [each.sharpe_per_period for each in plain.tried] == pytest.approx(ratios, rel=1e-10)


def test_a_walk_is_its_combinations_and_itself() -> None:
    found = trials(walked(), "data", "conventions")
    assert [trial.plan_hash for trial in found[:-1]] == [each.plan_hash for each in walked().tried]
    assert {trial.key[1:] for trial in found[:-1]} == {("data", "conventions")}
    own, returns = found[-1], walked().equity["return"].drop_nulls().to_numpy()
    assert own.data_hash == "data"
    assert own.conventions_hash != "conventions"
    assert own.sharpe_per_period == pytest.approx(returns.mean() / returns.std(ddof=1))
    assert own.observations == len(returns)
    assert [trial.key for trial in trials(walk(Scheme(24, 6, 6)), "data", "conventions")] == [t.key for t in found]


@pytest.mark.parametrize(
    ("scheme", "objective"),
    [
        (Scheme(24, 6, 6, anchored=True), Objective("sharpe", 1)),
        (Scheme(24, 6, 6, purge=1), Objective("sharpe", 1)),
        (Scheme(24, 6, 6), Objective("sortino", 1)),
        (Scheme(24, 6, 6), Objective("sharpe", 2)),
    ],
    ids=str,
)
def test_another_way_of_walking_is_one_more_trial(scheme: Scheme, objective: Objective) -> None:
    known = {trial.key for trial in trials(walked(), "data", "conventions")}
    other = {trial.key for trial in trials(walk(scheme, objective=objective), "data", "conventions")}
    assert len(other - known) == 1


def test_one_combination_is_no_choice_and_defaults_that_were_not_fitted_count_too() -> None:
    (alone,) = trials(walk(Scheme(36, 24, 24), "fast=10", "slow=100"), "data", "conventions")
    assert alone.plan_hash == DeclaredStrategy(TEXT).plan.hash
    one, default = trials(walk(Scheme(36, 24, 24), "fast=5", "slow=200"), "data", "conventions")
    assert one.plan_hash == DeclaredStrategy(TEXT, {"fast": "5", "slow": "200"}).plan.hash
    assert default.plan_hash == DeclaredStrategy(TEXT).plan.hash
