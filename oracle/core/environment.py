"""Lay environment variables over a configuration tree: prefix `SA_`, nesting `__`, at any depth.

Only prefixed variables count. One that names no key is an error that says so and offers the nearest; nothing is ever
read from an environment by guessing. Values are read as the keys they name read theirs, and are never shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import get_origin

from pydantic import BaseModel

from oracle.core.diagnostics import Diagnostic, nearest
from oracle.core.fields import Path, annotation_at, keys, model_at, unwrap
from oracle.core.nodes import Mapping as MappingNode
from oracle.core.nodes import Mark, Node, Refused, Scalar, make_document
from oracle.core.source import read

PREFIX = "SA_"
NESTING = "__"

_START = Mark(1, 1, 0)


def overlay(
    root: MappingNode,
    model: type[BaseModel],
    env: Mapping[str, str],
    prefix: str = PREFIX,
    ignore: tuple[str, ...] = (),
) -> tuple[MappingNode, list[Diagnostic]]:
    """Return the tree with the environment's values in place, and the variables that were refused.

    Parameters
    ----------
    root : the tree read from the file
    model : what the tree will be bound to; its keys are the names that variables may have
    env : all environment variables; those without the prefix are passed over
    prefix : what the names start with
    ignore : prefixes that belong to another configuration
    """
    problems: list[Diagnostic] = []
    known = list(_variables(model, prefix))
    for variable in sorted(env):
        if not variable.startswith(prefix) or variable.startswith(ignore):
            continue
        path = _path(model, variable.removeprefix(prefix))
        if path is None:
            message = f"the environment variable {variable} matches no key"
            problems.append(
                Diagnostic(variable, 1, 1, "S018", message, suggestion=nearest(variable, known), excerpt=None)
            )
            continue
        node, found = _value(model, path, variable, env[variable])
        problems += found
        root = _put(root, path, node)
    return root, problems


def _path(model: type[BaseModel], name: str) -> Path | None:
    """Return the keys a variable's name stands for, in the spelling of the files; None where there are none."""
    path: Path = ()
    owner: type[BaseModel] | None = model
    for part in name.split(NESTING):
        fields = {} if owner is None else keys(owner)
        if part.lower() not in fields or part != part.upper():
            return None
        path = (*path, part.lower())
        owner = model_at(model, path)
    return path


def _variables(model: type[BaseModel], prefix: str) -> Iterator[str]:
    """Yield the name of every variable that would count."""
    for key, field in keys(model).items():
        yield f"{prefix}{key.upper()}"
        kind = unwrap(field.annotation)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _variables(kind, f"{prefix}{key.upper()}{NESTING}")


def _value(model: type[BaseModel], path: Path, variable: str, text: str) -> tuple[Node, list[Diagnostic]]:
    """Return a variable's value as a node: text for scalars, YAML for lists and mappings."""
    if get_origin(annotation_at(model, path)) in (list, tuple, dict) or model_at(model, path) is not None:
        source = read(text, variable)
        root = Refused(_START, source.document) if source.root is None else source.root
        return root, [replace(d, excerpt=None, found=None) for d in source.diagnostics]
    document = make_document(variable, "")
    # Double-quoted in style: an empty value or the word null is text here, as in a shell.
    return Scalar(text, '"', _START, _START, document), []


def _put(root: MappingNode, path: Path, value: Node) -> MappingNode:
    """Return the tree with `value` at `path`; mappings on the way are made where there are none."""
    key, rest = str(path[0]), path[1:]
    current = root.get(key)
    if rest:
        inner = current if isinstance(current, MappingNode) else MappingNode((), _START, value.document)
        value = _put(inner, rest, value)
    if root.key(key) is None:
        name = Scalar(key, "", _START, _START, value.document)
        return MappingNode((*root.entries, (name, value)), root.mark, root.document)
    entries = tuple((k, value if k.text == key else v) for k, v in root.entries)
    return MappingNode(entries, root.mark, root.document)
