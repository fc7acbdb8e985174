"""The units and person numbers of a message, without reading the rest of it.

Building frames costs 5 ms a message whatever its size, more than all checks of the receiver together, and those need the
units and the person numbers only. One typed parse that skips all other members finds them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec

from ktt.domain.schema import Kind
from ktt.domain.unit import ReportingUnit
from ktt.messages.mapping.decode import Rows, gathered
from ktt.messages.mapping.forms import PADDED, text_of
from ktt.messages.mapping.places import SchemaPlaces
from ktt.messages.mapping.scopes import UNIT, Member, MessageMapping, Scope
from ktt.messages.mapping.structs import message_type
from ktt.messages.version import UnitSummary

_NUMBER: Kind = "person_number"


class Summariser:
    """Summarises the messages of one mapping. Types are made once."""

    def __init__(self, mapping: MessageMapping) -> None:
        self._root = _pruned(mapping.root)
        self._decoder = msgspec.json.Decoder(message_type(self._root, SchemaPlaces({})))

    def summarise(self, message: bytes) -> list[UnitSummary]:
        """A summary for each object of a unit in a message that fits its schema, in the order of the message."""
        scopes = list(gathered(self._root, [self._decoder.decode(message)]))
        units = next(rows for rows in scopes if rows.scope.is_unit)
        found = [UnitSummary(unit, []) for unit in _units(units)]
        for rows in scopes:
            numbered = [one for one in rows.scope.members if one.column.kind == _NUMBER]
            of_unit = rows.rows_of(units.scope) if numbered else ()
            for member in numbered:
                for row, number in zip(of_unit, rows.values(member.path), strict=True):
                    if number is not None:
                        found[row].person_numbers.append(_text(number, member))
        return found


def _pruned(scope: Scope) -> Scope:
    """The scope with what is needed alone: members of the unit and person numbers, and what tells objects apart."""
    wanted = tuple(one for one in scope.members if one.owner == UNIT or one.column.kind == _NUMBER)
    children = tuple(_pruned(child) for child in scope.children if child.deletes is None)
    return replace(scope, members=wanted, constants=(), children=children, number=0)


def _units(rows: Rows) -> Iterator[ReportingUnit]:
    columns = {
        one.column.name: [None if value is None else _text(value, one) for value in rows.values(one.path)]
        for one in rows.scope.members
        if one.owner == UNIT
    }
    for numbers in zip(*columns.values(), strict=True):
        yield ReportingUnit(**dict(zip(columns, numbers, strict=True)))


def _text(value: Any, member: Member) -> str:
    return text_of(value).zfill(PADDED[member.column.kind])
