"""`oracle data import` and `oracle data list`: prices into the bar store, and what it holds.

Bars need polars; it is loaded inside the commands, so that the other commands start without it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from oracle.cli.output import JsonOption, print_json, remark

if TYPE_CHECKING:
    from oracle.data.store import BarStore

app = typer.Typer(
    help="Bring prices into the bar store, and see what it holds.", no_args_is_help=True, add_completion=False
)

StoreOption = Annotated[
    Path | None, typer.Option("--store", metavar="DIR", help="Folder of the bar store; data.store of the settings.")
]


@app.command("import", epilog="Example: oracle data import prices.csv.gz --store var/bars")
def import_bars(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="CSV, .csv.gz or Parquet files, or folders.")],
    store: StoreOption = None,
    as_json: JsonOption = False,
    revise: Annotated[bool, typer.Option("--revise", help="Let differing bars, actions replace stored ones.")] = False,
    adjusted: Annotated[bool, typer.Option("--adjusted", help="The prices are adjusted; no raw ones exist.")] = False,
    symbol: Annotated[str | None, typer.Option(help="Symbol of one file that has no symbol column.")] = None,
    zone: Annotated[str, typer.Option(help="Zone of times that name none.")] = "America/New_York",
) -> None:
    """Import bars; bad ones are named with file and row and set aside. Importing twice changes nothing.

    Exits with 0 when all bars are good, with 1 when some are bad or worth a look (the good ones are stored).
    """
    from oracle.data.importer import import_files

    report = import_files(
        paths, _open(store), revise=revise, symbol=symbol, zone=_known_zone(zone), adjusted_only=adjusted
    )
    if as_json:
        print_json(report.as_json())
    else:
        print(report.text())
    if not report.is_clean:
        raise typer.Exit(1)


@app.command("list", epilog="Example: oracle data list --json")
def list_bars(store: StoreOption = None, as_json: JsonOption = False) -> None:
    """List the symbols of the store: first and last bar, number of bars, corporate actions, content hash."""
    from oracle.data.report import entries_as_json, entries_table

    opened = _open(store)
    entries = opened.entries()
    if as_json:
        print_json(entries_as_json(entries))
    elif entries:
        print(entries_table(entries))
    else:
        remark(f"{opened.root} holds no bars; bring some in with: oracle data import PATH...")


def _open(folder: Path | None) -> BarStore:
    from oracle.core.config import Settings
    from oracle.data.store import BarStore

    return BarStore(Settings.from_yaml().data.store if folder is None else folder)


def _known_zone(zone: str) -> str:
    from zoneinfo import available_timezones

    from oracle.core.errors import UsageError

    if zone not in available_timezones():
        raise UsageError(f"{zone!r} is not a time zone; expected a name such as America/New_York or UTC")
    return zone
