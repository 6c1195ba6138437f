"""The models that files are read into: their base, their documented fields, and what stands at a path of keys.

Nothing here reads a file or a value; `oracle.core.binding` does.
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from oracle.core import units
from oracle.core.units import Kind

Path = tuple[str | int, ...]


class Strict(BaseModel):
    """Base of every model that is read from a file: frozen, and no key beyond its own."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, arbitrary_types_allowed=True)


def key(
    default: Any,
    description: str,
    *,
    unit: str = "",
    example: str | None = None,
    alias: str | None = None,
) -> Any:
    """Return a field with the documentation from which the manual and the JSON schema are made.

    `default` is `...` for a key that must be given; `example` is what a file would say.
    """
    return Field(
        default,
        alias=alias,
        description=description,
        examples=[example] if example is not None else None,
        json_schema_extra={"unit": unit} if unit else None,
    )


def keys(model: type[BaseModel]) -> dict[str, Any]:
    """Return the keys of a model as files spell them, with their pydantic field."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


@dataclass(frozen=True, slots=True)
class KeyDoc:
    """One key for the manual. `path` is dotted, with `*` where the user chooses the name and `[]` in lists.

    `default` is None where the key must be given; `model` is the section it opens, if it does.
    """

    path: str
    kind: str
    unit: str
    default: str | None
    example: str | None
    description: str
    model: type[BaseModel] | None


def documented(model: type[BaseModel], prefix: str = "", around: tuple[type[BaseModel], ...] = ()) -> Iterator[KeyDoc]:
    """Yield every key of a model and of the models below it, in the order of the code.

    A model inside of itself is named and not opened again; `around` are those that are open.
    """
    for name, field in keys(model).items():
        path = f"{prefix}{name}"
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        inner, below = _section(field.annotation, path)
        kind = _kind((field.annotation, *field.metadata))
        yield KeyDoc(
            path=path,
            kind=kind,
            unit=str(extra.get("unit", "")),
            default=None if field.is_required() else _default(field.default, kind),
            example=field.examples[0] if field.examples else None,
            description=field.description or "",
            model=inner,
        )
        if inner is not None and inner not in (*around, model):
            yield from documented(inner, f"{below}.", (*around, model))


def _section(annotation: Any, path: str) -> tuple[type[BaseModel] | None, str]:
    """Return the model a key opens, through lists and mappings, and the path of its keys."""
    kind = unwrap(annotation)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return kind, path
    if get_origin(kind) is list:
        return _section(get_args(kind)[0], f"{path}[]")
    if get_origin(kind) is dict:
        return _section(get_args(kind)[1], f"{path}.*")
    return None, path


def _kind(parts: tuple[Any, ...]) -> str:
    """Return what a field takes, in words."""
    for part in parts:
        if isinstance(part, Kind):
            return part.words
    for part in parts:
        arguments = get_args(part)
        if get_origin(part) is Literal:
            return " | ".join(str(choice) for choice in arguments)
        if get_origin(part) is list:
            return f"list of {_kind(arguments)}"
        if get_origin(part) is dict:
            return f"{_kind(arguments[1:])} by {_kind(arguments[:1])}"
        if isinstance(part, type) and issubclass(part, BaseModel):
            return "keys"
        if isinstance(part, type) and issubclass(part, Enum):
            return " | ".join(str(member.value) for member in part)
        if arguments and (found := _kind(arguments)) != "text":
            return found
    return "text"


def _default(value: Any, kind: str) -> str:
    """Return a default as a file would say it; empty where a section's own defaults hold."""
    if value is None:
        return "none"
    if isinstance(value, BaseModel) or value in ([], {}):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, SecretStr):
        return value.get_secret_value()  # a default in the code keeps nothing secret
    return units.written(value, is_ratio=kind == "ratio")


def annotation_at(model: type[BaseModel], path: Path) -> Any:
    """Return the type that reads the value at `path`, or None where no model knows the path."""
    current: Any = model
    for segment in path:
        kind = unwrap(current)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            field = keys(kind).get(str(segment))
            if field is None:
                return None
            current = field.annotation
        elif get_origin(kind) in (dict, list, tuple) and get_args(kind):
            current = get_args(kind)[1 if get_origin(kind) is dict else 0]
        else:
            return None
    return unwrap(current)


def model_at(model: type[BaseModel], path: Path) -> type[BaseModel] | None:
    """Return the model that reads the mapping at `path`, or None where it is a free mapping."""
    kind = annotation_at(model, path)
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def is_secret(model: type[BaseModel], path: Path) -> bool:
    """Whether the value at `path` is one that is never shown."""
    return annotation_at(model, path) is SecretStr


def keeps_secrets(model: type[BaseModel], path: Path) -> bool:
    """Whether the value at `path` is a secret, or stands in a section that holds one."""
    if is_secret(model, path):
        return True
    owners = (model_at(model, path[:length]) for length in range(len(path), 0, -1))
    nearest_owner = next((owner for owner in owners if owner is not None), model)
    fields = keys(nearest_owner).values()
    return any(_holds_secret(field.annotation, nearest_owner is not model) for field in fields)


def _holds_secret(annotation: Any, deep: bool, around: tuple[type[BaseModel], ...] = ()) -> bool:
    kind = unwrap(annotation)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        is_new = deep and kind not in around
        return is_new and any(_holds_secret(field.annotation, True, (*around, kind)) for field in keys(kind).values())
    return kind is SecretStr or any(_holds_secret(inner, deep, around) for inner in get_args(kind))


def unwrap(annotation: Any) -> Any:
    """Return an annotation without `Annotated` and `| None`."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) in (Union, types.UnionType):
            rest = [a for a in get_args(annotation) if a is not type(None)]
            if len(rest) != 1:
                return annotation
            annotation = rest[0]
        else:
            return annotation


def holders(model: type[BaseModel], name: str, prefix: str = "", depth: int = 3) -> Iterator[str]:
    """Yield the paths of models below `model` that know the key `name`."""
    for key, field in keys(model).items():
        kind = unwrap(field.annotation)
        if depth and isinstance(kind, type) and issubclass(kind, BaseModel):
            if name in keys(kind):
                yield f"{prefix}{key}"
            yield from holders(kind, name, f"{prefix}{key}.", depth - 1)
