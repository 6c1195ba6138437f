"""Combinations of params: declared or asked for, and what is said when the asking makes no sense."""

from __future__ import annotations

import pytest

from oracle.backtesting.grid import combinations, default_place, grid_of
from oracle.core.errors import UsageError
from oracle.strategy.declared import DeclaredStrategy

TEXT = """
schema: 1
name: crossing
universe: {symbols: [AAPL]}
params:
  fast: {default: 10, range: [5, 20], step: 5}
  slow: {default: 100, choices: [100, 200]}
  stop: {default: 5%, range: [4%, 6%], step: 0.5%}
  kept: {default: 30d}
entry: {long: "sma(close, fast) > sma(close, slow)"}
exit: {when: "sma(close, fast) < sma(close, slow)", stop_loss: stop, max_hold: kept}
"""
STRATEGY = DeclaredStrategy(TEXT)
DEFAULTS = STRATEGY.get_parameters()


def grid(*asked: str) -> dict[str, list[str]]:
    return grid_of(STRATEGY.spec, DEFAULTS, asked)


def test_declared_values_are_ranges_with_both_ends_choices_and_the_default_alone() -> None:
    assert grid() == {
        "fast": ["5", "10", "15", "20"],
        "slow": ["100", "200"],
        "stop": ["4.0%", "4.5%", "5.0%", "5.5%", "6.0%"],
        "kept": ["30d"],
    }


def test_combinations_are_every_value_once_and_the_last_varies_fastest() -> None:
    found = combinations(grid("stop=5%"), 8)
    assert [(each["fast"], each["slow"]) for each in found] == [
        (fast, slow) for fast in ("5", "10", "15", "20") for slow in ("100", "200")
    ]
    assert combinations({}, 1) == [{}]


def test_the_defaults_are_found_by_value_and_not_by_spelling() -> None:
    found = combinations(grid(), 100)
    place = default_place(DEFAULTS, found)
    assert place is not None
    assert found[place] == {"fast": "10", "slow": "100", "stop": "5.0%", "kept": "30d"}
    assert default_place(DEFAULTS, combinations(grid("fast=5,15"), 100)) is None


def test_values_asked_for_take_the_place_of_those_declared_for_that_param_alone() -> None:
    found = grid("fast=7, 9", "kept=10d,20d")
    assert found["fast"] == ["7", "9"]
    assert found["kept"] == ["10d", "20d"]
    assert found["slow"] == ["100", "200"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("fest=5",), "no param named fest; its params are fast, slow, stop, kept; did you mean fast?"),
        (("zzz=5",), "no param named zzz; its params are fast, slow, stop, kept$"),
        (("fast",), "expected name=value,value such as lookback=63,126"),
        (("fast=",), "expected name=value,value"),
        (("fast=5,x",), "'x' is no value of fast"),
        (("fast=5,,7",), "'' is no value of fast"),
        (("stop=5",), "5 is no value of stop, whose default is 5%: the unit differs; did you mean 5%?"),
        (("kept=20s",), "did you mean 20d?"),
        (("fast=5,5.0",), "a value is given twice"),
        (("fast=5", "fast=7"), "fast is given twice; list its values in one place"),
    ],
)
def test_a_grid_that_makes_no_sense_is_explained(asked: tuple[str, ...], said: str) -> None:
    with pytest.raises(UsageError) as refused:
        grid(*asked)
    assert said.rstrip("$") in str(refused.value)
    assert not said.endswith("$") or str(refused.value).endswith(said.rstrip("$"))


def test_too_many_combinations_are_refused_with_both_numbers() -> None:
    with pytest.raises(UsageError, match=r"40 combinations, and .* is 39; widen"):
        combinations(grid(), 39)
