"""`oracle rank`: strategies by what they showed out of sample, and why each passes or not."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from oracle.cli import options
from oracle.cli.output import JsonOption, print_json, progress_bar, remark

app = typer.Typer()


@app.command(epilog="Example: oracle rank strategies/ --report reports/ranking.html")
@options.grouped
def rank(
    *,
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="[STRATEGY.yaml...]", help="Files or folders; else strategies/.")
    ] = None,
    windows: options.WindowOptions,
    run: options.RunOptions,
    report: options.ReportOption = None,
    as_json: JsonOption = False,
) -> None:
    """Walk every strategy forward, score its stitched out-of-sample curve, and say what it passes.

    Weights, scales and thresholds are in the settings, section strategy. Exit code 1 when a strategy does not pass.
    """
    from oracle.backtesting.ranking.summary import write
    from oracle.bootstrap.walks import rank as ranked
    from oracle.bootstrap.walks import walk_forwards
    from oracle.core.shipped import strategy_folder

    own = Path("strategies")
    chosen = paths or [own if own.is_dir() else strategy_folder()]
    cards = ranked(walk_forwards(chosen, windows.request(run), progress_bar))
    if report is not None:
        from oracle.backtesting.ranking.report import render

        report.parent.mkdir(parents=True, exist_ok=True)
        report.write_text(render(cards), encoding="utf-8")
        remark(str(report))
    if as_json:
        print_json([{**card.to_dict(), "evidence": card.walk.evidence.to_dict()} for card in cards])
    else:
        print(write(cards))
    if not all(card.passed for card in cards):
        raise typer.Exit(1)
