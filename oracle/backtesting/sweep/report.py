"""The report of a sweep: heat map, plateau, all combinations side by side, and how far the best can be believed.

Nothing here computes a metric.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from oracle.backtesting import page, trust
from oracle.backtesting.metrics import BY_NAME
from oracle.backtesting.sweep.labels import label, write
from oracle.backtesting.sweep.summary import cell, columns

if TYPE_CHECKING:
    import polars as pl

    from oracle.backtesting.sweep.result import SweepResult

#: Metrics of the best combination that stand beside the one it is judged by.
BESIDE = ("sharpe", "total_return", "max_drawdown")
#: Combinations that the charts draw, and that the table lists.
DRAWN_MAX, LISTED_MAX = 20_000, 200


def render(result: SweepResult) -> str:
    """Return the report of a sweep as one self-contained HTML page.

    Raises
    ------
    RunError : the plotly package, which carries the chart library, is not installed
    """
    return page.fill(
        "sweep",
        _data(result),
        title=html.escape(result.strategy),
        subtitle=html.escape(_subtitle(result)),
        metric=html.escape(label(result.metric)),
        headline=_headline(result),
        notes=page.notes(_notes(result)),
        facts=_facts(result),
        by="two params" if len(result.space.names) > 1 else html.escape(" and ".join(result.space.names)),
        over=f", medians over {result.symbols_judged} of {len(result.symbols)} symbols" if result.symbols else "",
        params="".join(f"<option>{html.escape(name)}</option>" for name in result.space.names),
        heads="".join(
            f"<th>{html.escape(name if name in result.space.names else label(name))}</th>" for name in columns(result)
        ),
        rows="".join(_row(result, row) for row in result.ranked.head(LISTED_MAX).iter_rows(named=True)),
        again=_again(result),
        provenance=" · ".join(
            f"{name} {page.short(value)}" for name, value in result.identity.items() if len(value) > 16
        ),
    )


def _again(result: SweepResult) -> str:
    """Return how to run the best one again; nothing where each symbol ran by itself and there is no one run."""
    if result.best is None or result.symbols:
        return ""
    return f"; the first again: <code>{html.escape(f'oracle backtest FILE --set {result.written_best()}')}</code>"


def _subtitle(result: SweepResult) -> str:
    method = result.method if result.method == "grid" else f"{result.method}, seed {result.seed}"
    where = "" if result.where is None else f" · {result.ranked.height:,} fit {result.where}"
    on = f" · medians over {len(result.symbols)} symbols" if result.symbols else ""
    return f"{result.frame.height:,} of {result.space.size:,} combinations ({method}){where}{on}"


def _headline(result: SweepResult) -> str:
    if result.best is None:
        return page.plain_card("Best", "none", "No combination fits the condition.")
    best, metric = result.best, BY_NAME[result.metric]
    cards = [page.plain_card("Best", result.written_best().replace(",", ", "), "The params of the best combination.")]
    cards.append(page.card(result.metric, best[result.metric]))
    around = "Median of the metric over the best combination and its neighbours."
    cards.append(page.plain_card("Plateau", metric.write(best["plateau"]), around))
    cards += [page.card(name, best[name]) for name in BESIDE if name != result.metric]
    trades = best["trades"]
    cards.append(page.plain_card("Trades", f"{trades:,.0f}", "Round trips of the best combination."))
    return "".join(cards)


def _facts(result: SweepResult) -> str:
    """Return what the best combination proves, as HTML; each number is a median where symbols ran by themselves."""
    if result.evidence is None or result.best is None:
        return "<p class='quiet'>There is no best combination to judge.</p>"
    luck = result.overfitting
    found = trust.facts(result.evidence)
    if luck is not None:
        words = "how often the best of one half of the record was below the median of all on the other half (PBO)"
        found += trust.fact("Overfitting", f"{luck.probability:.0%}", words)
    return f'<div class="facts">{found}</div>'


def _notes(result: SweepResult) -> list[str]:
    notes = [f"{name} has a range without a step and stays at its default" for name in result.space.fixed]
    best, flat = result.best, result.best_plateau
    if best is not None and flat is not None and best["place"] != flat["place"]:
        around = ", ".join(f"{name}={text}" for name, text in result.binding(flat).items())
        notes.append(
            f"the best neighbourhood is around {around}: {write(result.metric, flat['plateau'])} there, "
            f"{write(result.metric, best['plateau'])} around the best combination"
        )
    if result.frame.height > DRAWN_MAX:
        notes.append(f"the charts draw the best {DRAWN_MAX:,} combinations of {result.frame.height:,}")
    return notes


def _data(result: SweepResult) -> dict[str, Any]:
    """Return what the charts draw: indices of values by param, and numbers by combination."""
    drawn = _drawn(result)
    codes = result.space.codes(drawn["place"].to_numpy())
    best = (
        None if result.best is None else result.space.codes(drawn["place"].to_numpy()[:1] * 0 + result.best["place"])[0]
    )
    return {
        "metric": {"name": label(result.metric), "form": BY_NAME[result.metric].form},
        "params": [
            {"name": name, "values": list(texts), "numbers": result.space.numbers(name).tolist()}
            for name, texts in result.space.values.items()
        ],
        "codes": [codes[:, at].tolist() for at in range(codes.shape[1])],
        "score": page.column(drawn, result.metric, 5),
        "plateau": page.column(drawn, "plateau", 5),
        "feasible": drawn["feasible"].to_list(),
        "others": [
            {"name": label(name), "form": form, "values": page.column(drawn, name, 5)}
            for name, form in (("trades", "count"), ("total_return", "percent"), ("max_drawdown", "percent"))
        ],
        "best": None if best is None else best.tolist(),
    }


def _drawn(result: SweepResult) -> pl.DataFrame:
    if result.frame.height <= DRAWN_MAX:
        return result.frame
    return result.ranked.head(DRAWN_MAX).sort("place")


def _row(result: SweepResult, row: dict[str, Any]) -> str:
    return page.row(html.escape(cell(result, name, row)) for name in columns(result))
