"""`oracle data import` and `oracle data list`: parse, call, render; no logic.

Bars need polars; it is loaded inside the commands, so that the other commands start without it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Bring prices into the bar store, and see what it holds.", no_args_is_help=True)

DEFAULT_STORE = Path("var/bars")

_Store = Annotated[Path, typer.Option("--store", metavar="DIR", help="Folder of the bar store.")]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]


@app.command("import", epilog="Example: oracle data import prices.csv.gz --store var/bars")
def import_bars(
    paths: Annotated[list[Path], typer.Argument(help="CSV, .csv.gz or Parquet files, or folders of them.")],
    store: _Store = DEFAULT_STORE,
    as_json: _Json = False,
    revise: Annotated[bool, typer.Option(help="Let differing bars and actions replace stored ones.")] = False,
    adjusted: Annotated[bool, typer.Option(help="The prices are adjusted, and no raw ones exist.")] = False,
    symbol: Annotated[str | None, typer.Option(help="Symbol of one file that has no symbol column.")] = None,
    zone: Annotated[str, typer.Option(help="Zone of times that name none.")] = "America/New_York",
) -> None:
    """Import bars; bad ones are named with file and row and set aside. Importing twice changes nothing.

    Exit status: 0 all bars good, 1 some bars bad or worth a look (the good ones are stored), 2 usage, 3 nothing stored.
    """
    from oracle.core.errors import DataError
    from oracle.data.importer import import_files
    from oracle.data.store import BarStore

    try:
        report = import_files(paths, BarStore(store), revise=revise, symbol=symbol, zone=zone, adjusted_only=adjusted)
    except DataError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(error.exit_code) from None
    if as_json:
        typer.echo(json.dumps(report.as_json(), indent=2))
    else:
        from rich.console import Console

        report.render(Console())
    raise typer.Exit(0 if report.is_clean else 1)


@app.command("list", epilog="Example: oracle data list --json")
def list_bars(store: _Store = DEFAULT_STORE, as_json: _Json = False) -> None:
    """List the symbols of the store: first and last bar, number of bars, corporate actions, content hash."""
    from oracle.core.errors import DataError
    from oracle.data.report import entries_as_json, entries_table
    from oracle.data.store import BarStore

    try:
        entries = BarStore(store).entries()
    except DataError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(error.exit_code) from None
    if as_json:
        typer.echo(json.dumps(entries_as_json(entries), indent=2))
    elif not entries:
        typer.echo(f"{store} holds no bars; bring some in with: oracle data import PATH...", err=True)
    else:
        typer.echo(entries_table(entries))
