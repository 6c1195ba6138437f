"""What a YAML file holds once it is read: values as text that know where they stand.

A scalar can say where any of its characters stands in the file, through quotes, escapes and folding (`locate`), so that
an error inside an expression is underlined where the user wrote it. Nothing here decides what a value means.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field

from oracle.core.diagnostics import Diagnostic


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in a text: line and column from 1, and the offset in characters from 0."""

    line: int
    column: int
    offset: int


@dataclass(frozen=True, slots=True)
class Document:
    """The text of one file, with its lines; what every mark of its nodes refers to."""

    path: str
    text: str
    starts: tuple[int, ...] = field(repr=False)

    def mark(self, offset: int) -> Mark:
        """Return the place of a character offset; offsets past the end give the end."""
        at = min(max(offset, 0), len(self.text))
        line = bisect_right(self.starts, at)
        return Mark(line, at - self.starts[line - 1] + 1, at)

    def line(self, number: int) -> str:
        """Return the text of a line, counted from 1, without its end."""
        if not 1 <= number <= len(self.starts):
            return ""
        end = self.starts[number] - 1 if number < len(self.starts) else len(self.text)
        return self.text[self.starts[number - 1] : end]

    def problem(
        self,
        mark: Mark,
        code: str,
        message: str,
        *,
        found: str | None = None,
        expected: str | None = None,
        suggestion: str | None = None,
        width: int = 1,
        notes: tuple[str, ...] = (),
    ) -> Diagnostic:
        """Return an error at `mark` that shows the line it stands in."""
        return Diagnostic(
            path=self.path,
            line=mark.line,
            column=mark.column,
            code=code,
            message=message,
            found=found,
            expected=expected,
            suggestion=suggestion,
            excerpt=self.line(mark.line),
            width=width,
            notes=notes,
        )


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value as text. `style` is "" (plain), "'", '"', "|" or ">"."""

    text: str
    style: str
    mark: Mark
    end: Mark
    document: Document = field(repr=False, compare=False)

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all was written (`key:`)."""
        return self.style == "" and self.text == ""

    @property
    def is_null(self) -> bool:
        """Whether the plain word `null` or `~` was written."""
        return self.style == "" and self.text in ("null", "~")

    def locate(self, offset: int) -> Mark:
        """Return where the character at `offset` of `text` stands in the file; the length gives the end."""
        if not self.text:
            return self.mark
        places = _double_quoted_places(self) if self.style == '"' else _places(self)
        if not places:
            return self.mark
        if offset >= len(places):
            return self.document.mark(places[-1] + 1)
        return self.document.mark(places[max(offset, 0)])


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list of values."""

    items: tuple[Node, ...]
    mark: Mark
    document: Document = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys with values, in the order of the file. Keys are unique: duplicates are refused on reading."""

    entries: tuple[tuple[Scalar, Node], ...]
    mark: Mark
    document: Document = field(repr=False, compare=False)

    def key(self, name: str) -> Scalar | None:
        """Return the key node of that name, or None."""
        return next((key for key, _ in self.entries if key.text == name), None)

    def get(self, name: str) -> Node | None:
        """Return the value under that name, or None."""
        return next((value for key, value in self.entries if key.text == name), None)


@dataclass(frozen=True, slots=True)
class Refused:
    """Where something stood that was refused; its diagnostic exists, so nothing more is said about it."""

    mark: Mark
    document: Document = field(repr=False, compare=False)


Node = Scalar | Sequence | Mapping | Refused


def make_document(path: str, text: str) -> Document:
    """Return a document over `text`, whose lines end in a line feed."""
    starts = (0, *(match.end() for match in re.finditer("\n", text)))
    return Document(path, text, starts)


def _places(scalar: Scalar) -> list[int]:
    """Return the offset in the file of each character of a plain, single-quoted, literal or folded scalar.

    Folding changes white space alone, so the visible characters of value and file are the same sequence; blanks
    of the value stand right after the visible character before them.
    """
    text = scalar.document.text
    start, end = scalar.mark.offset, scalar.end.offset
    if scalar.style in ("|", ">"):
        header = text.find("\n", start, end)
        start = end if header < 0 else header + 1
    elif scalar.style == "'":
        start, end = start + 1, end - 1
    visible: list[int] = []
    at = start
    while at < end:
        if not text[at].isspace():
            visible.append(at)
            if scalar.style == "'" and text[at] == "'":
                at += 1
        at += 1
    places: list[int] = []
    taken, previous = 0, start
    for char in scalar.text:
        if char.isspace():
            limit = visible[taken] if taken < len(visible) else end
            places.append(min(previous, max(limit - 1, start)))
            previous += 1
            continue
        if taken >= len(visible):
            break
        places.append(visible[taken])
        previous = visible[taken] + (2 if scalar.style == "'" and char == "'" else 1)
        taken += 1
    return places


_ESCAPE_DIGITS = {"x": 2, "u": 4, "U": 8}


def _double_quoted_places(scalar: Scalar) -> list[int]:
    """Return the offset in the file of each character of a double-quoted scalar, escapes and folds included."""
    text = scalar.document.text
    at, end = scalar.mark.offset + 1, scalar.end.offset - 1
    places: list[int] = []
    while at < end:
        char = text[at]
        if char == "\\" and at + 1 < end:
            if text[at + 1] == "\n":
                at = _skip_blank(text, at + 2, end)
                continue
            places.append(at)
            at += 2 + _ESCAPE_DIGITS.get(text[at + 1], 0)
        elif char in " \n":
            stop = at
            while stop < end and text[stop] in " \n":
                stop += 1
            breaks = text.count("\n", at, stop)
            places += range(at, stop) if breaks == 0 else [at] * max(1, breaks - 1)
            at = stop
        else:
            places.append(at)
            at += 1
    return places


def _skip_blank(text: str, at: int, end: int) -> int:
    while at < end and text[at] == " ":
        at += 1
    return at
