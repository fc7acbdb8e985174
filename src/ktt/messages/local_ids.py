"""What must hold for the local ids of a message beyond its schema: readable, without national numbers, each once.

One typed parse reads the ids alone, which takes some microseconds for a message of 2 kB.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache

import msgspec

from ktt.core.text import Text
from ktt.domain.local_ids import holds_national_number, may_hold_national_number, unreadable_among
from ktt.domain.records import ROOTS
from ktt.messages.mapping.decode import Rows, gathered
from ktt.messages.mapping.forms import text_of
from ktt.messages.mapping.places import SchemaPlaces
from ktt.messages.mapping.scopes import UNIT, Member, MessageMapping, Path, Scope
from ktt.messages.mapping.structs import message_type
from ktt.messages.version import SchemaViolation

NATIONAL_NUMBER, STANDS_TWICE, UNIT_TWICE, NOT_READABLE = "nationalNumber", "uniqueId", "uniqueUnit", "readableId"
"""Keywords of the violations; no keyword of JSON Schema has these names."""

_SAYS = {
    NATIONAL_NUMBER: Text(nb="ID-en inneholder et fødselsnummer", en="the id holds a national number"),
    STANDS_TWICE: Text(
        nb="ID-en står mer enn én gang, poster og slettinger sett under ett",
        en="the id stands more than once, records and deletions taken together",
    ),
    UNIT_TWICE: Text(nb="enheten står mer enn én gang", en="the unit stands more than once"),
    NOT_READABLE: Text(
        nb="ID-en begynner eller slutter med blank, eller har tegn som ikke synes",
        en="the id begins or ends with a blank, or has characters that cannot be seen",
    ),
}
_ID = "id"
_NO_SCHEMA = SchemaPlaces({})


class LocalIdCheck:
    """The check of messages of one mapping. Types are made once."""

    def __init__(self, mapping: MessageMapping) -> None:
        self._root = _pruned(mapping.root, _is_id_or_unit)
        self._own = _pruned(mapping.root, _is_key)
        self._decoder = msgspec.json.Decoder(message_type(self._root, _NO_SCHEMA))
        self._own_decoder = msgspec.json.Decoder(message_type(self._own, _NO_SCHEMA))
        self._values = _id_values(self._root)

    def violations(self, message: bytes) -> Iterator[SchemaViolation]:
        """What is wrong in a message that fits its schema: the place, never the id."""
        if not self._certainly_none(message):
            for _, violation in self._found(message):
                yield violation

    def beyond_rules(self, message: bytes) -> Iterator[SchemaViolation]:
        """Those of them that no rule finds: ids that cannot be read, and what is wrong with deletions and units."""
        if not self._certainly_none(message):
            for scope, violation in self._found(message):
                if scope.deletes is not None or violation.keyword in {UNIT_TWICE, NOT_READABLE}:
                    yield violation

    def _certainly_none(self, message: bytes) -> bool:
        """Whether a look at the bytes and at the records' own ids tells that there is no violation; five times as fast."""
        if self._values is None or b"\\" in message:  # an escape can hide a digit or the name of a member
            return False
        ids = b'"x"'.join([b"", *self._values.findall(message), b""])
        if not ids.isascii() or b'" ' in ids or b' "' in ids or may_hold_national_number(ids.decode()):
            return False
        scopes = list(gathered(self._own, [self._own_decoder.decode(message)]))
        if sum(len(rows.objects) for rows in scopes if rows.scope.is_unit) != 1:
            return False
        own = [_texts(rows, member.path) for rows in scopes for member in rows.scope.members]
        return len({local_id for ids in own for local_id in ids}) == sum(map(len, own))

    def _found(self, message: bytes) -> Iterator[tuple[Scope, SchemaViolation]]:
        scopes = list(gathered(self._root, [self._decoder.decode(message)]))
        units = next(rows for rows in scopes if rows.scope.is_unit)
        yield from _units_twice(units)
        read = [
            (rows, member, _texts(rows, member.path))
            for rows in scopes
            for member in rows.scope.members
            if _is_id(member)
        ]
        odd = unreadable_among(local_id for _, _, ids in read for local_id in ids if local_id is not None)
        is_number = lru_cache(maxsize=10_000)(holds_national_number)  # one person has many records
        seen: dict[tuple[int, str, frozenset[str]], set[str]] = {}
        for rows, member, ids in sorted(read, key=lambda one: one[0].scope.deletes is not None):
            pointers = rows.pointers()
            of_unit = rows.rows_of(units.scope)
            for row, local_id in enumerate(ids):
                if local_id is not None:
                    twice = _stands_twice(rows.scope, member, of_unit[row], local_id, seen)
                    wrong = (
                        (NATIONAL_NUMBER, is_number(local_id)),
                        (NOT_READABLE, local_id in odd),
                        (STANDS_TWICE, twice),
                    )
                    way = "".join(f"/{name}" for name in member.path)
                    yield from (
                        (rows.scope, _violation(keyword, pointers[row] + way)) for keyword, is_so in wrong if is_so
                    )


def _units_twice(rows: Rows) -> Iterator[tuple[Scope, SchemaViolation]]:
    """Units that stand twice, where each has an object of its own."""
    if rows.scope.record_type is not None:
        return
    seen: set[tuple[str | None, ...]] = set()
    columns = [_texts(rows, member.path) for member in rows.scope.members if member.owner == UNIT]
    for pointer, unit in zip(rows.pointers(), zip(*columns, strict=True), strict=True):
        if unit in seen:
            yield rows.scope, _violation(UNIT_TWICE, pointer)
        seen.add(unit)


def _stands_twice(
    scope: Scope, member: Member, unit: int, local_id: str, seen: dict[tuple[int, str, frozenset[str]], set[str]]
) -> bool:
    """Whether a record's own id stood before, in a record or deletion. A record split over several objects has it in each."""
    if not _is_key_of(scope, member):
        return False
    if scope.deletes is not None:
        before = any(
            local_id in ids for (of_unit, name, _), ids in seen.items() if (of_unit, name) == (unit, scope.deletes.name)
        )
        columns = frozenset[str]()
        name = scope.deletes.name
    else:
        assert scope.record_type is not None
        name, columns = scope.record_type.name, frozenset(one.column.name for one in scope.members)
        before = local_id in seen.get((unit, name, columns), ())
    seen.setdefault((unit, name, columns), set()).add(local_id)
    return before


def _violation(keyword: str, pointer: str) -> SchemaViolation:
    return SchemaViolation(pointer, keyword, _SAYS[keyword])


def _texts(rows: Rows, path: Path) -> list[str | None]:
    """The values as text, since JSON Schema counts 1.0 as an integer, and a number may stand as text."""
    return [None if value is None else text_of(value) for value in rows.values(path)]


def _pruned(scope: Scope, wanted: Callable[[Scope, Member], bool]) -> Scope:
    """The scope with the members that are looked at alone. An id in a list of deletions counts whatever its mark says."""
    members = tuple(one for one in scope.members if wanted(scope, one))
    inner = [_pruned(one, wanted) for one in scope.children]
    records = {one.at for one in inner if one.record_type is not None}
    children = [replace(one, where={}) if one.deletes is not None and one.at not in records else one for one in inner]
    return replace(scope, members=members, constants=(), children=tuple(children))


def _is_id(member: Member) -> bool:
    return member.column.kind == _ID and member.owner != UNIT


def _is_id_or_unit(_scope: Scope, member: Member) -> bool:
    return member.column.kind == _ID or member.owner == UNIT


def _is_key(scope: Scope, member: Member) -> bool:
    return _is_key_of(scope, member)


def _is_key_of(scope: Scope, member: Member) -> bool:
    kind = scope.deletes or scope.record_type
    return kind in ROOTS and member.column.name == kind.key


def _id_values(root: Scope) -> re.Pattern[bytes] | None:
    """What finds all ids as text; None where some are not text, or have no name of their own."""
    members = [member for scope in root.walk() for member in scope.members if _is_id(member)]
    if any(not member.path or member.form.json_type != "string" for member in members):
        return None
    names = sorted({re.escape(json.dumps(member.path[-1], ensure_ascii=False).encode()) for member in members})
    return re.compile(rb"(?:" + b"|".join(names) + rb')[ \t\r\n]*:[ \t\r\n]*"([^"]*)"')
