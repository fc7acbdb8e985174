"""What each group of a message is: found for all of them at once, so that what is inside speaks for what is around."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ktt.domain.records import ALL_TYPES
from ktt.messages.drafting.clues.clue import Clue
from ktt.messages.drafting.clues.coded import clues_of
from ktt.messages.drafting.clues.codes import code_named
from ktt.messages.drafting.clues.outline import Group, Leaf, Path, objects_in, split_off
from ktt.messages.drafting.clues.words import words_of
from ktt.messages.drafting.likeness import group_words, likeness, phrase_likeness
from ktt.messages.drafting.targets import (
    DELETION,
    MESSAGE,
    OWN_ROOTS,
    PERSON,
    UNIT,
    Target,
    of_person,
    parts_of,
    role_phrases,
    targets_of,
)

WRAPPER = "wrapper"
_NEUTRAL = frozenset({"wrapper", "message", "person", "list"})
_OUTSIDE = frozenset({"", UNIT})
_LEAST = 0.3
"""A likeness below this is none."""
_NAMED = 0.7
"""How much an object's name has to be like that of a record for it to be one by itself."""
_LEAST_VALUES = 2
_TYPES = {"participation": "9163", "nutrition": "9162"}


@dataclass(slots=True)
class Found:
    """A group with what it is. `where` tells it from others of the same place; `having` is the code that its name says.

    `around` is what the nearest group around is that is something. `value` is how much speaks for it.
    """

    group: Group
    role: str
    around: str
    clues: list[Clue]
    targets: tuple[Target, ...]
    value: float
    certainty: float = 1.0
    where: dict[str, Any] = field(default_factory=dict)
    having: dict[str, str] = field(default_factory=dict)
    of: str | None = None
    inside: list[Found] = field(default_factory=list)

    def walk(self) -> Iterator[Found]:
        """This and all inside it."""
        yield self
        for one in self.inside:
            yield from one.walk()


class Finder:
    """Finds what the groups of one message are."""

    def __init__(self, message: str) -> None:
        self._message = [(word, 1.0) for word in words_of(message)]
        self._known: dict[tuple[object, ...], list[Found]] = {}
        self._clues: dict[tuple[object, ...], list[Clue]] = {}
        self.deletes = any("deleted" in word.meanings for word, _weight in self._message)

    def find(self, root: Group) -> Found:
        """The whole message."""
        roles = (MESSAGE, UNIT, PERSON, *OWN_ROOTS) if root.place.endswith("[]") else (MESSAGE,)
        return max((self._as(root, role, "", deleting=self.deletes) for role in roles), key=lambda one: one.value)

    def _best(self, group: Group, around: str, *, deleting: bool) -> list[Found]:
        """What a group is inside what is around it; several when a member tells what each of its objects is."""
        deleting = deleting or _says_deleted(group.names)
        key = (group.place, group.names, group.number, len(group.leaves), around, deleting)
        if key not in self._known:
            self._known[key] = self._likeliest(group, around, deleting=deleting)
        return self._known[key]

    def _likeliest(self, group: Group, around: str, *, deleting: bool) -> list[Found]:
        roles = self._roles(group, around, deleting=deleting)
        found = sorted((self._as(group, role, around, deleting=deleting) for role in roles), key=lambda one: -one.value)
        split = self._split(group, around, deleting=deleting)
        if split and sum(one.value for one in split) >= found[0].value - 1.0:
            return split
        gap = found[0].value - (found[1].value if len(found) > 1 else 0)
        found[0].certainty = min(1.0, 0.55 + gap / 2)
        return found[:1]

    def _roles(self, group: Group, around: str, *, deleting: bool) -> Sequence[str]:
        if group.is_values:
            return [DELETION, WRAPPER] if deleting and around in _OUTSIDE else [WRAPPER]
        if group.number:
            return [*(parts_of(around) if around in ALL_TYPES else ()), WRAPPER]
        if around in _OUTSIDE:
            units = [] if around == UNIT else [UNIT]
            return [*units, *OWN_ROOTS, PERSON, WRAPPER, *([DELETION] if deleting else [])]
        if around == PERSON:
            return [*OWN_ROOTS, WRAPPER]
        return [*parts_of(around), WRAPPER]

    def _as(self, group: Group, role: str, around: str, *, deleting: bool) -> Found:
        """The group as that, with the best that what is inside can be then."""
        inside, own = self._singles(group, role, around)
        outer = around if role in {WRAPPER, MESSAGE} else role
        for inner in own.groups if role != DELETION else ():
            inside += self._best(inner, outer, deleting=deleting)
        clues, targets = self._clues_of(own), self._targets(role, around)
        value = _matched(clues, targets) + self._named(group, role, deleting=deleting)
        found = Found(own, role, around, clues, targets, value + sum(one.value for one in inside), inside=inside)
        if role in _TYPES and not group.number:
            code = code_named(group.names[-1], _TYPES[role]) if group.names else None
            if code and not _has_type(found, role):
                found.having = {f"{role}_type": code}
                found.value += 1.0
        return found

    def _clues_of(self, group: Group) -> list[Clue]:
        key = (group.place, group.number, *(leaf.place for leaf in group.leaves))
        if key not in self._clues:
            self._clues[key] = clues_of(group.leaves)
        return self._clues[key]

    def _targets(self, role: str, around: str) -> tuple[Target, ...]:
        if role == WRAPPER:
            return ()
        if role == DELETION:
            return tuple(dict.fromkeys(_key_target(name) for name in OWN_ROOTS))
        if role in OWN_ROOTS and around in _OUTSIDE:
            return targets_of(role) + of_person()
        return targets_of(role)

    def _named(self, group: Group, role: str, *, deleting: bool) -> float:
        if role in {MESSAGE, WRAPPER}:
            return 0.0
        words = group_words(group.names)
        if role == DELETION:
            return 2.5 if len(group.leaves) <= 4 else 0.0  # noqa: PLR2004
        found = 2.0 * phrase_likeness(words, role_phrases(role), _NEUTRAL, set())
        if role in _TYPES and group.names and code_named(group.names[-1], _TYPES[role]):
            found = max(found, 1.5)
        if role in OWN_ROOTS:
            found += phrase_likeness(self._message, role_phrases(role), _NEUTRAL, set())
            found -= 2.0 if deleting else 0.0
        return found

    def _singles(self, group: Group, role: str, around: str) -> tuple[list[Found], Group]:
        """Objects inside that are something of their own, and the group without them.

        Inside a record they are its parts; an item of a list may have one object for each kind of record.
        """
        left, found = group, []
        possible = self._possible(group, role, around)
        for names in sorted(objects_in(group.leaves), key=len, reverse=True) if possible else ():
            single, others = split_off(left, names)
            part = self._single(single, possible, around if role == WRAPPER else role) if single.leaves else None
            if part is not None:
                left = others
                found.append(part)
        return found, left

    def _possible(self, group: Group, role: str, around: str) -> Sequence[str]:
        if role in OWN_ROOTS:
            return [part for part in parts_of(role) if part not in OWN_ROOTS]
        in_list = group.place.endswith("[]") and not group.number
        named = {role_named(names[-1], OWN_ROOTS) for names in objects_in(group.leaves) if len(names) == 1} - {None}
        is_open = role == PERSON or (role == WRAPPER and around in {*_OUTSIDE, PERSON})
        return OWN_ROOTS if in_list and is_open and len(named) > 1 else ()

    def _single(self, single: Group, possible: Sequence[str], around: str) -> Found | None:
        best: Found | None = None
        for role in possible:
            named = phrase_likeness(group_words(single.names[-1:]), role_phrases(role), _NEUTRAL, set())
            by_code = code_named(single.names[-1], _TYPES[role]) if role in _TYPES else None
            if named < _NAMED and not by_code:
                continue
            found = self._as(single, role, around, deleting=False)
            if _is_whole(found) and (best is None or found.value > best.value):
                best = found
        return best

    def _split(self, group: Group, around: str, *, deleting: bool) -> list[Found]:
        """One for each value of a member that tells what the object is."""
        possible = parts_of(around) if around in ALL_TYPES else OWN_ROOTS
        for leaf in group.leaves:
            if len(leaf.path) != 1 or len(leaf.values) < _LEAST_VALUES:
                continue
            roles = {value: role_named(str(value), possible) for value in leaf.values}
            if None in roles.values() or len(set(roles.values())) < len(roles):
                continue
            found = []
            for value, role in roles.items():
                own = _of_role(group, leaf, str(role), possible)
                one = self._as(own, DELETION if deleting else str(role), around, deleting=deleting)
                one.where, one.of = {leaf.name: value}, role
                found.append(one)
            return found
        return []


def _of_role(group: Group, mark: Leaf, role: str, possible: Sequence[str]) -> Group:
    """The group without the mark, and without the objects that are named as another kind of record."""
    others = {
        names
        for names in objects_in(group.leaves)
        if len(names) == 1 and role_named(names[0], possible) not in {None, role}
    }
    leaves = [leaf for leaf in group.leaves if leaf is not mark and leaf.path[:1] not in others]
    inside = [inner for inner in group.groups if len(inner.names) == 1 or inner.names[:1] not in others]
    return replace(group, leaves=leaves, groups=inside)


def _says_deleted(names: Path) -> bool:
    return any("deleted" in word.meanings for name in names for word in words_of(name))


def role_named(text: str, possible: Sequence[str]) -> str | None:
    """Which of the kinds of record a text names."""
    words = [(word, 1.0) for word in words_of(text)]
    scored = [(phrase_likeness(words, role_phrases(role), _NEUTRAL, set()), role) for role in possible]
    best = max(scored, default=(0.0, ""))
    return best[1] if best[0] >= 0.6 else None  # noqa: PLR2004


def _key_target(role: str) -> Target:
    return next(one for one in targets_of(role) if one.name == ALL_TYPES[role].key)


def _has_type(found: Found, role: str) -> bool:
    wanted = [one for one in found.targets if one.name == f"{role}_type"]
    return any(likeness(clue, one) > 0.5 for clue in found.clues for one in wanted)  # noqa: PLR2004


def _is_whole(found: Found) -> bool:
    needed = [one for one in found.targets if one.column.required and one.name not in found.having]
    return all(any(likeness(clue, one) > _LEAST for clue in found.clues) for one in needed)


def _matched(clues: Sequence[Clue], targets: Sequence[Target]) -> float:
    """How much the members speak for the columns: the best pairs, each once, and what is missing or left."""
    pairs = sorted(((likeness(c, t), nth, t) for nth, c in enumerate(clues) for t in targets), key=lambda p: -p[0])
    rows, columns, total = set(), set(), 0.0
    for score, nth, target in pairs:
        if score < _LEAST:
            break
        if nth not in rows and target not in columns:
            rows.add(nth)
            columns.add(target)
            total += score - 0.1
    missing = [
        one for one in targets if one.column.required and one not in columns and one.owner not in {UNIT, "record"}
    ]
    return total - 0.3 * len(missing) - 0.1 * (len(clues) - len(rows))
