"""The keywords of JSON Schema that hold schemas, and which of them each draft knows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Step = str | int
Steps = tuple[Step, ...]

DRAFTS: Mapping[str, str] = {
    "https://json-schema.org/draft/2020-12/schema": "2020-12",
    "https://json-schema.org/draft/2019-09/schema": "2019-09",
    "http://json-schema.org/draft-07/schema#": "07",
}
"""The dialects that are read, by the name that `$schema` has in their own meta-schema."""

DEFAULT_DRAFT = "https://json-schema.org/draft/2020-12/schema"

_NEW_IN_2020 = frozenset({"prefixItems"})
_NEW_IN_2019 = frozenset(
    {
        "dependentRequired",
        "dependentSchemas",
        "unevaluatedItems",
        "unevaluatedProperties",
        "minContains",
        "maxContains",
    }
)
UNKNOWN: Mapping[str, frozenset[str]] = {
    "2020-12": frozenset({"additionalItems", "dependencies"}),
    "2019-09": _NEW_IN_2020 | {"dependencies"},
    "07": _NEW_IN_2020 | _NEW_IN_2019,
}
"""Keywords of one draft that another does not know, and validators of it pass over or read in different ways."""

ANNOTATIONS = frozenset(
    {"title", "description", "$comment", "default", "examples", "deprecated", "readOnly", "writeOnly"}
)
DEFINITIONS = ("$defs", "definitions")

_MOST_SHOWN = 160

_ONE = frozenset(
    {
        "additionalItems",
        "additionalProperties",
        "contains",
        "contentSchema",
        "else",
        "if",
        "items",
        "not",
        "propertyNames",
        "then",
        "unevaluatedItems",
        "unevaluatedProperties",
    }
)
_LISTS = frozenset({"allOf", "anyOf", "items", "oneOf", "prefixItems"})
_NAMED = frozenset({"dependencies", "dependentSchemas", "patternProperties", "properties", *DEFINITIONS})


def subschemas(schema: Mapping[str, Any]) -> Iterator[tuple[Steps, Any]]:
    """Every schema directly inside one, with the way to it."""
    for keyword, held in schema.items():
        if keyword in _ONE and is_schema(held):
            yield (keyword,), held
        elif keyword in _LISTS and isinstance(held, list):
            yield from (((keyword, at), inner) for at, inner in enumerate(held))
        elif keyword in _NAMED and isinstance(held, dict):
            yield from (((keyword, name), inner) for name, inner in held.items() if is_schema(inner))


def rebuilt(schema: Mapping[str, Any], change: Callable[[Any, Steps], Any]) -> dict[str, Any]:
    """The schema with each schema directly inside it replaced; definitions are left out."""
    found: dict[str, Any] = {}
    for keyword, held in schema.items():
        if keyword in DEFINITIONS:
            continue
        if keyword in _ONE and is_schema(held):
            found[keyword] = change(held, (keyword,))
        elif keyword in _LISTS and isinstance(held, list):
            found[keyword] = [change(inner, (keyword, at)) for at, inner in enumerate(held)]
        elif keyword in _NAMED and isinstance(held, dict):
            found[keyword] = {
                name: change(inner, (keyword, name)) if is_schema(inner) else inner for name, inner in held.items()
            }
        else:
            found[keyword] = held
    return found


def is_schema(value: Any) -> bool:
    """Whether a value of JSON can be a schema at all: an object, true or false."""
    return isinstance(value, (dict, bool))


def shown(steps: Steps) -> str:
    """The steps as a JSON pointer for people: what is very long is cut."""
    whole = pointer(steps)
    return whole if len(whole) <= _MOST_SHOWN else f"{whole[:_MOST_SHOWN]}…"


def pointer(steps: Steps) -> str:
    """The steps as a JSON pointer; the root is empty."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)
