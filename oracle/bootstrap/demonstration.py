"""`oracle demo`: the shipped strategies on the demo prices, and their tear sheets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from oracle.bootstrap import engine, load, settings, stored_bars
from oracle.bootstrap.trials import count

if TYPE_CHECKING:
    from oracle.backtesting.result import BacktestRun
    from oracle.backtesting.rust_engine import RustEngine
    from oracle.data.frame import Prepared


@dataclass(frozen=True, slots=True)
class DemoRow:
    """One shipped strategy on the demo prices: within the shipped limits and without any."""

    limited: BacktestRun
    unlimited: BacktestRun
    report: Path


@dataclass(frozen=True, slots=True)
class Demo:
    """The shipped strategies on the demo prices, beside holding the stocks that were there from the start."""

    rows: list[DemoRow]
    held: BacktestRun


HOLD = """schema: 1
name: buy_and_hold
universe: {{symbols: [{symbols}]}}
entry: {{long: close > 0}}
sizing: {{method: equal_weight, max_positions: {count}}}
"""


def demo(reports: Path) -> Demo:
    """Fill the store with the demo prices, run every shipped strategy over them and write its tear sheet.

    The runs are counted in a trial ledger of their own, which is thrown away.

    Raises
    ------
    DataError : the demo prices are not installed
    """
    from tempfile import TemporaryDirectory

    from oracle.core.shipped import strategy_folder
    from oracle.data.demo import demo_path
    from oracle.data.importer import import_files
    from oracle.data.store import BarStore

    store = Path(settings().data.store)
    import_files([demo_path()], BarStore(store))
    rows = []
    limited, unlimited = engine(waive=("vix",)), engine(no_limits=True)
    with TemporaryDirectory() as folder:
        for strategy in load([strategy_folder()]):
            bars = stored_bars(strategy.get_required_data(), store).prepared
            run, free = limited.run(strategy, bars), unlimited.run(strategy, bars)
            count(strategy, [run, free], Path(folder) / "trials.sqlite")
            _ = run.evidence, free.evidence  # while the ledger is there
            rows.append(DemoRow(run, free, run.to_html(reports / f"{strategy.name}.html")))
    return Demo(rows, _buy_and_hold(unlimited, bars))


def _buy_and_hold(engine: RustEngine, bars: Prepared) -> BacktestRun:
    """Buy equal parts of the stocks that trade on the first session, and keep them; dividends stay in cash."""
    from oracle.strategy.declared import DeclaredStrategy

    first = bars.ts_ns.min()
    symbols = [symbol for symbol, row in zip(bars.symbols, bars.offsets[:-1], strict=True) if bars.ts_ns[row] == first]
    text = HOLD.format(symbols=", ".join(symbols), count=len(symbols))
    return engine.run(DeclaredStrategy(text), bars)
