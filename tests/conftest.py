"""What all tests share: the soak switch, a trial ledger of their own, and an honest list of what did not run."""

from __future__ import annotations

import hashlib
import os
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from market import TRIALS

settings.register_profile("gate", max_examples=50, deadline=None, derandomize=True)
settings.register_profile("soak", max_examples=5000, deadline=None)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--soak", action="store_true", help="run the long versions of the property tests and fuzzers")


def pytest_configure(config: pytest.Config) -> None:
    # Gone with the process: what tests try is nobody's trial.
    folder = TemporaryDirectory(prefix="oracle-trials-")
    config.add_cleanup(folder.cleanup)
    os.environ[TRIALS] = os.path.join(folder.name, "trials.sqlite")
    settings.load_profile("soak" if config.getoption("--soak") else "gate")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A ledger for each test: what another has tried would change counts and what is said of them."""
    name = hashlib.sha256(item.nodeid.encode()).hexdigest()
    os.environ[TRIALS] = os.path.join(os.path.dirname(os.environ[TRIALS]), f"{name}.sqlite")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--soak"):
        return
    kept = [item for item in items if item.get_closest_marker("soak") is None]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.getreports("skipped")
    if not skipped:
        terminalreporter.write_line("Covered: everything; no test was skipped.")
        return
    terminalreporter.section("NOT COVERED", sep="!")
    for report in skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        terminalreporter.write_line(f"{report.nodeid}: {reason}")
