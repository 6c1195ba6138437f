"""What commands share when they print: diagnostics unwrapped, results on stdout, remarks on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Annotated

import typer

from oracle.core.diagnostics import Diagnostic, as_dict, render_text, sort

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")]


def remark(text: str) -> None:
    """Print a line for people on stderr."""
    print(text, file=sys.stderr)


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on stderr while the work lasts; nothing where stderr is not a terminal."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    with ExitStack() as shown:
        bars: list[Callable[[int, int], None]] = []

        def update(done: int, total: int) -> None:
            # The library is not loaded for work that is over before there is anything to show.
            if not bars:
                bars.append(_bar(label, shown))
            bars[0](done, total)

        yield update


def _bar(label: str, shown: ExitStack) -> Callable[[int, int], None]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"))
    progress = shown.enter_context(
        Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True)
    )
    task = progress.add_task(label, total=None, rate="")

    def told(done: int, total: int) -> None:
        speed = progress.tasks[0].speed
        progress.update(task, completed=done, total=total, rate="" if speed is None else f"{speed:,.0f}/s")

    return told


@contextmanager
def quiet(label: str) -> Iterator[Callable[[int, int], None]]:
    """Show no progress, in the place of a bar."""
    yield lambda done, total: None


def print_json(value: object) -> None:
    """Print a value as JSON on stdout."""
    print(json.dumps(value, indent=2, ensure_ascii=False))


def print_findings(diagnostics: Sequence[Diagnostic], files: int, *, as_json: bool) -> None:
    """Print diagnostics on stdout and their count on stderr."""
    errors = sum(d.is_error for d in diagnostics)
    warnings = len(diagnostics) - errors
    if as_json:
        found = [as_dict(d) for d in sort(diagnostics)]
        print_json({"files": files, "errors": errors, "warnings": warnings, "diagnostics": found})
        return
    if diagnostics:
        print(render_text(diagnostics))
    remark(f"{_count(files, 'file')}: {_count(errors, 'error')}, {_count(warnings, 'warning')}")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
