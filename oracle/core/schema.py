"""The JSON schema of a model that is read from a file, as an editor needs it.

Pydantic's own, with two changes: a key that may be left out may not be empty, because the reader refuses a key without
a value (and an editor then names the fault instead of "none of the alternatives"), and names that users choose keep to
their pattern. What one key means for another is left to `oracle check`.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return the schema of a file's model, JSON-ready."""
    described = model.model_json_schema(by_alias=True, mode="validation")
    return {"$schema": DIALECT, **_for_files(described)}


def _for_files(schema: Any) -> Any:
    """Return a schema without empty values, without titles, with names held to their patterns."""
    if isinstance(schema, list):
        return [_for_files(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {name: _for_files(value) for name, value in schema.items() if name != "title" or not isinstance(value, str)}
    if kept.get("default", ...) is None:
        del kept["default"]
    if "patternProperties" in kept:
        kept.setdefault("additionalProperties", False)
    alternatives = [each for each in kept.get("anyOf", []) if each != {"type": "null"}]
    if len(alternatives) == 1:
        kept = {**alternatives[0], **{name: value for name, value in kept.items() if name != "anyOf"}}
    elif alternatives:
        kept["anyOf"] = alternatives
    return kept
