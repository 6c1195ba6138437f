"""The engine's findings, brought home to the file they are about.

The engine knows expressions by a path into the spec and character offsets; here they become file, line and column.
What follows only from parts already refused (a param that could not be read is an unknown name, a feature whose only
reader was refused is unused) is not repeated, and what both sides of the door check is said once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TypedDict

from oracle.core.binding import Path, locate
from oracle.core.diagnostics import Diagnostic, Severity
from oracle.core.fields import Strict
from oracle.core.nodes import Mapping, Mark, Scalar
from oracle.core.source import Source
from oracle.strategy.literal import is_param_name, literal_fields, sections_in
from oracle.strategy.load import LoadedStrategy
from oracle.strategy.spec import StrategySpec

#: Codes of the engine that may follow from a refusal here: settings missing or excluding each other, names unused.
_MISSING_SETTING, _CONFLICTING_SETTINGS, _UNUSED = "E410", "E411", "W503"
#: Sections whose keys are names that expressions use.
_DEFINITIONS = ("params", "features", "regimes")
#: Sections that hold expressions.
_RULES = ("universe", "features", "regimes", "entry", "exit", "portfolio", "sizing", "execution")


class Finding(TypedDict):
    """One diagnostic as the engine words it; `start` and `end` count characters of the text at `path`."""

    code: str
    severity: Severity
    path: list[str]
    start: int
    end: int
    message: str
    found: str | None
    expected: str | None
    suggestion: str | None
    notes: list[str]


def brought_home(loaded: LoadedStrategy, found: Iterable[Finding]) -> list[Diagnostic]:
    """Return the engine's findings on a strategy, without those that follow from what was already refused."""
    dropped = frozenset[Path]() if loaded.bound is None else loaded.bound.dropped
    spec = None if loaded.bound is None else loaded.bound.partial
    findings = list(found)
    broken = {tuple(f["path"]) for f in findings if f["severity"] == "error"}
    literals = set() if spec is None else set(_names_in_literals(spec))
    known = {(d.line, d.column) for d in loaded.diagnostics if d.is_error}
    kept = [
        _located(loaded.source, f)
        for f in findings
        if not _follows(loaded.source, f, dropped)
        and not _is_of_a_refused_param(loaded.source, f, known)
        and not (f["code"] == _UNUSED and (tuple(f["path"]) in broken or set(f["path"][1:]) & literals))
    ]
    return [d for d in kept if not (d.code.startswith("E4") and (d.line, d.column) in known)]


def _is_of_a_refused_param(source: Source, found: Finding, known: set[tuple[int, int]]) -> bool:
    """Whether a finding is about a literal that names a param whose value was refused here already."""
    scalar, _, _ = _scalar(source, found["path"])
    if source.root is None or scalar is None or not is_param_name(scalar.text):
        return False
    _, mark, _ = locate(source.root, ("params", scalar.text, "default"))
    return (mark.line, mark.column) in known


def _names_in_literals(section: StrategySpec | Strict) -> Iterator[str]:
    """Yield the params that literals name: the engine sees their values instead, and would call them unused."""
    literals = literal_fields(type(section))
    for name in type(section).model_fields:
        value = getattr(section, name)
        if name in literals and isinstance(value, str) and is_param_name(value):
            yield value
    for _, inner in sections_in(section):
        yield from _names_in_literals(inner)


def _follows(source: Source, found: Finding, dropped: frozenset[Path]) -> bool:
    """Whether a finding exists only because something it speaks of was refused."""
    refused_sections = {path[0] for path in dropped}
    if found["code"] in (_MISSING_SETTING, _CONFLICTING_SETTINGS):
        return bool(found["path"]) and found["path"][0] in refused_sections
    if found["code"] == _UNUSED:
        return bool(refused_sections & set(_RULES))
    if not found["code"].startswith("E2"):
        return False
    scalar, _, _ = _scalar(source, found["path"])
    if scalar is None:
        return False
    name, rest = scalar.text[found["start"] : found["end"]], scalar.text[found["end"] :]
    if re.match(r"\s*\(", rest):
        return False
    names = {str(path[1]) for path in dropped if len(path) > 1 and path[0] in _DEFINITIONS}
    return name in names or any(len(path) == 1 and path[0] in _DEFINITIONS for path in dropped)


def _file_path(path: list[str]) -> Path:
    """Return where a part of the spec stands in the file."""
    # Items of lists are counted from 0; no name begins with a digit.
    place = tuple(int(segment) if segment.isdecimal() else segment for segment in path)
    return ("universe", *place) if path and path[0] in ("symbols", "where", "sectors") else place


def _scalar(source: Source, path: list[str]) -> tuple[Scalar | None, Mark, int]:
    """Return the text a path leads to, if it does, and the place and width to show where it does not."""
    if source.root is None:
        return None, Mark(1, 1, 0), 1
    node, mark, width = locate(source.root, _file_path(path))
    if isinstance(node, Mapping) and path and path[0] == "params":
        default = node.get("default")
        node = default if default is not None else node
    return (node, node.mark, width) if isinstance(node, Scalar) else (None, mark, width)


def _located(source: Source, found: Finding) -> Diagnostic:
    """Bring one finding to its line and column."""
    mark, width = _place(source, found)
    return Diagnostic(
        path=source.document.path,
        line=mark.line,
        column=mark.column,
        code=found["code"],
        message=found["message"],
        severity=found["severity"],
        found=found.get("found") or None,
        expected=found.get("expected") or None,
        suggestion=found.get("suggestion") or None,
        excerpt=source.document.line(mark.line),
        width=max(1, width),
        notes=tuple(found.get("notes") or ()),
    )


def _place(source: Source, found: Finding) -> tuple[Mark, int]:
    """Return where a finding starts, and how many characters of that line it covers."""
    scalar, mark, width = _scalar(source, found["path"])
    start, end = found["start"], found["end"]
    if source.root is not None and start == end == 0:
        # No text is meant but the key itself: a feature that nothing uses, a setting that is missing.
        _, mark, width = locate(source.root, _file_path(found["path"]), on_key=True)
        return mark, width
    if scalar is None or (is_param_name(scalar.text) and end > len(scalar.text)):
        return mark, width
    mark, last = scalar.locate(start), scalar.locate(max(end - 1, start))
    ends_at = last.column if last.line == mark.line else len(source.document.line(mark.line))
    return mark, ends_at - mark.column + 1
