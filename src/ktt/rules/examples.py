"""Examples as tables that people read and machines run.

    care_service
    | service_id | starts_on  | ends_on    | breaks |
    | T-1        | 2026-01-12 | 2026-02-01 |        |
    | T-2        | 2026-01-12 | 2026-01-01 | yes    |

A block begins with a record type's name; the first block is the rule's own unless another carries `breaks`. Columns
that are left out get a value that breaks no rule of its own kind: required ids and days are filled, the rest is empty.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

from ktt.domain.schema import Column, RecordType
from ktt.domain.unit import ReportingUnit
from ktt.rules.context import RULE_TYPES, ValidationScope

EXAMPLE_SCOPE = ValidationScope(ReportingUnit("312000008", "1114"), dt.date(2026, 3, 2), other_records={})
"""The unit that all examples are about, and the day on which they are read."""

BREAKS = "breaks"
_DEFAULTS = {
    "local_person_id": "P-1",
    "service_id": "T-1",
    "decision_id": "V-1",
    "circumstances_id": "PO-1",
    "assessment_id": "F-1",
    "diagnosis_id": "D-1",
    "decision_number": "1",
    "recorded_at": "2026-01-20T12:00:00Z",
    "service_type": "15",
    "starts_on": "2026-01-12",
    "assessed_on": "2026-01-12",
    "received_on": "2026-01-12",
    "variable": "1",
    "score": "3",
    "participation_type": "1",
    "need": "2",
    "nutrition_type": "1",
    "result": "1",
    "provider": "312000113",
    "pause_id": "S-1",
    "code_system": "ICPC-2",
    "code": "P70",
    "municipality": "1114",
    "organisation": "312000008",
}


@dataclass(frozen=True, slots=True)
class Block:
    """One table of an example as it is written: the record type, the heading, the cells."""

    record_type: str
    header: list[str]
    rows: list[list[str]]


@dataclass(frozen=True, slots=True)
class Example:
    """One parsed example: the frames, and for each row of the rule's own type whether it must break the rule."""

    records: dict[str, pl.DataFrame]
    breaks: tuple[bool, ...]


def parse(text: str, record_type: RecordType) -> Example:
    """Read the table blocks of one example for a rule on `record_type`."""
    records: dict[str, pl.DataFrame] = {}
    breaks: tuple[bool, ...] = ()
    for block in blocks(text, record_type.name):
        name, header, rows = block.record_type, block.header, block.rows
        kind = RULE_TYPES[name]
        if name == record_type.name:
            marks = header.index(BREAKS) if BREAKS in header else None
            breaks = tuple(marks is not None and row[marks] == "yes" for row in rows)
        records[name] = _frame(kind, header, rows)
    return Example(records, breaks)


def blocks(text: str, first: str) -> list[Block]:
    """The tables of an example; the first is about `first` unless it has a name of its own."""
    found: list[Block] = []
    name = first
    fresh = True
    for line in filter(None, (raw.strip() for raw in text.splitlines())):
        if not line.startswith("|"):
            name, fresh = line, True
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if fresh:
            found.append(Block(name, cells, []))
            fresh = False
        else:
            found[-1].rows.append(cells)
    return found


def _frame(record_type: RecordType, header: list[str], rows: list[list[str]]) -> pl.DataFrame:
    unknown = set(header) - {column.name for column in record_type.columns} - {BREAKS}
    if unknown:
        raise KeyError(f"{record_type.name} has no column {sorted(unknown)}")
    columns = {c.name: [_cell(c, header, row) for row in rows] for c in record_type.columns}
    texts = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    return texts.select(_typed(column) for column in record_type.columns)


def _cell(column: Column, header: list[str], row: list[str]) -> str | None:
    if column.name in header:
        return row[header.index(column.name)] or None
    return _DEFAULTS.get(column.name) if column.required else None


def _typed(column: Column) -> pl.Expr:
    value = pl.col(column.name)
    if column.kind == "instant":
        return value.str.to_datetime("%+", time_unit="us", time_zone="UTC")
    return value.cast(column.dtype) if column.kind != "day" else value.str.to_date("%Y-%m-%d")
