"""The walk-forward as a page: the stitched curve with its windows, params and decay by window, and every line's origin.

Nothing here computes a metric.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from oracle.backtesting import page, trust
from oracle.backtesting.metrics import BY_NAME, METRICS
from oracle.backtesting.walk_forward.stability import share

if TYPE_CHECKING:
    from oracle.backtesting.walk_forward.result import WalkForward
    from oracle.backtesting.walk_forward.traded import WindowResult

HEADLINE = ("total_return", "annual_return", "sharpe", "sortino", "max_drawdown", "profit_factor")
#: Pixels of the chart of one param.
PARAM_HEIGHT = 150


def render(result: WalkForward) -> str:
    """Return the report of a walk-forward as one self-contained HTML page.

    Raises
    ------
    RunError : the plotly package, which carries the chart library, is not installed
    """
    return page.fill(
        "walk_forward",
        _data(result),
        title=html.escape(result.strategy),
        subtitle=html.escape(_subtitle(result)),
        objective=html.escape(BY_NAME[result.objective.metric].label),
        params_height=f"{60 + PARAM_HEIGHT * max(1, len(result.grid))}",
        headline=_headline(result),
        notes=page.notes(
            [*(f"waived: the run had no {name}" for name in result.windows[0].test.waived), *result.notes]
        ),
        facts=trust.facts(result.evidence),
        values=_value_rows(result),
        decays=_decay_rows(result),
        steadiness=_steadiness_rows(result),
        metrics=_metric_rows(result),
        heads="".join(f"<th>{html.escape(name)}</th>" for name in result.grid),
        windows="".join(_window_row(result, each, at) for at, each in enumerate(result.windows)),
        provenance=_provenance(result),
    )


def _subtitle(result: WalkForward) -> str:
    first, last = result.windows[0].window.part.start, result.windows[-1].window.part.end
    return (
        f"{first:%d %b %Y} to {last:%d %b %Y} out of sample · {len(result.windows)} windows, {result.scheme} · "
        f"{result.combinations:,} combinations a window · ${result.capital:,.0f} became ${result.final_equity:,.2f} · "
        f"{result.trade_count:,} trades"
    )


def _headline(result: WalkForward) -> str:
    cards = [page.card(name, result.metrics.get(name)) for name in HEADLINE]
    months = f"{result.stitched.positive_months:.0%}"
    meaning = "Mean annual return in the tests over that in training (Pardo 2008); 50% or more is usually asked."
    cards.append(page.plain_card("Positive months", months, "Share of calendar months with a gain."))
    cards.append(page.plain_card("Efficiency", share(result.efficiency), meaning))
    return "".join(cards)


def _data(result: WalkForward) -> dict[str, Any]:
    """Return what the charts draw."""
    equity, metric, windows = result.equity, result.objective.metric, result.windows
    return {
        "time": page.stamps(equity),
        "window": equity["window"].to_list(),
        "equity": page.column(equity, "equity", 2),
        "fixed": page.column(result.fixed.equity, "equity", 2),
        "benchmark": page.column(equity, "benchmark", 2),
        "drawdown": page.column(equity, "drawdown", 5),
        "bands": [{"number": each.window.number, **each.window.part.to_dict()} for each in windows],
        "form": BY_NAME[metric].form,
        "before": page.rounded((each.train.metrics[metric] for each in windows), 4),
        "after": page.rounded((each.test.metrics[metric] for each in windows), 4),
        "fitted": [each.is_fitted for each in windows],
        "params": [
            {
                "name": param.name,
                "tried": [each.value for each in param.values],
                "chosen": [each.params[param.name] for each in windows],
            }
            for param in result.params
        ],
        "months": page.months(result.stitched.months),
    }


def _value_rows(result: WalkForward) -> str:
    rows = [
        page.row([html.escape(param.name), html.escape(each.value), f"{each.count}", f"{each.share:.0%}"])
        for param in result.params
        for each in param.values
        if each.count
    ]
    return "".join(rows) or "<tr><td colspan='4' class='quiet'>The strategy has no params.</td></tr>"


def _decay_rows(result: WalkForward) -> str:
    rows = []
    for each in result.decays:
        metric = BY_NAME[each.metric]
        worse = f"{each.worse} of {each.windows}"
        cells = [metric.label, metric.write(each.in_sample), metric.write(each.out_of_sample), share(each.ratio), worse]
        rows.append(page.row(map(html.escape, cells), metric.definition))
    return "".join(rows)


def _steadiness_rows(result: WalkForward) -> str:
    def cells(name: str, changes: int, *numbers: float | None) -> list[str]:
        turnover, mean, dispersion = ("–" if value is None else value for value in numbers)
        share = turnover if isinstance(turnover, str) else f"{turnover:.0%}"
        spread = dispersion if isinstance(dispersion, str) else f"{dispersion:.2f}"
        return [html.escape(name), f"{changes}", share, f"{mean:.4g}", spread]

    rows = [page.row(cells(p.name, p.changes, p.turnover, p.mean, p.dispersion)) for p in result.params]
    return "".join(rows) or "<tr><td colspan='5' class='quiet'>The strategy has no params.</td></tr>"


def _metric_rows(result: WalkForward) -> str:
    equity, rows = result.equity, []
    drawn = trust.intervals_of(equity["return"][1:], equity["benchmark"].pct_change()[1:], result.trades["pnl"])
    for metric in METRICS:
        fitted, fixed = (metric.write(found.metrics.get(metric.name)) for found in (result, result.fixed))
        cells = (metric.label, fitted, trust.span(drawn.get(metric.name)), fixed)
        rows.append(page.row(map(html.escape, cells), metric.definition))
    rows.append(page.row(["Trades", f"{result.trade_count:,}", "–", f"{result.fixed.trades.height:,}"]))
    return "".join(rows)


def _window_row(result: WalkForward, each: WindowResult, at: int) -> str:
    window, metric, seam = each.window, BY_NAME[result.objective.metric], result.stitched.seams.row(at, named=True)
    gain = seam["equity"] / (result.stitched.seams["equity"][at - 1] if at else result.capital) - 1.0
    params = [html.escape(text) + ("" if each.is_fitted else " *") for text in each.params.values()]
    hashes = (each.test.plan_hash, each.train.run_id, each.test.run_id, each.part.run_id)
    return page.row(
        [
            f"{window.number}",
            f"{window.train.start}<br>{window.train.end}",
            f"{window.decided}",
            f"{window.test.start}<br>{window.test.end}",
            f"{window.part.end}",
            *params,
            html.escape(metric.write(each.train.metrics[metric.name])),
            html.escape(metric.write(each.test.metrics[metric.name])),
            f"{each.test.trade_count}",
            f"<span class='{'good' if gain > 0 else 'bad' if gain < 0 else ''}'>{gain:+.1%}</span>",
            f"{seam['positions']}",
            *map(page.short, hashes),
        ],
        "" if each.is_fitted else "* no combination was eligible; the defaults were traded",
    )


def _provenance(result: WalkForward) -> str:
    policy = result.windows[0].test.policy_hash
    limits = "no limits" if policy is None else f"policy {page.short(policy)}"
    return (
        f"defaults {page.short(result.windows[0].fixed.plan_hash)} · {limits} · each window's hashes stand in its line"
    )
