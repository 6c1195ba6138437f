"""Options that several commands share, so that they read and mean the same everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from oracle.bootstrap.requests import WalkRequest

_DAY = ["%Y-%m-%d"]

DataOption = Annotated[
    Path | None, typer.Option("--data", metavar="PATH", help="A store, CSV or Parquet file; else data.store.")
]
FromOption = Annotated[datetime | None, typer.Option("--from", formats=_DAY, help="First day that may be used.")]
ToOption = Annotated[datetime | None, typer.Option("--to", formats=_DAY, help="Last day that may be used.")]
CapitalOption = Annotated[float, typer.Option("--capital", help="Cash at the start of every run, USD.")]
LimitsOption = Annotated[
    Path | None, typer.Option("--limits", metavar="FILE", help="Risk limits; else config/risk_limits.yaml.")
]
NoLimitsOption = Annotated[bool, typer.Option("--no-limits", help="Apply no risk limits.")]
WaiveOption = Annotated[
    str, typer.Option("--waive", metavar="LIST", help="Inputs the limits may do without: vix, sector, raw_prices.")
]
BenchmarkOption = Annotated[
    str | None, typer.Option("--benchmark", metavar="SYM", help="Compare with a symbol; else the universe.")
]
ConventionsOption = Annotated[
    str | None,
    typer.Option(
        "--conventions",
        metavar="NAME",
        help="native, backtrader, vectorbt, lean or zipline, and switches such as cash=reject; else the strategy's.",
    ),
]
TrainOption = Annotated[int | None, typer.Option("--train", metavar="MONTHS", min=1, max=240, help="Months to fit on.")]
TestOption = Annotated[int | None, typer.Option("--test", metavar="MONTHS", min=1, max=240, help="Months to test on.")]
StepOption = Annotated[
    int | None, typer.Option("--step", metavar="MONTHS", min=1, max=240, help="Months between the starts of windows.")
]
AnchoredOption = Annotated[
    bool | None, typer.Option("--anchored/--rolling", help="Train from the first bar on, or on the last months.")
]
PurgeOption = Annotated[
    int | None, typer.Option("--purge", min=0, max=252, help="Sessions cut off the end of each training window.")
]
EmbargoOption = Annotated[
    int | None, typer.Option("--embargo", min=0, max=252, help="Sessions between training and test.")
]
MetricOption = Annotated[
    str | None, typer.Option("--metric", metavar="NAME", help="What the fit makes large: sharpe, sortino, calmar, ...")
]
MinTradesOption = Annotated[
    int | None, typer.Option("--min-trades", min=0, help="Round trips in training below which nothing is chosen.")
]


def binding(texts: Sequence[str]) -> dict[str, str]:
    """Return the params of `name=value,name=value` texts.

    Raises
    ------
    UsageError : another form, or a name twice
    """
    from oracle.core.errors import UsageError

    found: dict[str, str] = {}
    for part in (part for text in texts for part in text.split(",")):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or not name or not value:
            raise UsageError(f"--set {part}: expected name=value such as lookback=63")
        if name in found:
            raise UsageError(f"--set: {name} is given twice")
        found[name] = value
    return found


def request(
    *,
    data: Path | None,
    start: datetime | None,
    end: datetime | None,
    capital: float,
    limits: Path | None,
    no_limits: bool,
    waive: str,
    benchmark: str | None,
    conventions: str | None,
    grid: Sequence[str] = (),
    **changes: object,
) -> WalkRequest:
    """Return what the options ask of walk-forwards; `changes` are keys of `strategy.walk_forward`, None for not given.

    Raises
    ------
    UsageError : limits are named and refused at once
    """
    from oracle.bootstrap.requests import WalkRequest
    from oracle.core.errors import UsageError

    if limits is not None and no_limits:
        raise UsageError("--limits and --no-limits exclude each other")
    return WalkRequest(
        data=data,
        start=start.date() if start else None,
        end=end.date() if end else None,
        capital=capital,
        limits_file=limits,
        no_limits=no_limits,
        waive=[word.strip() for word in waive.split(",") if word.strip()],
        benchmark=benchmark,
        conventions=conventions,
        grid=grid,
        changes={name: value for name, value in changes.items() if value is not None},
    )
