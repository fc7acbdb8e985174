"""A second reader of the record system's database, with plain SQL and plain Python.

The answer key is made with it. So it uses nothing of the sender's extract, mapping, delta or messages, which the key is
to test.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any, cast

from ktt.testing.synthetic.municipality.model import Person
from ktt.testing.synthetic.record_system.formats import Form
from ktt.testing.synthetic.record_system.tables import PEOPLE, RECORDS, Table

Row = dict[str, object]
_BLOCK = 2_000
_READ_FAULTS = (
    KeyError,
    ValueError,
    ArithmeticError,
    TypeError,
    AttributeError,
)  # what a form raises for a cell that it cannot read


class Unreadable(Exception):
    """A cell holds what the record system itself would not write: an unknown code, or a text that is no date."""


UNREADABLE = Unreadable()
"""Stands for a cell that cannot be read."""


def unreadable(row: Row) -> bool:
    """Whether a cell of the row, or of a part of it, cannot be read."""
    inside = (part for value in row.values() if isinstance(value, list) for part in value)
    return UNREADABLE in row.values() or any(UNREADABLE in part.values() for part in inside)


def read(connection: sqlite3.Connection, table: Table, person: str | None = None) -> Iterator[Row]:
    """The rows of a root table by key, with their parts under the parts' record names; all, or one person's."""
    where, given = ("", ()) if person is None else (" WHERE bruker_nr = ?", (int(person),))
    key = table.names[0]
    inside = f" WHERE {key} IN (SELECT {key} FROM {table.name}{where})" if where else ""  # noqa: S608 (names of our own)
    parts = [(part.record, _by_parent(connection, part, inside, given)) for part in table.parts]
    waiting = {record: next(groups, None) for record, groups in parts}
    for cells in _select(connection, table, where, given):
        row = dict(zip(table.fields, cells, strict=True))
        for record, groups in parts:
            group = waiting[record]
            row[record] = []
            if group and group[0] == cells[0]:
                row[record], waiting[record] = group[1], next(groups, None)
        yield row


def flat(connection: sqlite3.Connection, table: Table) -> Iterator[Row]:
    """The rows of one table by key, without parts."""
    names = table.fields
    return (dict(zip(names, cells, strict=True)) for cells in _select(connection, table))


def _select(
    connection: sqlite3.Connection, table: Table, where: str = "", given: tuple[int, ...] = ()
) -> Iterator[tuple[object, ...]]:
    names = ", ".join(table.names)
    query = f"SELECT {names} FROM {table.name}{where} ORDER BY {table.names[0]}"  # noqa: S608 (names of our own)
    cursor = connection.execute(query, given)
    while block := cursor.fetchmany(_BLOCK):
        # Column by column, which takes half as long as row by row.
        columns = zip(*block, strict=True)
        yield from zip(*(_cells(c.form, cells) for c, cells in zip(table.columns, columns, strict=True)), strict=True)


def _cells(form: Form, cells: Sequence[object]) -> list[object]:
    try:
        return list(map(form.read, cells))
    except _READ_FAULTS:
        return [_cell(form, cell) for cell in cells]


def _cell(form: Form, cell: object) -> object:
    try:
        return form.read(cell)
    except _READ_FAULTS:
        return UNREADABLE


def _by_parent(
    connection: sqlite3.Connection, part: Table, where: str, given: tuple[int, ...]
) -> Iterator[tuple[object, list[Row]]]:
    names = part.fields[1:]
    for parent, group in groupby(_select(connection, part, where, given), key=itemgetter(0)):
        yield parent, [dict(zip(names, cells[1:], strict=True)) for cells in group]


def load(connection: sqlite3.Connection, number: str) -> Person:
    """One person with everything, as the model; Unreadable when not all of it can be read."""
    person: Person = _build(PEOPLE, next(read(connection, PEOPLE, number)))
    for table in RECORDS:
        records = [_build(table, row) for row in read(connection, table, number)]
        setattr(person, table.attribute, sorted(records, key=attrgetter(table.sorted_by or table.fields[0])))
    return person


def _build(table: Table, row: Row) -> Any:
    if unreadable(row):
        raise UNREADABLE
    for part in table.parts:
        items = [part.kind(**item) for item in cast("list[Row]", row.pop(part.record))]
        row[part.attribute] = sorted(items, key=attrgetter(part.sorted_by)) if part.sorted_by else items
    return table.kind(**row)
