"""Files to start from: a strategy that passes its check, and a project around it.

Existing files are never overwritten.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from oracle.core import units
from oracle.core.errors import UsageError
from oracle.core.shipped import config_file

_STRATEGY = """\
schema: 1
name: {name}
description: Hold stocks above their own average that have gained the most over half a year.
source: N. Jegadeesh and S. Titman, Returns to Buying Winners and Selling Losers (1993)
mode: off                        # off | shadow | paper | live

universe:
  symbols: [AAPL, GOOG, IBM, MSFT]
  where: close > 5

params:                          # numbers that a sweep may vary
  lookback: {{default: 126, range: [21, 252], step: 21}}
  hold: {{default: 2, choices: [1, 2, 3]}}

features:                        # named expressions, in any order
  momentum: change_ratio(close, lookback)
  trend: close > sma(close, 200)

entry:
  long: trend and momentum > 0 and rank(momentum) <= hold
  priority: momentum             # who goes first when cash or slots run short

exit:
  when: not trend or rank(momentum) > hold + 1
  stop_loss: 8%
  max_hold: 90d                  # d: calendar days, s: sessions

min_hold_days: 2
sizing: {{method: equal_weight, max_position: 40%, max_positions: 3}}
execution: {{order_type: market}}

tests:                           # run by `oracle test`
  - name: no entry below the 200-day average
    bars: {{AAPL: {{close: "250 -> 200 x 300"}}}}
    expect: {{entries: none}}
"""

_SETTINGS = """\
# Settings; every key has a default. An environment variable overrides one: SA_SIMULATION__CASH_BUFFER=2%.
app:
  environment: development
broker:
  provider: simulated            # ibkr | simulated | paper_stub
data:
  store: var/bars                # folder of the bar store
simulation:
  slippage: {model: bps, rate: 5bps}
  waive: [vix, sector]           # limits whose input the data lack; printed in every result
"""

_README = """\
# {name}

Strategies for `oracle`.

    oracle check strategies                      # every problem, located and explained
    oracle test strategies                       # the tests: blocks
    oracle data import PRICES.csv                # bars into var/bars
    oracle backtest strategies/momentum.yaml --waive vix,sector --report momentum.html

Settings stand in `config/settings.yaml`, risk limits in `config/risk_limits.yaml`.
"""

_IGNORED = "var/\nreports/\n"


def strategy_text(name: str) -> str:
    """Return a strategy file of that name."""
    return _STRATEGY.format(name=name)


def write_strategy(folder: Path, name: str) -> Path:
    """Write a strategy file and return its path.

    Raises
    ------
    UsageError : the name is not one, or the file exists
    """
    try:
        units.name(name)
    except units.UnreadableError as error:
        hint = f"; did you mean {error.suggestion}?" if error.suggestion else ""
        raise UsageError(f"`{name}` is not a name; expected {error.expected}{hint}") from None
    return _write(folder, {f"{name}.yaml": strategy_text(name)})[0]


def write_project(folder: Path) -> list[Path]:
    """Write a starter project and return the paths written.

    Raises
    ------
    UsageError : the folder is not empty, or is a file
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is not an empty folder")
    files = {
        "README.md": _README.format(name=folder.resolve().name),
        ".gitignore": _IGNORED,
        "config/settings.yaml": _SETTINGS,
        "strategies/momentum.yaml": strategy_text("momentum"),
        "config/risk_limits.yaml": config_file("risk_limits.yaml").read_text(encoding="utf-8"),
    }
    return _write(folder, files)


def _write(folder: Path, files: Mapping[str, str]) -> list[Path]:
    paths = [folder / name for name in files]
    for path in paths:
        if path.exists():
            raise UsageError(f"{path} exists; nothing was written")
    for path, text in zip(paths, files.values(), strict=True):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise UsageError(f"{path} cannot be written: {(error.strerror or 'unknown reason').lower()}") from None
    return paths
