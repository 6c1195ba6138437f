"""The command as another process runs it, with the trial ledger that the tests have."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from market import ROOT, TRIALS

COMMAND = "import sys; from oracle.cli.app import run; sys.exit(run(sys.argv[1:]))"


def printed(store: Path, paths: list[Path], **environment: str) -> bytes:
    """What `oracle backtest --json` prints in a process of its own."""
    arguments = ["backtest", *map(str, paths), "--data", str(store), "--waive", "vix", "--json"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SA_", "RAYON_"))}
    clean[TRIALS] = os.environ[TRIALS]
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, *arguments],
        cwd=ROOT, env={**clean, **environment}, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout
