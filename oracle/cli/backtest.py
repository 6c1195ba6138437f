"""`oracle backtest`: strategies over history, within the limits that guard live orders."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from oracle.cli import options
from oracle.cli.output import JsonOption, progress_bar, remark

app = typer.Typer()

_DAY = ["%Y-%m-%d"]


@app.command(epilog="Example: oracle backtest strategies/momentum.yaml --waive vix --report reports/momentum.html")
def backtest(
    paths: Annotated[list[Path], typer.Argument(metavar="STRATEGY.yaml...", help="Strategy files, or folders.")],
    data: Annotated[
        Path | None, typer.Option("--data", metavar="PATH", help="A store, CSV or Parquet file; else data.store.")
    ] = None,
    start: Annotated[datetime | None, typer.Option("--from", formats=_DAY, help="First day that may trade.")] = None,
    end: Annotated[datetime | None, typer.Option("--to", formats=_DAY, help="Last day that may trade.")] = None,
    capital: Annotated[float, typer.Option(help="Cash at the start, USD.")] = 100_000.0,
    limits: Annotated[
        Path | None, typer.Option("--limits", metavar="FILE", help="Risk limits; else config/risk_limits.yaml.")
    ] = None,
    no_limits: Annotated[bool, typer.Option("--no-limits", help="Apply no risk limits.")] = False,
    waive: Annotated[
        str, typer.Option("--waive", metavar="LIST", help="Inputs the limits may do without: vix, sector, raw_prices.")
    ] = "",
    benchmark: Annotated[
        str | None, typer.Option("--benchmark", metavar="SYM", help="Compare with a symbol; else the universe.")
    ] = None,
    bind: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PARAM=VALUE", help="Values of params, such as fast=10,slow=50; one strategy."),
    ] = None,
    conventions: options.ConventionsOption = None,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE.html", help="Write the tear sheet here.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Backtest strategies and print what they came to.

    With several strategies, the report's file name gets the strategy's name before its ending.
    """
    from oracle.backtesting.result import to_json
    from oracle.bootstrap import count, engine, load, stored_bars
    from oracle.core.diagnostics import render_text
    from oracle.core.errors import UsageError

    if bind and len(paths) > 1:
        raise UsageError("--set names params of one strategy")
    if limits is not None and no_limits:
        raise UsageError("--limits and --no-limits exclude each other")
    strategies = load(paths, options.binding(bind or ()))
    waived = [name.strip() for name in waive.split(",") if name.strip()]
    results = []
    with progress_bar("backtest") as shown:
        runner = engine(
            limits_file=limits,
            no_limits=no_limits,
            waive=waived,
            benchmark=benchmark,
            conventions=conventions,
            progress=shown,
        )
        for strategy in strategies:
            wanted = [*strategy.get_required_data(), *runner.required_symbols, *([benchmark] if benchmark else [])]
            bars = stored_bars(sorted(set(wanted)), data, strategy.spec.timeframe)
            first, last = start.date() if start else None, end.date() if end else None
            longest = bars.prepared.longest(strategy.spec.universe.symbols, last)
            warnings = () if as_json else strategy.compiled.lint(runner.max_position, longest)
            if warnings:
                remark(render_text(warnings))
            results.append(runner.run(strategy, bars.prepared, capital, first, last))
    for strategy, result in zip(strategies, results, strict=True):
        count(strategy, [result])
    for result in results:
        if report is not None:
            single = len(results) == 1
            target = report if single else report.with_stem(f"{report.stem}_{result.strategy}")
            remark(f"{result.strategy}: {result.to_html(target)}")
    print(to_json(results) if as_json else "\n\n".join(result.summary() for result in results))
