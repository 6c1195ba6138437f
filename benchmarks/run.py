"""Everything that is measured, beside other engines, as ratios in one run; `make bench`. Nothing here is asserted.

With `--write` the tables go into benchmarks/README.md. `--slow` adds the peers' runs that take minutes.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import platform
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path

import backtests
import indicators
import numpy as np
import peers
import sweeps

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
HEAD = """# How fast oracle is

Written by `make bench` on {machine}. Times are the best of several rounds on a machine that others use too:
read the ratios, which come from one run, before the figures. Nothing here is asserted by a test.

"""


def has(module: str) -> bool:
    """Return whether a peer is installed."""
    return importlib.util.find_spec(module) is not None


def seconds(call: Callable[[], object], rounds: int = 3) -> float:
    """Return the best of several rounds, after one that is not counted."""
    call()
    return backtests.best_seconds(call, rounds)


def write(value: float) -> str:
    """Return seconds in a unit people can read."""
    return f"{value * 1e3:.2f} ms" if value < 1 else f"{value:.2f} s"


def table(title: str, heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table with a heading."""
    heads = list(heads)
    lines = [f"## {title}", "", f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows), ""])


def indicator_table() -> str:
    """(a) nanoseconds a bar beside TA-Lib."""
    rows = [(name, f"{ours:.2f}", f"{theirs:.2f}", f"{theirs / ours:.2f}") for name, ours, theirs in indicators.rows()]
    heads = ("indicator", "oracle, ns/bar", "TA-Lib, ns/bar", "times as fast")
    return table("Indicators, 1,000,000 bars, one thread", heads, rows)


def peer_times(slow: bool) -> dict[str, list[tuple[str, float]]]:
    """Return, by the start of a case's name, what each peer needs."""
    found: dict[str, list[tuple[str, float]]] = {"daily": [], "minute": [], "rotation": []}
    open_, high, low, close, volume = backtests.walk(backtests.DAYS, 0.015, 7)
    if has("vectorbt"):
        found["daily"].append(("vectorbt", seconds(lambda: peers.crossover_vectorbt(close, open_, None))))
        minute = backtests.walk(backtests.MINUTES, 0.0007, 7)
        found["minute"].append(("vectorbt", seconds(lambda: peers.crossover_vectorbt(minute[3], minute[0], 100), 1)))
        bars = backtests.wide_panel()
        shape = (backtests.SYMBOLS, backtests.DAYS)
        wide = (bars.close.reshape(shape).T.copy(), bars.open.reshape(shape).T.copy())
        found["rotation"].append(("vectorbt", seconds(lambda: peers.rotation_vectorbt(*wide))))
    if has("backtrader"):
        stamps = backtests.days().astype("datetime64[ns]")
        daily = (stamps, open_, high, low, close, volume)
        found["daily"].append(("backtrader", seconds(lambda: peers.crossover_backtrader(*daily), 1)))
        if slow:
            minute = backtests.walk(backtests.MINUTES, 0.0007, 7)
            stamps = backtests.minutes().astype("datetime64[ns]")
            begun = time.perf_counter()
            peers.crossover_backtrader(stamps, *minute)
            found["minute"].append(("backtrader", time.perf_counter() - begun))
    return found


def backtest_table(slow: bool) -> str:
    """(b), (c), (d) whole backtests beside the peers that are installed."""
    others = peer_times(slow)
    rows = []
    for case, ours, note in backtests.rows():
        kind = next((kind for kind in others if kind in case), "")
        beside = ", ".join(f"{peer} {write(theirs)} (x{theirs / ours:.0f})" for peer, theirs in others.get(kind, []))
        rows.append((case, write(ours), beside or "–", note))
    return table("Whole backtests, columns in, equity and trades out", ("case", "oracle", "peers", "note"), rows)


def sweep_table() -> str:
    """(f) sweeps, each case in a process of its own, beside vectorbt in its own."""
    heads = ("case", "one thread", "two threads", "peak MB", "vectorbt (times as fast)", "note")
    title = "Sweeps, millions of bars x pairs a second"
    return table(title, heads, sweeps.rows(with_vectorbt=has("vectorbt")))


def search_table() -> str:
    """(g) a search that learns, beside its trials as backtests one by one."""
    heads = ("case", "search", "its backtests one by one", "search / backtests", "note")
    return table("A search that learns", heads, sweeps.tpe_rows())


def process_table() -> str:
    """(e) whole processes, from start to exit."""
    oracle = str(Path(sys.executable).with_name("oracle"))
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "SA_DATA__STORE": f"{folder}/bars", "SA_DATA__TRIALS": f"{folder}/trials"}
        subprocess.run(
            [oracle, "demo", "--reports", folder], env=environment, check=True, capture_output=True, cwd=ROOT
        )
        cases = {
            "`oracle backtest strategies/momentum.yaml` on the demo data": [
                oracle, "backtest", "strategies/momentum.yaml", "--waive", "vix", "--json",
            ],
            "`oracle check strategies`": [oracle, "check", "strategies"],
            "`import oracle`": [sys.executable, "-c", "import oracle"],
            "bare Python": [sys.executable, "-c", "pass"],
        }  # fmt: skip
        rows = []
        for name, command in cases.items():
            spent = backtests.best_seconds(
                lambda command=command: subprocess.run(  # type: ignore[misc]  # bound at once
                    command, env=environment, check=True, capture_output=True, cwd=ROOT
                ),
                5,
            )
            rows.append((name, write(spent)))
    return table("Whole processes", ("command", "best of 5"), rows)


def machine() -> str:
    """Return what the run was measured on."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if "model name" in line]
        model = names[0] if names else model
    return f"{os.cpu_count()} cores of {model}, Python {platform.python_version()}, NumPy {np.__version__}"


def main() -> None:
    """Measure everything and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slow", action="store_true", help="also the peers' runs that take minutes")
    parser.add_argument("--write", action="store_true", help="write benchmarks/README.md")
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    missing = [module for module in ("vectorbt", "backtrader", "optuna") if not has(module)]
    parts = [
        HEAD.format(machine=machine()),
        indicator_table(),
        backtest_table(chosen.slow),
        sweep_table(),
        *([search_table()] if has("optuna") else []),
        process_table(),
    ]
    if missing:
        parts.append(f"Not installed, so not measured: {', '.join(missing)} (the extras `engines` and `tune`).\n")
    page = "\n".join(parts)
    print(page)
    if chosen.write:
        (HERE / "README.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
