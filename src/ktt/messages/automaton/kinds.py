"""Kinds of JSON value: values that the conditions of a schema treat alike, with one of them as a sample."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import jsonschema_rs

from ktt.messages.automaton.errors import NotRegular

JsonSchema = Mapping[str, Any]
Schema = JsonSchema | bool

ANNOTATIONS = frozenset(
    {"$comment", "default", "deprecated", "description", "examples", "readOnly", "title", "writeOnly"}
)
"""Keywords that demand nothing."""

SEVERAL, SINGLE = ("allOf", "anyOf", "oneOf"), ("not", "if", "then", "else")
"""Keywords that hold schemas of the same value: a list of them, or one."""

_BOUNDS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})
_ABOUT: Mapping[str, frozenset[str]] = {
    "string": frozenset({"minLength", "maxLength", "pattern", "format"}),
    "integer": _BOUNDS,
    "number": _BOUNDS,
    "object": frozenset({"properties", "required", "additionalProperties"}),
    "array": frozenset({"items", "minItems", "maxItems"}),
}
"""What keywords demand of a value of each type; they demand nothing of other values."""
_OF_TYPES = frozenset[str]().union(*_ABOUT.values())


@dataclass(frozen=True, slots=True)
class Kind:
    """Values of one type. `filled`: none of them is the empty text or list. `single`: there is only this one value."""

    type: Literal["string", "integer", "number", "object", "array", "other"]
    sample: str
    language: str
    filled: bool = False
    single: bool = False


def value_kind(value: Any, language: str) -> Kind:
    """One value that is written so."""
    return Kind("other", json.dumps(value), language, single=True)


def validity(schema: Schema) -> Callable[[Any], bool]:
    """Whether values fit a schema, as the receiver's own check sees it."""
    try:
        return jsonschema_rs.Draft202012Validator(
            {"allOf": [schema]}, validate_formats=True, pattern_options=jsonschema_rs.RegexOptions()
        ).is_valid
    except (ValueError, jsonschema_rs.ReferencingError) as fault:
        raise NotRegular("a condition is no schema") from fault


def treats_alike(demand: Schema, kind: Kind) -> bool:
    """Whether all values of a kind fit what a condition demands, or none; NotRegular for a keyword that is not known.

    Whole numbers are cut into kinds at every number that stands in the demand (`numbers_in`).
    """
    if isinstance(demand, bool):
        return True
    alike = True
    for keyword, value in demand.items():
        if keyword in SEVERAL:
            alike &= all(treats_alike(inner, kind) for inner in value)
        elif keyword in SINGLE:
            alike &= treats_alike(value, kind)
        elif keyword in ("enum", "const"):
            alike &= not any(_may_be(kind, one) for one in (value if keyword == "enum" else [value]))
        elif keyword == "type":
            names = [value] if isinstance(value, str) else value
            alike &= kind.type != "number" or "number" in names or "integer" not in names
        elif keyword in _OF_TYPES:
            alike &= keyword not in _ABOUT.get(kind.type, ()) or _certain(keyword, value, kind)
        elif keyword not in ANNOTATIONS:
            raise NotRegular(keyword)
    return alike or kind.single


def _may_be(kind: Kind, value: Any) -> bool:
    """Whether some but not all of a kind may be this value."""
    if isinstance(value, str):
        return kind.type == "string" and not (kind.filled and value == "")
    if isinstance(value, list | dict):
        return kind.type in ("array", "object")
    return kind.type == "number" and value is not None and not isinstance(value, bool)


def _certain(keyword: str, value: Any, kind: Kind) -> bool:
    if kind.type == "integer":
        return True
    least, most = keyword in ("minLength", "minItems"), keyword in ("maxLength", "maxItems")
    return (least and (value == 0 or (kind.filled and value == 1))) or (most and kind.filled and value == 0)


def numbers_in(demands: Iterable[Schema]) -> Iterator[int]:
    """Every number in them; NotRegular when one is not whole, or not written so."""
    for demand in demands:
        yield from _numbers(demand)


def _numbers(value: Any) -> Iterator[int]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, Sequence) and not isinstance(value, str):
        for inner in value:
            yield from _numbers(inner)
    elif isinstance(value, float):
        raise NotRegular(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield value


def grouped(kinds: Iterable[Kind], demands: Sequence[Schema]) -> Iterator[tuple[str, list[str]]]:
    """A sample and the languages of all kinds that fit the same ones of the demands; NotRegular when a kind is divided."""
    fits = [validity(demand) for demand in demands]
    groups: dict[tuple[bool, ...], tuple[str, list[str]]] = {}
    for kind in kinds:
        if not all(treats_alike(demand, kind) for demand in demands):
            raise NotRegular(f"a condition on {kind.type}")
        value = json.loads(kind.sample)
        _, languages = groups.setdefault(tuple(fit(value) for fit in fits), (kind.sample, []))
        languages.append(kind.language)
    yield from groups.values()
