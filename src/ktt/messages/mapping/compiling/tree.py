"""From scopes with absolute places to one tree: what is said at one place together, and each inside what it belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import msgspec

from ktt.domain.records import RECIPIENT, ROOTS
from ktt.domain.schema import RecordType
from ktt.messages.mapping.language import MemberEntry, MessageEntry, ObjectEntry
from ktt.messages.mapping.places import lists_of
from ktt.messages.mapping.scopes import MESSAGE, PERSON, UNIT, Path, Scope

_LIFTED = frozenset({UNIT, PERSON, MESSAGE})
_ROOTS = frozenset(record_type.name for record_type in ROOTS)


def lifted(entry: MessageEntry) -> MessageEntry:
    """An object that is no list, of a unit or person or with a header, is taken as members of the object around."""
    places = [one.at for one in entry.objects if one.holds not in _LIFTED]
    return msgspec.structs.replace(entry, objects=[_lift(one, places) for one in entry.objects])


def _lift(entry: ObjectEntry, places: Sequence[str]) -> ObjectEntry:
    if entry.holds not in _LIFTED or entry.numbered or any(at == entry.at or is_inside(at, entry.at) for at in places):
        return entry
    around = entry.at[: entry.at.rfind("[]") + 2] if "[]" in entry.at else ""
    inner = entry.at[len(around) :].removeprefix(".")
    if not inner:
        return entry
    owner = {UNIT: f"{UNIT}.", PERSON: f"{RECIPIENT.name}."}.get(entry.holds, "")
    members = {f"{inner}.{name}".removesuffix("."): _owned(one, owner) for name, one in entry.members.items()}
    return msgspec.structs.replace(entry, at=around, members=members)


def _owned(member: str | MemberEntry, owner: str) -> str | MemberEntry:
    if isinstance(member, str):
        return member if "." in member else owner + member
    if member.column is None or "." in member.column:
        return member
    return msgspec.structs.replace(member, column=owner + member.column)


def merged(scopes: Sequence[Scope]) -> list[Scope]:
    """What is said of a unit or a person at the place of a record is said of the record's own object."""
    records = [scope for scope in scopes if _is_record(scope)]
    others: dict[str, Scope] = {}
    for scope in scopes:
        if _is_record(scope):
            continue
        same = [nth for nth, record in enumerate(records) if record.at == scope.at]
        for nth in same:
            records[nth] = _joined(records[nth], scope)
        if not same:
            others[scope.at] = _joined(others[scope.at], scope) if scope.at in others else scope
    return [*others.values(), *records]


def _is_record(scope: Scope) -> bool:
    return scope.record_type is not None and scope.record_type is not RECIPIENT


def _joined(scope: Scope, other: Scope) -> Scope:
    return replace(
        scope,
        record_type=scope.record_type or other.record_type,
        is_unit=scope.is_unit or other.is_unit,
        members=scope.members + other.members,
        constants=scope.constants + other.constants,
    )


def without_mark(scope: Scope, deletions: Sequence[Scope]) -> Scope:
    """Records at the place of a deletion are those that do not have its mark."""
    marks = {path: value for one in deletions if one.at == scope.at for path, value in one.where.items()}
    return replace(scope, unless=marks) if scope.record_type else scope


def nested(scopes: Sequence[Scope]) -> Scope:
    """The whole message with all that is inside it, the root without anything of ours where the mapping has none."""
    own = next((scope for scope in scopes if not scope.at), Scope("", (), many=False))
    return replace(own, children=tuple(_children(own, [scope for scope in scopes if scope is not own], None)))


def _children(around: Scope, inside: Sequence[Scope], record: RecordType | None) -> Iterator[Scope]:
    outermost = [one for one in inside if not any(is_inside(one.at, other.at) for other in inside)]
    for scope in outermost:
        within = scope.record_type if _is_record(scope) else record
        below = [one for one in inside if is_inside(one.at, scope.at)]
        deeper = [one for one in below if belongs(one, scope) or any(is_inside(one.at, other.at) for other in below)]
        found = replace(scope, steps=_steps(around.at, scope.at), outermost=record is None)
        yield replace(found, children=tuple(_children(found, deeper, within)))


def belongs(scope: Scope, around: Scope) -> bool:
    """Whether what is at a place inside another is inside its objects, when several kinds of record share the place."""
    if around.deletes is not None:
        return False
    kind, outer = scope.record_type, around.record_type
    if kind is None or outer is None or outer is RECIPIENT:
        return True
    if kind.name not in _ROOTS:
        return kind.parent_key == outer.key and outer.name in _ROOTS
    return outer.key in kind.schema and outer.column(outer.key).kind == "id" and kind is not outer


def is_inside(at: str, outer: str) -> bool:
    """Whether a place is inside another; that of a numbered row is inside the object that has its members."""
    return at != outer and at.startswith(outer) and (not outer or at[len(outer)] in ".[#")


def _steps(outer: str, at: str) -> Path:
    """From one place to another inside it: names, and `[]` for each list that is passed on the way."""
    rest = at[len(outer) :].partition("#")[0].removeprefix(".")
    steps: list[str] = []
    for nth, names in enumerate(lists_of(rest)):
        steps += (["[]"] if nth else []) + list(names)
    return tuple(steps)
