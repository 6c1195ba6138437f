"""`oracle verify`: the same decisions through other engines, and what differs in the ledgers."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from oracle.cli.output import JsonOption, print_json

app = typer.Typer()

_DAY = ["%Y-%m-%d"]


@app.command(epilog="Example: oracle verify strategies/momentum.yaml --against backtrader,vectorbt")
def verify(
    paths: Annotated[list[Path], typer.Argument(metavar="STRATEGY.yaml...", help="Strategy files, or folders.")],
    against: Annotated[
        str, typer.Option("--against", metavar="LIST", help="Engines to compare with: backtrader, vectorbt.")
    ] = "backtrader,vectorbt",
    data: Annotated[
        Path | None, typer.Option("--data", metavar="PATH", help="A store, CSV or Parquet file; else data.store.")
    ] = None,
    start: Annotated[datetime | None, typer.Option("--from", formats=_DAY, help="First day that may trade.")] = None,
    end: Annotated[datetime | None, typer.Option("--to", formats=_DAY, help="Last day that may trade.")] = None,
    capital: Annotated[float, typer.Option(help="Cash at the start, USD.")] = 100_000.0,
    as_json: JsonOption = False,
) -> None:
    """Run strategies without limits here and through other engines, and explain every difference.

    A difference is explained where switching one convention makes it vanish. Exit 1 where one is not.
    """
    from oracle.bootstrap import load, stored_bars, verify_strategy

    names = [name.strip() for name in against.split(",") if name.strip()]
    first, last = start.date() if start else None, end.date() if end else None
    results = []
    for strategy in load(paths):
        bars = stored_bars(sorted(set(strategy.get_required_data())), data, strategy.spec.timeframe)
        for name in names:
            results.append(verify_strategy(strategy, bars.prepared, name, capital, first, last))
    if as_json:
        print_json([result.to_dict() for result in results])
    else:
        print("\n".join(result.summary() for result in results))
    if any(result.unexplained for result in results):
        raise typer.Exit(1)
