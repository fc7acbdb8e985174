"""The small record system that `ktt conformance sender` drives, with persons who have services and a diagnosis each."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing
from pathlib import Path

from ktt.domain.identifiers import compose_synthetic
from ktt.domain.unit import ReportingUnit
from ktt.testing.conformance.sender.drivers import record_system

UNIT = ReportingUnit("312000008", "1114")
_STAMP = "2026-02-01 08:00:00"


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
        fra = dt.date(2017, number % 5 + 1, 2).isoformat()
        self.run("INSERT INTO diagnose VALUES (?, ?, 'A04', ?, ?)", f"D{number}", person, fra, _STAMP)

    @property
    def url(self) -> str:
        """Its address."""
        return f"sqlite:///{self.file}"

    def service(self, local_id: str, person: str, start: dt.date) -> None:
        """A new service, without an end."""
        self.services([(local_id, person, "1", start.isoformat(), None, _STAMP)])

    def run(self, statement: str, *values: object) -> None:
        """Any change."""
        with closing(sqlite3.connect(self.file)) as connection, connection:
            connection.execute(statement, values)
