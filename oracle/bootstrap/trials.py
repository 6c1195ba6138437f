"""The trial ledger of the settings in force, and what is entered into it."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from oracle.bootstrap import settings

if TYPE_CHECKING:
    from oracle.backtesting.result import BacktestRun
    from oracle.backtesting.trials import TrialLedger
    from oracle.backtesting.walk_forward.result import WalkForward
    from oracle.strategy.declared import DeclaredStrategy


def ledger(path: str | Path | None = None) -> TrialLedger:
    """Return the ledger in a file; in `data.trials` of the settings in force when None."""
    from oracle.backtesting.trials import TrialLedger

    return TrialLedger(settings().data.trials if path is None else path)


def announce(words: str) -> None:
    """Say on stderr what a person has to know about a count."""
    print(words, file=sys.stderr)


def count(strategy: DeclaredStrategy, runs: Iterable[BacktestRun], path: str | Path | None = None) -> None:
    """Enter runs of a strategy, or of variants of it, into the trial ledger, and say on stderr what is unexpected.

    Parameters
    ----------
    path : the ledger's file; None takes `data.trials` of the settings in force
    """
    from oracle.backtesting.evidence import count

    count(strategy, runs, ledger(path), announce)


def count_walk(strategy: DeclaredStrategy, walk: WalkForward, attempt: tuple[str, str]) -> WalkForward:
    """Enter what a walk-forward has tried into the trial ledger, and return the walk with its evidence known.

    Parameters
    ----------
    attempt : hashes of data and of conventions over the walked period, from ``RustEngine.attempt``
    """
    from oracle.backtesting.evidence import enter
    from oracle.backtesting.walk_forward.attempts import trials

    return replace(walk, known=enter(strategy, trials(walk, *attempt), ledger(), announce))
