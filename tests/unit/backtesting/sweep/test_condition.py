"""`--where`: what it may say, and what it does with what is not known."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from oracle.backtesting.sweep.condition import Condition
from oracle.backtesting.sweep.methods import every_place, may_run, random_places
from oracle.backtesting.sweep.space import Space
from oracle.core.errors import UsageError

SPACE = Space({"fast": ("5", "10", "20"), "slow": ("10", "20"), "stop": ("2%", "5%")})
METRICS = ["sharpe", "trades", "max_drawdown"]
NAMES = (*SPACE.names, *METRICS)


def truths(text: str, **columns: list[float | None]) -> list[bool | None]:
    return Condition(text, NAMES).of(pl.DataFrame(columns)).to_list()


def test_units_equality_and_falls_are_written_as_in_strategies() -> None:
    assert truths("max_drawdown < 20%", max_drawdown=[-0.19, -0.21]) == [True, False]
    assert truths("stop <= 200bps", stop=[0.02, 0.03]) == [True, False]
    assert truths("fast == 5 or not (slow > 10)", fast=[5, 6], slow=[11, 11]) == [True, False]
    assert truths("trades >= 1_000 and sharpe > 1.5", trades=[1000, 1000], sharpe=[2.0, None]) == [True, None]


def test_what_no_metric_could_make_fit_is_not_run() -> None:
    where = Condition("fast < slow and trades >= 30 or stop > 4% and fast = 20", NAMES)
    bindings = [SPACE.binding(place) for place in may_run(SPACE, np.arange(SPACE.size), where, METRICS).tolist()]
    fit = [(b["fast"], b["slow"], b["stop"]) for b in bindings]
    assert fit == [
        ("5", "10", "2%"), ("5", "10", "5%"), ("5", "20", "2%"), ("5", "20", "5%"),
        ("10", "20", "2%"), ("10", "20", "5%"), ("20", "10", "5%"), ("20", "20", "5%"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("fats < slow", "did you mean fast"),
        ("fast <", "cannot be read"),
        ("fast + slow", "no condition"),
        ("fast < 'a'", "makes no sense"),
        ("__import__('os').system('true')", "cannot be read|no condition|named"),
    ],
)
def test_what_is_no_condition_is_explained(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Condition(text, NAMES)


def test_random_places_are_seeded_distinct_and_fit() -> None:
    where = Condition("fast < slow", NAMES)
    first = random_places(SPACE, where, METRICS, 4, seed=7)
    assert len(set(first.tolist())) == 4
    assert (first == random_places(SPACE, where, METRICS, 4, seed=7)).all()
    assert set(first.tolist()) <= set(every_place(SPACE, where, METRICS, 100).tolist())
    assert len(random_places(SPACE, where, METRICS, 100, seed=7)) == 6, "all that there are"
    # Too many to list: drawn one by one.
    wide = Space({name: tuple(map(str, range(1, 201))) for name in ("a", "b", "c")})
    condition = Condition("a < b and b < c", ("a", "b", "c"))
    drawn = random_places(wide, condition, [], 50, seed=1)
    assert len(set(drawn.tolist())) == 50
    assert (drawn == random_places(wide, condition, [], 50, seed=1)).all()
    assert len(may_run(wide, drawn, condition, [])) == 50
    with pytest.raises(UsageError, match="fewer than one combination"):
        random_places(wide, Condition("a = 1 and b = 1 and c = 1", ("a", "b", "c")), [], 2, seed=1)


def test_too_many_combinations_name_the_ways_out() -> None:
    with pytest.raises(UsageError, match=r"sweep\.max_combinations is 10"):
        every_place(SPACE, Condition(None, NAMES), METRICS, 10)
