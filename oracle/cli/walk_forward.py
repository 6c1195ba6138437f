"""`oracle walk-forward`: params fitted on one window, judged on the next, again and again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from oracle.cli import options
from oracle.cli.output import JsonOption, progress_bar, remark

app = typer.Typer()


@app.command(epilog="Example: oracle walk-forward strategies/momentum.yaml --report reports/walk.html")
@options.grouped
def walk_forward(
    *,
    paths: Annotated[list[Path], typer.Argument(metavar="STRATEGY.yaml...", help="Strategy files, or folders.")],
    windows: options.WindowOptions,
    grid: Annotated[
        list[str] | None,
        typer.Option("--grid", metavar="PARAM=A,B", help="Values to try, in the place of those the file declares."),
    ] = None,
    run: options.RunOptions,
    report: options.ReportOption = None,
    save: Annotated[Path | None, typer.Option("--save", metavar="DIR", help="Write JSON and Parquet here.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Fit parameters on a window, freeze them, trade the window after it, and stitch what came of it.

    What is not said here is as in the settings, section strategy.walk_forward. With several strategies, the report's
    file name and the folder get the strategy's name at the end.
    """
    from oracle.backtesting.walk_forward.result import to_json
    from oracle.bootstrap.walks import walk_forwards

    results = walk_forwards(paths, windows.request(run, grid or ()), progress_bar)
    for result in results:
        end_of_name = "" if len(results) == 1 else f"_{result.strategy}"
        if report is not None:
            remark(f"{result.strategy}: {result.to_html(report.with_stem(report.stem + end_of_name))}")
        if save is not None:
            remark(f"{result.strategy}: {result.save(save.with_name(save.name + end_of_name))}")
    print(to_json(results) if as_json else "\n\n".join(result.summary() for result in results))
