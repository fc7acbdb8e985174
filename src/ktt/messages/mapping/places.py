"""Places of a message as text and as steps, and what a schema says of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from typing import Any

JsonSchema = Mapping[str, Any]
_BRANCHES = ("allOf", "anyOf", "oneOf")
_CONDITIONAL = ("if", "then", "else")


def names_of(path: str) -> tuple[str, ...]:
    """The names in a path inside an object: `person.fodselsNr`; none for `` and `.`, the object itself."""
    return tuple(path.split(".")) if path not in {"", "."} else ()


def lists_of(at: str) -> tuple[tuple[str, ...], ...]:
    """A place as the names up to each list on the way, and those after the last: `[].vedtak[]` is ((), (vedtak,), ())."""
    return tuple(names_of(part.removeprefix(".")) for part in at.split("[]"))


def steps_of(place: str) -> tuple[str, ...]:
    """A place as names and `[]` for each item of a list."""
    return tuple(step for step in place.replace("[]", ".[]").split(".") if step)


def items_at(value: Any, steps: Sequence[str]) -> Iterator[Any]:
    """What stands at a place of parsed JSON of any form; nothing where the form is another."""
    if not steps:
        yield value
    elif steps[0] == "[]":
        for item in value if isinstance(value, list) else ():
            yield from items_at(item, steps[1:])
    elif isinstance(value, dict) and steps[0] in value:
        yield from items_at(value[steps[0]], steps[1:])


class SchemaPlaces:
    """What a schema without references says of places: looked for through all that may hold at once."""

    def __init__(self, schema: JsonSchema) -> None:
        self._schema = schema
        self._speaking: dict[str, tuple[JsonSchema, ...]] = {}  # a mapping asks for each place some ten times

    def at(self, place: str) -> tuple[JsonSchema, ...]:
        """Every subschema that speaks of the place; none when the schema does not know it."""
        if place not in self._speaking:
            self._speaking[place] = self._found(place)
        return self._speaking[place]

    def _found(self, place: str) -> tuple[JsonSchema, ...]:
        found: tuple[JsonSchema, ...] = (self._schema,)
        for nth, names in enumerate(lists_of(place)):
            if nth > 0:
                found = tuple(inner for one in found for inner in _items(one))
            for name in names:
                found = tuple(inner for one in found for inner in _property(one, name))
        return found

    def types(self, place: str) -> frozenset[str]:
        """The JSON types that may stand there; empty when the schema names none.

        What a condition demands narrows nothing, since it holds for some messages only.
        """
        always = [types for one in self._always(place) if (types := _allowed(one))]
        if always:
            return reduce(_common, always)
        return frozenset().union(*map(_allowed, self.at(place)))

    def _always(self, place: str) -> tuple[JsonSchema, ...]:
        """The subschemas of the place that hold whatever else is in the message."""
        found: tuple[Any, ...] = (self._schema,)
        for step in steps_of(place):
            holders = [one for schema in found for one in _demanded(schema)]
            inner = (one.get("items") if step == "[]" else one.get("properties", {}).get(step) for one in holders)
            found = tuple(one for one in inner if isinstance(one, Mapping))
        return found

    def requires(self, place: str, name: str) -> bool:
        """Whether an object at the place must have the member."""
        return any(name in one.get("required", ()) for schema in self.at(place) for one in _demanded(schema))

    def is_closed(self, place: str) -> bool:
        """Whether an object at the place may have no other members than those that the schema knows."""
        return any(one.get("additionalProperties") is False for schema in self.at(place) for one in _demanded(schema))

    def least_items(self, place: str) -> int:
        """How many items a list at the place has at least."""
        return max((one.get("minItems", 0) for schema in self.at(place) for one in _demanded(schema)), default=0)

    def names(self, place: str) -> list[str]:
        """The members that the schema knows of an object at the place, in its order."""
        found = (name for schema in self.at(place) for one in _together(schema) for name in one.get("properties", {}))
        return list(dict.fromkeys(found))

    def enumeration(self, place: str) -> list[Any]:
        """The values that are listed for a place, null left out; none when the schema lists none."""
        listed = [one for schema in self.at(place) for one in _together(schema)]
        values = [value for one in listed for value in ([one["const"]] if "const" in one else one.get("enum", []))]
        return [value for value in values if value is not None]


def _together(schema: Any) -> Iterator[JsonSchema]:
    """The schema and all of its branches."""
    if not isinstance(schema, Mapping):
        return
    yield schema
    for keyword in _BRANCHES:
        for inner in schema.get(keyword, ()):
            yield from _together(inner)
    for keyword in _CONDITIONAL:
        if keyword in schema and keyword != "if":
            yield from _together(schema[keyword])


def _demanded(schema: Any) -> Iterator[JsonSchema]:
    """The schema and what holds beside it always."""
    if isinstance(schema, Mapping):
        yield schema
        for inner in schema.get("allOf", ()):
            yield from _demanded(inner)


def _property(schema: Any, name: str) -> Iterator[JsonSchema]:
    for one in _together(schema):
        if isinstance(inner := one.get("properties", {}).get(name), Mapping):
            yield inner


def _items(schema: Any) -> Iterator[JsonSchema]:
    for one in _together(schema):
        if isinstance(inner := one.get("items"), Mapping):
            yield inner


def _allowed(schema: Any) -> frozenset[str]:
    """The types that a schema allows, by what it names itself, by all of `allOf`, and by one of its alternatives."""
    if not isinstance(schema, Mapping):
        return frozenset()
    named = [_types(schema), *map(_allowed, schema.get("allOf", ()))]
    for keyword in ("anyOf", "oneOf"):
        alternatives = [_allowed(one) for one in schema.get(keyword, ())]
        named.append(frozenset().union(*alternatives) if all(alternatives) else frozenset())
    return reduce(_common, filter(None, named), frozenset())


def _common(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    """The types that both allow, an integer being a number; what one names alone, where the other names none."""
    if not one or not other:
        return one or other
    integer = {"integer"} if {"integer", "number"} & one and {"integer", "number"} & other else set()
    return (one & other) | (integer if "number" not in one & other else set())


def _types(schema: JsonSchema) -> frozenset[str]:
    named = schema.get("type")
    if named is None:
        values = [schema["const"]] if "const" in schema else schema.get("enum", [])
        return frozenset(_type_of(value) for value in values)
    return frozenset([named] if isinstance(named, str) else named)


def _type_of(value: Any) -> str:
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return kinds.get(type(value), "null")
