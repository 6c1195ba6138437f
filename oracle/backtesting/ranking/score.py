"""The scorecard of a strategy, from the stitched out-of-sample curve of its walk-forward.

Each part is laid on a fixed straight scale from 0 to 1, cut off at both ends:

    sharpe            0 at 0                  1 at `scale.sharpe`
    sortino           0 at 0                  1 at `scale.sortino`
    drawdown          0 at `scale.drawdown`   1 at 0%
    profit_factor     0 at 1                  1 at `scale.profit_factor`
    positive_months   0 at 0%                 1 at `scale.positive_months`

The score is the weighted sum. The scales do not depend on the other strategies, so that a score means the same
tomorrow and in other company. A part without a value has no marks; only a profit factor without any loss has all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from oracle.backtesting.walk_forward.result import WalkForward
    from oracle.core.demands import StrategySettings

LABELS = {
    "sharpe": "Sharpe",
    "sortino": "Sortino",
    "drawdown": "Max drawdown",
    "profit_factor": "Profit factor",
    "positive_months": "Positive months",
    "trades": "Trades",
}
_PERCENT = frozenset({"drawdown", "positive_months"})


def write(name: str, value: float | None) -> str:
    """Return a value of a part or threshold as people read it; an en dash where there is none."""
    if value is None:
        return "–"
    return f"{value:.1%}" if name in _PERCENT else f"{value:,.0f}" if name == "trades" else f"{value:.2f}"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the score: its value, its marks from 0 to 1, its weight, and the product of these two.

    `worst` and `best` are the ends of its scale. `drawdown` is the depth, 0 or positive.
    """

    name: str
    value: float | None
    worst: float
    best: float
    marks: float
    weight: float
    points: float

    @property
    def label(self) -> str:
        """The part's name for people."""
        return LABELS[self.name]


@dataclass(frozen=True, slots=True)
class Threshold:
    """One demand: what was found, what is expected at least or at most, and whether it is met."""

    name: str
    found: float | None
    is_minimum: bool
    limit: float
    passed: bool

    def __str__(self) -> str:
        sign = ">=" if self.is_minimum else "<="
        return f"{LABELS[self.name]} {write(self.name, self.found)}, expected {sign} {write(self.name, self.limit)}"


@dataclass(frozen=True)
class Scorecard:
    """A strategy's score from 0 to 1, its parts, and the demands it meets or not."""

    walk: WalkForward
    parts: tuple[Part, ...]
    thresholds: tuple[Threshold, ...]

    @property
    def strategy(self) -> str:
        """The strategy's name."""
        return self.walk.strategy

    @property
    def score(self) -> float:
        """The weighted sum of the marks, 0 to 1."""
        return sum(part.points for part in self.parts)

    @property
    def passed(self) -> bool:
        """Whether every demand is met."""
        return all(each.passed for each in self.thresholds)

    def to_dict(self) -> dict[str, Any]:
        """Return the stable JSON object of ``oracle rank --json``, without the evidence, which is not part of it."""
        last = self.walk.windows[-1]
        return {
            "strategy": self.strategy,
            "score": self.score,
            "passed": self.passed,
            "parts": [asdict(part) for part in self.parts],
            "thresholds": [
                {
                    "name": each.name,
                    "found": each.found,
                    "expected": {"minimum" if each.is_minimum else "maximum": each.limit},
                    "passed": each.passed,
                }
                for each in self.thresholds
            ],
            "walk_forward": {
                "start": self.walk.windows[0].window.part.start.isoformat(),
                "end": last.window.part.end.isoformat(),
                "windows": len(self.walk.windows),
                "efficiency": self.walk.efficiency,
                "metrics": dict(self.walk.metrics),
                "last_params": dict(last.params),
                "last_plan_hash": last.test.plan_hash,
                "policy_hash": last.test.policy_hash,
                "waived": list(last.test.waived),
            },
        }


def scorecard(walk: WalkForward, demands: StrategySettings) -> Scorecard:
    """Return the scorecard of a walk-forward."""
    ends = demands.ranking.scale
    scales = {
        "sharpe": (0.0, ends.sharpe),
        "sortino": (0.0, ends.sortino),
        "drawdown": (ends.drawdown, 0.0),
        "profit_factor": (1.0, ends.profit_factor),
        "positive_months": (0.0, ends.positive_months),
    }
    found, weights = measured(walk), demands.ranking.weights
    parts = []
    for name, (worst, best) in scales.items():
        marks = 1.0 if name == "profit_factor" and lost_nothing(walk) else on_scale(found[name], worst, best)
        weight = float(getattr(weights, name))
        parts.append(Part(name, found[name], worst, best, marks, weight, marks * weight))
    return Scorecard(walk, tuple(parts), _thresholds(walk, found, demands))


def measured(walk: WalkForward) -> dict[str, float | None]:
    """Return the value of every part and of the trades; the drawdown as a depth, 0 or positive.

    Without a round trip there is no drawdown to be praised for.
    """
    depth = walk.metrics["max_drawdown"] if walk.trade_count else None
    return {
        "sharpe": walk.metrics["sharpe"],
        "sortino": walk.metrics["sortino"],
        "drawdown": None if depth is None else abs(depth),
        "profit_factor": walk.metrics["profit_factor"],
        "positive_months": walk.stitched.positive_months,
        "trades": float(walk.trade_count),
    }


def lost_nothing(walk: WalkForward) -> bool:
    """Whether there are winning round trips and no losing one, where the profit factor has no value."""
    profits = walk.trades["pnl"]
    return bool((profits > 0.0).any()) and not bool((profits < 0.0).any())


def on_scale(value: float | None, worst: float, best: float) -> float:
    """Return where a value lies between the ends of a scale, 0 to 1; 0 without a value."""
    return 0.0 if value is None else min(1.0, max(0.0, (value - worst) / (best - worst)))


def _thresholds(walk: WalkForward, found: dict[str, float | None], demands: StrategySettings) -> tuple[Threshold, ...]:
    minima = {
        "sharpe": demands.minimum_sharpe,
        "profit_factor": demands.minimum_profit_factor,
        "trades": float(demands.minimum_trades),
    }
    met = []
    for name in ("sharpe", "profit_factor", "drawdown", "trades"):
        value, is_minimum = found[name], name in minima
        limit = minima.get(name, demands.maximum_drawdown)
        passed = value is not None and (value >= limit if is_minimum else value <= limit)
        if name == "profit_factor" and lost_nothing(walk):
            passed = True
        met.append(Threshold(name, value, is_minimum, limit, passed))
    return tuple(met)


def rank(walks: Iterable[WalkForward], demands: StrategySettings) -> list[Scorecard]:
    """Return the scorecards: those that pass first, then by score, then by name."""
    cards = [scorecard(walk, demands) for walk in walks]
    return sorted(cards, key=lambda card: (not card.passed, -card.score, card.strategy))
