"""Which combination wins: the largest value, the defaults among equals, and nobody without enough trades."""

from __future__ import annotations

import pytest

from oracle.backtesting.metrics import BY_NAME
from oracle.backtesting.walk_forward.objective import OBJECTIVES, Choice, Objective, Score
from oracle.core.errors import RangeError, UsageError


def choose(*values: float | None, trades: int = 10, default: int | None = None) -> Choice:
    return Objective("sharpe", 10).choose([Score(value, trades) for value in values], default)


def test_the_largest_value_wins() -> None:
    assert choose(0.1, 0.9, -2.0) == Choice(1, 3, 1)
    assert choose(-3.0, -1.0, -2.0) == Choice(1, 3, 1)


def test_equals_go_to_the_defaults_and_else_to_the_first() -> None:
    assert choose(0.5, 0.9, 0.9, 0.9, default=2) == Choice(2, 4, 3)
    assert choose(0.5, 0.9, 0.9, 0.9, default=0) == Choice(1, 4, 3), "defaults that are worse do not win"
    assert choose(0.5, 0.9, 0.9) == Choice(1, 3, 2)


def test_a_difference_in_the_last_bits_is_a_tie() -> None:
    assert choose(0.9, 0.9 * (1 + 1e-15), 0.9 * (1 + 1e-9)).place == 2
    assert choose(0.9, 0.9 * (1 + 1e-15)) == Choice(0, 2, 2)


def test_too_few_trades_or_no_value_cannot_win() -> None:
    scores = [Score(9.0, 9), Score(1.0, 10), Score(None, 50)]
    assert Objective("sharpe", 10).choose(scores, 0) == Choice(1, 1, 1)
    assert Objective("sharpe", 51).choose(scores, 0) == Choice(None, 0, 0)
    assert Objective("sharpe", 0).choose(scores, 1) == Choice(0, 2, 1)


def test_every_objective_is_a_metric() -> None:
    assert set(OBJECTIVES) < set(BY_NAME)


def test_what_cannot_be_an_objective_is_refused_with_a_suggestion() -> None:
    with pytest.raises(UsageError, match="did you mean sharpe"):
        Objective("sharp")
    with pytest.raises(UsageError, match="'volatility' is no objective"):
        Objective("volatility")
    with pytest.raises(RangeError):
        Objective("sharpe", -1)
