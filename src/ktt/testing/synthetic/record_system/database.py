"""The record system's database: creating and filling it, replacing a person, and the export log."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter

from ktt.testing.synthetic.municipality.model import Person
from ktt.testing.synthetic.record_system.tables import PEOPLE, RECORDS, TABLES, Column, Table

_OTHER = """
CREATE TABLE installasjon (orgnr TEXT NOT NULL, kommunenr TEXT NOT NULL, system TEXT, versjon TEXT);
CREATE TABLE eksport_logg (dato TEXT, tabell TEXT, antall INTEGER, PRIMARY KEY (dato, tabell)) WITHOUT ROWID;
CREATE TABLE _tilstand (navn TEXT PRIMARY KEY, verdi TEXT) WITHOUT ROWID;
CREATE TABLE _fasit (regel TEXT NOT NULL, post TEXT NOT NULL, fra TEXT, til TEXT);
CREATE TABLE _feilbruker (bruker_nr INTEGER PRIMARY KEY);
CREATE TABLE _dagbok (nr INTEGER PRIMARY KEY, dato TEXT, art TEXT, poster TEXT);
"""
_BLOCK = 400  # persons written at a time: about 40 000 rows


def create(connection: sqlite3.Connection) -> None:
    """Make the empty tables."""
    connection.executescript(_OTHER)
    for table in TABLES:
        columns = ", ".join(f"{c.name} {c.form.sql}" for c in table.columns)
        keys = ", ".join(table.keys)
        connection.execute(f"CREATE TABLE {table.name} ({columns}, PRIMARY KEY ({keys})) WITHOUT ROWID")


def index(connection: sqlite3.Connection) -> None:
    """Create the indexes by person; after filling, which is faster."""
    for table in RECORDS:
        connection.execute(f"CREATE INDEX {table.name}_bruker ON {table.name} (bruker_nr)")


def fill(connection: sqlite3.Connection, people: Iterable[Person]) -> Iterator[int]:
    """Insert persons with all their records; yields how many are inserted so far."""
    done, block = 0, []
    for person in people:
        block.append(person)
        if len(block) == _BLOCK:
            insert(connection, block)
            done += len(block)
            block = []
            yield done
    insert(connection, block)
    yield done + len(block)


def insert(connection: sqlite3.Connection, people: list[Person]) -> None:
    """Insert persons who are not in the database."""
    _insert(connection, PEOPLE, people)
    for table in RECORDS:
        _insert(connection, table, [record for person in people for record in getattr(person, table.attribute)])


def _insert(connection: sqlite3.Connection, table: Table, records: Sequence[object]) -> None:
    _rows(connection, table, _cells(table.columns, records))
    owner = attrgetter(table.fields[0])
    for part in table.parts:
        inside = attrgetter(part.attribute)
        pairs = [(owner(record), item) for record in records for item in inside(record)]
        key = part.columns[0].form.write
        items = _cells(part.columns[1:], [item for _, item in pairs])
        _rows(connection, part, ((key(of), *row) for (of, _), row in zip(pairs, items, strict=True)))


def _cells(columns: tuple[Column, ...], records: Sequence[object]) -> Iterator[tuple[object, ...]]:
    return zip(*([c.form.write(v) for v in map(attrgetter(c.field), records)] for c in columns), strict=True)


def _rows(connection: sqlite3.Connection, table: Table, rows: Iterable[tuple[object, ...]]) -> None:
    marks = ", ".join("?" * len(table.columns))
    connection.executemany(f"INSERT INTO {table.name} VALUES ({marks})", rows)  # noqa: S608 (names of our own)


def replace(connection: sqlite3.Connection, person: Person) -> None:
    """Replace all records of a person."""
    number = (int(person.local_person_id),)
    for table in RECORDS:
        _delete_parts(connection, table, number)
        connection.execute(f"DELETE FROM {table.name} WHERE bruker_nr = ?", number)  # noqa: S608
    _delete_parts(connection, PEOPLE, number)
    connection.execute("DELETE FROM bruker WHERE bruker_nr = ?", number)
    insert(connection, [person])


def _delete_parts(connection: sqlite3.Connection, table: Table, number: tuple[int]) -> None:
    for part in table.parts:
        key = part.names[0]
        connection.execute(
            f"DELETE FROM {part.name} WHERE {key} IN (SELECT {key} FROM {table.name} WHERE bruker_nr = ?)",  # noqa: S608
            number,
        )


def log_export(connection: sqlite3.Connection, day: str) -> None:
    """Log how many rows each table has on a day, as an extract of that day must contain."""
    for table in TABLES:
        connection.execute(
            f"INSERT OR REPLACE INTO eksport_logg SELECT ?, ?, count(*) FROM {table.name}",  # noqa: S608
            (day, table.name),
        )


def set_state(connection: sqlite3.Connection, **values: object) -> None:
    """Store values that are needed on later days."""
    rows = [(name, json.dumps(value, sort_keys=True)) for name, value in values.items()]
    connection.executemany("INSERT OR REPLACE INTO _tilstand VALUES (?, ?)", rows)


def state(connection: sqlite3.Connection) -> dict[str, object]:
    """All stored values."""
    return {name: json.loads(value) for name, value in connection.execute("SELECT navn, verdi FROM _tilstand")}
