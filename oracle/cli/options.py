"""Options that several commands share, so that they read and mean the same everywhere.

A group of options is a dataclass; a command marked `grouped` has all of them for a parameter of that class.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

if TYPE_CHECKING:
    from oracle.bootstrap.requests import RunRequest, WalkRequest

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
ReportOption = Annotated[Path | None, typer.Option("--report", metavar="FILE.html", help="Write the report here.")]


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What every run is told, as the command line says it."""

    data: DataOption = None
    start: FromOption = None
    end: ToOption = None
    capital: CapitalOption = 100_000.0
    limits: LimitsOption = None
    no_limits: NoLimitsOption = False
    waive: WaiveOption = ""
    benchmark: BenchmarkOption = None
    conventions: ConventionsOption = None

    def request(self) -> RunRequest:
        """Return what is asked of a run.

        Raises
        ------
        UsageError : limits are named and refused at once
        """
        from oracle.bootstrap.requests import RunRequest

        return RunRequest(**self.asked())

    def asked(self) -> dict[str, Any]:
        """Return the keywords of a request.

        Raises
        ------
        UsageError : limits are named and refused at once
        """
        from oracle.core.errors import UsageError

        if self.limits is not None and self.no_limits:
            raise UsageError("--limits and --no-limits exclude each other")
        return {
            "data": self.data,
            "start": self.start.date() if self.start else None,
            "end": self.end.date() if self.end else None,
            "capital": self.capital,
            "limits_file": self.limits,
            "no_limits": self.no_limits,
            "waive": [word.strip() for word in self.waive.split(",") if word.strip()],
            "benchmark": self.benchmark,
            "conventions": self.conventions,
        }


@dataclass(frozen=True, slots=True)
class WindowOptions:
    """How windows are cut and params chosen; None takes the settings, section `strategy.walk_forward`."""

    train_months: TrainOption = None
    test_months: TestOption = None
    step_months: StepOption = None
    anchored: AnchoredOption = None
    purge: PurgeOption = None
    embargo: EmbargoOption = None
    metric: MetricOption = None
    minimum_trades: MinTradesOption = None

    def request(self, run: RunOptions, grid: Sequence[str] = ()) -> WalkRequest:
        """Return what is asked of walk-forwards.

        Raises
        ------
        UsageError : limits are named and refused at once
        """
        from oracle.bootstrap.requests import WalkRequest

        said = {field.name: getattr(self, field.name) for field in fields(self)}
        changes = {name: value for name, value in said.items() if value is not None}
        return WalkRequest(**run.asked(), grid=grid, changes=changes)


def grouped(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command with the fields of its groups of options in the place of the groups."""
    hints = get_type_hints(command, include_extras=True)
    groups: dict[str, Any] = {name: hint for name, hint in hints.items() if is_dataclass(hint)}
    shown: list[inspect.Parameter] = []
    for name, parameter in inspect.signature(command).parameters.items():
        if name not in groups:
            shown.append(parameter.replace(annotation=hints[name], kind=inspect.Parameter.KEYWORD_ONLY))
            continue
        kinds = get_type_hints(groups[name], include_extras=True)
        for field in fields(groups[name]):
            keyword = inspect.Parameter.KEYWORD_ONLY
            shown.append(inspect.Parameter(field.name, keyword, default=field.default, annotation=kinds[field.name]))

    @wraps(command)
    def run(**given: Any) -> None:
        for name, group in groups.items():
            given[name] = group(**{field.name: given.pop(field.name) for field in fields(group)})
        command(**given)

    run.__signature__ = inspect.Signature(shown)  # type: ignore[attr-defined]  # what inspect, and so typer, reads
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in shown}
    return run


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
