"""Whether a schema bounds what fits it, so that a message beyond the bounds may be refused before it is looked into."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ktt.messages import strict_json
from ktt.messages.packs.schemas.engine import Schema

_ALL = ("array", "object", "string", "number", "boolean", "null")
_LARGEST = 2**63 - 1


def is_bounded(schema: Mapping[str, Any]) -> bool:
    """Whether every message that fits is as strict JSON wants it: neither too dense, nor too deep, nor with huge numbers.

    No says only that the schema does not tell.
    """
    return densest(schema, strict_json.DENSE) <= strict_json.DENSE and depth(schema) <= strict_json.MAX_DEPTH


def densest(schema: Schema, size: int) -> float:
    """The most that `size` times the values of a text of this schema can be above its bytes; endless when no bound is."""
    if isinstance(schema, bool):
        return math.inf if schema else -math.inf
    here = max((_densest(schema, kind, size) for kind in _kinds(schema)), default=-math.inf)
    return min([here, *(densest(branch, size) for branch in schema.get("allOf", ()))])


def depth(schema: Schema) -> float:
    """The most levels that a text of this schema can have; endless too where a number can be of any size."""
    if isinstance(schema, bool):
        return math.inf if schema else 0
    found = [0.0]
    for kind in _kinds(schema):
        if kind == "number" and not _has_bounds(schema):
            return math.inf
        if kind == "array":
            found.append(1 + depth(_item(schema)))
        elif kind == "object":
            found += [1 + depth(inner) for inner in _members(schema).values()] or [1]
            found += [] if _is_closed(schema) else [math.inf]
    return max(found)


def _kinds(schema: Mapping[str, Any]) -> list[str]:
    """The types that fit; of a list of codes the types of the codes, which hold nothing."""
    kinds = schema.get("type", _ALL)
    if "enum" in schema and not any(isinstance(value, (list, dict)) for value in schema["enum"]):
        return ["null"] if None in schema["enum"] else ["boolean"]
    kinds = [kinds] if isinstance(kinds, str) else kinds
    return ["number" if kind == "integer" else kind for kind in kinds]


def _densest(schema: Mapping[str, Any], kind: str, size: int) -> float:
    if kind == "array":
        gain = densest(_item(schema), size) + size - 1  # the comma
        return size - 2 + (gain * schema.get("maxItems", math.inf) if gain > 0 else 0)
    if kind == "object":
        if not _is_closed(schema):
            return math.inf
        members = {name: densest(inner, size) + size - len(name) - 4 for name, inner in _members(schema).items()}
        required = schema.get("required", ())  # quotes, colon and comma
        return size - 2 + sum(gain for name, gain in members.items() if gain > 0 or name in required)
    return -2 - schema.get("minLength", 0) if kind == "string" else -1


def _item(schema: Mapping[str, Any]) -> Schema:
    items = schema.get("items", True)
    if isinstance(items, list) or "prefixItems" in schema:
        return True
    return items  # type: ignore[no-any-return]


def _members(schema: Mapping[str, Any]) -> Mapping[str, Schema]:
    return schema.get("properties", {})  # type: ignore[no-any-return]


def _is_closed(schema: Mapping[str, Any]) -> bool:
    return schema.get("additionalProperties") is False and not schema.get("patternProperties")


def _has_bounds(schema: Mapping[str, Any]) -> bool:
    return bool(schema.get("minimum", -math.inf) >= -_LARGEST and schema.get("maximum", math.inf) <= _LARGEST)
