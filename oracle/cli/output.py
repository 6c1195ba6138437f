"""What commands share when they print: diagnostics unwrapped, results on stdout, remarks on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from oracle.core.diagnostics import Diagnostic, as_dict, render_text, sort

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")]


def remark(text: str) -> None:
    """Print a line for people on stderr."""
    print(text, file=sys.stderr)


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
