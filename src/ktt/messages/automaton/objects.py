"""Objects as a regular language: their members in the schema's order, each at most once, and conditions between them.

An object is written as a tree over the kinds of value that its conditions tell apart, and branches join again where
nothing more depends on them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from ktt.messages.automaton.errors import NotRegular
from ktt.messages.automaton.expressions import SPACE, either
from ktt.messages.automaton.kinds import ANNOTATIONS, SEVERAL, SINGLE, JsonSchema, Kind, Schema, grouped, validity

_MOST_MEMBERS = 200
_MOST_WRITTEN = 30_000_000  # characters, of all parts of a message's expression
_ABSENT = ""


class Budget:
    """How much may be written to make one language: a schema with many conditions would take all memory."""

    def __init__(self) -> None:
        self._left = _MOST_WRITTEN

    def spend(self, text: str) -> str:
        """The text, if there is room for it."""
        self.step(len(text))
        return text

    def step(self, cost: int = 500) -> None:
        """Take time, even if nothing is written."""
        self._left -= cost
        if self._left < 0:
            raise NotRegular("too large")


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an object, with the kinds of value that it may have."""

    name: str
    kinds: tuple[Kind, ...]
    required: bool


def conditions_of(schema: JsonSchema) -> list[JsonSchema]:
    """What an object's schema demands beside the members themselves; NotRegular for what a condition may not say."""
    keywords = [*SEVERAL, *SINGLE, "dependentRequired"]
    condition = {keyword: schema[keyword] for keyword in keywords if keyword in schema}
    list(_demands(condition))
    return [condition] if condition else []


def demands_of(conditions: Sequence[Schema]) -> Mapping[str, list[Schema]]:
    """The members that conditions speak of, and what they demand of the value of each."""
    found: dict[str, list[Schema]] = {}
    for condition in conditions:
        for name, demand in _demands(condition):
            found.setdefault(name, [])
            found[name] += [] if demand is None else [demand]
    return found


def _demands(condition: Schema) -> Iterator[tuple[str, Schema | None]]:
    """Each member that a condition speaks of, and the demand on its value, if it is not only whether it is there."""
    for keyword, value in condition.items() if isinstance(condition, Mapping) else ():
        if keyword in SEVERAL:
            for inner in value:
                yield from _demands(inner)
        elif keyword in SINGLE:
            yield from _demands(value)
        elif keyword == "properties":
            yield from value.items()
        elif keyword == "required":
            yield from ((name, None) for name in value)
        elif keyword == "dependentRequired":
            yield from ((name, None) for names in ([*value], *value.values()) for name in names)
        elif keyword != "type" and keyword not in ANNOTATIONS:
            raise NotRegular(keyword)


def object_language(members: Sequence[Member], conditions: Sequence[Schema], budget: Budget) -> str | None:
    """The objects with these members in this order, each at most once, for which all conditions hold; None without any."""
    if len(members) > _MOST_MEMBERS:
        raise NotRegular("properties")
    inside = _members_language(members, conditions, budget)
    return None if inside is None else rf"\{{{SPACE}{inside}{SPACE}\}}"


def _members_language(members: Sequence[Member], conditions: Sequence[Schema], budget: Budget) -> str | None:
    """What stands between the braces; None when nothing fits."""
    demands = demands_of(conditions)
    fits = validity({"allOf": [True, *conditions]})
    choices = [tuple(_choices(member, demands.get(member.name, []))) for member in members]
    last = max((place for place, member in enumerate(members) if member.name in demands), default=-1)

    @cache
    def rest(place: int, given: tuple[tuple[str, str], ...] | None, begun: bool) -> str | None:  # noqa: FBT001
        """What may follow, None when nothing may: `given` are the values that conditions depend on, until it is decided."""
        budget.step()
        if given is not None and place == last + 1:
            holds = fits({name: json.loads(sample) for name, sample in given})
            return rest(place, None, begun) if holds else None
        if place == len(members):
            return ""
        name, ways = members[place].name, dict[str, list[str]]()
        for sample, language in choices[place]:
            after = given if given is None or name not in demands or sample == _ABSENT else (*given, (name, sample))
            follows = rest(place + 1, after, begun or sample != _ABSENT)
            if follows is not None:
                ways.setdefault(follows, []).append(_written(name, language, begun=begun) if sample else "")
        return budget.spend(either(f"{either(ways[follows])}{follows}" for follows in ways)) if ways else None

    return rest(0, (), False)  # noqa: FBT003


def _choices(member: Member, demands: Sequence[Schema]) -> Iterator[tuple[str, str]]:
    """Samples and languages of what may stand there: nothing, or values that the demands treat differently."""
    if not member.required:
        yield _ABSENT, ""
    for sample, languages in grouped(member.kinds, demands):
        yield sample, either(dict.fromkeys(languages))


def _written(name: str, language: str, *, begun: bool) -> str:
    comma = f"{SPACE},{SPACE}" if begun else ""
    return f'{comma}"{name}"{SPACE}:{SPACE}{language}'
