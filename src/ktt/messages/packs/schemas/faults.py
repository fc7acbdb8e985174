"""The faults of a message, one at a time, in the order of the message: what is told costs no more than what is told.

A schema engine makes every fault there is, each with a copy of the value, also when a hundred are wanted. It is
therefore asked for faults of small values only. Of a large object or list it is asked whether it fits, keyword by
keyword, and what is inside is looked into in the same way; time and memory are in proportion to the message and to the
schema, whatever keywords the schema has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import gt, lt
from typing import Any

import orjson

from ktt.messages.packs.schemas.engine import Engine, Schema
from ktt.messages.packs.schemas.keywords import Steps

SMALL = 4 * 1024
"""Bytes of JSON: a value of which the engine may make every fault at once."""

_AS_ONE = ("enum", "const", "not", "anyOf", "oneOf", "uniqueItems", "contains")
_BESIDE = {"contains": ("minContains", "maxContains")}
_COUNTS: tuple[tuple[str, type[list[Any] | dict[str, Any]], Callable[[Any, Any], bool]], ...] = (
    ("minItems", list, lt),
    ("maxItems", list, gt),
    ("minProperties", dict, lt),
    ("maxProperties", dict, gt),
)
_KINDS: Mapping[type, str] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    list: "array",
    dict: "object",
    type(None): "null",
}
_UNEVALUATED = {"unevaluatedItems": list, "unevaluatedProperties": dict}


@dataclass(frozen=True, slots=True)
class Fault:
    """A keyword that a value breaks, and the schema that holds it.

    `missing` is the name that `required` asks for, `unknown` that of a member which the schema has no place for; it ends
    the steps. `found` is the kind of value that stands there, in the words of JSON Schema.
    """

    steps: Steps
    keyword: str
    holder: Mapping[str, Any] = field(repr=False)
    missing: str = ""
    unknown: str | None = None
    found: str = ""


class FaultFinder:
    """Asks the engine about one self-contained schema; each part of it is compiled when it is first needed, and once."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = schema
        self._engine = Engine(schema)
        self._validators: dict[tuple[int, str], Any] = {}

    def fits(self, value: Any) -> bool:
        """Whether the value fits the whole schema."""
        return self._fits(self._schema, value)

    def faults(self, value: Any) -> Iterator[Fault]:
        """At least one fault of a value that does not fit, and at most all, in the order of the value."""
        none = True
        for fault in self._inside(self._schema, value, ()):
            none = False
            yield fault
        if none and not self.fits(value):
            yield from self._told(self._schema, value, ())  # a keyword that is not known here

    def _fits(self, schema: Schema, value: Any, part: str = "") -> bool:
        """`part` is a keyword that is asked about alone, or one that is left out when it begins with a minus."""
        if isinstance(schema, bool):
            return schema
        return bool(self._validator(schema, part).is_valid(value))

    def _validator(self, schema: Mapping[str, Any], part: str = "") -> Any:
        key = id(schema), part  # parts of the schema are kept for as long as this object
        if key not in self._validators:
            self._validators[key] = self._engine.compiled(_part(schema, part))
        return self._validators[key]

    def _inside(self, schema: Schema, value: Any, steps: Steps) -> Iterator[Fault]:
        if self._fits(schema, value):
            return
        if isinstance(schema, bool):
            yield Fault(steps, "falseSchema", {}, found=kind_of(value))
        elif not isinstance(value, (dict, list)) or _is_small(value):
            yield from self._told(schema, value, steps)
        else:
            yield from _of_size(schema, value, steps)
            if isinstance(value, dict):
                yield from self._members(schema, value, steps)
            else:
                yield from self._items(schema, value, steps)
            yield from self._in_place(schema, value, steps)

    def _told(self, schema: Mapping[str, Any], value: Any, steps: Steps) -> Iterator[Fault]:
        """The engine's own faults of a small value."""
        for error in self._validator(schema).iter_errors(value):
            keyword, place = error.kind.name, (*steps, *error.instance_path)
            holder, found = _holder(schema, error.schema_path), kind_of(error.instance)
            if keyword == "additionalProperties":
                yield from _unknown(place, holder, error.kind.unexpected, error.instance)
            else:
                yield Fault(place, keyword, holder, error.kind.value if keyword == "required" else "", found=found)

    def _members(self, schema: Mapping[str, Any], value: dict[str, Any], steps: Steps) -> Iterator[Fault]:
        named, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
        others = schema.get("additionalProperties", True)
        for name, member in value.items():
            schemas = [named[name]] if name in named else []
            schemas += [inner for pattern, inner in patterns.items() if self._matches(pattern, name)]
            if not schemas and others is False:
                yield from _unknown(steps, schema, [name], value)
            for inner in schemas or ([others] if others is not False else []):
                yield from self._inside(inner, member, (*steps, name))
        names = schema.get("propertyNames", True)
        if not all(self._fits(names, name) for name in value):
            yield Fault(steps, "propertyNames", schema, found="object")

    def _matches(self, pattern: str, name: str) -> bool:
        key = 0, pattern
        if key not in self._validators:
            self._validators[key] = self._engine.compiled({"pattern": pattern})
        return bool(self._validators[key].is_valid(name))

    def _items(self, schema: Mapping[str, Any], value: list[Any], steps: Steps) -> Iterator[Fault]:
        first, others = schema.get("prefixItems", []), schema.get("items", True)
        if isinstance(others, list):  # as drafts before 2020-12 write it
            first, others = others, schema.get("additionalItems", True)
            if others is False and len(value) > len(first):
                yield Fault(steps, "additionalItems", schema, found="array")
                others = True
        for at, item in enumerate(value):
            yield from self._inside(first[at] if at < len(first) else others, item, (*steps, at))

    def _in_place(self, schema: Mapping[str, Any], value: Any, steps: Steps) -> Iterator[Fault]:
        """Of the schemas that look at the same value, and of the keywords that are broken as a whole."""
        for keyword in _AS_ONE:
            if keyword in schema and not self._fits(schema, value, keyword):
                yield Fault(steps, keyword, schema, found=kind_of(value))
        for branch in schema.get("allOf", []):
            yield from self._inside(branch, value, steps)
        if "if" in schema:
            then = schema.get("then" if self._fits(schema["if"], value) else "else", True)
            yield from self._inside(then, value, steps)
        for keyword in ("dependentSchemas", "dependencies"):
            for name, inner in schema.get(keyword, {}).items():
                if isinstance(value, dict) and name in value and not isinstance(inner, list):
                    yield from self._inside(inner, value, steps)
        for keyword, kind in _UNEVALUATED.items():
            if keyword in schema and isinstance(value, kind) and self._fits(schema, value, f"-{keyword}"):
                yield Fault(
                    steps, keyword, schema, found=kind_of(value)
                )  # what does not fit otherwise has not been evaluated either


def kind_of(value: Any) -> str:
    """What kind of value it is, as `type` in a schema names it."""
    return _KINDS[type(value)]


def _unknown(
    steps: Steps, holder: Mapping[str, Any], names: Iterable[str], value: Mapping[str, Any]
) -> Iterator[Fault]:
    """A fault for each member that the schema has no place for."""
    for name in names:
        yield Fault((*steps, name), "additionalProperties", holder, unknown=name, found=kind_of(value[name]))


def _is_small(value: Any) -> bool:
    return len(value) < SMALL and len(orjson.dumps(value)) < SMALL


def _part(schema: Mapping[str, Any], part: str) -> Mapping[str, Any]:
    if not part:
        return schema
    if part.startswith("-"):
        return {keyword: held for keyword, held in schema.items() if keyword != part[1:]}
    return {keyword: schema[keyword] for keyword in (part, *_BESIDE.get(part, ())) if keyword in schema}


def _of_size(schema: Mapping[str, Any], value: Any, steps: Steps) -> Iterator[Fault]:
    """What shows without looking inside: the type, how many there are, and which members are missing."""
    kinds = schema.get("type", ())
    if kinds and ("object" if isinstance(value, dict) else "array") not in (
        [kinds] if isinstance(kinds, str) else kinds
    ):
        yield Fault(steps, "type", schema, found=kind_of(value))
    for keyword, kind, breaks in _COUNTS:
        if keyword in schema and isinstance(value, kind) and breaks(len(value), schema[keyword]):
            yield Fault(steps, keyword, schema, found=kind_of(value))
    if isinstance(value, dict):
        for names in (schema.get("required", ()), *_dependent(schema, value)):
            yield from (Fault(steps, "required", schema, name, found="object") for name in names if name not in value)


def _dependent(schema: Mapping[str, Any], value: dict[str, Any]) -> Iterator[Sequence[str]]:
    for keyword in ("dependentRequired", "dependencies"):
        for name, names in schema.get(keyword, {}).items():
            if name in value and isinstance(names, list):
                yield names


def _holder(schema: Any, path: Sequence[str | int]) -> Mapping[str, Any]:
    """The subschema that holds the keyword at the end of the path; empty for a schema that is only false."""
    held: Any = schema
    for step in path[:-1]:
        held = held.get(step, {}) if isinstance(held, dict) else held[int(step)]
    return held if isinstance(held, dict) else {}
