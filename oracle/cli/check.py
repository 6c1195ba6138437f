"""`oracle check`: every problem of every strategy file, settings and risk limits too, located and explained."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from oracle.cli.output import JsonOption, print_findings

if TYPE_CHECKING:
    from oracle.core.diagnostics import Diagnostic

app = typer.Typer()


@app.command(epilog="Example: oracle check strategies/ config/ --strict")
def check(
    paths: Annotated[list[Path], typer.Argument(metavar="FILE|DIR...", help="Strategy files, or folders of them.")],
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings fail the check.")] = False,
    limits: Annotated[
        Path | None, typer.Option("--limits", metavar="FILE", help="Risk limits: which caps can never bind under them?")
    ] = None,
    data: Annotated[
        Path | None, typer.Option("--data", metavar="PATH", help="A store, CSV or Parquet file: is it long enough?")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check strategy files: syntax, keys, names, types, units, and rules that cannot be meant.

    With --limits and --data, also what only they can show: a cap that the account's limit makes pointless, a warm-up
    longer than the bars.

    Files named settings.yaml and risk_limits.yaml are checked as such, with the environment over them. Prints
    `path:line:column: CODE message` for each problem, with the line underlined. Exits with 1 on errors.
    """
    from oracle.strategy.load import find_files

    files = find_files(paths)
    diagnostics = [d for path in files for d in _configuration(path)]
    strategies = [path for path in files if path.name not in ("settings.yaml", "risk_limits.yaml")]
    if strategies:
        from oracle.strategy.compile import compile_all
        from oracle.strategy.load import load_paths

        compiled = compile_all(load_paths(strategies))
        diagnostics += [d for strategy in compiled for d in strategy.diagnostics]
        if limits is not None or data is not None:
            from oracle.bootstrap import lint

            diagnostics += lint(compiled, limits, data)
    print_findings(diagnostics, len(files), as_json=as_json)
    if any(d.is_error or strict for d in diagnostics):
        raise typer.Exit(1)


def _configuration(path: Path) -> tuple[Diagnostic, ...]:
    """Return the diagnostics of a settings or limits file; nothing for a strategy."""
    if path.name == "settings.yaml":
        from oracle.core.config import read_settings

        return read_settings(path, os.environ).diagnostics
    if path.name == "risk_limits.yaml":
        from oracle.risk.limits import read_limits

        return read_limits(path, os.environ).diagnostics
    return ()
