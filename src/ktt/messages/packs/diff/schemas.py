"""What changed from one schema to another, place by place."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ktt.core.text import Text
from ktt.messages.mapping.places import JsonSchema, SchemaPlaces
from ktt.messages.packs.diff import changes as means
from ktt.messages.packs.diff.changes import Change, Kind, Subject

_LOWER = ("minLength", "minimum", "exclusiveMinimum", "minItems", "minProperties", "minContains")
_UPPER = ("maxLength", "maximum", "exclusiveMaximum", "maxItems", "maxProperties", "maxContains")
_FORMS = ("pattern", "format", "multipleOf", "uniqueItems", "propertyNames", "patternProperties", "contains")
_CONDITIONS = (
    "if",
    "then",
    "else",
    "not",
    "anyOf",
    "oneOf",
    "allOf",
    "dependentRequired",
    "dependentSchemas",
    "dependencies",
)
_WORDS = frozenset({"title", "description", "$comment", "examples", "default", "deprecated", "readOnly", "writeOnly"})
_MOST = 50_000


@dataclass(frozen=True, slots=True)
class Facts:
    """What a schema demands at a place."""

    types: frozenset[str]
    codes: tuple[str, ...]
    limits: Mapping[str, Any]
    conditions: Mapping[str, str]
    is_required: bool
    is_closed: bool | None
    names: tuple[str, ...] = ()


@dataclass(slots=True)
class _Reader:
    places: SchemaPlaces
    found: dict[str, Facts] = field(default_factory=dict)

    def read(self, place: str, *, required: bool) -> None:
        """The place and everything inside it."""
        if len(self.found) >= _MOST:
            return
        names = self.places.names(place)
        self.found[place] = self._facts(place, names, required=required)
        for name in names:
            if not any(mark in name for mark in ".[]"):
                inner = f"{place}.{name}" if place else name
                self.read(inner, required=self.places.requires(place, name))
        if self.places.at(f"{place}[]"):
            self.read(f"{place}[]", required=True)

    def _facts(self, place: str, names: list[str], *, required: bool) -> Facts:
        schemas = self.places.at(place)
        words = (*_LOWER, *_UPPER, *_FORMS)
        limits = {word: one[word] for one in schemas for word in words if word in one}
        conditions = {word: _plain(one[word]) for one in schemas for word in _CONDITIONS if word in one}
        codes = tuple(json.dumps(value, ensure_ascii=False) for value in self.places.enumeration(place))
        closed = self.places.is_closed(place) if names else None
        return Facts(self.places.types(place), codes, limits, conditions, required, closed, tuple(names))


def _plain(value: Any) -> str:
    """A condition without what is said for people, as text to compare."""
    return json.dumps(_bare(value), sort_keys=True, ensure_ascii=False)


def _bare(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _bare(held) for name, held in value.items() if name not in _WORDS}
    return [_bare(one) for one in value] if isinstance(value, list) else value


def facts_of(schema: JsonSchema) -> dict[str, Facts]:
    """What a schema demands, by place."""
    reader = _Reader(SchemaPlaces(schema))
    reader.read("", required=True)
    return reader.found


def compare(message: str, old: JsonSchema, new: JsonSchema) -> Iterator[Change]:
    """The changes in the order of the new schema, then what is gone."""
    before, after = facts_of(old), facts_of(new)
    for place, facts in after.items():
        if place in before:
            yield from _at(message, place, before[place], facts)
        elif _around(place) in before:
            says = means.REQUIRED_ADDED if facts.is_required else means.OPTIONAL_ADDED
            yield Change(
                "added", "member", message, place, None, _shown(facts), is_breaking=facts.is_required, consequence=says
            )
    for place, facts in before.items():
        if place not in after and _around(place) in after:
            closed = after[_around(place)].is_closed is not False
            says = means.MEMBER_REMOVED if closed else means.MEMBER_UNKNOWN
            yield Change("removed", "member", message, place, _shown(facts), None, is_breaking=closed, consequence=says)


def _around(place: str) -> str:
    return place.removesuffix("[]") if place.endswith("[]") else place.rpartition(".")[0]


def _shown(facts: Facts) -> str:
    return "/".join(sorted(facts.types)) or ("codes" if facts.codes else "any")


def _at(message: str, place: str, old: Facts, new: Facts) -> Iterator[Change]:
    def change(
        subject: Subject, before: Any, after: Any, says: Text, *, breaks: bool, kind: Kind = "changed"
    ) -> Change:
        return Change(kind, subject, message, place, before, after, is_breaking=breaks, consequence=says)

    if old.types != new.types:
        wider = _is_wider(old.types, new.types)
        says = means.TYPE_WIDER if wider else means.TYPE_NARROWER
        yield change("type", sorted(old.types), sorted(new.types), says, breaks=not wider)
    if old.codes != new.codes and set(old.codes) != set(new.codes):
        yield _codes(message, place, old, new)
    yield from _limits(message, place, old, new)
    if old.is_required != new.is_required and not place.endswith("[]"):
        says = means.NOW_REQUIRED if new.is_required else means.NOW_OPTIONAL
        yield change("obligation", _must(old), _must(new), says, breaks=new.is_required)
    if old.is_closed != new.is_closed and None not in {old.is_closed, new.is_closed}:
        says = means.NOW_CLOSED if new.is_closed else means.NOW_OPEN
        yield change(
            "limit",
            "open" if new.is_closed else "closed",
            "closed" if new.is_closed else "open",
            says,
            breaks=bool(new.is_closed),
        )
    for word in dict.fromkeys([*old.conditions, *new.conditions]):
        if old.conditions.get(word) != new.conditions.get(word):
            kind: Kind = (
                "changed"
                if word in old.conditions and word in new.conditions
                else "added"
                if word in new.conditions
                else "removed"
            )
            breaks = kind != "removed"
            yield change(
                "condition",
                word if word in old.conditions else None,
                word if word in new.conditions else None,
                means.CONDITION_CHANGED,
                breaks=breaks,
                kind=kind,
            )


def _must(facts: Facts) -> str:
    return "required" if facts.is_required else "optional"


def _is_wider(old: frozenset[str], new: frozenset[str]) -> bool:
    """Whether all that the old types take, the new ones take. No type is any type."""
    if not new:
        return True
    return bool(old) and all(one in new or (one == "integer" and "number" in new) for one in old)


def _codes(message: str, place: str, old: Facts, new: Facts) -> Change:
    gone = sorted(set(old.codes) - set(new.codes))
    come = sorted(set(new.codes) - set(old.codes))
    if not old.codes:
        return Change(
            "added", "codes", message, place, None, list(new.codes), is_breaking=True, consequence=means.CODES_FIRST
        )
    if not new.codes:
        return Change(
            "removed", "codes", message, place, list(old.codes), None, is_breaking=False, consequence=means.CODES_FREE
        )
    says = means.CODES_FEWER if gone else means.CODES_MORE
    kind: Kind = "changed" if gone and come else "removed" if gone else "added"
    return Change(kind, "codes", message, place, gone or None, come or None, is_breaking=bool(gone), consequence=says)


def _limits(message: str, place: str, old: Facts, new: Facts) -> Iterator[Change]:
    for word in dict.fromkeys([*old.limits, *new.limits]):
        before, after = old.limits.get(word), new.limits.get(word)
        if before == after:
            continue
        kind: Kind = "changed" if before is not None and after is not None else "added" if before is None else "removed"
        breaks = after is not None and _is_tighter(word, before, after)
        says = means.LIMIT_LOOSER if not breaks else means.FORM_CHANGED if word in _FORMS else means.LIMIT_TIGHTER
        yield Change(
            kind,
            "limit",
            message,
            place,
            _limit(word, before),
            _limit(word, after),
            is_breaking=breaks,
            consequence=says,
        )


def _is_tighter(word: str, before: Any, after: Any) -> bool:
    if before is None or word in _FORMS:
        return after is not False
    return bool(after > before) if word in _LOWER else bool(after < before)


def _limit(word: str, value: Any) -> str | None:
    return (
        None
        if value is None
        else f"{word} {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
    )
