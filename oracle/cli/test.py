"""`oracle test`: the unit tests that strategies carry in their files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from oracle.cli.output import JsonOption, print_json, remark

app = typer.Typer()


@app.command(name="test", epilog="Example: oracle test strategies/")
def run_strategy_tests(
    paths: Annotated[list[Path], typer.Argument(metavar="FILE|DIR...", help="Strategy files, or folders of them.")],
    as_json: JsonOption = False,
) -> None:
    """Run the `tests:` of strategy files. Exits with 1 when one fails."""
    from oracle.bootstrap import run_tests

    results = run_tests(paths)
    if as_json:
        fields = ("strategy", "name", "passed", "failures")
        print_json([{name: getattr(result, name) for name in fields} for result in results])
    else:
        for result in results:
            print(f"{'ok  ' if result.passed else 'FAIL'} {result.strategy}: {result.name}")
            for failure in result.failures:
                print(f"       {failure}")
    failed = sum(not result.passed for result in results)
    remark(f"{len(results)} test{'' if len(results) == 1 else 's'}, {failed} failed")
    if failed:
        raise typer.Exit(1)
