"""`oracle sweep`: one strategy under many values of its params, and how far the best can be believed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from oracle.cli import options
from oracle.cli.output import JsonOption, print_json, progress_bar, quiet, remark

app = typer.Typer()


@app.command(epilog='Example: oracle sweep S.yaml --grid fast=5..50:5 --grid slow=20,50,100,200 --where "fast < slow"')
@options.grouped
def sweep(
    *,
    path: Annotated[Path, typer.Argument(metavar="STRATEGY.yaml", help="The strategy file.")],
    grid: Annotated[
        list[str] | None,
        typer.Option("--grid", metavar="PARAM=A,B", help="Values to try, or A..B:STEP, in the place of the file's."),
    ] = None,
    method: Annotated[str, typer.Option("--method", help="grid, random or tpe.")] = "grid",
    trials: Annotated[
        int | None, typer.Option("--trials", min=1, help="Combinations that random and tpe try; else sweep.trials.")
    ] = None,
    metric: Annotated[
        str | None, typer.Option("--metric", metavar="NAME", help="What makes one the best; else sweep.metric.")
    ] = None,
    where: Annotated[
        str | None,
        typer.Option(
            "--where", metavar="CONDITION", help='Such as "fast < slow and trades >= 30 and max_drawdown < 20%".'
        ),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of random and tpe.")] = 0,
    each_symbol: Annotated[
        bool, typer.Option("--each-symbol", help="Run every symbol of the universe by itself; numbers are medians.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Keep journal and results here; else in sweep.folder."),
    ] = None,
    threads: Annotated[
        int | None, typer.Option("--threads", min=1, max=1024, help="Else as many as processors.")
    ] = None,
    run: options.RunOptions,
    report: options.ReportOption = None,
    as_json: JsonOption = False,
) -> None:
    """Try many values of a strategy's params, and print the best ones beside what they prove.

    Results are kept as they come: the same command again goes on where it was stopped. A combination that --where rules
    out by its params is not run; one that it rules out by its metrics cannot win.
    """
    from oracle.bootstrap import settings
    from oracle.bootstrap.sweeps import SweepRequest, sweep_file

    chosen = settings().sweep
    request = SweepRequest(
        grid=grid or (),
        method=method,
        metric=metric or chosen.metric,
        where=where,
        trials=trials or chosen.trials,
        seed=seed,
        each_symbol=each_symbol,
        threads=threads,
    )
    result = sweep_file(path, request, run.request(), out, quiet if as_json else progress_bar)
    if report is not None:
        remark(f"{result.strategy}: {result.to_html(report)}")
    if as_json:
        print_json({**result.to_dict(), "evidence": result.judgement()})
    else:
        print(result.summary())
