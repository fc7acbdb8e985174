"""Where other validators' faults are, as we tell them: each member that a schema has no place for is a place of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any


def places_of(error: Any) -> Iterator[str]:
    """The JSON pointers of one fault of `jsonschema` or `jsonschema_rs`."""
    if hasattr(error, "kind"):
        path = error.instance_path
        members = error.kind.unexpected if error.kind.name == "additionalProperties" else None
    else:
        path = error.absolute_path
        members = _unexpected(error) if error.validator == "additionalProperties" else None
    pointer = "".join("/" + _escaped(step) for step in path)
    yield from [pointer] if members is None else (f"{pointer}/{_escaped(name)}" for name in members)


def _unexpected(error: Any) -> list[str] | None:
    """The members without a place; none are told where the others have a schema of their own."""
    if error.validator_value is not False:
        return None
    named, patterns = error.schema.get("properties", {}), error.schema.get("patternProperties", {})
    return [name for name in error.instance if name not in named and not any(re.search(one, name) for one in patterns)]


def _escaped(step: str | int) -> str:
    return str(step).replace("~", "~0").replace("/", "~1")
