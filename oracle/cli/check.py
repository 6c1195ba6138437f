"""`oracle check`: every problem of every strategy file, located and explained."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from oracle.cli.output import JsonOption, print_findings

app = typer.Typer()


@app.command(epilog="Example: oracle check strategies/ my_strategy.yaml --strict")
def check(
    paths: Annotated[list[Path], typer.Argument(metavar="FILE|DIR...", help="Strategy files, or folders of them.")],
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings fail the check.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Check strategy files: syntax, keys, names, types, units, and rules that cannot be meant.

    Prints `path:line:column: CODE message` for each problem, with the line underlined. Exits with 1 on errors.
    """
    from oracle.strategy.compile import compile_all
    from oracle.strategy.load import load_paths

    checked = compile_all(load_paths(paths))
    diagnostics = [d for strategy in checked for d in strategy.diagnostics]
    print_findings(diagnostics, len(checked), as_json=as_json)
    if any(d.is_error or strict for d in diagnostics):
        raise typer.Exit(1)
