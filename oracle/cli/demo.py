"""`oracle demo`: the shipped strategies, checked, tested and backtested on real prices."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from oracle.cli.output import remark

if TYPE_CHECKING:
    from oracle.backtesting.result import BacktestRun

app = typer.Typer()


@app.command(epilog="Example: oracle demo --reports reports")
def demo(
    reports: Annotated[Path, typer.Option(metavar="DIR", help="Folder of the tear sheets.")] = Path("reports"),
) -> None:
    """Check and test the shipped strategies, backtest them on real prices, and write their tear sheets.

    The prices are AAPL, FB, GOOG, IBM and MSFT, daily from 2000 to 2013. The VIX is waived, because the demo has none.
    """
    from rich.console import Console
    from rich.table import Table

    from oracle.bootstrap import run_tests
    from oracle.bootstrap.demonstration import demo as run_demo
    from oracle.core.shipped import strategy_folder

    tests = run_tests([strategy_folder()])
    failed = [result for result in tests if not result.passed]
    remark(f"{len(tests)} strategy tests, {len(failed)} failed")
    shown = run_demo(reports)
    table = Table(title="Five strategies on AAPL, FB, GOOG, IBM, MSFT; $100,000; costs included; VIX waived")
    for heading in ("strategy", "limits", "return", "a year", "Sharpe", "drawdown", "trades", "refused or cut"):
        table.add_column(heading, justify="left" if heading in ("strategy", "limits") else "right", no_wrap=True)
    for row in shown.rows:
        table.add_row(row.limited.strategy, "shipped", *_cells(row.limited))
        table.add_row("", "none", *_cells(row.unlimited), end_section=True)
    table.add_row("buy and hold", "none", *_cells(shown.held))
    Console(width=112).print(table)
    for row in shown.rows:
        print(row.report)
    if failed:
        raise typer.Exit(1)


def _cells(run: BacktestRun) -> list[str]:
    from oracle.backtesting.metrics import BY_NAME

    names = ("total_return", "annual_return", "sharpe", "max_drawdown")
    cells = [BY_NAME[name].write(run.metrics[name]) for name in names]
    return [*cells, f"{run.trade_count:,}", f"{sum(run.verdict_counts.values()):,}"]
