"""The Python door as a notebook meets it: load, backtest, read frames; every form of bars gives the same result."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest
from market import ROOT

import oracle
from oracle.data.demo import demo_bars
from oracle.data.models import frame_of

MOMENTUM = ROOT / "strategies" / "momentum.yaml"

COLUMNS = {
    "orders": {"order_id", "symbol", "side", "order_type", "quantity", "decided_at", "status"},
    "fills": {"order_id", "symbol", "side", "quantity", "price", "fee", "filled_at"},
    "equity": {"timestamp", "equity", "cash"},
    "trades": {"symbol", "entry_time", "entry_price", "exit_time", "exit_price", "quantity", "pnl", "reason"},
}


@pytest.fixture(scope="module")
def strategy() -> oracle.DeclaredStrategy:
    return oracle.load_strategy(MOMENTUM)


@pytest.fixture(scope="module")
def run(strategy: oracle.DeclaredStrategy) -> oracle.BacktestRun:
    return oracle.backtest(strategy, demo_bars(), limits=oracle.NO_LIMITS)


def test_frames_have_the_columns_others_script_against(run: oracle.BacktestRun) -> None:
    for name, columns in COLUMNS.items():
        frame = getattr(run, name)
        assert set(frame.columns) >= columns, name
        assert frame.height > 20, name


def test_bars_may_come_in_any_order_zone_and_case(strategy: oracle.DeclaredStrategy, run: oracle.BacktestRun) -> None:
    bars = demo_bars()
    forms = {
        "shuffled": bars.sample(fraction=1.0, shuffle=True, seed=3),
        "upper case": bars.rename({name: name.upper() for name in bars.columns}),
        "times": bars.with_columns(pl.col("date").cast(pl.Datetime("us"))).rename({"date": "timestamp"}),
        "zoned times": bars.with_columns(pl.col("date").cast(pl.Datetime("ns", "UTC"))).rename({"date": "timestamp"}),
    }
    for name, form in forms.items():
        again = oracle.backtest(strategy, form, limits=oracle.NO_LIMITS)
        assert again.fills.equals(run.fills), name
        assert again.run_id == run.run_id, name


def test_the_shipped_limits_apply_unless_none_are_asked_for(strategy: oracle.DeclaredStrategy) -> None:
    with pytest.raises(oracle.RunError, match="VIX"):
        oracle.backtest(strategy, demo_bars(), settings=oracle.Settings())
    waiving = oracle.Settings.model_validate({"simulation": {"waive": ["vix"]}})
    limited = oracle.backtest(strategy, demo_bars(), settings=waiving)
    assert limited.policy_hash is not None
    assert limited.waived == ("vix",)
    assert "POSITION_MAX" in limited.verdict_counts


def test_a_vix_in_the_bars_is_what_the_limits_read(strategy: oracle.DeclaredStrategy) -> None:
    bars = demo_bars()
    level = pl.when(pl.col("date").dt.year() == 2008).then(60.0).otherwise(15.0)
    fear = bars.filter(pl.col("symbol") == "IBM").with_columns(
        pl.lit("VIX").alias("symbol"),
        *(level.alias(name) for name in ("open", "high", "low", "close", "adjusted_close")),
    )
    # A waiver is for what the data lack.
    run = oracle.backtest(strategy, pl.concat([bars, fear]), waive=["vix"])
    assert run.waived == ()
    refused = run.verdicts.filter(pl.col("code") == "VIX")
    assert not refused.is_empty()
    assert refused["timestamp"].dt.year().unique().to_list() == [2008]
    entries = run.trades["entry_time"].dt.year()
    assert (entries == 2007).any()
    assert not (run.trades["entry_time"].is_between(datetime(2008, 1, 4), datetime(2008, 12, 31))).any()


def test_models_are_bars_too(strategy: oracle.DeclaredStrategy) -> None:
    from oracle.core.models import OHLCV

    frame = demo_bars().filter(pl.col("symbol") == "IBM").drop("adjusted_close")
    models = {
        "IBM": [
            OHLCV(symbol="IBM", timestamp=datetime.combine(row["date"], datetime.min.time(), UTC),
                  **{name: row[name] for name in ("open", "high", "low", "close", "volume")})
            for row in frame.iter_rows(named=True)
        ]
    }  # fmt: skip
    assert frame_of(models).height == frame.height
    engine = oracle.RustEngine()
    assert engine.run(strategy, models).fills.equals(engine.run(strategy, frame).fills)
    signals = strategy.generate_signals(models)
    assert [signal.symbol for signal in signals] in (["IBM"], [])
    assert all(signal.plan_hash == strategy.plan.hash for signal in signals)


@pytest.mark.parametrize("name", ["MomentumStrategy", "MeanReversionStrategy", "BreakoutStrategy"])
def test_builtin_strategies_are_their_files(name: str) -> None:
    strategy = getattr(oracle, name)()
    path = ROOT / "strategies" / f"{strategy.name}.yaml"
    assert strategy.plan.hash == oracle.load_strategy(path).plan.hash
    assert strategy.min_hold_days >= 2
    assert strategy.get_required_data() == ["AAPL", "FB", "GOOG", "IBM", "MSFT"]
    assert set(strategy.get_parameters())
