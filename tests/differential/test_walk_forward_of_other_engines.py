"""Walk-forward on the engines of other libraries: fitted and traded by them, and what the native engine comes to."""

from __future__ import annotations

import inspect
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from oracle.backtesting.others import OTHER_ENGINES, other_engine
from oracle.backtesting.result import BacktestRun
from oracle.backtesting.rust_engine import RustEngine
from oracle.backtesting.verify import CENT
from oracle.backtesting.walk_forward.objective import Objective
from oracle.backtesting.walk_forward.result import WalkForward
from oracle.backtesting.walk_forward.walk import walk_forward
from oracle.backtesting.walk_forward.windows import Scheme
from oracle.backtesting.walking_engine import WalkingEngine
from oracle.core.errors import RangeError, UsageError
from oracle.core.interfaces import BacktestEngine
from oracle.data.demo import demo_bars
from oracle.data.frame import Prepared, prepare
from oracle.strategy.declared import DeclaredStrategy

CAPITAL = 50_000.0
TEXT = """schema: 1
name: fitted_cross
universe: {symbols: [IBM, MSFT]}
params:
  fast: {default: 10, choices: [5, 10, 20]}
  slow: {default: 40, choices: [40, 80]}
entry: {long: "sma(close, fast) > sma(close, slow)", priority: "change_ratio(close, slow)"}
exit: {when: "sma(close, fast) < sma(close, slow)", stop_loss: 6%}
sizing: {method: fixed_fraction, fraction: 60%}
"""


@pytest.fixture(scope="module")
def bars() -> Prepared:
    wanted = pl.col("symbol").is_in(["IBM", "MSFT"]) & pl.col("date").is_between(date(2006, 1, 1), date(2009, 12, 31))
    return prepare(demo_bars().filter(wanted))


def walked(engine: WalkingEngine, bars: Prepared) -> WalkForward:
    strategy, objective = DeclaredStrategy(TEXT), Objective(minimum_trades=2)
    return walk_forward(engine, strategy, bars, CAPITAL, Scheme(18, 6, 6), objective, max_combinations=6)


@pytest.mark.parametrize("library", OTHER_ENGINES)
def test_params_and_curve_are_those_of_the_native_engine_under_the_same_conventions(
    library: str, bars: Prepared, tmp_path: Path
) -> None:
    other = other_engine(library)
    theirs, ours = walked(other, bars), walked(RustEngine(conventions=other.conventions), bars)
    assert len(theirs.windows) >= 4
    assert [window.params for window in theirs.windows] == [window.params for window in ours.windows]
    assert [window.choice for window in theirs.windows] == [window.choice for window in ours.windows]
    assert len({tuple(window.params.items()) for window in theirs.windows}) > 1, "one choice for all shows nothing"
    assert theirs.equity["timestamp"].equals(ours.equity["timestamp"])
    apart = (theirs.equity["equity"] - ours.equity["equity"]).abs().max()
    assert isinstance(apart, float)
    assert apart < CENT
    trades = sum(window.part.trade_count for window in theirs.windows)
    assert trades == sum(window.part.trade_count for window in ours.windows) > 10
    page = tmp_path / "walk.html"
    theirs.to_html(page)
    assert "fitted_cross" in page.read_text(encoding="utf-8")
    # Training and tests are the library's own runs.
    runs = [run for window in theirs.windows for run in (window.train, window.test, window.part, window.fixed)]
    assert all(run.run_id.startswith(f"{library}-") for run in runs)


@pytest.mark.parametrize("library", OTHER_ENGINES)
def test_the_method_gives_the_tests_by_the_settings(library: str, bars: Prepared) -> None:
    other = other_engine(library)
    theirs = other.walk_forward(DeclaredStrategy(TEXT), bars, CAPITAL, 24, 12, 12)
    ours = RustEngine(conventions=other.conventions).walk_forward(DeclaredStrategy(TEXT), bars, CAPITAL, 24, 12, 12)
    assert len(theirs) == len(ours) == 2
    for their, our in zip(theirs, ours, strict=True):
        assert isinstance(their, BacktestRun)
        assert (their.start, their.end, their.plan_hash) == (our.start, our.end, our.plan_hash)
        assert their.final_equity == pytest.approx(our.final_equity, abs=CENT)
        assert their.trade_count == our.trade_count > 0


@pytest.mark.parametrize("library", OTHER_ENGINES)
def test_what_cannot_be_walked_is_refused_alike(library: str, bars: Prepared) -> None:
    other = other_engine(library)
    with pytest.raises(RangeError, match="1 month or longer"):
        other.walk_forward(DeclaredStrategy(TEXT), bars, CAPITAL, 0, 6, 6)
    with pytest.raises(RangeError, match="shorter than one window"):
        other.walk_forward(DeclaredStrategy(TEXT), bars, CAPITAL, 60, 6, 6)
    with pytest.raises(UsageError, match="declared strategies"):
        other.walk_forward("momentum", bars, CAPITAL)  # type: ignore[arg-type]  # a name is no strategy


def test_every_engine_walks_by_the_one_signature() -> None:
    engines = {type(other_engine(name)) for name in OTHER_ENGINES} | {RustEngine}
    assert {engine.walk_forward for engine in engines} == {WalkingEngine.walk_forward}
    assert all(issubclass(engine, BacktestEngine) for engine in engines)
    defaults = {
        name: parameter.default
        for name, parameter in inspect.signature(WalkingEngine.walk_forward).parameters.items()
        if name.endswith("_months")
    }
    scheme = Scheme()
    assert defaults == {name: getattr(scheme, name) for name in defaults}
    assert len(defaults) == 3
