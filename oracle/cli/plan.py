"""`oracle plan`: what a strategy compiles to, as a table, JSON or a Mermaid graph."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from oracle.cli.output import JsonOption, print_json

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

    if as_json and mermaid:
        raise UsageError("--json and --mermaid exclude each other")
    bind = dict(text.partition("=")[::2] for text in param or [])
    if not all(bind.values()):
        raise UsageError("--param takes NAME=VALUE, such as lookback=63")
    plans = [require(compile_strategy(loaded, bind)) for loaded in load_paths([path])]
    if as_json:
        print_json([each.description for each in plans])
        return
    print("\n\n".join((each.raw.mermaid() if mermaid else each.raw.text()).rstrip() for each in plans))
