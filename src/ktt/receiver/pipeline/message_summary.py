"""The units and person numbers of a message, without reading the rest of it.

Building frames costs 5 ms a message whatever its size, more than all checks together, and the checks need the units and
the person numbers only. One typed parse that skips all other members finds them, by the version's own table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from operator import attrgetter
from typing import Any

import msgspec

from ktt.domain.unit import ReportingUnit
from ktt.messages.table import Field, MessageTable
from ktt.messages.version import MessageVersion

_VALUE = int | float | str | None  # JSON Schema counts 1.0 as an integer


@dataclass(frozen=True, slots=True)
class UnitSummary:
    """One item of a message: its unit, and the person numbers in it, padded to their length."""

    unit: ReportingUnit
    person_numbers: list[str] = field(repr=False)


def summarise(version: MessageVersion, message: bytes) -> list[UnitSummary]:
    """A summary of each item of a message that fits its schema."""
    table = version.table
    items = _decoder(_Shape.of(table)).decode(message)
    places = list(_number_fields(table))
    return [UnitSummary(_unit(table, item), _numbers(table, places, item)) for item in items]


@dataclass(frozen=True, slots=True)
class _Shape:
    """The names of the members that are read."""

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


def _numbers(table: MessageTable, places: list[Field], item: Any) -> list[str]:
    records = getattr(item, table.list_name) or ()
    people = [person for person in map(attrgetter(table.person_path), records) if person is not None]
    found: list[str] = []
    for place in places:
        numbers = [number for number in map(attrgetter(place.path), people) if number is not None]
        texts = {number: str(_text(number, place)) for number in set(numbers)}  # one person has many records
        found += map(texts.__getitem__, numbers)
    return found


def _text(value: Any, place: Field) -> str | None:
    if value is None:
        return None
    return str(int(value) if isinstance(value, float) else value).zfill(place.digits)
