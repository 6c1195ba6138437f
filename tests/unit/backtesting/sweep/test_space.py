"""Which values there are, and the place of each combination."""

from __future__ import annotations

import numpy as np
import pytest

from oracle.backtesting.grid import grid_of
from oracle.backtesting.sweep.space import Space, written
from oracle.core.errors import UsageError
from oracle.strategy.declared import DeclaredStrategy

STRATEGY = DeclaredStrategy("""
schema: 1
name: crossing
universe: {symbols: [AAPL]}
params:
  fast: {default: 10, range: [5, 20], step: 5}
  slow: {default: 100, choices: [50, 100, 200]}
  stop: {default: 5%, range: [2%, 10%]}
  hold: {default: 12s, range: [10s, 12s]}
entry: {long: "sma(close, fast) > sma(close, slow)"}
exit: {when: "sma(close, fast) < sma(close, slow)", stop_loss: stop, max_hold: hold}
""")


def test_places_count_combinations_with_the_last_param_fastest() -> None:
    space = Space.of(STRATEGY)
    assert space.values == {"fast": ("5", "10", "15", "20"), "slow": ("50", "100", "200")}
    assert (space.size, space.fixed) == (12, ("stop", "hold"))
    assert space.binding(0) == {"fast": "5", "slow": "50"}
    assert space.binding(4) == {"fast": "10", "slow": "100"}
    assert written(space.binding(11)) == "fast=20,slow=200"
    places = np.arange(space.size)
    assert (space.places(space.codes(places)) == places).all()


def test_a_search_cuts_a_range_without_a_step() -> None:
    space = Space.of(STRATEGY, is_grid=False)
    assert space.values["hold"] == ("10s", "11s", "12s")
    assert len(space.values["stop"]) == 201
    assert (space.values["stop"][0], space.values["stop"][1], space.values["stop"][-1]) == ("2%", "2.04%", "10%")


def test_a_range_may_be_asked_for_with_its_unit_at_the_end_alone() -> None:
    def values(text: str) -> list[str]:
        name = text.partition("=")[0]
        return grid_of(STRATEGY.spec, STRATEGY.get_parameters(), [text])[name]

    assert values("fast=5..11:2") == ["5", "7", "9", "11"]
    assert values("fast=3,10..20:5") == ["3", "10", "15", "20"]
    assert values("stop=2..4%:0.5") == ["2.0%", "2.5%", "3.0%", "3.5%", "4.0%"]
    assert values("stop=100bps..2%:50bps") == ["1.0%", "1.5%", "2.0%"]
    assert values("hold=10s..12s:1s") == ["10s", "11s", "12s"]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("fats=1,2", "did you mean fast?"),
        ("fast=5..50", "a range has a step"),
        ("fast=50..5:5", "goes upwards"),
        ("fast=5..50:0", "goes upwards"),
        ("fast=1,x", "no value of fast"),
        ("stop=5,6", "the unit differs"),
        ("fast", "expected name=value"),
    ],
)
def test_a_grid_that_makes_no_sense_is_explained(asked: str, words: str) -> None:
    with pytest.raises(UsageError, match=words.replace("?", r"\?")):
        Space.of(STRATEGY, [asked])


def test_without_anything_to_vary_there_is_no_sweep() -> None:
    plain = DeclaredStrategy("schema: 1\nname: x\nuniverse: {symbols: [AAPL]}\nentry: {long: close > 1}\n")
    with pytest.raises(UsageError, match="no param to vary"):
        Space.of(plain)
