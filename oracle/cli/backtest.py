"""`oracle backtest`: strategies over history, within the limits that guard live orders."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from oracle.cli import options
from oracle.cli.output import JsonOption, progress_bar, remark

app = typer.Typer()


@app.command(epilog="Example: oracle backtest strategies/momentum.yaml --report reports/momentum.html")
@options.grouped
def backtest(
    *,
    paths: Annotated[list[Path], typer.Argument(metavar="STRATEGY.yaml...", help="Strategy files, or folders.")],
    run: options.RunOptions,
    bind: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PARAM=VALUE", help="Values of params, such as fast=10,slow=50; one strategy."),
    ] = None,
    report: options.ReportOption = None,
    as_json: JsonOption = False,
) -> None:
    """Backtest strategies and print what they came to.

    With several strategies, the report's file name gets the strategy's name before its ending.
    """
    from oracle.backtesting.result import to_json
    from oracle.bootstrap import load
    from oracle.bootstrap.trials import count
    from oracle.core.diagnostics import render_text
    from oracle.core.errors import UsageError

    if bind and len(paths) > 1:
        raise UsageError("--set names params of one strategy")
    strategies, request = load(paths, options.binding(bind or ())), run.request()
    results = []
    with progress_bar("backtest") as shown:
        runner = request.engine(shown)
        for strategy in strategies:
            bars = request.bars(strategy, runner)
            longest = bars.longest(strategy.spec.universe.symbols, request.end)
            warnings = () if as_json else strategy.compiled.lint(runner.max_position, longest)
            if warnings:
                remark(render_text(warnings))
            results.append(runner.run(strategy, bars, request.capital, request.start, request.end))
    for strategy, result in zip(strategies, results, strict=True):
        count(strategy, [result])
    for result in results:
        if report is not None:
            single = len(results) == 1
            target = report if single else report.with_stem(f"{report.stem}_{result.strategy}")
            remark(f"{result.strategy}: {result.to_html(target)}")
    print(to_json(results) if as_json else "\n\n".join(result.summary() for result in results))
