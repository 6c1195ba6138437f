"""The command line: one file per command, each of which parses, calls and renders; no logic.

A file `walk_forward.py` here is the command `oracle walk-forward` by being here: it holds a `typer.Typer` named `app`.
Heavy imports belong inside the command functions, so that other commands start without them.
"""

from __future__ import annotations


def main() -> None:
    """Run the command line; the console script's entry."""
    import sys

    from oracle.cli.app import run

    sys.exit(run())
