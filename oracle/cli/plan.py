"""`oracle plan`: what a strategy compiles to, as a table, JSON or a Mermaid graph."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from oracle.cli.output import JsonOption, print_json

if TYPE_CHECKING:
    from oracle.strategy.plan import Plan

app = typer.Typer()


@app.command(epilog="Example: oracle plan strategies/momentum.yaml --param lookback=63 --mermaid")
def plan(
    path: Annotated[Path, typer.Argument(metavar="FILE|DIR", help="A strategy file, or a folder of them.")],
    as_json: JsonOption = False,
    mermaid: Annotated[bool, typer.Option("--mermaid", help="Print a Mermaid flow chart.")] = False,
    param: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help="Bind a param.")] = None,
) -> None:
    """Print the plan of a strategy: nodes, inputs, units, warm-up, and the hash that stands for it."""
    from oracle.core.errors import UsageError
    from oracle.strategy.compile import compile_strategy, require
    from oracle.strategy.load import load_paths
    from oracle.strategy.plan import to_mermaid

    bind = dict(text.partition("=")[::2] for text in param or [])
    if not all(bind.values()):
        raise UsageError("--param takes NAME=VALUE, such as lookback=63")
    plans = [require(compile_strategy(loaded, bind)) for loaded in load_paths([path])]
    if as_json:
        print_json([{**p.description, "name": p.name, "plan_hash": p.hash} for p in plans])
    elif mermaid:
        print("\n".join(to_mermaid(p) for p in plans))
    else:
        for each in plans:
            _print_table(each)


def _print_table(plan: Plan) -> None:
    """Print one line per node; columns are as wide as their content, so that nothing wraps."""
    print(f"{plan.name}  {plan.hash}")
    print(f"{len(plan.nodes)} nodes, warm-up {plan.warm_up} bars")
    head = ("node", "computes", "unit", "scope", "warm-up", "inputs")
    rows = [
        (str(n.id), n.text, n.unit, n.scope, str(n.warm_up), " ".join(str(i) for i in n.inputs)) for n in plan.nodes
    ]
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    for row in [head, *rows]:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    for name, node in plan.roots.items():
        print(f"{name} = node {node}")
