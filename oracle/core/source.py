"""Read one YAML document into values that know their line and column.

1. The bytes are measured, decoded and searched for characters that may not be there (`_decode`).
2. The C scanner of PyYAML yields events; no YAML type is ever constructed, every scalar stays text (`_Builder`).
3. What hides meaning is refused where it stands: anchors, aliases, merge keys, tags, duplicate keys, tabs, several
   documents, nesting beyond 20 levels. Reading goes on after each, so that one pass shows all that can be shown.

This room never decides what a value means: `oracle.core.units` reads scalars, schemas take the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from yaml._yaml import CParser

from oracle.core.diagnostics import Diagnostic, one_line, sort
from oracle.core.nodes import Document, Mapping, Mark, Node, Refused, Scalar, Sequence, make_document

__all__ = [
    "DEPTH_MAX",
    "SIZE_BYTES_MAX",
    "Document",
    "Mapping",
    "Mark",
    "Node",
    "Refused",
    "Scalar",
    "Sequence",
    "Source",
    "make_document",
    "read",
    "read_file",
]

#: Largest file that is read, in bytes of UTF-8.
SIZE_BYTES_MAX = 256 * 1024
#: Deepest nesting of mappings and sequences.
DEPTH_MAX = 20
#: Nesting at which reading ends: the scanner's time grows with the square of the depth.
DEPTH_ABANDONED = 64
#: Problems listed before reading stops; a file with more is not a file with typing errors.
DIAGNOSTICS_MAX = 100

_FORBIDDEN = re.compile("[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_TAG = re.compile(r"!\S*")
_TAB_ADVICE = "spaces; tabs have no agreed width"


@dataclass(frozen=True, slots=True)
class Source:
    """What reading gave: the root value, if any could be had, and every problem found."""

    document: Document
    root: Node | None
    diagnostics: tuple[Diagnostic, ...]


def read_file(path: str | Path) -> Source:
    """Read a YAML file; a file that is missing or cannot be read gives S006."""
    name = str(path)
    try:
        with open(path, "rb") as stream:
            data = stream.read(SIZE_BYTES_MAX + 1)
    except OSError as error:
        document = make_document(name, "")
        reason = (error.strerror or "it cannot be opened").lower()
        problem = document.problem(Mark(1, 1, 0), "S006", f"the file cannot be read: {reason}")
        return Source(document, None, (problem,))
    return read(data, name)


def read(content: str | bytes, path: str = "<text>") -> Source:
    """Read one YAML document.

    Parameters
    ----------
    content : str or UTF-8 bytes, at most 256 KB
    path : str, the name that diagnostics give the text

    Returns
    -------
    Source; `root` is None where nothing could be read. No exception is raised for any content.
    """
    document, problems, whole = _decode(content, path)
    if not whole:
        return Source(document, None, tuple(sort(problems)))
    builder = _Builder(document, problems)
    root = builder.build()
    return Source(document, root, tuple(sort(builder.problems)))


def _decode(content: str | bytes, path: str) -> tuple[Document, list[Diagnostic], bool]:
    """Return the document, problems of its characters, and whether it is fit for the scanner.

    Characters that may not be there are replaced one for one, so that every offset stays true.
    """
    size = len(content) if isinstance(content, bytes) else len(content.encode("utf-8", "surrogatepass"))
    if size > SIZE_BYTES_MAX:
        document = make_document(path, "")
        expected = f"at most {SIZE_BYTES_MAX // 1024} KB"
        return document, [document.problem(Mark(1, 1, 0), "S004", "the file is too large", expected=expected)], False
    problems: list[Diagnostic] = []
    if isinstance(content, bytes):
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError as error:
            document = make_document(path, content.decode("utf-8", "replace").replace("\r\n", "\n"))
            at = len(content[: error.start].decode("utf-8").replace("\r\n", "\n"))
            found = f"byte 0x{content[error.start]:02x}"
            problem = document.problem(
                document.mark(at), "S005", "the file is not UTF-8", found=found, expected="the file saved as UTF-8"
            )
            return document, [problem], False
    else:
        text = content
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    shown = make_document(path, text)
    for match in _FORBIDDEN.finditer(text):
        if len(problems) >= DIAGNOSTICS_MAX:
            break
        problems.append(_character(shown, match.start()))
    clean = _FORBIDDEN.sub(" ", text)
    return make_document(path, clean), problems, True


def _character(document: Document, offset: int) -> Diagnostic:
    mark, char = document.mark(offset), document.text[offset]
    if char == "\t":
        return document.problem(mark, "S003", "a tab is not allowed", found="a tab", expected=_TAB_ADVICE)
    kind = "a carriage return without a line feed" if char == "\r" else f"U+{ord(char):04X}"
    return document.problem(
        mark, "S005", "a control character is not allowed", found=kind, expected="visible text; delete the character"
    )


#: What libyaml says, what it means to a person, and what to do about it.
_SYNTAX = (
    ("mapping values are not allowed", "a second `:` in one value", "quotes around a value that contains `: `"),
    ("could not find expected ':'", "a line that is neither `key: value` nor a continuation", "`key: value`"),
    ("did not find expected key", "the indentation or the brackets do not fit", "keys of one mapping in one column"),
    ("did not find expected '-' indicator", "a list item that does not line up", "items of one list in one column"),
    ("did not find expected ',' or", "a bracket that is not closed", "`,` or the closing bracket"),
    ("cannot start any token", "a value that starts with a reserved character", "quotes around the value"),
    ("unexpected end of stream", "a quote that is not closed", "the closing quote"),
    ("found unexpected document indicator", "a quote that is not closed", "the closing quote"),
    ("block sequence entries are not allowed", "a list item inside a value", "the list on lines of its own"),
    ("unknown escape character", "an escape that YAML does not know", "single quotes, or a doubled backslash"),
    ("undefined tag handle", "a tag is not allowed", "quotes around a value that starts with `!`"),
    ("did not find expected alphabetic", "a name after `&` or `*` is missing", "quotes around the value"),
    ("did not find expected node content", "a value is missing between two signs", "a value"),
)


@dataclass(slots=True)
class _Open:
    """A collection under construction."""

    mark: Mark
    is_mapping: bool
    items: list[Node] = field(default_factory=list)
    entries: list[tuple[Scalar, Node]] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)
    key: Scalar | None = None
    skips_value: bool = False
    has_key: bool = False


class _Builder:
    """Turns events into nodes with a stack of its own, so that no nesting can exhaust Python's."""

    def __init__(self, document: Document, problems: list[Diagnostic]) -> None:
        self.document = document
        self.problems = problems
        self.stack: list[_Open] = []
        self.root: Node | None = None
        self.documents = 0
        self.skipped_depth = 0

    def build(self) -> Node | None:
        try:
            for event in self._events():
                self._take(event)
                if len(self.problems) >= DIAGNOSTICS_MAX or self.skipped_depth > DEPTH_ABANDONED:
                    break
        except yaml.MarkedYAMLError as error:
            self._syntax(error)
        except yaml.YAMLError as error:
            self._add(Mark(1, 1, 0), "S001", one_line(str(error), 200))
        while self.stack:
            self._close()
        if self.root is None and not any(p.is_error for p in self.problems):
            self._add(Mark(1, 1, 0), "S006", "the file is empty", expected="`key: value` lines")
        return self.root

    def _events(self) -> Iterator[yaml.Event]:
        parser = CParser(self.document.text)
        try:
            while parser.check_event():
                event = parser.get_event()
                if event is not None:
                    yield event
        finally:
            parser.dispose()

    def _take(self, event: yaml.Event) -> None:
        if self.documents > 1:
            return
        match event:
            case yaml.DocumentStartEvent():
                self._start_document(event)
            case yaml.AliasEvent():
                mark = self._mark(event)
                if not self.skipped_depth:
                    self._refuse(mark, f"the alias `*{event.anchor}` is not allowed", "the value written out")
                    self._attach(Refused(mark, self.document))
            case yaml.ScalarEvent():
                if not self.skipped_depth:
                    self._scalar(event)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._open(event)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                if self.skipped_depth:
                    self.skipped_depth -= 1
                else:
                    self._close()
            case _:
                return

    def _start_document(self, event: yaml.DocumentStartEvent) -> None:
        self.documents += 1
        mark = self._mark(event)
        if self.documents > 1:
            self._refuse(mark, "a second document is not allowed", "one document in a file", width=3)
        elif event.version is not None or event.tags:
            self._refuse(mark, "a directive is not allowed", "no line that starts with `%`")

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        mark = self._mark(event)
        self._decorations(event, mark)
        end = self.document.mark(event.end_mark.index) if event.end_mark is not None else mark
        style = event.style if event.style in ("'", '"', "|", ">") else ""
        self._attach(Scalar(event.value, style, mark, end, self.document))

    def _open(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        if self.skipped_depth:
            self.skipped_depth += 1
            return
        mark = self._mark(event)
        self._decorations(event, mark)
        if len(self.stack) >= DEPTH_MAX:
            self._add(mark, "S004", "the nesting is too deep", expected=f"at most {DEPTH_MAX} levels")
            self._attach(Refused(mark, self.document))
            self.skipped_depth = 1
            return
        self.stack.append(_Open(mark, isinstance(event, yaml.MappingStartEvent)))

    def _close(self) -> None:
        top = self.stack.pop()
        if top.is_mapping:
            if top.key is not None and top.has_key and not top.skips_value:
                top.entries.append((top.key, Refused(top.key.mark, self.document)))
            self._attach(Mapping(tuple(top.entries), top.mark, self.document))
        else:
            self._attach(Sequence(tuple(top.items), top.mark, self.document))

    def _attach(self, node: Node) -> None:
        """Put a finished node where it belongs: the root, a list, a key, or the value of the key before."""
        if not self.stack:
            self.root = node
            return
        top = self.stack[-1]
        if not top.is_mapping:
            top.items.append(node)
        elif not top.has_key:
            self._key(top, node)
        else:
            if top.key is not None and not top.skips_value:
                top.entries.append((top.key, node))
            top.has_key, top.key, top.skips_value = False, None, False

    def _key(self, top: _Open, node: Node) -> None:
        top.has_key, top.skips_value, top.key = True, True, None
        if isinstance(node, Refused):
            return
        if not isinstance(node, Scalar):
            self._refuse(node.mark, "a key must be text", "`key: value`")
        elif node.style == "" and node.text == "<<":
            self._refuse(node.mark, "the merge key `<<` is not allowed", "the keys written out", width=2)
        elif node.text in top.lines:
            first = top.lines[node.text]
            width = max(1, node.end.offset - node.mark.offset)
            key, again = one_line(node.text, 40), node.mark.line
            message = f"the key `{key}` stands twice, first on line {first}, again on line {again}"
            self._add(node.mark, "S002", message, expected="one of the two lines", width=width)
        else:
            top.lines[node.text] = node.mark.line
            top.key, top.skips_value = node, False

    def _decorations(
        self, event: yaml.ScalarEvent | yaml.MappingStartEvent | yaml.SequenceStartEvent, mark: Mark
    ) -> None:
        if event.anchor is not None:
            name = one_line(event.anchor, 40)
            self._refuse(mark, f"the anchor `&{name}` is not allowed", "the value alone", width=len(name) + 1)
        if event.tag is not None:
            written = _TAG.search(self.document.text, mark.offset)
            tag = one_line(written.group(), 60) if written else "!"
            self._refuse(
                mark, f"the tag `{tag}` is not allowed", "the value alone, in quotes if need be", width=len(tag)
            )

    def _syntax(self, error: yaml.MarkedYAMLError) -> None:
        at = error.problem_mark or error.context_mark
        mark = self.document.mark(at.index if at is not None else 0)
        problem = str(error.problem or error.context or "not YAML")
        hit = next(((meaning, advice) for known, meaning, advice in _SYNTAX if known in problem), None)
        notes: list[str] = []
        if error.context and error.context_mark is not None:
            started = self.document.mark(error.context_mark.index)
            if started.line != mark.line:
                notes.append(f"{error.context}, which starts on line {started.line}")
        if hit is None:
            self._add(mark, "S001", f"not valid YAML: {one_line(problem, 200)}", notes=tuple(notes))
        else:
            self._add(mark, "S001", f"not valid YAML: {hit[0]}", expected=hit[1], notes=tuple(notes))

    def _refuse(self, mark: Mark, message: str, expected: str, *, width: int = 1) -> None:
        self._add(mark, "S003", message, expected=expected, width=width)

    def _add(
        self,
        mark: Mark,
        code: str,
        message: str,
        *,
        expected: str | None = None,
        width: int = 1,
        notes: tuple[str, ...] = (),
    ) -> None:
        self.problems.append(self.document.problem(mark, code, message, expected=expected, width=width, notes=notes))

    def _mark(self, event: yaml.Event) -> Mark:
        return self.document.mark(event.start_mark.index if event.start_mark is not None else 0)
