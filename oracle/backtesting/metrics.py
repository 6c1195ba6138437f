"""How each metric is called, shown and defined; the numbers come from the engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Form = Literal["percent", "ratio", "usd", "count"]


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric of a result: its name in JSON, its label, how to write it, and its definition with source."""

    name: str
    label: str
    form: Form
    definition: str

    def write(self, value: float | None) -> str:
        """Return the value as people read it; an en dash where there is none."""
        if value is None:
            return "–"
        # What rounds to nothing is written without a sign, as -0.0 is, the sum of no profits.
        value = round(value, {"percent": 3, "count": 0}.get(self.form, 2)) + 0.0
        match self.form:
            case "percent":
                return f"{value:+.1%}" if self.name in SIGNED else f"{value:.1%}"
            case "usd":
                return f"${value:,.2f}" if value >= 0 else f"-${-value:,.2f}"
            case "count":
                return f"{value:,.0f}"
            case _:
                return f"{value:.2f}"


SIGNED = frozenset({"total_return", "annual_return", "alpha", "benchmark_total_return"})

METRICS: tuple[Metric, ...] = (
    Metric("total_return", "Total return", "percent", "Final over initial equity, less one (empyrical)."),
    Metric("annual_return", "Annual return", "percent", "(1 + total)^(252 / sessions) - 1 (empyrical)."),
    Metric("volatility", "Volatility", "percent", "Sample deviation of session returns x sqrt(252) (empyrical)."),
    Metric("sharpe", "Sharpe", "ratio", "Mean over sample deviation of session returns x sqrt(252) (empyrical)."),
    Metric("sortino", "Sortino", "ratio", "Annual mean over annual downside risk, required return 0 (empyrical)."),
    Metric("calmar", "Calmar", "ratio", "Annual return over the absolute deepest drawdown (empyrical)."),
    Metric(
        "max_drawdown", "Max drawdown", "percent", "Deepest fall of session-close equity from its high (empyrical)."
    ),
    Metric("profit_factor", "Profit factor", "ratio", "Net profit of winners over the net loss of losers."),
    Metric("win_rate", "Win rate", "percent", "Share of closed round trips with a net profit."),
    Metric("expectancy_usd", "Expectancy", "usd", "Mean net profit of a closed round trip."),
    Metric("exposure", "Exposure", "percent", "Mean gross position value over equity."),
    Metric("time_in_market", "Time in market", "percent", "Share of sessions that closed with a position."),
    Metric("turnover", "Turnover", "ratio", "Value traded over mean equity per 252 sessions, buys and sales."),
    Metric("alpha", "Alpha", "percent", "Mean of return - beta x benchmark, compounded over 252 sessions (empyrical)."),
    Metric("beta", "Beta", "ratio", "Covariance with the benchmark over its variance (empyrical)."),
    Metric("benchmark_total_return", "Benchmark", "percent", "Total return of the benchmark over the same sessions."),
    Metric(
        "tail_ratio", "Tail ratio", "ratio", "|95th percentile| over |5th percentile| of session returns (empyrical)."
    ),
    Metric("value_at_risk", "VaR 5%", "percent", "5th percentile of session returns (empyrical)."),
    Metric("conditional_value_at_risk", "CVaR 5%", "percent", "Mean of the worst 5% of session returns (empyrical)."),
)

BY_NAME = {metric.name: metric for metric in METRICS}
