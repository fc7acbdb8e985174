"""A small record system of its own: persons, services and diagnoses in SQLite, with an export log that proves a day."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing
from pathlib import Path

from ktt.domain.identifiers import compose_synthetic
from ktt.domain.unit import ReportingUnit

UNIT = ReportingUnit("312000008", "1114")
TABLES = ("person", "tjeneste", "diagnose")
_ABSENT = ("decision", "decision_line", "appeal", "provider_period", "pause", "circumstances", "participation")
_MORE_ABSENT = ("nutrition", "assessment", "score", "residence")

_SCHEMA = """
CREATE TABLE person (id TEXT PRIMARY KEY, fnr TEXT);
CREATE TABLE tjeneste (id TEXT PRIMARY KEY, person TEXT, type TEXT, start TEXT, slutt TEXT, endret TEXT);
CREATE TABLE diagnose (id TEXT PRIMARY KEY, person TEXT, kode TEXT, fra TEXT, endret TEXT);
CREATE TABLE eksport (dato TEXT, tabell TEXT, antall INTEGER);
CREATE TABLE eier (orgnr TEXT, kommune TEXT);
INSERT INTO eier VALUES ('312000008', '1114');
"""

_MAPPING = """
mapping = "ktt/1"
name = "liten-epj"
timezone = "Europe/Oslo"

[source]
kind = "sql"
read_only = true
complete = { query = "SELECT tabell, antall FROM eksport WHERE dato = :extracted_on" }
unit = { query = "SELECT orgnr, kommune FROM eier" }

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


class Epj:
    """The record system in a folder. Every change is closed with `log`, or the extract is not proved whole."""

    def __init__(self, folder: Path, persons: int) -> None:
        self.file, self.mapping = folder / "epj.sqlite", folder / "mapping.toml"
        absent = "".join(f'[record.{name}]\nabsent = "finnes ikke"\n' for name in (*_ABSENT, *_MORE_ABSENT))
        self.mapping.write_text(_MAPPING + absent, encoding="utf-8")
        with closing(sqlite3.connect(self.file)) as connection:
            connection.executescript(_SCHEMA)
        for number in range(persons):
            self._person(number)

    def _person(self, number: int) -> None:
        # two services, in different months, and a diagnosis: the load is several messages a month
        person, born = f"P{number}", dt.date(1940, 1, 1) + dt.timedelta(days=31 * number)
        fnr = next(filter(None, (compose_synthetic(born, individual) for individual in range(100, 400))))
        self.run("INSERT INTO person VALUES (?, ?)", person, fnr)
        for service, month in ((f"T{number}a", number % 3 + 1), (f"T{number}b", number % 4 + 4)):
            self.service(service, person, dt.date(2017, month, 10))
        fra = dt.date(2017, number % 5 + 1, 2).isoformat()
        self.run("INSERT INTO diagnose VALUES (?, ?, 'A04', ?, '2026-02-01 08:00:00')", f"D{number}", person, fra)

    @property
    def url(self) -> str:
        """Its address."""
        return f"sqlite:///{self.file}"

    def service(self, local_id: str, person: str, start: dt.date) -> None:
        """A new service, without an end."""
        row = (local_id, person, "1", start.isoformat(), None, "2026-02-01 08:00:00")
        self.run("INSERT INTO tjeneste VALUES (?, ?, ?, ?, ?, ?)", *row)

    def run(self, statement: str, *values: object) -> None:
        """Any change."""
        with closing(sqlite3.connect(self.file)) as connection, connection:
            connection.execute(statement, values)

    def log(self, on: dt.date) -> None:
        """Close the day: write down how many rows each table has."""
        self.run("DELETE FROM eksport WHERE dato = ?", on.isoformat())
        for table in TABLES:
            self.run(f"INSERT INTO eksport SELECT ?, '{table}', count(*) FROM {table}", on.isoformat())
