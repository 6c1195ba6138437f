"""Strategies in Python: one prefix per decision, the same simulation, errors with name and bar."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import oracle
from oracle.backtesting.others import OTHER_ENGINES, other_engine
from oracle.backtesting.rust_engine import RustEngine
from oracle.bootstrap import load
from oracle.core.errors import ConfigError, RunError, UsageError
from oracle.core.interfaces import BaseStrategy
from oracle.core.models import OHLCV, Signal, SignalDirection
from oracle.data.demo import demo_bars

SYMBOLS = ["IBM", "MSFT"]


class Above(BaseStrategy):
    """Hold what closes above the mean of its last closes."""

    length = 50
    name = "above_average"  # type: ignore[assignment]  # a constant answers for a property
    min_hold_days = 2  # type: ignore[assignment]  # as above

    def generate_signals(self, data: dict[str, list[OHLCV]]) -> list[Signal]:
        last = max(bars[-1].timestamp for bars in data.values())
        return [self.signal(bars, last) for bars in data.values() if len(bars) >= self.length]

    def signal(self, bars: list[OHLCV], last: Any) -> Signal:
        closes = [bar.close for bar in bars[-self.length :]]
        mean = sum(closes) / self.length
        is_above = closes[-1] > mean
        direction = SignalDirection.LONG if is_above else SignalDirection.FLAT
        return Signal(
            symbol=bars[-1].symbol,
            timestamp=last,
            direction=direction,
            strength=closes[-1] / mean,
            strategy=self.name,
            plan_hash="",
        )

    def get_parameters(self) -> dict[str, Any]:
        return {"length": self.length}

    def get_required_data(self) -> list[str]:
        return SYMBOLS


RULES = """schema: 1
name: above_average
universe: {symbols: [IBM, MSFT]}
entry: {long: "close > sma(close, 50)", priority: "close / sma(close, 50)"}
exit: {when: "close <= sma(close, 50)"}
min_hold_days: 2
"""

FILE = """schema: 1
name: above_average
universe: {symbols: [IBM, MSFT]}
python: %s
min_hold_days: 2
"""


@pytest.fixture(scope="module")
def bars() -> pl.DataFrame:
    days = pl.col("date").is_between(pl.date(2009, 1, 1), pl.date(2010, 6, 30))
    raw = demo_bars().filter(pl.col("symbol").is_in(SYMBOLS) & days)
    return raw.drop("adjusted_close") if "adjusted_close" in raw.columns else raw


def test_the_same_rules_in_python_and_in_yaml_give_the_same_run(bars: pl.DataFrame) -> None:
    engine = RustEngine()
    coded, ruled = engine.run(Above(), bars), engine.run(oracle.load_strategy(RULES), bars)
    assert len(ruled.fills) > 10
    assert coded.fills.equals(ruled.fills)
    assert coded.equity.equals(ruled.equity)
    assert coded.run_id != ruled.run_id


def test_a_file_may_name_a_python_strategy_and_add_stops(bars: pl.DataFrame) -> None:
    path = f"{__name__}.Above"
    strategy = oracle.load_strategy(FILE % path)
    plain = RustEngine().run(strategy, bars)
    assert plain.fills.equals(RustEngine().run(Above(), bars).fills)
    stopped = RustEngine().run(oracle.load_strategy(FILE % path + "exit: {stop_loss: 2%}\n"), bars)
    assert "stop_loss" in stopped.trades["reason"].to_list()


def test_limits_hold_for_python_too(bars: pl.DataFrame) -> None:
    limits = oracle.RiskSettings.from_yaml(Path(__file__).parents[3] / "config" / "risk_limits.yaml")
    limited = RustEngine(limits=limits, waive=("vix", "sector")).run(Above(), bars)
    assert limited.verdict_counts
    bought = limited.fills.filter(pl.col("side") == "BUY")
    largest = (bought["quantity"] * bought["price"]).max()
    assert largest < 0.06 * limited.equity["equity"].max()


def test_what_a_strategy_sees_ends_at_the_bar_it_decides(bars: pl.DataFrame) -> None:
    seen: list[tuple[Any, int]] = []

    class Watching(Above):
        def generate_signals(self, data: dict[str, list[OHLCV]]) -> list[Signal]:
            stamps = {bars[-1].timestamp for bars in data.values()}
            assert all(bar.timestamp <= max(stamps) for bars in data.values() for bar in bars)
            seen.append((max(stamps), sum(map(len, data.values()))))
            for own in data.values():
                own.clear()  # a copy: nothing of it comes back
            return []

    RustEngine().run(Watching(), bars)
    assert [count for _, count in seen] == [2 * (place + 1) for place in range(len(seen))]
    assert len(seen) == bars["date"].n_unique()


def test_a_strategy_sees_the_quote_of_a_bar_that_has_one(bars: pl.DataFrame) -> None:
    seen: list[tuple[float, float | None, float | None]] = []

    class Watching(Above):
        def generate_signals(self, data: dict[str, list[OHLCV]]) -> list[Signal]:
            seen.extend((own[-1].close, own[-1].bid, own[-1].ask) for own in data.values())
            return []

    asked = pl.when(pl.col("symbol") == "IBM").then(pl.col("close") + 0.01)
    RustEngine().run(Watching(), bars.with_columns(bid=pl.lit(None), ask=asked))
    assert len(seen) == len(bars)
    assert all(bid is None and ask in (None, close + 0.01) for close, bid, ask in seen)
    assert sum(ask is None for _, _, ask in seen) == bars.filter(pl.col("symbol") == "MSFT").height


def test_bars_that_a_strategy_keeps_never_grow(bars: pl.DataFrame) -> None:
    kept: list[dict[str, list[OHLCV]]] = []

    class Keeping(Above):
        def generate_signals(self, data: dict[str, list[OHLCV]]) -> list[Signal]:
            kept.append(data)
            return []

    RustEngine().run(Keeping(), bars)
    assert len(kept) == bars["date"].n_unique()
    for place, data in enumerate(kept, 1):
        assert [len(own) for own in data.values()] == [place, place]
        assert {own[-1].timestamp for own in data.values()} == {kept[place - 1]["IBM"][-1].timestamp}


@pytest.mark.parametrize("library", OTHER_ENGINES)
def test_python_decides_in_other_engines_too(library: str, bars: pl.DataFrame) -> None:
    other = other_engine(library)
    ours = RustEngine(conventions=other.conventions)
    for strategy in (Above(), oracle.load_strategy(FILE % f"{__name__}.Above" + "exit: {stop_loss: 2%}\n")):
        theirs, native = other.run(strategy, bars), ours.run(strategy, bars)
        assert len(theirs.fills) == len(native.fills) > 10
        assert theirs.fills["quantity"].equals(native.fills["quantity"])
        assert theirs.final_equity == pytest.approx(native.final_equity, abs=0.005)


class Late(Above):
    def generate_signals(self, data: dict[str, list[OHLCV]]) -> list[Signal]:
        day = timedelta(days=1)
        signals = super().generate_signals(data)
        return [signal.model_copy(update={"timestamp": signal.timestamp + day}) for signal in signals]


class Broken(Above):
    def generate_signals(self, data: dict[str, list[OHLCV]]) -> list[Signal]:
        raise KeyError("AAPL")


@pytest.mark.parametrize(
    ("strategy", "says"),
    [
        (Broken(), r"above_average failed at the bar of 2009-01-02.*KeyError: 'AAPL'"),
        (Late(), r"above_average at the bar of .*expected the stamp of the last bar"),
    ],
)
def test_a_failing_strategy_stops_the_run_with_its_name_and_bar(
    strategy: BaseStrategy, says: str, bars: pl.DataFrame
) -> None:
    with pytest.raises(RunError, match=says) as caught:
        RustEngine().run(strategy, bars)
    assert caught.value.exit_code == 3


@pytest.mark.parametrize("path", ["no.such.Module", "oracle.core.models.OHLCV", "nothing"])
def test_a_class_that_is_not_there_is_refused(path: str, bars: pl.DataFrame) -> None:
    with pytest.raises(UsageError, match="python"):
        RustEngine().run(oracle.load_strategy(FILE % path), bars)


def test_rules_beside_python_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "both.yaml"
    file.write_text(FILE % f"{__name__}.Above" + "exit: {when: close > 5}\n", encoding="utf-8")
    with pytest.raises(ConfigError):
        load([file])
