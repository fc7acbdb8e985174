"""A small record system for our own sender: an SQLite database of synthetic persons with services and diagnoses."""

from __future__ import annotations

import datetime as dt
import sqlite3
import uuid
from collections.abc import Iterable
from contextlib import closing
from itertools import count
from pathlib import Path

from ktt.domain.identifiers import compose_synthetic
from ktt.domain.unit import ReportingUnit
from ktt.testing.conformance.sender.preparation import LETTERS

TABLES = ("person", "tjeneste", "diagnose")
_PERSONS = 20
_FIRST = dt.date(2017, 1, 10)
_STAMP = "2026-02-01 08:00:00"

_SCHEMA = """
CREATE TABLE person (id TEXT PRIMARY KEY, fnr TEXT);
CREATE TABLE tjeneste (id TEXT PRIMARY KEY, person TEXT, type TEXT, start TEXT, slutt TEXT, endret TEXT);
CREATE TABLE diagnose (id TEXT PRIMARY KEY, person TEXT, kode TEXT, fra TEXT, endret TEXT);
CREATE TABLE eksport (dato TEXT, tabell TEXT, antall INTEGER);
CREATE TABLE eier (orgnr TEXT, kommune TEXT);
"""

_MAPPING = """
mapping = "ktt/1"
name = "prove-epj"
timezone = "Europe/Oslo"

[source]
kind = "sql"
read_only = true
unit = { query = "SELECT orgnr, kommune FROM eier" }

[complete]
count = { query = "SELECT tabell, antall FROM eksport WHERE dato = :extracted_on" }

[table.person]
query = "SELECT id, fnr FROM person"
key = ["id"]

[table.tjeneste]
query = "SELECT id, person, type, start, slutt, endret FROM tjeneste"
key = ["id"]

[table.diagnose]
query = "SELECT id, person, kode, fra, endret FROM diagnose"
key = ["id"]

[record.recipient]
from = "person"
fields = { local_person_id = "id", person_number = "fnr", died_on = { absent = "finnes ikke" } }

[record.care_service]
from = "tjeneste"

[record.care_service.fields]
service_id = "id"
local_person_id = "person"
decision_id = { absent = "finnes ikke" }
service_type = "type"
starts_on = "start"
ends_on = "slutt"
recorded_at = "endret"

[record.diagnosis]
from = "diagnose"

[record.diagnosis.fields]
diagnosis_id = "id"
local_person_id = "person"
code_system = { constant = "ICPC-2" }
code = "kode"
starts_on = "fra"
ends_on = { absent = "finnes ikke" }
recorded_at = "endret"
"""
_END_ONE = """
UPDATE tjeneste SET slutt = date(coalesce(slutt, start), '+1 month'), endret = datetime(endret, '+1 hour')
 WHERE rowid = (SELECT min(rowid) FROM tjeneste)
"""
_ABSENT = (
    *("decision", "decision_line", "appeal", "provider_period", "pause", "circumstances", "participation"),
    *("nutrition", "assessment", "score", "residence"),
)


def create(folder: Path, unit: ReportingUnit, persons: int = _PERSONS) -> None:
    """Write a database with some persons who have no services yet, and its mapping file."""
    folder.mkdir(parents=True, exist_ok=True)
    absent = "".join(f'[record.{name}]\nabsent = "finnes ikke"\n' for name in _ABSENT)
    (folder / "mapping.toml").write_text(_MAPPING + absent, encoding="utf-8")
    with closing(sqlite3.connect(folder / "epj.sqlite")) as connection, connection:
        connection.executescript(_SCHEMA)
        connection.execute("INSERT INTO eier VALUES (?, ?)", (unit.organisation, unit.municipality))
        rows = ((f"P{number}", _number(number)) for number in range(persons))
        connection.executemany("INSERT INTO person VALUES (?, ?)", rows)


def _number(person: int) -> str:
    """A synthetic national number. Some begin with 0, which a JSON number loses, so that this is tried too."""
    born = dt.date(1940, 1, 1 + person % 9) + dt.timedelta(days=3652 * (person // 9))
    return next(filter(None, (compose_synthetic(born, individual) for individual in range(100, 400))))


class SmallRecordSystem:
    """The record system in a folder. Call `log` after changes, or the extract does not prove itself complete."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "epj.sqlite"
        self._prefix = uuid.uuid4().hex[:8]  # of every id, so that no two scenarios send the same message
        self._ids, self._months = count(1), count()

    def months(self, number: int, *, diagnoses: bool = False) -> None:
        """Add two services in each of the next months, and a diagnosis when asked for."""
        for month in (next(self._months) for _ in range(number)):
            start = dt.date(_FIRST.year + month // 12, month % 12 + 1, _FIRST.day)
            self.services([self._service(start), self._service(start + dt.timedelta(days=1))])
            if diagnoses:
                row = (f"D{self._prefix}-{next(self._ids)}", "P3", "A04", start.isoformat(), _STAMP)
                self._run("INSERT INTO diagnose VALUES (?, ?, ?, ?, ?)", [row])

    def large(self, services: int) -> None:
        """Add this many services in one month."""
        start = dt.date(_FIRST.year, next(self._months) % 12 + 1, _FIRST.day)
        self.services(self._service(start, filler="x" * 60) for _ in range(services))

    def letters(self) -> None:
        """Add a service whose id has letters outside ASCII."""
        start = dt.date(_FIRST.year, next(self._months) % 12 + 1, _FIRST.day)
        self.services([self._service(start, filler=LETTERS)])

    def end_one(self) -> None:
        """Set the end day of the oldest service, or move it."""
        self._run(_END_ONE, [()])

    def change_all(self) -> None:
        """Change the end day of every service."""
        self._run("UPDATE tjeneste SET slutt = date(start, '+2 month'), endret = datetime(endret, '+1 hour')", [()])

    def delete_one(self) -> None:
        """Delete the oldest service."""
        self._run("DELETE FROM tjeneste WHERE rowid = (SELECT min(rowid) FROM tjeneste)", [()])

    def services(self, rows: Iterable[tuple[object, ...]]) -> None:
        """Add services, as rows of the table."""
        self._run("INSERT INTO tjeneste VALUES (?, ?, ?, ?, ?, ?)", rows)

    def log(self, on: dt.date) -> None:
        """Write down how many rows each table has, as an extract of that day must have them."""
        self._run("DELETE FROM eksport WHERE dato = ?", [(on.isoformat(),)])
        for table in TABLES:
            self._run(f"INSERT INTO eksport SELECT ?, '{table}', count(*) FROM {table}", [(on.isoformat(),)])  # noqa: S608 - our own names

    def _service(self, start: dt.date, filler: str = "") -> tuple[object, ...]:
        number = next(self._ids)
        return (f"T{self._prefix}-{number}{filler}", f"P{number % _PERSONS}", "1", start.isoformat(), None, _STAMP)

    def _run(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        with closing(sqlite3.connect(self._file)) as connection, connection:
            connection.executemany(statement, rows)
