"""Settings of section `strategy`: how a walk-forward is cut, what a ranking weighs, and what a strategy must show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from oracle.core.binding import Problem, Strict, key
from oracle.core.costs import Fraction
from oracle.core.searches import Objective
from oracle.core.units import Boolean, Integer, Number, Ratio, between

Count = Annotated[Integer, between(0, 1_000_000, "0 to 1_000_000")]
Months = Annotated[Integer, between(1, 240, "1 to 240 months")]
Sessions = Annotated[Integer, between(0, 252, "0 to 252 sessions")]


class WalkForwardSettings(Strict):
    """How a walk-forward is cut and fitted."""

    train_months: Months = key(24, "Months that parameters are fitted on.", unit="months", example="24")
    test_months: Months = key(6, "Months they are then tested on.", unit="months", example="6")
    step_months: Months = key(3, "Months between the starts of windows.", unit="months", example="3")
    anchored: Boolean = key(False, "Whether every training window begins at the first bar.", example="true")
    purge: Sessions = key(0, "Last sessions of a training window that are left out.", unit="sessions", example="5")
    embargo: Sessions = key(
        0, "Sessions between a training window and its test that are in neither.", unit="sessions", example="5"
    )
    metric: Objective = key("sharpe", "Metric of the training window that chooses the parameters.", example="sortino")
    minimum_trades: Count = key(
        10, "Round trips in the training window below which parameters cannot be chosen.", unit="trades", example="10"
    )
    max_combinations: Annotated[Integer, between(1, 100_000, "1 to 100_000")] = key(
        2_000, "Most combinations of parameters that are tried on a window.", example="2_000"
    )


class RankingWeights(Strict):
    """What `oracle rank` weighs; the sum is 100%."""

    sharpe: Fraction = key(0.30, "Sharpe ratio.", unit="ratio of the score", example="30%")
    sortino: Fraction = key(0.20, "Sortino ratio.", unit="ratio of the score", example="20%")
    drawdown: Fraction = key(0.20, "Smallness of the deepest drawdown.", unit="ratio of the score", example="20%")
    profit_factor: Fraction = key(0.15, "Profit factor.", unit="ratio of the score", example="15%")
    positive_months: Fraction = key(0.15, "Share of months with a gain.", unit="ratio of the score", example="15%")


class RankingScale(Strict):
    """Where each part of the score ends: full marks, and for the drawdown none."""

    sharpe: Annotated[Number, between(0.1, 10.0, "0.1 to 10")] = key(
        2.0, "Sharpe ratio with full marks; 0 has none.", example="2.0"
    )
    sortino: Annotated[Number, between(0.1, 20.0, "0.1 to 20")] = key(
        3.0, "Sortino ratio with full marks; 0 has none.", example="3.0"
    )
    drawdown: Annotated[Ratio, between(0.01, 1.0, "1% to 100%")] = key(
        0.40, "Deepest drawdown without a mark; 0% has full marks.", unit="ratio of the high", example="40%"
    )
    profit_factor: Annotated[Number, between(1.1, 20.0, "1.1 to 20")] = key(
        2.0, "Profit factor with full marks; 1 has none.", example="2.0"
    )
    positive_months: Annotated[Ratio, between(0.01, 1.0, "1% to 100%")] = key(
        0.75, "Share of positive months with full marks; 0% has none.", unit="ratio of months", example="75%"
    )


class RankingSettings(Strict):
    """How `oracle rank` makes one number of five."""

    weights: RankingWeights = key(RankingWeights(), "Weights.", example="{sharpe: 30%}")
    scale: RankingScale = key(RankingScale(), "Ends of the scales.", example="{sharpe: 2.0}")


class StrategySettings(Strict):
    """What a strategy must show out of sample, and how that is measured."""

    minimum_sharpe: Number = key(1.0, "Sharpe ratio below which a strategy does not pass.", example="1.0")
    minimum_profit_factor: Annotated[Number, between(0.0, 100.0, "0 to 100")] = key(
        1.5, "Profit factor below which it does not pass.", example="1.5"
    )
    maximum_drawdown: Fraction = key(
        0.20, "Deepest drawdown above which it does not pass.", unit="ratio of the high", example="20%"
    )
    minimum_trades: Count = key(100, "Round trips below which the sample proves nothing.", unit="trades", example="100")
    walk_forward: WalkForwardSettings = key(WalkForwardSettings(), "Walk-forward.", example="{train_months: 24}")
    ranking: RankingSettings = key(RankingSettings(), "Ranking.", example="{weights: {sharpe: 30%}}")


def strategy_problems(strategy: StrategySettings) -> Iterator[Problem]:
    """Yield broken rules across keys."""
    weights = strategy.ranking.weights
    total = sum(getattr(weights, name) for name in RankingWeights.model_fields)
    if abs(total - 1.0) > 1e-9:
        at = ("strategy", "ranking", "weights")
        yield Problem(at, "S013", "the ranking weights do not add up", f"{total:.4%}", "a sum of 100%", on_key=True)
