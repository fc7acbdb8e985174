"""Persons of the model as canonical records, without a record system in between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from ktt.domain.records import ALL_TYPES, Records
from ktt.testing.synthetic.municipality.model import Person
from ktt.testing.synthetic.municipality.numbers import kind_of
from ktt.testing.synthetic.record_system.tables import PEOPLE, RECORDS, Table

_ZONE = "Europe/Oslo"
Rows = Iterator[dict[str, Any]]


def records_of(people: Sequence[Person]) -> Records:
    """The canonical records of some people, all of them living in the reporting municipality."""
    frames: dict[str, pl.DataFrame] = {}
    for table in (PEOPLE, *RECORDS):
        records = people if table is PEOPLE else [r for person in people for r in getattr(person, table.attribute)]
        frames[table.record] = _frame(
            table.record, map(_recipient, people) if table is PEOPLE else _rows(table, records)
        )
        for part in table.parts:
            frames[part.record] = _frame(part.record, _part_rows(table, part, records))
    return frames


def _recipient(person: Person) -> dict[str, Any]:
    return {
        "local_person_id": person.local_person_id,
        "person_number": person.person_number,
        "person_number_kind": kind_of(person.person_number),
        "died_on": person.died_on,
    }


def _rows(table: Table, records: Sequence[object]) -> Rows:
    return ({name: getattr(record, name) for name in table.fields} for record in records)


def _part_rows(table: Table, part: Table, records: Sequence[object]) -> Rows:
    key = table.fields[0]
    for record in records:
        for item in getattr(record, part.attribute):
            yield {key: getattr(record, key)} | {name: getattr(item, name) for name in part.fields[1:]}


def _frame(record: str, rows: Iterator[dict[str, Any]]) -> pl.DataFrame:
    kind = ALL_TYPES[record]
    local = kind.schema | ({"recorded_at": pl.Datetime("us")} if "recorded_at" in kind.schema else {})
    frame = pl.DataFrame(list(rows), schema=local)
    if "recorded_at" in local:
        moment = pl.col("recorded_at").dt.replace_time_zone(_ZONE).dt.convert_time_zone("UTC")
        frame = frame.with_columns(moment)
    return kind.conform(frame)
