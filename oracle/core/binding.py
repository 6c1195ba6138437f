"""Bind values with positions to pydantic models, and say everything that does not fit, where it stands.

1. The tree becomes plain dictionaries and lists; scalars stay text, which the model's fields read (`_plain`).
2. Pydantic validates; each of its errors becomes a diagnostic at the place its `loc` names (`_translate`).
3. What was refused is taken out and the rest validated again, so that checks further on (names and types of
   expressions) still see all that is sound: one broken value hides no other problem.
4. Rules across keys are checked by a function of the schema's own; those touching refused parts are not reported.

This room knows no schema: the models do.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from oracle.core.diagnostics import Diagnostic, Severity, nearest, one_line, sort
from oracle.core.fields import Path, Strict, annotation_at, holders, is_secret, keeps_secrets, key, keys, model_at
from oracle.core.nodes import Mapping as MappingNode
from oracle.core.nodes import Mark, Node, Refused, Scalar, Sequence

__all__ = ["Bound", "Path", "Problem", "Strict", "bind", "key", "locate"]

M = TypeVar("M", bound=BaseModel)

_KEY = "[key]"
_ROUNDS_MAX = 8


@dataclass(frozen=True, slots=True)
class Problem:
    """A rule across keys that a model finds broken, by the path of the value (or of the key, `on_key`)."""

    at: Path
    code: str
    message: str
    found: str | None = None
    expected: str | None = None
    suggestion: str | None = None
    on_key: bool = False
    severity: Severity = "error"
    #: Other values the rule looks at; where one of them was refused the problem is not reported.
    about: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Bound(Generic[M]):
    """What binding gave.

    Attributes
    ----------
    value : the model, or None where there is any error
    partial : the model without the refused parts, for further checks; None where not even that could be had
    dropped : paths of the refused parts
    diagnostics : every problem, by place
    """

    value: M | None
    partial: M | None
    dropped: frozenset[Path]
    diagnostics: tuple[Diagnostic, ...]


def bind(
    model: type[M],
    root: Node,
    check: Callable[[M], Iterable[Problem]] | None = None,
    placeholders: Mapping[str, Any] | None = None,
) -> Bound[M]:
    """Bind a tree to a model.

    Parameters
    ----------
    model : pydantic model whose fields read text
    root : the tree
    check : yields the rules across keys that a model breaks
    placeholders : values, by dotted path, of keys without which `partial` could not be made; never part of `value`
    """
    binder = _Binder(model, root)
    return binder.run(check, placeholders or {})


def locate(root: Node, path: Path, *, on_key: bool = False) -> tuple[Node, Mark, int]:
    """Return the deepest node along `path`, the place to show, and how many characters to underline.

    Segments that the tree does not have (made by a model's own reading of a value) are passed over.
    """
    node: Node = root
    key: Scalar | None = None
    for index, segment in enumerate(path):
        last = index == len(path) - 1
        if isinstance(node, MappingNode):
            found_key, value = node.key(str(segment)), node.get(str(segment))
            if found_key is None or value is None:
                continue
            key, node = found_key, value
            if last and on_key:
                return key, key.mark, _width(key)
        elif isinstance(node, Sequence) and isinstance(segment, int) and segment < len(node.items):
            node, key = node.items[segment], None
    if isinstance(node, MappingNode) and key is not None:
        return node, key.mark, _width(key)
    return node, node.mark, _width(node)


def _width(node: Node) -> int:
    if not isinstance(node, Scalar):
        return 1
    line = node.document.line(node.mark.line)
    rest = len(line) - node.mark.column + 1
    return max(1, min(node.end.offset - node.mark.offset, rest))


class _Binder(Generic[M]):
    def __init__(self, model: type[M], root: Node) -> None:
        self.model = model
        self.root = root
        self.dropped: set[Path] = set()
        self.diagnostics: list[Diagnostic] = []

    def run(self, check: Callable[[M], Iterable[Problem]] | None, placeholders: Mapping[str, Any]) -> Bound[M]:
        data = self._plain(self.root, ())
        partial = self._validate(data, placeholders) if not isinstance(self.root, Refused) else None
        if partial is not None and check is not None:
            self._check(check(partial))
        refused = bool(self.dropped) or any(d.is_error for d in self.diagnostics)
        value = None if refused else partial
        return Bound(value, partial, frozenset(self.dropped), tuple(sort(self.diagnostics)))

    def _validate(self, data: Any, placeholders: Mapping[str, Any]) -> M | None:
        for _ in range(_ROUNDS_MAX):
            try:
                return self.model.model_validate(data)
            except ValidationError as failure:
                for error in failure.errors(include_url=False, include_input=False):
                    self._translate(error)
                    if not self._prune(data, error, placeholders):
                        return None
        return None

    def _prune(self, data: Any, error: ErrorDetails, placeholders: Mapping[str, Any]) -> bool:
        """Take the refused value out of the data; False where nothing sound would remain."""
        path: Path = tuple(s for s in error["loc"] if s != _KEY)
        if error["type"] == "missing":
            dotted = ".".join(map(str, path))
            if dotted in placeholders:
                self.dropped.add(path)
                holder = data
                for segment in path[:-1]:
                    holder = holder[segment]
                holder[path[-1]] = placeholders[dotted]
                return True
            path = path[:-1]
        held: tuple[Path, dict[str, Any]] | None = None
        holder = data
        at: Path = ()
        for segment in path:
            if isinstance(holder, dict) and segment in holder:
                held = ((*at, segment), holder)
                holder = holder[str(segment)]
            elif isinstance(holder, list) and isinstance(segment, int) and segment < len(holder):
                holder = holder[segment]
            else:
                continue
            at = (*at, segment)
        if held is None:
            return False
        self.dropped.add(held[0])
        del held[1][str(held[0][-1])]
        return True

    def _plain(self, node: Node, path: Path) -> Any:
        """Return the tree as dictionaries, lists and text; what was refused on reading is left out and noted."""
        if isinstance(node, Scalar):
            return None if node.is_null else node.text
        if isinstance(node, Sequence):
            return [self._plain(item, (*path, index)) for index, item in enumerate(node.items)]
        if isinstance(node, Refused):
            self.dropped.add(path)
            return None
        values: dict[str, Any] = {}
        split = self._split_by_commas(node, path)
        for label, value in node.entries:
            at = (*path, label.text)
            if label.text in split:
                continue
            if isinstance(value, Refused) or (
                isinstance(value, Sequence) and any(isinstance(item, Refused) for item in value.items)
            ):
                self.dropped.add(at)
            elif isinstance(value, Scalar) and value.is_empty:
                self.dropped.add(at)
                message = f"`{one_line(label.text, 40)}` has no value"
                self._say(at, "S012", message, None, "a value, or the line left out", None, on_key=True)
            else:
                values[label.text] = self._plain(value, at)
        return values

    def _split_by_commas(self, node: MappingNode, path: Path) -> set[str]:
        """Report values inside `{ }` that a comma within parentheses cut in two; return the keys concerned."""
        split: set[str] = set()
        broken: tuple[Scalar, Scalar] | None = None
        for index, (label, value) in enumerate(node.entries):
            if broken is not None and isinstance(value, Scalar) and value.is_empty:
                split.add(label.text)
                following = node.entries[index + 1 : index + 2]
                if following and isinstance(following[0][1], Scalar) and following[0][1].is_empty:
                    continue
                whole = broken[1].document.text[broken[1].mark.offset : label.end.offset]
                at = (*path, broken[0].text)
                self.dropped.add(at)
                split.add(broken[0].text)
                message = f"a comma ends the value of `{one_line(broken[0].text, 40)}`"
                self._say(at, "S012", message, broken[1].text, "quotes around a value with a comma", f'"{whole}"')
            broken = None
            if isinstance(value, Scalar) and value.style == "" and value.text.count("(") > value.text.count(")"):
                broken = (label, value)
        return split

    def _translate(self, error: ErrorDetails) -> None:
        kind, context = error["type"], error.get("ctx", {})
        path = self._in_file(tuple(s for s in error["loc"] if s != _KEY), is_missing=kind == "missing")
        if kind == "extra_forbidden":
            self._unknown_key(path, tuple(s for s in error["loc"] if s != _KEY))
        elif kind == "missing":
            if path not in self.dropped:
                self._missing(path)
        elif re.fullmatch(r"S[0-9]{3}", kind):
            on_key = bool(error["loc"]) and error["loc"][-1] == _KEY
            message = f"{_subject(path)}: {context['message']}" if path else str(context["message"])
            found, expected, suggestion = self._found(path, on_key), context.get("expected"), context.get("suggestion")
            self._say(path, kind, message, found, expected, suggestion, on_key=on_key)
        elif kind in ("literal_error", "enum"):
            choices = re.findall(r"'([^']*)'", str(context.get("expected", "")))
            found = self._found(path)
            expected = ", ".join(choices[:-1]) + f" or {choices[-1]}" if len(choices) > 1 else "".join(choices)
            self._say(
                path, "S015", f"{_subject(path)}: not one of the choices", found, expected, nearest(found, choices)
            )
        else:
            self._wrong_shape(path, kind, error["msg"])

    def _in_file(self, path: Path, *, is_missing: bool) -> Path:
        """Return a path without the segments that a model's own reading of a value added."""
        node: Node = self.root
        kept: Path = ()
        for segment in path[:-1] if is_missing else path:
            inner: Node | None = None
            if isinstance(node, MappingNode):
                inner = node.get(str(segment))
            elif isinstance(node, Sequence) and isinstance(segment, int) and segment < len(node.items):
                inner = node.items[segment]
            if inner is not None:
                kept, node = (*kept, segment), inner
        return (*kept, path[-1]) if is_missing else kept

    def _wrong_shape(self, path: Path, kind: str, reason: str) -> None:
        shapes = {"model": "a mapping of keys", "dict": "a mapping of keys", "list": "a list", "tuple": "a list"}
        expected = next((shape for start, shape in shapes.items() if kind.startswith(start)), None)
        if kind.startswith("string"):
            expected = "text"
        if kind in ("too_short", "too_long"):
            self._say(path, "S013", f"{_subject(path)}: the wrong number of items", None, _lower(reason), None)
            return
        found = self._found(path)
        suggestion = None
        is_scalar = isinstance(locate(self.root, path)[0], Scalar)
        if expected is not None and path and is_scalar and not keeps_secrets(self.model, path):
            suggestion = self._list_meant(path, found) if expected == "a list" else self._section_meant(path, found)
        message = f"{_subject(path)}: wrong type" if path else "the file does not hold keys with values"
        self._say(path, "S012", message, found, expected or _lower(reason), suggestion)

    def _list_meant(self, path: Path, found: str) -> str | None:
        """Return the list that one text stands for, where the model would take it: `AAPL, MSFT`, `50-200`."""
        texts = [found, *self._after_a_comma(path)]
        items = [part for text in texts for part in re.split(r"\s*,\s*|\s+", text.strip()) if part]
        bounds = re.fullmatch(r"([0-9][0-9_.]*)[^0-9-]{0,3}-([0-9][0-9_.]*)(%|bps|[ds])?", found)
        tries = [items, [f"{bound}{bounds[3] or ''}" for bound in bounds.group(1, 2)]] if bounds else [items]
        return next((f"[{', '.join(way)}]" for way in reversed(tries) if self._takes(path, way)), None)

    def _after_a_comma(self, path: Path) -> list[str]:
        """Return what follows a value inside `{ }` behind commas, which YAML takes for keys without a value."""
        parent = locate(self.root, path[:-1])[0]
        if not isinstance(parent, MappingNode):
            return []
        labels = [label.text for label, _ in parent.entries]
        start = labels.index(str(path[-1])) + 1 if str(path[-1]) in labels else len(labels)
        rest = itertools.takewhile(
            lambda entry: isinstance(entry[1], Scalar) and entry[1].is_empty, parent.entries[start:]
        )
        return [label.text for label, _ in rest]

    def _section_meant(self, path: Path, found: str) -> str | None:
        """Return the mapping that a lone value stands for, where its model has one key that must be given."""
        owner = model_at(self.model, path)
        needed = [name for name, field in keys(owner).items() if field.is_required()] if owner is not None else []
        way = {needed[0]: found} if len(needed) == 1 else {}
        return f"{{{needed[0]}: {found}}}" if way and self._takes(path, way) else None

    def _takes(self, path: Path, value: object) -> bool:
        """Whether the type at `path` reads `value`."""
        try:
            TypeAdapter(annotation_at(self.model, path)).validate_python(value)
        except (ValidationError, ValueError):
            return False
        return True

    def _unknown_key(self, path: Path, schema_path: Path) -> None:
        owner = model_at(self.model, schema_path[:-1])
        known = list(keys(owner)) if owner is not None else []
        name = str(path[-1])
        near = nearest(name, known)
        elsewhere = None if near else next(holders(self.model, name), None)
        place = f"in `{_dotted(path[:-1])}`" if len(path) > 1 else "at the top level"
        expected = "one of " + ", ".join(known) if near is None and 0 < len(known) <= 24 else None
        notes = (f"`{name}` belongs under `{elsewhere}`",) if elsewhere else ()
        self._say(
            path, "S010", f"unknown key `{one_line(name, 40)}` {place}", None, expected, near, on_key=True, notes=notes
        )

    def _missing(self, path: Path) -> None:
        owner = model_at(self.model, path[:-1])
        field = keys(owner).get(str(path[-1])) if owner is not None else None
        example = field.examples[0] if field is not None and field.examples else None
        place = f" in `{_dotted(path[:-1])}`" if len(path) > 1 else ""
        expected = f"`{path[-1]}: {example}`" if example is not None else f"`{path[-1]}: ...`"
        self._say(path[:-1], "S011", f"the key `{path[-1]}` is missing{place}", None, expected, None)

    def _check(self, problems: Iterable[Problem]) -> None:
        for p in problems:
            if any(_overlaps(path, drop) for path in (p.about or (p.at,)) for drop in self.dropped):
                continue
            self._say(p.at, p.code, p.message, p.found, p.expected, p.suggestion, on_key=p.on_key, severity=p.severity)

    def _found(self, path: Path, on_key: bool = False) -> str:
        if on_key:
            return str(path[-1])
        node = locate(self.root, path)[0]
        match node:
            case Scalar():
                return node.text if node.text else "empty text"
            case Sequence():
                return "a list"
            case _:
                return "a mapping"

    def _say(
        self,
        path: Path,
        code: str,
        message: str,
        found: str | None,
        expected: str | None,
        suggestion: str | None,
        *,
        on_key: bool = False,
        severity: Severity = "error",
        notes: tuple[str, ...] = (),
    ) -> None:
        node, mark, width = locate(self.root, path, on_key=on_key)
        document = node.document
        found = None if is_secret(self.model, path) else found
        # A line near a secret may hold it under a misspelt key.
        excerpt = None if keeps_secrets(self.model, path) else document.line(mark.line)
        self.diagnostics.append(
            Diagnostic(
                document.path, mark.line, mark.column, code, message, severity, found, expected, suggestion,
                excerpt, width, notes,
            )
        )  # fmt: skip


def _overlaps(a: Path, b: Path) -> bool:
    length = min(len(a), len(b))
    return a[:length] == b[:length]


def _dotted(path: Path) -> str:
    parts = (f"[{segment}]" if isinstance(segment, int) else f".{segment}" for segment in path)
    return one_line("".join(parts).removeprefix("."), 80)


def _subject(path: Path) -> str:
    return f"`{_dotted(path)}`"


def _lower(reason: str) -> str:
    return reason[:1].lower() + reason[1:]
