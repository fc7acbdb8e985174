"""A second record system, unlike the first, and its mapping without a line of SQL.

Decisions are a log with drafts; nothing is ever deleted, only marked; an assessment is one wide row; an alarm is two columns
of the customer's equipment; services have a key of two columns; days are written in two forms, instants with their zone or
without; local codes have Norwegian letters. Its own account of itself (`content`) is written from its tables, a row at a
time; only the hash function is the project's.
"""

from __future__ import annotations

import datetime as dt
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import psycopg

from ktt.domain.content import content_hash
from ktt.domain.identifiers import compose_synthetic
from ktt.domain.records import ROOTS
from support.sender_epj import UNIT

TABLES = {
    "INSTALLASJON": "ORGNR KOMMUNENR",
    "EKSPORT_LOGG": "DATO TABELL ANTALL",
    "KUNDE": "KUNDE_NR FNR SLETTET",
    "VEDTAK_LOGG": "VEDTAK_NR VERSJON STATUS SLETTET KUNDE_NR SOEKT FATTET ENDRET",
    "VEDTAK_LINJE": "VEDTAK_NR TJ_KOMM TJ_LOPENR TYPE UTFALL TIMER",
    "TJENESTE": "KOMM LOPENR KUNDE_NR VEDTAK_NR TYPE FRA TIL ENDRET SLETTET",
    "TEKNIKK": "KUNDE_NR ALARM_FRA ALARM_TIL ENDRET",
    "IPLOS_SKJEMA": "SKJEMA_NR KUNDE_NR DATO ENDRET " + " ".join(f"F{n}" for n in range(1, 19)),
    "DIAGNOSE": "DIAG_NR KUNDE_NR KODE DATO SLUTT ENDRET SLETTET",
}
"""Its tables and columns; every column is text."""

_READ = tuple(TABLES)[2:]
CODES = {"HJEMMESYKEPLEIE": "15", "MATOMBRINGING PÅ DØRA": "2", "TRYGGHETSALARM": "11"}
_ZONED, _PLAIN = "2026-02-01T08:00:00+01:00", "01.02.2026 08:00:00"

MAPPING = """
mapping  = "ktt/1"
name     = "logg-epj"
timezone = "Europe/Oslo"

[source]
kind      = "sql"
read_only = true
unit      = { query = 'SELECT "ORGNR", "KOMMUNENR" FROM "INSTALLASJON"' }

[complete]
count = { query = 'SELECT "TABELL", "ANTALL" FROM "EKSPORT_LOGG" WHERE "DATO" = :extracted_on' }

[table.KUNDE]
name  = "KUNDE"
key   = ["KUNDE_NR"]
where = { SLETTET = ["", "N"] }

[table.VEDTAK_LOGG]
name   = "VEDTAK_LOGG"
key    = ["VEDTAK_NR"]
latest = { of = ["VEDTAK_NR"], by = "VERSJON", among = { STATUS = ["FATTET"] } }
where  = { SLETTET = ["", "N"] }

[table.VEDTAK_LINJE]
name = "VEDTAK_LINJE"
key  = ["VEDTAK_NR", "TJ_KOMM", "TJ_LOPENR"]

[table.TJENESTE]
name  = "TJENESTE"
key   = ["KOMM", "LOPENR"]
where = { SLETTET = ["", "N"] }

[table.TEKNIKK]
name = "TEKNIKK"
key  = ["KUNDE_NR"]

[table.IPLOS_SKJEMA]
name = "IPLOS_SKJEMA"
key  = ["SKJEMA_NR"]

[table.DIAGNOSE]
name  = "DIAGNOSE"
key   = ["DIAG_NR"]
where = { SLETTET = ["", "N"] }

[record.recipient]
from = "KUNDE"
[record.recipient.fields]
local_person_id = "KUNDE_NR"
person_number   = "FNR"
died_on         = { absent = "registreres ikke" }

[record.decision]
from = "VEDTAK_LOGG"
[record.decision.fields]
decision_id     = "VEDTAK_NR"
local_person_id = "KUNDE_NR"
decision_number = { constant = "1" }
original_decision_id = { absent = "registreres ikke" }
case_id         = { absent = "registreres ikke" }
applied_on      = { column = "SOEKT", date = ["%d.%m.%Y", "%Y%m%d"] }
decided_on      = { column = "FATTET", date = ["%d.%m.%Y", "%Y%m%d"] }
recorded_at     = { column = "ENDRET", instant = ["%Y-%m-%dT%H:%M:%S%z", "%d.%m.%Y %H:%M:%S"] }

[record.decision_line]
from = "VEDTAK_LINJE"
[record.decision_line.fields]
decision_id    = "VEDTAK_NR"
service_id     = "{TJ_KOMM}-{TJ_LOPENR}"
service_type   = { column = "TYPE", codes = "koder/tjeneste.csv" }
outcome        = "UTFALL"
hours_per_week = { column = "TIMER", decimal = "," }
staff_hours_per_week = { absent = "registreres ikke" }
rotating       = { absent = "registreres ikke" }
starts_on      = { absent = "registreres ikke" }
ends_on        = { absent = "registreres ikke" }

[record.care_service]
from = "TJENESTE"
[record.care_service.fields]
service_id      = "{KOMM}-{LOPENR}"
local_person_id = "KUNDE_NR"
decision_id     = "VEDTAK_NR"
service_type    = { column = "TYPE", codes = "koder/tjeneste.csv" }
starts_on       = { column = "FRA", date = ["%d.%m.%Y", "%Y%m%d"] }
ends_on         = { column = "TIL", date = ["%d.%m.%Y", "%Y%m%d"], empty = ["31.12.9999", "99991231"] }
recorded_at     = { column = "ENDRET", instant = ["%Y-%m-%dT%H:%M:%S%z", "%d.%m.%Y %H:%M:%S"] }

[[record.care_service.also]]
from = "TEKNIKK"
skip = { ALARM_FRA = [""] }
[record.care_service.also.fields]
service_id      = "AL-{KUNDE_NR}"
local_person_id = "KUNDE_NR"
decision_id     = { absent = "alarmen har ikke vedtak" }
service_type    = { constant = "TRYGGHETSALARM", codes = "koder/tjeneste.csv" }
starts_on       = { column = "ALARM_FRA", date = ["%d.%m.%Y", "%Y%m%d"] }
ends_on         = { column = "ALARM_TIL", date = ["%d.%m.%Y", "%Y%m%d"] }
recorded_at     = { column = "ENDRET", instant = ["%Y-%m-%dT%H:%M:%S%z", "%d.%m.%Y %H:%M:%S"] }

[record.assessment]
from = "IPLOS_SKJEMA"
[record.assessment.fields]
assessment_id   = "SKJEMA_NR"
local_person_id = "KUNDE_NR"
assessed_on     = { column = "DATO", date = ["%d.%m.%Y", "%Y%m%d"] }
recorded_at     = { column = "ENDRET", instant = ["%Y-%m-%dT%H:%M:%S%z", "%d.%m.%Y %H:%M:%S"] }

[record.score]
from    = "IPLOS_SKJEMA"
columns = { pattern = "F{n}", n = "1..18", skip = ["", "0"] }
[record.score.fields]
assessment_id = "SKJEMA_NR"
variable      = "n"
score         = "value"

[record.diagnosis]
from = "DIAGNOSE"
[record.diagnosis.fields]
diagnosis_id    = "DIAG_NR"
local_person_id = "KUNDE_NR"
code_system     = { constant = "ICD-10" }
code            = { column = "KODE", strip = "." }
starts_on       = { column = "DATO", date = ["%d.%m.%Y", "%Y%m%d"] }
ends_on         = { column = "SLUTT", date = ["%d.%m.%Y", "%Y%m%d"] }
recorded_at     = { column = "ENDRET", instant = ["%Y-%m-%dT%H:%M:%S%z", "%d.%m.%Y %H:%M:%S"] }
"""
_ABSENT = ("residence", "appeal", "provider_period", "pause", "circumstances", "participation", "nutrition")


class LogEpj:
    """In a folder; its database is there, or at a PostgreSQL address. Every change is closed with `log`."""

    def __init__(self, folder: Path, persons: int = 6, url: str | None = None) -> None:
        self.file, self.mapping = folder / "epj.sqlite", folder / "mapping.toml"
        self.url = url or f"sqlite:///{self.file}"
        (folder / "koder").mkdir()
        lines = "\n".join(f"{local};{code}" for local, code in CODES.items())
        (folder / "koder" / "tjeneste.csv").write_text(lines, encoding="utf-8")
        absent = "".join(f'\n[record.{name}]\nabsent = "registreres ikke"\n' for name in _ABSENT)
        self.mapping.write_text(MAPPING + absent, encoding="utf-8")
        for table, columns in TABLES.items():
            self.run(f'CREATE TABLE "{table}" ({", ".join(f"{_quoted(one)} TEXT" for one in columns.split())})')
        self.insert("INSTALLASJON", UNIT.organisation, UNIT.municipality)
        for number in range(persons):
            self.person(number)

    def person(self, number: int) -> None:
        """A customer with two services by one decision that was corrected, an alarm or none, a form and a diagnosis."""
        customer, decision = str(100 + number), f"V{number}"
        born = dt.date(1940, 1, 1) + dt.timedelta(days=31 * number)
        number_of_birth = next(filter(None, (compose_synthetic(born, individual) for individual in range(100, 400))))
        self.insert("KUNDE", customer, number_of_birth, " " if number % 2 else "N")
        for version in ("8", "9", "10"):
            decided = f"0{number % 9 + 1}.03.2018" if version == "10" else "20180220"
            self.decision(decision, version, customer, decided)
        self.decision(decision, "11", customer, "20180501", status="KLADD")
        for order, kind in enumerate(("HJEMMESYKEPLEIE", "MATOMBRINGING PÅ DØRA")):
            self.insert("VEDTAK_LINJE", decision, "1114", f"{number}{order}", kind, "2", "3,5" if order else None)
            end = ("31.12.9999", "", "99991231", "20240630")[number % 4]
            service = ("1114", f"{number}{order}", customer, decision, kind, f"1{order}.03.2018", end)
            self.insert("TJENESTE", *service, _ZONED, "")
        self.insert("TEKNIKK", customer, ("20190201", "", "03.02.2019", None)[number % 4], "", _PLAIN)
        cells = [str(n % 5 + 1) if n % 3 else ("", "0", None)[n // 3 % 3] for n in range(1, 19)]
        self.insert("IPLOS_SKJEMA", f"S{number}", customer, ("15.03.2018", "20180316")[number % 2], _ZONED, *cells)
        for flag, name in (("", "a"), ("J", "b")):
            self.insert("DIAGNOSE", f"D{number}{name}", customer, "S72.0", "20180301", "", _PLAIN, flag)

    def decision(self, decision: str, version: str, customer: str, decided: str, status: str = "FATTET") -> None:
        """A version of a decision."""
        self.insert("VEDTAK_LOGG", decision, version, status, "N", customer, "01.02.2018", decided, _ZONED)

    def insert(self, table: str, *values: str | None) -> None:
        """A row."""
        self.run(f'INSERT INTO "{table}" VALUES ({", ".join("?" * len(values))})', *values)

    def run(self, statement: str, *values: object) -> None:
        """Any change."""
        if self.url.startswith("postgresql"):
            with psycopg.connect(self.url) as postgresql:
                postgresql.execute(statement.replace("?", "%s").encode(), values)
        else:
            with closing(sqlite3.connect(self.file)) as connection, connection:
                connection.execute(statement, values)

    def log(self, on: dt.date) -> None:
        """Write down how many rows each table has, as an extract of that day must have them."""
        self.run('DELETE FROM "EKSPORT_LOGG" WHERE "DATO" = ?', on.isoformat())
        for table in _READ:
            self.insert("EKSPORT_LOGG", on.isoformat(), table, str(len(list(self._rows(table)))))

    def _rows(self, table: str) -> Iterator[dict[str, str]]:
        """The rows of a table, empty values as empty texts."""
        columns = TABLES[table].split()
        statement = f'SELECT * FROM "{table}"'
        if self.url.startswith("postgresql"):
            with psycopg.connect(self.url) as postgresql:
                rows = postgresql.execute(statement.encode()).fetchall()
        else:
            with closing(sqlite3.connect(self.file)) as connection:
                rows = connection.execute(statement).fetchall()
        return (dict(zip(columns, ((value or "").strip() for value in row), strict=True)) for row in rows)

    def content(self) -> dict[str, str]:
        """Its own account of what a registry must hold of it: the content hash of each record type, from its tables."""
        records = self.records()
        return {name: content_hash(records.get(name, [])) for name in ("recipient", *(root.name for root in ROOTS))}

    def records(self) -> dict[str, list[dict[str, object]]]:
        """What its tables mean, a row at a time."""
        found: dict[str, list[dict[str, object]]] = {
            "decision": list(self._decisions()),
            "care_service": [*self._services(), *self._alarms()],
            "assessment": list(self._assessments()),
            "diagnosis": list(self._diagnoses()),
        }
        concerned = {record["local_person_id"] for records in found.values() for record in records}
        people = [row for row in self._rows("KUNDE") if row["SLETTET"] != "J" and row["KUNDE_NR"] in concerned]
        kind = {"person_number_kind": "national"}
        found["recipient"] = [
            {"local_person_id": one["KUNDE_NR"], "person_number": one["FNR"], **kind} for one in people
        ]
        return found

    def _decisions(self) -> Iterator[dict[str, object]]:
        last: dict[str, dict[str, str]] = {}
        for row in self._rows("VEDTAK_LOGG"):
            before = last.get(row["VEDTAK_NR"])
            if row["STATUS"] == "FATTET" and (before is None or int(before["VERSJON"]) < int(row["VERSJON"])):
                last[row["VEDTAK_NR"]] = row
        lines = list(self._rows("VEDTAK_LINJE"))
        for name, row in last.items():
            if row["SLETTET"] != "J":
                yield {
                    "decision_id": name,
                    "local_person_id": row["KUNDE_NR"],
                    "decision_number": 1,
                    "applied_on": _day(row["SOEKT"]),
                    "decided_on": _day(row["FATTET"]),
                    "decision_line": [_line(line) for line in lines if line["VEDTAK_NR"] == name],
                }

    def _services(self) -> Iterator[dict[str, object]]:
        for row in self._rows("TJENESTE"):
            if row["SLETTET"] != "J":
                yield {
                    "service_id": f"{row['KOMM']}-{row['LOPENR']}",
                    "local_person_id": row["KUNDE_NR"],
                    "decision_id": row["VEDTAK_NR"],
                    "service_type": CODES[row["TYPE"]],
                    "starts_on": _day(row["FRA"]),
                    "ends_on": _day(row["TIL"]),
                }

    def _alarms(self) -> Iterator[dict[str, object]]:
        for row in self._rows("TEKNIKK"):
            if row["ALARM_FRA"]:
                yield {
                    "service_id": "AL-" + row["KUNDE_NR"],
                    "local_person_id": row["KUNDE_NR"],
                    "service_type": CODES["TRYGGHETSALARM"],
                    "starts_on": _day(row["ALARM_FRA"]),
                    "ends_on": _day(row["ALARM_TIL"]),
                }

    def _assessments(self) -> Iterator[dict[str, object]]:
        for row in self._rows("IPLOS_SKJEMA"):
            cells = {str(n): row[f"F{n}"] for n in range(1, 19)}
            yield {
                "assessment_id": row["SKJEMA_NR"],
                "local_person_id": row["KUNDE_NR"],
                "assessed_on": _day(row["DATO"]),
                "score": [{"variable": n, "score": cell} for n, cell in cells.items() if cell not in {"", "0"}],
            }

    def _diagnoses(self) -> Iterator[dict[str, object]]:
        for row in self._rows("DIAGNOSE"):
            if row["SLETTET"] != "J":
                yield {
                    "diagnosis_id": row["DIAG_NR"],
                    "local_person_id": row["KUNDE_NR"],
                    "code_system": "ICD-10",
                    "code": row["KODE"].replace(".", ""),
                    "starts_on": _day(row["DATO"]),
                    "ends_on": _day(row["SLUTT"]),
                }


def write_files(epj: LogEpj, folder: Path, on: dt.date) -> Path:
    """Its tables as the files of a day's export in Windows-1252, and the mapping that reads them."""
    folder.mkdir()
    day = on.strftime("%Y%m%d")
    for table, columns in TABLES.items():
        rows = [columns.split(), *(row.values() for row in epj._rows(table))]
        lines = "".join(";".join(row) + "\r\n" for row in rows)
        (folder / f"{table}_{day}.csv").write_bytes(lines.encode("windows-1252"))
    counts = "".join(f"{table};{len(list(epj._rows(table)))}\n" for table in _READ)
    (folder / f"{day}.done").write_text(counts, encoding="utf-8")
    text = re.sub(
        r'^name( *)= "([A-Z_]+)"$', r'file\1= "\2_%Y%m%d.csv"', epj.mapping.read_text("utf-8"), flags=re.MULTILINE
    )
    text = text.replace('kind      = "sql"', 'kind      = "files"\ncharset   = "windows-1252"')
    text = re.sub(r"^unit .*$", 'unit      = { file = "INSTALLASJON_%Y%m%d.csv" }', text, flags=re.MULTILINE)
    text = re.sub(r"^count = .*$", 'done_file = { path = "%Y%m%d.done", counts = true }', text, flags=re.MULTILINE)
    mapping = epj.mapping.with_name("files.toml")
    mapping.write_text(text, encoding="utf-8")
    return mapping


def _quoted(name: str) -> str:
    return f'"{name}"'


def _line(row: dict[str, str]) -> dict[str, object]:
    return {
        "service_id": f"{row['TJ_KOMM']}-{row['TJ_LOPENR']}",
        "service_type": CODES[row["TYPE"]],
        "outcome": row["UTFALL"],
        "hours_per_week": Decimal(row["TIMER"].replace(",", ".")) if row["TIMER"] else None,
    }


def _day(text: str) -> dt.date | None:
    if text in {"", "31.12.9999", "99991231"}:
        return None
    return dt.datetime.strptime(text, "%d.%m.%Y" if "." in text else "%Y%m%d").date()  # noqa: DTZ007 - a day
