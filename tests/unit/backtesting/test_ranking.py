"""Scores worked out by hand: each part on its scale, the weighted sum, and what passes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import polars as pl
import pytest
from market import demo, only

from oracle.backtesting.ranking.score import Scorecard, measured, rank, scorecard
from oracle.backtesting.ranking.summary import write
from oracle.backtesting.rust_engine import RustEngine
from oracle.backtesting.walk_forward.objective import Objective
from oracle.backtesting.walk_forward.result import WalkForward
from oracle.backtesting.walk_forward.walk import walk_forward
from oracle.backtesting.walk_forward.windows import Scheme
from oracle.core.config import Settings
from oracle.core.demands import StrategySettings
from oracle.strategy.declared import DeclaredStrategy

TEXT = """
schema: 1
name: NAME
universe: {symbols: [IBM]}
entry: {long: "close > sma(close, 50)"}
exit: {when: "close < sma(close, 50)"}
sizing: {method: equal_weight, max_positions: 1}
"""
DEMANDS = Settings().strategy


@cache
def walked() -> WalkForward:
    strategy = DeclaredStrategy(TEXT.replace("NAME", "sheet"))
    scheme, objective = Scheme(36, 24, 24), Objective()
    return walk_forward(RustEngine(), strategy, only(demo(), "IBM"), 100_000.0, scheme, objective, max_combinations=1)


def sheet(
    name: str = "sheet",
    months: tuple[float, ...] = (0.02, 0.01, 0.0, -0.01, 0.03),
    pnl: tuple[float, ...] = (150.0, -100.0),
    repeat: int = 60,
    **metrics: float | None,
) -> WalkForward:
    """A walk-forward whose out-of-sample curve is as a hand-worked sheet has it."""
    stitched = walked().stitched
    curve = pl.DataFrame(
        {"timestamp": [date(2005, month, 1) for month in range(1, len(months) + 1)], "return": list(months)}
    )
    trades = pl.DataFrame({"pnl": list(pnl) * repeat}, schema={"pnl": pl.Float64})
    worked = {"sharpe": 1.2, "sortino": 1.5, "max_drawdown": -0.10, "profit_factor": 1.5, **metrics}
    changed = replace(stitched, equity=curve, trades=trades, metrics={**stitched.metrics, **worked})
    return replace(walked(), strategy=name, stitched=changed)


def parts(card: Scorecard) -> dict[str, tuple[float, float]]:
    return {part.name: (round(part.marks, 9), round(part.points, 9)) for part in card.parts}


def test_the_sheet() -> None:
    # Sharpe 1.2 of 2.0 is 0.60, times 30% is 0.180. Sortino 1.5 of 3.0 is 0.50, times 20% is 0.100.
    # Drawdown 10% of 40% leaves 0.75, times 20% is 0.150. Profit factor 0.5 above 1 of 1.0 is 0.50, times 15% is 0.075.
    # Three of five months are positive: 60% of 75% is 0.80, times 15% is 0.120. Together 0.625.
    card = scorecard(sheet(), DEMANDS)
    assert parts(card) == {
        "sharpe": (0.60, 0.180),
        "sortino": (0.50, 0.100),
        "drawdown": (0.75, 0.150),
        "profit_factor": (0.50, 0.075),
        "positive_months": (0.80, 0.120),
    }
    assert card.score == pytest.approx(0.625)
    assert card.passed
    assert [str(each) for each in card.thresholds] == [
        "Sharpe 1.20, expected >= 1.00",
        "Profit factor 1.50, expected >= 1.50",
        "Max drawdown 10.0%, expected <= 20.0%",
        "Trades 120, expected >= 100",
    ]


def test_scales_end_at_none_and_at_all() -> None:
    best = scorecard(sheet(sharpe=9.0, sortino=9.0, max_drawdown=0.0, profit_factor=9.0, months=(0.1,) * 4), DEMANDS)
    assert best.score == pytest.approx(1.0)
    worst = scorecard(sheet(sharpe=-1.0, sortino=-1.0, max_drawdown=-0.9, profit_factor=0.2, months=(-0.1,)), DEMANDS)
    assert worst.score == 0.0


def test_thresholds_are_met_at_their_limits_and_not_beyond() -> None:
    at = scorecard(sheet(sharpe=1.0, profit_factor=1.5, max_drawdown=-0.20, repeat=50), DEMANDS)
    assert [each.passed for each in at.thresholds] == [True] * 4
    trades = (1.0,) * 98 + (-1.0,)
    beyond = sheet(sharpe=0.999, profit_factor=1.499, max_drawdown=-0.2001, pnl=trades, repeat=1)
    assert [each.passed for each in scorecard(beyond, DEMANDS).thresholds] == [False] * 4


def test_what_has_no_value_has_no_marks_and_does_not_pass() -> None:
    idle = scorecard(
        sheet(sharpe=None, sortino=None, max_drawdown=0.0, profit_factor=None, months=(0.0,), pnl=()), DEMANDS
    )
    assert idle.score == 0.0
    assert [each.passed for each in idle.thresholds] == [False] * 4
    assert "Sharpe –, expected >= 1.00" in [str(each) for each in idle.thresholds]


def test_a_profit_factor_without_a_loss_has_full_marks() -> None:
    card = scorecard(sheet(profit_factor=None, pnl=(10.0, 0.0)), DEMANDS)
    assert parts(card)["profit_factor"] == (1.0, 0.15)
    assert card.thresholds[1].passed


def test_the_order_is_those_that_pass_then_score_then_name() -> None:
    high = sheet("b_high", sharpe=3.0, max_drawdown=-0.25)
    walks = [high, sheet("z_same"), sheet("a_same"), sheet("c_less", sharpe=1.1)]
    assert [card.strategy for card in rank(walks, DEMANDS)] == ["a_same", "z_same", "c_less", "b_high"]
    assert scorecard(high, DEMANDS).score > scorecard(walks[1], DEMANDS).score


def test_a_score_does_not_depend_on_the_company() -> None:
    alone, (first, *_) = (
        rank([sheet()], DEMANDS)[0],
        rank([sheet(), sheet("x", sharpe=9.0, max_drawdown=-0.5)], DEMANDS),
    )
    assert alone.to_dict() == first.to_dict()


def test_weights_scales_and_thresholds_come_from_the_settings() -> None:
    settings = StrategySettings.model_validate(
        {
            "minimum_sharpe": "2.0",
            "ranking": {
                "weights": {
                    "sharpe": "100%", "sortino": "0%", "drawdown": "0%", "profit_factor": "0%", "positive_months": "0%",
                },
                "scale": {"sharpe": "4.0"},
            },
        }
    )  # fmt: skip
    card = scorecard(sheet(), settings)
    assert card.score == pytest.approx(0.30)
    assert not card.passed


def test_a_real_curve_is_measured_as_it_is() -> None:
    found = measured(walked())
    assert found["drawdown"] == pytest.approx(-walked().equity["drawdown"].to_numpy().min())
    assert found["trades"] == walked().trades.height
    months = walked().stitched.months["return"]
    assert found["positive_months"] == (months > 0).sum() / months.len()


def test_the_summary_shows_every_part_and_every_demand() -> None:
    text = write(rank([sheet(sharpe=0.5)], DEMANDS))
    assert text.startswith("1. sheet  52.0 of 100  does not pass\n")
    assert "FAILED  Sharpe 0.50, expected >= 1.00" in text
    assert "passed  Trades 120, expected >= 100" in text
    assert "Positive months      60.0%      0.0%   75.0%    0.80     15%    12.0" in text
