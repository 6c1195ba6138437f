"""A sweep as a few lines for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oracle.backtesting.sweep.labels import label, write

if TYPE_CHECKING:
    from oracle.backtesting.sweep.result import SweepResult

#: Combinations in the table.
SHOWN = 10
#: Columns beside the params, the metric and its plateau.
BESIDE = ("trades", "total_return", "max_drawdown")


def summary(result: SweepResult) -> str:
    """Return headline, the best rows, and how far the best can be believed."""
    tried, fitting = result.frame.height, result.ranked.height
    method = result.method if result.method == "grid" else f"{result.method}, seed {result.seed}"
    on = f", medians over {len(result.symbols)} symbols" if result.symbols else ""
    head = (
        f"{result.strategy}  {tried:,} of {result.space.size:,} combinations ({method}) by {label(result.metric)}{on}"
    )
    lines = [head]
    if result.where is not None:
        lines.append(f"  Where {result.where}: {fitting:,} of {tried:,} that ran")
    if result.best is None:
        return "\n".join([*lines, "  No combination fits the condition."])
    lines += _table(result)
    lines += _plateau(result)
    lines += _belief(result)
    again = "" if result.symbols else f"  Again: oracle backtest FILE --set {result.written_best()}"
    fixed = [f"  Note: {name} has a range without a step and stays at its default" for name in result.space.fixed]
    return "\n".join(line for line in [*lines, again, *fixed] if line)


def columns(result: SweepResult) -> list[str]:
    """Return the columns of the table of the best rows."""
    numbers = [result.metric, "plateau", *(name for name in BESIDE if name != result.metric)]
    return [*result.space.names, *numbers]


def cell(result: SweepResult, name: str, row: dict[str, Any]) -> str:
    """Return one cell of it."""
    if name in result.space.names:
        return result.binding(row)[name]
    return write(result.metric if name == "plateau" else name, row[name])


def _table(result: SweepResult) -> list[str]:
    names = columns(result)
    rows = [
        [str(rank), *(cell(result, name, row) for name in names)]
        for rank, row in enumerate(result.ranked.head(SHOWN).iter_rows(named=True), 1)
    ]
    table = [["", *(name if name in result.space.names else label(name) for name in names)], *rows]
    widths = [max(len(row[at]) for row in table) for at in range(len(table[0]))]
    return ["  " + "  ".join(text.rjust(width) for text, width in zip(row, widths, strict=True)) for row in table]


def _plateau(result: SweepResult) -> list[str]:
    best, flat = result.best, result.best_plateau
    if best is None or flat is None:
        return ["  Plateau: unknown, no neighbour of a combination ran"]
    if best["place"] == flat["place"]:
        return ["  Plateau: the best combination has the best neighbours too"]
    where = ", ".join(f"{name}={text}" for name, text in result.binding(flat).items())
    return [
        f"  Plateau: the best neighbourhood is around {where}: {write(result.metric, flat['plateau'])} there, "
        f"{write(result.metric, best['plateau'])} around the best"
    ]


def _belief(result: SweepResult) -> list[str]:
    lines = []
    if result.evidence is not None:
        over = f", medians over {result.symbols_judged} of {len(result.symbols)} symbols" if result.symbols else ""
        lines.append(f"  Evidence: {result.evidence.summary()}{over}")
    if result.overfitting is not None:
        lines.append(
            f"  Probability of backtest overfitting: {result.overfitting.probability:.0%}, "
            f"of a loss out of sample: {result.overfitting.loss_probability:.0%} ({result.overfitting.blocks} blocks)"
        )
    return lines
