"""A JSON Schema as one regular language: its messages about one unit, members in the schema's order.

Every program that follows the schema writes members in its order, so almost every message is in the language, and one
pass of a finite automaton, which makes no object, shows whether it is. Whatever the schema allows besides may be left out
of the language, and is: unknown members, other orders, texts with escapes, numbers with more than two decimals. Nothing
that it refuses is in it, so a keyword that is not understood here makes the schema not regular. How long lists are is not
part of it, since an automaton would have to count: long lists are named beside it. No text of the language holds "]", so
that the end of a list is easy to find.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ktt.domain.identifiers import number_ranges_without
from ktt.domain.person_rule import AllowedPersons
from ktt.messages.automaton import characters, expressions
from ktt.messages.automaton.characters import PLAIN
from ktt.messages.automaton.compiled import is_small
from ktt.messages.automaton.errors import NotRegular
from ktt.messages.automaton.expressions import SPACE, either
from ktt.messages.automaton.kinds import (
    ANNOTATIONS,
    SEVERAL,
    SINGLE,
    JsonSchema,
    Kind,
    Schema,
    numbers_in,
    validity,
    value_kind,
)
from ktt.messages.automaton.long_lists import LongList
from ktt.messages.automaton.objects import Budget, Member, conditions_of, demands_of, object_language
from ktt.messages.automaton.texts import number_text, text_kinds

PERSON_DIGITS = 11
_LONG = 20  # items; an automaton counts by having a copy of itself for each
_DEEPEST = 30  # levels; strict JSON has 64 at most
_LONGEST = 2_000_000  # characters of an expression, for which RE2 takes a second
_MOST_WAYS = 8  # in one place: an automaton must follow all of them at once
_GREATEST = 2**63 - 1  # whole number of strict JSON
_MOST_HUNDREDTHS = 10**14  # each has a floating-point number of its own
_DIALECTS = frozenset(
    {
        "https://json-schema.org/draft/2020-12/schema",
        "https://json-schema.org/draft/2019-09/schema",
        "http://json-schema.org/draft-07/schema#",
        "http://json-schema.org/draft-07/schema",
    }
)
_AT_ROOT = frozenset({"$schema", "$id", "$defs", "definitions"})  # definitions demand nothing by themselves
_KNOWN = (
    ANNOTATIONS
    | {"type", "enum", "const", *SEVERAL, *SINGLE, "dependentRequired"}
    | {"properties", "required", "additionalProperties", "unevaluatedProperties"}
    | {"items", "minItems", "maxItems", "minLength", "maxLength", "pattern", "format"}
    | {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
)
_COMBINED = frozenset({*SEVERAL, *SINGLE})


@dataclass(frozen=True, slots=True)
class Language:
    """The expression of a whole message, and the lists whose length it does not bound."""

    expression: str
    long_lists: tuple[LongList, ...]


def message_language(
    schema: JsonSchema, unit_places: Iterable[str], person_places: Iterable[str], persons: AllowedPersons
) -> Language:
    """The language of the messages of one unit; NotRegular when the schema cannot be written so."""
    if schema.get("$schema", "https://json-schema.org/draft/2020-12/schema") not in _DIALECTS:
        raise NotRegular("$schema")
    writer = _Writer(frozenset(unit_places), frozenset(person_places), persons)
    plain = {keyword: value for keyword, value in schema.items() if keyword not in _AT_ROOT}
    values = [kind.language for kind in writer.kinds(plain, "", [])]
    if not values or len(value := either(values)) > _LONGEST:
        raise NotRegular("no value, or too many")
    if writer.persons_seen != writer.person_places:
        raise NotRegular("a place of person numbers that the schema does not have")
    return Language(rf"{SPACE}{value}{SPACE}", tuple(writer.long_lists))


@dataclass(frozen=True, slots=True)
class _Writer:
    unit_places: frozenset[str]
    person_places: frozenset[str]
    persons: AllowedPersons
    long_lists: list[LongList] = field(default_factory=list)
    persons_seen: set[str] = field(default_factory=set)
    budget: Budget = field(default_factory=Budget)

    def kinds(self, schema: Schema, place: str, demands: list[Schema]) -> Iterator[Kind]:
        """The kinds of value that the schema allows at a place, given what conditions demand of it."""
        if isinstance(schema, bool) or not _KNOWN.issuperset(schema):
            raise NotRegular(f"{place}: a keyword that is not known")
        if place in self.person_places:
            self.persons_seen.add(place)
        if "enum" in schema or "const" in schema:
            yield from self._listed(schema, place)
        elif (inner := alternatives(schema)) is not None:
            for each in inner:
                yield from self.kinds(each, place, demands)
        else:
            for name in _types(schema):
                yield from self._of_type(name, schema, place, demands)

    def _listed(self, schema: JsonSchema, place: str) -> Iterator[Kind]:
        """Each value of an enumeration that the rest of the schema allows as well."""
        keyword = "enum" if "enum" in schema else "const"
        values = schema["enum"] if keyword == "enum" else [schema["const"]]
        fits = validity({other: demand for other, demand in schema.items() if other != keyword})
        kinds = [kind for value in values if fits(value) for kind in _exact(value)]
        if place in self.person_places and any(kind.sample != "null" for kind in kinds):
            raise NotRegular(f"{place}: enum")
        yield from kinds

    def _of_type(self, name: str, schema: JsonSchema, place: str, demands: list[Schema]) -> Iterable[Kind]:
        person = place in self.person_places and self.persons != "any"
        if place in self.person_places and name not in ("null", "integer", "string"):
            raise NotRegular(f"{place}: {name}")
        if name in ("null", "boolean"):
            fits = validity(schema)
            return [
                kind
                for value in ((None,) if name == "null" else (True, False))
                if fits(value)
                for kind in _exact(value)
            ]
        if name == "object":
            return self._object(schema, place)
        if name == "array":
            return self._list(schema, place)
        if name == "string":
            return [number_text(schema, self._numbers(), PERSON_DIGITS)] if person else text_kinds(schema)
        if not _COMBINED.isdisjoint(schema):
            raise NotRegular(f"{place}: {name}")
        if name == "number":
            return _hundredths(schema)
        return _integers(schema, demands, list(self._numbers()) if person else [range(_GREATEST + 1)])

    def _numbers(self) -> Iterator[range]:
        """The person numbers that are not of the wrong kind."""
        return number_ranges_without(synthetic=self.persons == "real")

    def _object(self, schema: JsonSchema, place: str) -> Iterator[Kind]:
        conditions = conditions_of(schema)
        demands = demands_of(conditions)
        required = frozenset(schema.get("required", ()))
        properties = schema.get("properties", {})
        if not required.issubset(properties):
            raise NotRegular(f"{place}: required")
        members = [
            Member(name, tuple(self.kinds(inner, inside(place, name), demands.get(name, []))), name in required)
            for name, inner in properties.items()
        ]
        language = object_language(members, conditions, self.budget)
        if language is not None:
            yield Kind("object", "{}", language)

    def _list(self, schema: JsonSchema, place: str) -> Iterator[Kind]:
        if not _COMBINED.isdisjoint(schema) or "items" not in schema:
            raise NotRegular(f"{place}: items")
        least, most = _count(schema, "minItems", 0), _count(schema, "maxItems", None)
        items = [kind.language for kind in self.kinds(schema["items"], f"{place}[]", [])]
        if any(unit.startswith(f"{place}[]") for unit in self.unit_places):
            least, most = max(least, 1), min(1, 1 if most is None else most)
        if least == 0:
            yield Kind("array", "[]", rf"\[{SPACE}\]", single=True)
        if most == 0 or not items:
            return
        if least > _LONG or (most is not None and least > most):
            raise NotRegular(f"{place}: minItems")
        language = self._items(either(items), max(least, 1), most)
        if language is None and most is not None:
            self.long_lists.append(LongList.of(schema["items"], place, most))
        yield Kind("array", "[0]", language or self._uncounted(either(items), max(least, 1)), filled=True)

    def _items(self, item: str, least: int, most: int | None) -> str | None:
        """A list of at least one item; None when its items are too many to be counted by an automaton."""
        if most == 1:
            return self.budget.spend(rf"\[{SPACE}{item}{SPACE}\]")
        if most is None or most > _LONG:
            return None
        more = expressions.repeated(f"(?:{SPACE},{SPACE}{item})", least - 1, most - 1)
        return self.budget.spend(rf"\[{SPACE}{item}{more}{SPACE}\]") if is_small(more) else None

    def _uncounted(self, item: str, least: int) -> str:
        more = expressions.repeated(f"(?:{SPACE},{SPACE}{item})", least - 1, None)
        return self.budget.spend(rf"\[{SPACE}{item}{more}{SPACE}\]")


def inside(place: str, name: str) -> str:
    """The place of a member, as a mapping names it; NotRegular when a name could be taken for something else."""
    if not name or any(character in '.[]{}"\\' or not character.isprintable() for character in name):
        raise NotRegular(f"{place}: the name of a member")
    if len(re.findall(r"[.[]", place)) > _DEEPEST:
        raise NotRegular(f"{place}: too deep")
    return f"{place}.{name}" if place else name


def alternatives(schema: JsonSchema) -> list[Schema] | None:
    """The schemas of which a value must fit one, when this schema demands nothing else; None when it does."""
    (keyword, *more) = [keyword for keyword in schema if keyword not in ANNOTATIONS] or [""]
    if more or keyword not in SEVERAL:
        return None
    inner: list[Schema] = schema[keyword]
    if len(inner) > _MOST_WAYS:
        raise NotRegular(keyword)
    if keyword == "oneOf":
        types = [name for each in inner for name in (_types(each) if isinstance(each, Mapping) else ())]
        if (
            len(types) != len(set(types))
            or {"integer", "number"} <= set(types)
            or any(isinstance(each, bool) for each in inner)
        ):
            raise NotRegular("oneOf")
    return inner if keyword != "allOf" or len(inner) == 1 else None


def _types(schema: JsonSchema) -> list[str]:
    names = schema.get("type", [])
    found = [names] if isinstance(names, str) else list(names)
    if not found:
        raise NotRegular("no type")
    return [name for name in found if name != "integer" or "number" not in found]


def _exact(value: Any) -> Iterator[Kind]:
    """One value, as it is usually written; nothing when that is not simple."""
    if value is None or isinstance(value, bool):
        yield value_kind(value, json.dumps(value))
    elif isinstance(value, int) and abs(value) <= _GREATEST:
        yield value_kind(value, re.escape(str(value)))
    elif isinstance(value, str) and characters.hold(PLAIN, value):
        yield value_kind(value, f'"{re.escape(value)}"')


def _count(schema: JsonSchema, keyword: str, default: int | None) -> Any:
    value = schema.get(keyword, default)
    if value is not None and (not isinstance(value, int) or value < 0):
        raise NotRegular(keyword)
    return value


def _limits(schema: JsonSchema, unit: int, greatest: int) -> tuple[int, int]:
    """The least and the greatest number that is allowed and not below 0, in parts of which `unit` are a whole."""
    least, most = 0, greatest
    for keyword in ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"):
        if keyword in schema:
            limit = Decimal(repr(schema[keyword])) * unit
            if keyword.endswith("inimum"):
                least = max(least, math.floor(limit) + 1 if keyword.startswith("ex") else math.ceil(limit))
            else:
                most = min(most, math.ceil(limit) - 1 if keyword.startswith("ex") else math.floor(limit))
    return least, most


def _integers(schema: JsonSchema, demands: list[Schema], spans: Iterable[range]) -> Iterator[Kind]:
    """The numbers that are in one of the spans, cut wherever a condition may make a difference."""
    least, most = _limits(schema, 1, _GREATEST)
    cuts = {least, *(cut for number in numbers_in(demands) for cut in (number, number + 1) if least < cut <= most)}
    starts = sorted(cuts)
    for first, end in zip(starts, [*starts[1:], most + 1], strict=True):
        if inside_both := [both for span in spans if (both := range(max(span.start, first), min(span.stop, end)))]:
            yield Kind("integer", str(inside_both[0].start), expressions.whole(*inside_both))


def _hundredths(schema: JsonSchema) -> Iterator[Kind]:
    least, most = _limits(schema, 100, _MOST_HUNDREDTHS)
    if least <= most:
        yield Kind("number", "1", expressions.hundredths(least, most))
