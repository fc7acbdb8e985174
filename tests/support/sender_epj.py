"""The small record system that `ktt conformance sender` drives, with persons who have services and a diagnosis each."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from ktt.domain.content import content_hash
from ktt.domain.identifiers import compose_synthetic
from ktt.domain.records import ROOTS
from ktt.domain.unit import ReportingUnit
from ktt.testing.conformance.sender.drivers import record_system

UNIT = ReportingUnit("312000008", "1114")
_STAMP = "2026-02-01 08:00:00"
_PEOPLE = "SELECT id AS local_person_id, fnr AS person_number, 'national' AS person_number_kind FROM person"
_ACCOUNT = {
    "care_service": """
        SELECT id AS service_id, person AS local_person_id, type AS service_type, start AS starts_on, slutt AS ends_on
          FROM tjeneste""",
    "diagnosis": """
        SELECT id AS diagnosis_id, person AS local_person_id, 'ICPC-2' AS code_system, kode AS code, fra AS starts_on
          FROM diagnose""",
}


class Epj(record_system.SmallRecordSystem):
    """In a folder. Every change is closed with `log`, or the extract is not proved whole."""

    def __init__(self, folder: Path, persons: int) -> None:
        record_system.create(folder, UNIT, persons=0)
        super().__init__(folder)
        self.file, self.mapping = folder / "epj.sqlite", folder / "mapping.toml"
        for number in range(persons):
            self._person(number)

    def _person(self, number: int) -> None:
        # two services, in different months, and a diagnosis: the load is several messages a month
        person, born = f"P{number}", dt.date(1940, 1, 1) + dt.timedelta(days=31 * number)
        fnr = next(filter(None, (compose_synthetic(born, individual) for individual in range(100, 400))))
        self.run("INSERT INTO person VALUES (?, ?)", person, fnr)
        for service, month in ((f"T{number}a", number % 3 + 1), (f"T{number}b", number % 4 + 4)):
            self.service(service, person, dt.date(2017, month, 10))
        self.diagnosis(f"D{number}", person, dt.date(2017, number % 5 + 1, 2))

    @property
    def url(self) -> str:
        """Its address."""
        return f"sqlite:///{self.file}"

    def content(self) -> dict[str, str]:
        """Its own account of what a registry must hold of it: the content hash of each record type, from its tables."""
        rows = {name: list(self._rows(query)) for name, query in _ACCOUNT.items()}
        concerned = {row["local_person_id"] for records in rows.values() for row in records}
        people = [row for row in self._rows(_PEOPLE) if row["local_person_id"] in concerned]
        return {
            "recipient": content_hash(people),
            **{root.name: content_hash(rows.get(root.name, [])) for root in ROOTS},
        }

    def _rows(self, query: str) -> Iterator[dict[str, object]]:
        with closing(sqlite3.connect(self.file)) as connection:
            connection.row_factory = sqlite3.Row
            yield from map(dict, connection.execute(query))

    def ids(self, table: str) -> list[str]:
        """The keys of a table."""
        return [str(row["id"]) for row in self._rows(f"SELECT id FROM {table} ORDER BY id")]

    def service(self, local_id: str, person: str, start: dt.date) -> None:
        """A new service, without an end."""
        self.services([(local_id, person, "1", start.isoformat(), None, _STAMP)])

    def diagnosis(self, local_id: str, person: str, start: dt.date) -> None:
        """A new diagnosis."""
        self.run("INSERT INTO diagnose VALUES (?, ?, 'A04', ?, ?)", local_id, person, start.isoformat(), _STAMP)

    def swap_numbers(self, one: str, other: str) -> None:
        """Two persons get each other's national number."""
        numbers = {str(row["id"]): row["fnr"] for row in self._rows("SELECT id, fnr FROM person")}
        for person, number in ((one, numbers[other]), (other, numbers[one])):
            self.run("UPDATE person SET fnr = ? WHERE id = ?", number, person)

    def take_out(self, table: str, local_id: str) -> tuple[object, ...]:
        """Delete one row; the row."""
        with closing(sqlite3.connect(self.file)) as connection, connection:
            deleted = connection.execute(f"DELETE FROM {table} WHERE id = ? RETURNING *", (local_id,))
            (row,) = deleted.fetchall()
        return tuple(row)

    def run(self, statement: str, *values: object) -> None:
        """Any change."""
        with closing(sqlite3.connect(self.file)) as connection, connection:
            connection.execute(statement, values)
