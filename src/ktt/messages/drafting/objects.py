"""The objects of a mapping, from what the groups of a message are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ktt.domain.codes import code_list
from ktt.domain.records import ALL_TYPES, RECIPIENT, ROOTS
from ktt.messages.drafting.clues.outline import NUMBER, Leaf, Path
from ktt.messages.drafting.clues.words import words_of
from ktt.messages.drafting.groups import WRAPPER, Found, role_named
from ktt.messages.drafting.members import Confidence, Matched, Placed, match
from ktt.messages.drafting.targets import DELETION, MESSAGE, OWN_ROOTS, PERSON, UNIT, targets_of

_UNIT_NEEDED = frozenset({"organisation", "municipality"})


@dataclass(slots=True)
class DraftObject:
    """An object of the mapping with its members. `problem` says why it is left as a comment."""

    at: str
    holds: str
    members: list[Placed]
    where: dict[str, Any] = field(default_factory=dict)
    having: dict[str, str] = field(default_factory=dict)
    numbered: int | None = None
    is_deletion: bool = False
    problem: str = ""

    def entry(self) -> dict[str, Any]:
        """As it is written in the mapping."""
        members = {self.name(one): _short(one.entry) for one in self.members if not one.problem}
        kind = "of" if self.is_deletion else "holds"
        found: dict[str, Any] = {"at": self.at, kind: self.holds, "members": members}
        for name in ("where", "having", "numbered"):
            if getattr(self, name):
                found[name] = getattr(self, name)
        return found

    def name(self, placed: Placed) -> str:
        """The member's name from the object."""
        return placed.place.removeprefix(self.at).removeprefix(".")


class Builder:
    """Objects of the mapping from what the groups are."""

    def __init__(self, message_type: str) -> None:
        self._type = message_type
        self.objects: list[DraftObject] = []
        self.left: list[Leaf] = []
        self._has_unit = False

    def build(self, whole: Found) -> None:
        """All objects of the message, the outer ones first."""
        roots = [one.of or one.role for one in whole.walk() if (one.of or one.role) in {r.name for r in ROOTS}]
        for found in whole.walk():
            self._object(found, roots)

    def _object(self, found: Found, roots: Sequence[str]) -> None:
        if found.role == DELETION:
            self._deletion(found, roots)
            return
        targets = found.targets
        if found.role == UNIT:
            targets = targets_of(UNIT) + tuple(one for one in targets_of(MESSAGE) if one.owner == MESSAGE)
        elif not self._has_unit and found.around in {"", UNIT} and found.role not in {WRAPPER, MESSAGE}:
            targets += targets_of(UNIT)
        flag = _flag(found)
        clues = [clue for clue in found.clues if flag is None or clue.leaf is not flag.leaf]
        targets = tuple(one for one in targets if one.name not in found.having)
        leaves = [leaf for leaf in found.group.leaves if flag is None or leaf is not flag.leaf]
        matched = match(clues, targets, leaves, found.certainty, self._type)
        self.left += matched.left
        if flag is not None:
            sure: Confidence = "sure" if flag.standing is False else "likely"
            matched.placed.append(Placed(flag.leaf, found.role, None, {"constant": flag.standing}, sure))
        self._add(found, matched)
        if flag is not None:
            self._by_flag(found, matched, flag)

    def _add(self, found: Found, matched: Matched) -> None:
        """The members by what they are said of: the message, the unit, or the object itself."""
        at = found.group.place
        of_unit = [one for one in matched.placed if one.owner == UNIT]
        if self._has_unit or not {one.column for one in of_unit} & _UNIT_NEEDED:
            self.left += [one.leaf for one in of_unit]
            of_unit = []
        if of_unit:
            self._has_unit = True
            self.objects.append(DraftObject(_deepest(at, of_unit), UNIT, of_unit))
        is_record = found.role not in {WRAPPER, MESSAGE, UNIT}
        others = [one for one in matched.placed if one.owner != UNIT and (is_record or one.owner == MESSAGE)]
        if found.role == UNIT and not of_unit:
            self.objects.append(DraftObject(at, UNIT, []))
        if others or is_record:
            holds = found.role if is_record else MESSAGE
            having = dict(found.having)
            if found.group.number:
                having |= _numbered_type(found, others)
            if holds == PERSON:
                for one in others:
                    _without_owner(one)
            self.objects.append(DraftObject(at, holds, others, dict(found.where), having, found.group.number))

    def _by_flag(self, found: Found, matched: Matched, flag: _Flag) -> None:
        key = [one for one in matched.placed if one.column == ALL_TYPES[found.role].key]
        if key:
            again = Placed(key[0].leaf, DELETION, key[0].column, {"column": key[0].column}, key[0].confidence)
            where = {".".join(flag.leaf.path): flag.withdrawn}
            self.objects.append(DraftObject(found.group.place, found.role, [again], where, is_deletion=True))

    def _deletion(self, found: Found, roots: Sequence[str]) -> None:
        of = found.of or _deleted_type(found, self._type, roots)
        is_sure = of is not None
        if of is None:
            claimed = {one.holds for one in self.objects if one.is_deletion}
            of = next((one for one in [*roots, *OWN_ROOTS] if one not in claimed), OWN_ROOTS[0])
        key = ALL_TYPES[of].key
        targets = [one for one in found.targets if one.name == key]
        if found.group.is_values:
            leaf = found.group.leaves[0]
            placed = [Placed(leaf, DELETION, key, {"column": key}, "sure" if is_sure else "unsure")]
            self.objects.append(DraftObject(found.group.place, of, placed, is_deletion=True))
            return
        flags = [clue.leaf for clue in found.clues if clue.leaf.is_constant or "boolean" in clue.leaf.types]
        where = dict(found.where) | {".".join(one.path): _true(one) for one in flags}
        clues = [clue for clue in found.clues if clue.leaf not in flags]
        matched = match(clues, targets, found.group.leaves, 1.0 if is_sure else 0.5, self._type)
        for one in matched.placed:
            one.owner = DELETION
        self.left += matched.left
        self.objects.append(DraftObject(found.group.place, of, matched.placed, where, is_deletion=True))


def _true(leaf: Leaf) -> Any:
    return leaf.values[0] if leaf.values else True


def _without_owner(placed: Placed) -> None:
    if isinstance(placed.entry.get("column"), str):
        placed.entry["column"] = placed.entry["column"].removeprefix(f"{RECIPIENT.name}.")


@dataclass(frozen=True, slots=True)
class _Flag:
    """A member of a record that says whether it is withdrawn, with its values for both."""

    leaf: Leaf
    withdrawn: Any
    standing: Any


def _flag(found: Found) -> _Flag | None:
    if found.role not in {one.name for one in ROOTS}:
        return None
    for clue in found.clues:
        leaf = clue.leaf
        named = any("deleted" in word.meanings for word, weight in clue.words if weight == 1.0)
        if named and "boolean" in leaf.types:
            return _Flag(leaf, withdrawn=True, standing=False)
        gone = [value for value in leaf.values if _says_withdrawn(value)]
        rest = [value for value in leaf.values if value not in gone and value != ""]
        if len(gone) == 1 and rest and clue.kind.name == "codes":
            return _Flag(leaf, gone[0], rest[0])
    return None


def _says_withdrawn(value: object) -> bool:
    return isinstance(value, str) and any("deleted" in word.meanings for word in words_of(value))


def _deepest(at: str, members: Sequence[Placed]) -> str:
    """The innermost object around all of the members."""
    paths = [one.leaf.path[:-1] for one in members]
    shared: Path = ()
    for names in zip(*paths, strict=False):
        if len(set(names)) > 1:
            break
        shared = (*shared, names[0])
    return ".".join(filter(None, [at, *shared]))


def _numbered_type(found: Found, placed: Sequence[Placed]) -> dict[str, str]:
    """Numbered members that stand for one code each have it as their number."""
    for name, list_id in (("participation_type", "9163"), ("variable", "9111"), ("nutrition_type", "9162")):
        is_open = name in {one.name for one in targets_of(found.role)} - {one.column for one in placed}
        if is_open and found.group.number == len(code_list(list_id).values()):
            return {name: NUMBER}
    return {}


def _deleted_type(found: Found, message_type: str, roots: Sequence[str]) -> str | None:
    """The record type that a deletion is of, as far as names tell it."""
    for name in [*reversed(found.group.names), *(leaf.name for leaf in found.group.leaves)]:
        bare = " ".join(word.text for word in words_of(name) if not word.meanings & {"deleted", "id"})
        if role := role_named(bare, OWN_ROOTS):
            return role
    if len(set(roots)) == 1:
        return roots[0]
    bare = " ".join(word.text for word in words_of(message_type) if "deleted" not in word.meanings)
    return role_named(bare, OWN_ROOTS)


def _short(entry: Mapping[str, Any]) -> Any:
    return entry["column"] if list(entry) == ["column"] else dict(entry)
