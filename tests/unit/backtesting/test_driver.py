"""The driver from Python: a run that is told its fills, and what it refuses."""

from __future__ import annotations

import json
from collections import defaultdict

import polars as pl
import pytest
from market import SHIPPED, demo

import oracle
from oracle.backtesting.rust_engine import RustEngine
from oracle.core import native
from oracle.core.errors import EngineError, RangeError

SWING = next(path for path in SHIPPED if path.stem == "swing_momentum")


def driver() -> native.Driver:
    declared, request = RustEngine().request(oracle.load_strategy(SWING), demo(), 100_000.0, None, None)
    return native.drive(declared.plan.raw, request.bars, request.config)


def test_told_the_fills_of_a_run_it_is_that_run() -> None:
    own = RustEngine().run(oracle.load_strategy(SWING), demo())
    fills = defaultdict(list)
    for row in own.fills.iter_rows(named=True):
        fills[row["filled_at"]].append(row)
    driven = driver()
    days = own.equity["timestamp"].to_list()
    for day in days[1:]:
        driven.decide()
        assert driven.open()
        for row in fills[day]:
            driven.fill(row["order_id"], row["quantity"], row["price"], row["fee"])
        driven.close()
    driven.decide()
    assert not driven.open()
    assert driven.cash == pytest.approx(float(own.equity["cash"][-1]), abs=1e-6)
    run = driven.finish()
    assert run.final_equity == own.final_equity
    assert run.trade_count == own.trade_count
    assert {**json.loads(run.metrics)}["sharpe"] == own.metrics["sharpe"]
    assert pl.Series(run.table("equity")["equity"]).equals(own.equity["equity"])


def test_orders_go_out_and_what_fills_is_held() -> None:
    driven = driver()
    while True:
        driven.decide()
        assert driven.open()
        _, orders = driven.outgoing()
        if orders:
            break
        driven.close()
    order = orders[0]
    assert order["role"] == "entry"
    assert order["type"] == "MARKET"
    driven.fill(order["id"], order["quantity"], 50.0, driven.fee(True, order["quantity"], 50.0))
    assert driven.position(order["symbol"]) == order["quantity"]
    _, children = driven.outgoing()
    assert [child["role"] for child in children] == ["stop"]
    # The target waits for the minimum hold; both are working.
    assert {child["role"] for child in driven.working(order["symbol"])} == {"stop", "target"}
    before = driven.cash
    driven.move_cash(-10.0)
    assert driven.cash == pytest.approx(before - 10.0)
    driven.close([(order["symbol"], 49.0)])


def test_what_makes_no_sense_is_refused() -> None:
    driven = driver()
    with pytest.raises(EngineError, match="expected decide"):
        driven.open()
    with pytest.raises(EngineError, match="unknown"):
        driven.fill(99, 1.0, 1.0, 0.0)
    with pytest.raises(RangeError, match="finite"):
        driven.fill(1, float("nan"), 1.0, 0.0)
    driven.finish()
    with pytest.raises(EngineError, match="finished"):
        driven.decide()


def test_settings_that_cannot_run_are_said_at_once() -> None:
    declared, request = RustEngine().request(oracle.load_strategy(SWING), demo(), 100_000.0, None, None)
    config = {**json.loads(request.config), "from_ns": 9_000_000_000_000_000_000}
    with pytest.raises(RangeError, match="period"):
        native.drive(declared.plan.raw, request.bars, json.dumps(config))
    with pytest.raises(RangeError, match="conventions"):
        RustEngine(conventions="metatrader")
