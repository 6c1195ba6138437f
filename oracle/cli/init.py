"""`oracle init`: a project to start from, with settings, risk limits, a strategy and its test."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from oracle.cli.output import remark

app = typer.Typer()


@app.command(name="init", epilog="Example: oracle init my_strategies")
def init(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")],
) -> None:
    """Write a starter project: config/, strategies/ with one strategy that passes its check, README.md."""
    from oracle.strategy.starter import write_project

    for path in write_project(directory):
        print(path)
    remark(f"Next: cd {directory} && oracle check strategies && oracle test strategies")
