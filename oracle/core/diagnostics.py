"""What is wrong in a file, where, and what to write instead; and how that is shown.

A `Diagnostic` is data. Rendering is apart from it: text for people (one unwrapped line, then the source line
underlined), JSON for machines. This room never decides whether something is wrong.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

Severity = Literal["error", "warning"]

#: Longest excerpt that is shown whole; a longer line is cut around the problem.
EXCERPT_CHARS_MAX = 140

_SECRET_URL = re.compile(r"://[^/\s:@]*:[^@\s]+@")
_SECRET_KEY = re.compile(r"(?i)(pas+w|pwd|secret|tok\w{0,2}n|api_?key|credential)\w*[\"']?\s*[:=]\s*\S")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of problem: its stable code, what it means and what to do, and an example of it and of its cure."""

    code: str
    title: str
    meaning: str
    bad: str
    good: str


#: Problems of files and values. Problems of expressions (E, W) are listed by the engine.
SOURCE_CODES: tuple[Code, ...] = (
    Code(
        "S001",
        "YAML syntax",
        "The text is not valid YAML. Often a `: ` or a `#` inside a value that needs quotes.",
        "description: Buy: the dip",
        'description: "Buy: the dip"',
    ),
    Code(
        "S002",
        "duplicate key",
        "A key stands twice in one mapping. Keep one; the message names both lines.",
        "exit: {stop_loss: 8%, stop_loss: 5%}",
        "exit: {stop_loss: 5%}",
    ),
    Code(
        "S003",
        "YAML feature that is not allowed",
        "Anchors, aliases, merge keys, tags, directives, tabs, keys that are not text and several documents in a file"
        " are refused: they hide what a file says, and some of them can be made to explode.",
        "entry: &rule {long: close > open}",
        "entry: {long: close > open}",
    ),
    Code(
        "S004",
        "too large or too deep",
        "A file holds at most 256 KB and nests at most 20 levels; an expression has at most 10,000 characters.",
        "[[[[[[[[[[[[[[[[[[[[[AAPL]]]]]]]]]]]]]]]]]]]]]",
        "[AAPL]",
    ),
    Code(
        "S005",
        "character that is not allowed",
        "The file is not UTF-8, or holds an invisible control character.",
        "a file saved as UTF-16",
        "the file saved as UTF-8",
    ),
    Code(
        "S006",
        "nothing to read",
        "The file is missing, cannot be read, or is empty.",
        "oracle check strategies/momentun.yaml",
        "oracle check strategies/momentum.yaml",
    ),
    Code(
        "S010",
        "unknown key",
        "No such key here. The message offers the nearest one.",
        "exit: {stoploss: 8%}",
        "exit: {stop_loss: 8%}",
    ),
    Code(
        "S011",
        "missing key",
        "A key that has no default is not given.",
        "universe: {where: close > 5}",
        "universe: {symbols: [AAPL], where: close > 5}",
    ),
    Code(
        "S012",
        "wrong type",
        "The value cannot be read as what the key takes.",
        "universe: {symbols: AAPL}",
        "universe: {symbols: [AAPL]}",
    ),
    Code(
        "S013", "out of range", "The value is readable but outside its range.", "min_hold_days: 1", "min_hold_days: 2"
    ),
    Code(
        "S014",
        "unit missing",
        "The value needs its unit beside it: `5%`, `300s`, `90d`. A bare number is refused.",
        "exit: {max_hold: 90}",
        "exit: {max_hold: 90d}",
    ),
    Code(
        "S015",
        "not one of the choices",
        "The key takes one of a few words.",
        "sizing: {method: kelly}",
        "sizing: {method: half_kelly, prior: {trades: 30, win_rate: 52%, payoff: 1.3}}",
    ),
    Code(
        "S016",
        "keys that do not go together",
        "Two keys exclude each other, or one needs another.",
        "sizing: {method: equal_weight, fraction: 5%}",
        "sizing: {method: fixed_fraction, fraction: 5%}",
    ),
    Code(
        "S017",
        "not a usable name",
        "The name is malformed, taken twice, or does not fit the file.",
        "name: Dual Momentum",
        "name: dual_momentum",
    ),
    Code(
        "S018",
        "environment variable matches nothing",
        "An `SA_` variable names no key of the settings.",
        "SA_BROKER__IBKR__PORTT=4001",
        "SA_BROKER__IBKR__PORT=4001",
    ),
    Code(
        "S019",
        "secret in a file",
        "A password stands in a file. Put it into the environment or a secrets file.",
        "database: {url: postgresql+asyncpg://trader:hunter2@localhost/oracle}",
        "SA_DATABASE__URL=postgresql+asyncpg://trader:hunter2@localhost/oracle",
    ),
)


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem at one place.

    Attributes
    ----------
    path : str, the file as the user named it, or the environment variable
    line, column : int, from 1, in characters
    code : str, stable
    message : str, one sentence without its full stop
    found, expected : str or None, in the reader's units
    suggestion : str or None, what to write instead
    excerpt : str or None, the source line
    width : int, characters to underline
    notes : tuple of str, more sentences, each on its own line
    """

    path: str
    line: int
    column: int
    code: str
    message: str
    severity: Severity = "error"
    found: str | None = None
    expected: str | None = None
    suggestion: str | None = None
    excerpt: str | None = None
    width: int = 1
    notes: tuple[str, ...] = ()

    @property
    def is_error(self) -> bool:
        """Whether the file is refused because of it."""
        return self.severity == "error"


def sort(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return the diagnostics by file, line, column and code, each once."""
    unique = dict.fromkeys(diagnostics)
    return sorted(unique, key=lambda d: (d.path, d.line, d.column, d.code, d.message))


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """Return the choice that `word` was probably meant to be, or None where none is near."""
    names = list(choices)
    folded = {name.lower(): name for name in reversed(names)}
    if word.lower() in folded:
        return folded[word.lower()]
    hits = difflib.get_close_matches(word.lower(), list(folded), n=1, cutoff=0.6)
    return folded[hits[0]] if hits else None


def has_secret(text: str) -> bool:
    """Whether a line of source holds a password or key that must not be shown."""
    return bool(_SECRET_URL.search(text) or _SECRET_KEY.search(text))


def one_line(text: str, limit: int = 80) -> str:
    """Return `text` on one line, without control characters, cut to `limit` characters."""
    flat = _UNPRINTABLE.sub("�", re.sub(r"\s*\n\s*", " ", text))
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def render_line(diagnostic: Diagnostic) -> str:
    """Return the single line `path:line:column: CODE message; found …; expected …`."""
    parts = [one_line(diagnostic.message, 400)]
    if diagnostic.found is not None and not has_secret(diagnostic.found):
        parts.append(f"found {one_line(diagnostic.found)}")
    if diagnostic.expected is not None:
        parts.append(f"expected {one_line(diagnostic.expected, 400)}")
    place = f"{one_line(diagnostic.path, 1000)}:{diagnostic.line}:{diagnostic.column}"
    return f"{place}: {diagnostic.code} {'; '.join(parts)}"


def render_text(diagnostics: Sequence[Diagnostic]) -> str:
    """Return all diagnostics for a terminal: the line, the source underlined, the suggestion, the notes."""
    return "\n".join(_render(d) for d in sort(diagnostics))


def render_json(diagnostics: Sequence[Diagnostic]) -> str:
    """Return a JSON array with one object per diagnostic, its keys those of `Diagnostic`."""
    return json.dumps([as_dict(d) for d in sort(diagnostics)], indent=2, ensure_ascii=False)


def as_dict(diagnostic: Diagnostic) -> dict[str, object]:
    """Return one diagnostic as JSON-ready values; an excerpt that holds a secret is left out."""
    values = asdict(diagnostic)
    values["notes"] = list(diagnostic.notes)
    if diagnostic.excerpt is not None and has_secret(diagnostic.excerpt):
        values["excerpt"] = None
    if diagnostic.found is not None and has_secret(diagnostic.found):
        values["found"] = None
    return {k: _UNPRINTABLE.sub("�", v) if isinstance(v, str) else v for k, v in values.items()}


def _render(diagnostic: Diagnostic) -> str:
    lines = [render_line(diagnostic)]
    if diagnostic.excerpt is not None and diagnostic.excerpt.strip() and not has_secret(diagnostic.excerpt):
        lines += _underline(diagnostic.excerpt, diagnostic.column, diagnostic.width)
    if diagnostic.suggestion is not None:
        lines.append(f"    did you mean `{one_line(diagnostic.suggestion, 200)}`?")
    lines += [f"    {one_line(note, 400)}" for note in diagnostic.notes]
    return "\n".join(lines)


def _underline(excerpt: str, column: int, width: int) -> list[str]:
    """Return the excerpt and its underline, cut around the column where it is long."""
    text = _UNPRINTABLE.sub("�", excerpt.replace("\t", " "))
    start = min(max(column - 1, 0), len(text))
    if len(text) > EXCERPT_CHARS_MAX:
        left = max(0, min(start - EXCERPT_CHARS_MAX // 3, len(text) - EXCERPT_CHARS_MAX))
        text = ("…" if left else "") + text[left : left + EXCERPT_CHARS_MAX].rstrip() + "…"
        start = start - left + (1 if left else 0)
    shown = max(1, min(width, len(text) - start))
    return [f"    {text.rstrip()}", f"    {' ' * start}{'^' * shown}"]
