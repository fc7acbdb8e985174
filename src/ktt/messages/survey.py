"""What a receiver must know of a message before it stores it: that it fits, whose it is, and whose numbers it holds.

One strict parse into plain values serves the schema and the look; the frames are made later, by whoever reads the
inbox. For 2 kB that is 0.1 ms instead of 6 ms for the frames, for 14 MB 0.25 s instead of 0.5 s.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ktt.domain.unit import ReportingUnit
from ktt.messages.table import Field, MessageTable
from ktt.messages.version import UnitHead


def unit_heads(table: MessageTable, items: list[dict[str, Any]]) -> tuple[UnitHead, ...]:
    """The units of a message that fits its schema, given as plain values."""
    numbers = [one for one in table.person if one.identity is not None]
    return tuple(UnitHead(_unit(table, item), tuple(_person_numbers(table, numbers, item))) for item in items)


def _unit(table: MessageTable, item: Mapping[str, Any]) -> ReportingUnit:
    named = {one.column: item.get(one.path) for one in table.unit}
    digits = {one.column: one.digits for one in table.unit}
    padded = {column: None if value is None else _padded(value, digits[column]) for column, value in named.items()}
    return ReportingUnit(**padded)  # type: ignore[arg-type]  # the schema demands what is required


def _person_numbers(table: MessageTable, numbers: list[Field], item: Mapping[str, Any]) -> Iterator[str]:
    for record in item.get(table.list_name) or ():
        person = record[table.person_path]
        for one in numbers:
            if (value := person.get(one.path)) is not None:
                yield _padded(value, one.digits)


def _padded(value: object, digits: int) -> str:
    whole = int(value) if isinstance(value, float) else value  # JSON Schema counts 1.0 as an integer
    return str(whole).zfill(digits)
