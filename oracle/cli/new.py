"""`oracle new`: a strategy file to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from oracle.cli.output import remark

app = typer.Typer(help="Write a file to start from.", no_args_is_help=True)


@app.callback()
def new() -> None:
    """Write a file to start from."""


@app.command(epilog="Example: oracle new strategy fast_reversal")
def strategy(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name: lower-case letters, digits and _.")],
    folder: Annotated[Path, typer.Option("--folder", metavar="DIR", help="Where to write it.")] = Path("strategies"),
) -> None:
    """Write a strategy file that passes its check, with a test."""
    from oracle.strategy.starter import write_strategy

    path = write_strategy(folder, name)
    print(path)
    remark(f"Next: edit it, then oracle check {path} && oracle test {path}")
