"""The tear sheet's section on how far to trust it: odds, intervals and what may come, as a page shows them.

All randomness is seeded, so that the same result gives the same page. Nothing here defines a statistic.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from oracle.backtesting.evidence import written_odds as _odds
from oracle.backtesting.metrics import BY_NAME, Metric
from oracle.backtesting.statistics.fan import PERCENTILES, Fan, equity_fan
from oracle.backtesting.statistics.intervals import Interval, return_intervals, trade_intervals

if TYPE_CHECKING:
    import polars as pl

    from oracle.backtesting.evidence import RunEvidence
    from oracle.backtesting.result import BacktestRun

LEVEL = 0.95
#: Histories drawn for the intervals: enough for two digits, and drawn while one waits for the page.
PATHS = 1000
SHOWN = (
    "total_return", "annual_return", "volatility", "sharpe", "sortino", "calmar", "max_drawdown", "tail_ratio",
    "value_at_risk", "conditional_value_at_risk", "alpha", "beta", "profit_factor", "win_rate", "expectancy_usd",
)  # fmt: skip


def intervals(run: BacktestRun) -> dict[str, Interval]:
    """Return the interval of each headline metric of a result, by its name; empty for a result that is too short."""
    import polars as pl

    sessions = run._session_returns()
    profits = run.trades.filter(pl.col("exit_time").is_not_null())["pnl"]
    return intervals_of(sessions["return"], sessions["benchmark_return"], profits)


def intervals_of(returns: pl.Series, benchmark: pl.Series, profits: pl.Series) -> dict[str, Interval]:
    """Return the interval of each headline metric, by its name.

    Parameters
    ----------
    returns, benchmark : session returns, fractions; without alpha and beta where those of the benchmark have gaps
    profits : of round trips, USD
    """
    beside = None if benchmark.null_count() else benchmark.to_numpy()
    found = [
        *return_intervals(returns.to_numpy(), beside, paths=PATHS, level=LEVEL),
        *trade_intervals(profits.to_numpy(), paths=PATHS, level=LEVEL),
    ]
    return {interval.metric: interval for interval in found}


def fan(run: BacktestRun) -> Fan | None:
    """Return where equity may go within a year from the end of a result; None for a result that is too short."""
    return equity_fan(run._session_returns()["return"].to_numpy(), run.final_equity)


def fan_data(found: Fan | None) -> dict[str, list[float]]:
    """Return what the fan chart draws: equity by percentile, USD."""
    if found is None:
        return {}
    return {str(percent): row.round(2).tolist() for percent, row in zip(PERCENTILES, found.equity, strict=True)}


def facts(evidence: RunEvidence) -> str:
    """Return the figures that stand above the section, as HTML."""
    luck = evidence.expected_maximum_sharpe
    cells = (
        (
            "Probabilistic Sharpe",
            _odds(evidence.probabilistic_sharpe),
            "odds that the true Sharpe ratio is above 0",
        ),
        (
            "Deflated Sharpe",
            _odds(evidence.deflated_sharpe),
            f"the same, if chosen from many: {evidence.counted}",
        ),
        (
            "Sharpe by luck alone",
            "–" if luck is None else f"{luck:.2f}",
            f"expected of the best of as many worthless trials; found here: {BY_NAME['sharpe'].write(evidence.sharpe)}",
        ),
        ("Record", f"{evidence.sessions:,} sessions", _record(evidence)),
    )
    return "".join(fact(*cell) for cell in cells)


def fact(label: str, value: str, words: str) -> str:
    """Return one figure with what it means, as HTML."""
    return (
        f"<div class='fact'><span>{html.escape(label)}</span><b>{html.escape(value)}</b>"
        f"<small>{html.escape(words)}</small></div>"
    )


def interval_rows(found: dict[str, Interval]) -> str:
    """Return the rows of the table of intervals, as HTML."""
    if not found:
        return "<tr><td colspan='3' class='quiet'>Too few sessions for intervals.</td></tr>"
    rows = []
    for name in (name for name in SHOWN if name in found):
        metric, interval = BY_NAME[name], found[name]
        rows.append(
            f"<tr title='{html.escape(metric.definition)}'><td>{html.escape(metric.label)}</td>"
            f"<td>{html.escape(_write(metric, interval.measured))}</td><td>{html.escape(span(interval))}</td></tr>"
        )
    return "".join(rows)


def span(interval: Interval | None) -> str:
    """Return an interval as people read it; an en dash where there is none."""
    if interval is None or interval.low is None:
        return "–"
    metric = BY_NAME[interval.metric]
    return f"{_write(metric, interval.low)} to {_write(metric, interval.high)}"


def odds(found: Fan | None) -> str:
    """Return what the fan says in a sentence, as HTML."""
    if found is None:
        return "Too few sessions to draw others from."
    falls = ", ".join(f"{depth:.0%} or more: <b>{_odds(chance)}</b>" for depth, chance in found.drawdown_probabilities)
    sign = "+" if found.value_at_risk_usd > 0 else ""
    worst = sign + _write(BY_NAME["expectancy_usd"], found.value_at_risk_usd)
    return (
        f"Odds of a loss after {found.horizon} sessions: <b>{_odds(found.loss_probability)}</b>. "
        f"One path in twenty ends at <b>{html.escape(worst)}</b> from here, or worse. "
        f"Odds of a fall from a high of {falls}. "
        f"{found.paths:,} paths of past returns in blocks of {found.block_length:.0f} sessions on average: "
        "they know no market that the record lacks."
    )


def _write(metric: Metric, value: float | None) -> str:
    """Return a value as people read it, in whole dollars: an interval makes cents absurd."""
    text = metric.write(value if value is None or metric.form != "usd" else round(value))
    return text.removesuffix(".00")


def _record(evidence: RunEvidence) -> str:
    needed = evidence.minimum_track_record_length
    if needed is None:
        return "no length would make a Sharpe ratio like this one surely positive"
    enough = "enough" if needed <= evidence.sessions else "too short"
    return f"{enough}: {needed:,.0f} would make it 95% sure that the Sharpe ratio is above 0, tried once"
