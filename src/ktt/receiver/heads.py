"""Whom a message speaks of, and for whom, without reading the rest of it.

Frames cost 5 ms a message whatever its size, more than everything else at the door together; the door needs the units
and the person numbers only. One typed parse that passes over all other members finds them, by the version's own table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import msgspec

from ktt.domain.unit import ReportingUnit
from ktt.messages.table import Field, MessageTable
from ktt.messages.version import MessageVersion

_VALUE = int | float | str | None  # JSON Schema counts 1.0 as an integer


@dataclass(frozen=True, slots=True)
class Head:
    """One item of a message: its unit, and the numbers of the persons in it, padded to their length."""

    unit: ReportingUnit
    person_numbers: list[str] = field(repr=False)


def heads(version: MessageVersion, message: bytes) -> list[Head]:
    """One head for each unit of a message that fits its schema."""
    table = version.table
    return [
        Head(_unit(table, item), list(_numbers(table, item))) for item in _decoder(_Shape.of(table)).decode(message)
    ]


@dataclass(frozen=True, slots=True)
class _Shape:
    """The names that are looked for."""

    unit: tuple[str, ...]
    records: str
    person: str
    numbers: tuple[str, ...]

    @classmethod
    def of(cls, table: MessageTable) -> _Shape:
        numbers = tuple(place.path for place in _number_fields(table))
        return cls(tuple(place.path for place in table.unit), table.list_name, table.person_path, numbers)


@cache
def _decoder(shape: _Shape) -> msgspec.json.Decoder[list[Any]]:
    person = _struct("Person", dict.fromkeys(shape.numbers, _VALUE))
    record = _struct("Record", {shape.person: person | None})
    item = _struct("Item", dict.fromkeys(shape.unit, _VALUE) | {shape.records: list[record] | None})  # type: ignore[valid-type]
    return msgspec.json.Decoder(list[item])  # type: ignore[valid-type]


def _struct(name: str, members: dict[str, Any]) -> Any:
    return msgspec.defstruct(name, [(member, kind, None) for member, kind in members.items()], gc=False)


def _number_fields(table: MessageTable) -> Iterator[Field]:
    return (place for place in table.person if place.identity is not None)


def _unit(table: MessageTable, item: Any) -> ReportingUnit:
    return ReportingUnit(**{place.column: _text(getattr(item, place.path), place) for place in table.unit})  # type: ignore[arg-type]


def _numbers(table: MessageTable, item: Any) -> Iterator[str]:
    places = list(_number_fields(table))
    people = (getattr(record, table.person_path) for record in getattr(item, table.list_name) or ())
    for person in people:
        for place in places:
            number = None if person is None else _text(getattr(person, place.path), place)
            if number is not None:
                yield number


def _text(value: Any, place: Field) -> str | None:
    if value is None:
        return None
    return str(int(value) if isinstance(value, float) else value).zfill(place.digits)
