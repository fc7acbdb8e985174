"""A small record system with tables, columns and codes of its own, and the mapping a vendor would write for it.

`Epj` is a folder with a database (SQLite, or PostgreSQL when given an address) that holds three persons: Ada, Bo, who
lives in another municipality, and Cy, who has no number. Tests change one thing in it, by SQL or in the mapping, and
read it again.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from pathlib import Path

import psycopg

from ktt.domain.unit import ReportingUnit
from ktt.sender.extract.extract import Extract
from ktt.sender.extract.sources.sql import MappedSource, open_source

UNIT = ReportingUnit("312000008", "0301")
DAY = dt.date(2026, 3, 2)
ADA, BO = "08844110015", "23915820158"  # synthetic: month + 80
REAL_LOOKING = "02013299997"  # published by Skatteetaten as a test number; nobody's, but of the real series

_SCHEMA = """
CREATE TABLE installasjon (orgnr TEXT, kommunenr INTEGER);
CREATE TABLE eksport_logg (dato TEXT, tabell TEXT, antall INTEGER);
CREATE TABLE bruker (nr INTEGER, ident TEXT, dod TEXT);
CREATE TABLE adresse (nr INTEGER, fra TEXT, til TEXT, kommune TEXT, bydel TEXT);
CREATE TABLE vedtak (id TEXT, nr INTEGER, lopenr INTEGER, forste TEXT, sokt TEXT, vedtatt TEXT, endret TEXT);
CREATE TABLE linje (vedtak TEXT, tjeneste TEXT, kode TEXT, utfall TEXT, timer TEXT, fra TEXT, til TEXT);
CREATE TABLE klage (vedtak TEXT, mottatt TEXT, besvart TEXT);
CREATE TABLE tjeneste (id TEXT, nr INTEGER, vedtak TEXT, kode TEXT, fra TEXT, til TEXT, endret TEXT);
CREATE TABLE utforer (tjeneste TEXT, orgnr TEXT, fra TEXT, til TEXT);
CREATE TABLE stopp (tjeneste TEXT, id TEXT, fra TEXT, til TEXT);
CREATE TABLE opplysning (id TEXT, nr INTEGER, fra TEXT, til TEXT, husstand TEXT, lege TEXT, endret TEXT);
CREATE TABLE vurdering (id TEXT, nr INTEGER, dato TEXT, endret TEXT);
CREATE TABLE skaar (vurdering TEXT, variabel INTEGER, verdi INTEGER);
INSERT INTO installasjon VALUES ('312000008', 301);
INSERT INTO bruker VALUES (1, '8844110015', ''), (2, ' 239158 20158 ', '01.02.2026'), (3, NULL, '');
INSERT INTO adresse VALUES (1, '01.01.2000', '31.12.9999', '301', '00'),
  (2, '01.01.2000', '30.06.2020', '1103', '3'), (2, '01.07.2020', '31.12.9999', '0301', '');
INSERT INTO vedtak VALUES ('V1', 1, 1, NULL, '02.01.2018', '09.01.2018', '2018-01-09 12:00:00'),
  ('V2', 2, 1, NULL, '01.12.2015', '09.12.2015', '2015-12-09 12:00:00'),
  ('V3', 3, 1, NULL, '01.03.2026', '', '2026-03-01 12:00:00');
INSERT INTO linje VALUES ('V1', 'T1', 'HJ', 'I', '3,5', '10.01.2018', '31.12.9999'),
  ('V2', 'T2', 'DAG', 'I', NULL, NULL, NULL), ('V3', 'T3', 'HJ', '', '', '', '');
INSERT INTO klage VALUES ('V1', '01.02.2018', '');
INSERT INTO tjeneste VALUES ('T1', 1, 'V1', 'HJ', '10.01.2018', '31.12.9999', '2018-01-10 08:00:00'),
  ('T2', 2, 'V2', 'DAG', '10.01.2016', '31.12.2019', '2020-01-02 08:00:00'),
  ('T3', 3, 'V3', 'HJ', '', '', '2026-03-01 12:00:00'),
  ('T4', 1, NULL, 'HJ', '01.01.2014', '31.12.2016', '2017-01-01 08:00:00');
INSERT INTO utforer VALUES ('T1', '312 000 113', '10.01.2018', '31.12.9999');
INSERT INTO stopp VALUES ('T1', 'P1', '01.02.2019', '09.02.2019');
INSERT INTO opplysning VALUES ('O1', 1, '09.01.2018', '31.12.9999', 'A', '11.2017', '2018-01-09 15:20:00');
INSERT INTO vurdering VALUES ('F1', 1, '01.05.2014', '2014-05-01 09:00:00'), ('F2', 1, '01.05.2016', '2016-05-01 09:00:00'),
  ('F3', 1, '01.05.2020', '2020-05-01 09:00:00');
INSERT INTO skaar VALUES ('F1', 1, 2), ('F2', 1, 2), ('F2', 2, 3), ('F3', 1, 4);
"""

_TABLES = {
    "bruker": "nr",
    "adresse": "nr, fra",
    "vedtak": "id",
    "linje": "vedtak, tjeneste",
    "klage": "vedtak, mottatt",
    "tjeneste": "id",
    "utforer": "tjeneste, fra",
    "stopp": "tjeneste, id",
    "opplysning": "id",
    "vurdering": "id",
    "skaar": "vurdering, variabel",
}

_DAY = 'date = "%d.%m.%Y", empty = ["00.00.0000", "31.12.9999"]'
_HEAD = """
mapping  = "ktt/1"
name     = "lite-epj"
timezone = "Europe/Oslo"

[source]
kind      = "sql"
read_only = true
unit      = { query = "SELECT orgnr, kommunenr FROM installasjon" }

[complete]
count = { query = "SELECT tabell, antall FROM eksport_logg WHERE dato = :extracted_on" }
"""

_RECORDS = f"""
[record.recipient]
from = "bruker"
[record.recipient.fields]
local_person_id = "nr"
person_number = "ident"
died_on = {{ column = "dod", {_DAY} }}

[record.residence]
from = "adresse"
[record.residence.fields]
local_person_id = "nr"
starts_on = {{ column = "fra", {_DAY} }}
ends_on = {{ column = "til", {_DAY} }}
municipality = "kommune"
district = "bydel"

[record.decision]
from = "vedtak"
[record.decision.fields]
decision_id = "id"
local_person_id = "nr"
decision_number = "lopenr"
original_decision_id = "forste"
case_id = {{ absent = "saker finnes ikke" }}
applied_on = {{ column = "sokt", {_DAY} }}
decided_on = {{ column = "vedtatt", {_DAY} }}
recorded_at = "endret"

[record.decision_line]
from = "linje"
[record.decision_line.fields]
decision_id = "vedtak"
service_id = "tjeneste"
service_type = {{ column = "kode", codes = "koder/type.csv" }}
outcome = {{ column = "utfall", codes = "koder/utfall.csv" }}
hours_per_week = {{ column = "timer", decimal = "," }}
staff_hours_per_week = {{ absent = "registreres ikke" }}
rotating = {{ absent = "registreres ikke" }}
starts_on = {{ column = "fra", {_DAY} }}
ends_on = {{ column = "til", {_DAY} }}

[record.appeal]
from = "klage"
[record.appeal.fields]
decision_id = "vedtak"
received_on = {{ column = "mottatt", {_DAY} }}
answered_on = {{ column = "besvart", {_DAY} }}

[record.care_service]
from = "tjeneste"
[record.care_service.fields]
service_id = "id"
local_person_id = "nr"
decision_id = "vedtak"
service_type = {{ column = "kode", codes = "koder/type.csv" }}
starts_on = {{ column = "fra", {_DAY} }}
ends_on = {{ column = "til", {_DAY} }}
recorded_at = {{ column = "endret", instant = "%Y-%m-%d %H:%M:%S" }}

[record.provider_period]
from = "utforer"
[record.provider_period.fields]
service_id = "tjeneste"
provider = "orgnr"
starts_on = {{ column = "fra", {_DAY} }}
ends_on = {{ column = "til", {_DAY} }}

[record.pause]
from = "stopp"
[record.pause.fields]
service_id = "tjeneste"
pause_id = "id"
starts_on = {{ column = "fra", {_DAY} }}
ends_on = {{ column = "til", {_DAY} }}

[record.circumstances]
from = "opplysning"
[record.circumstances.fields]
circumstances_id = "id"
local_person_id = "nr"
starts_on = {{ column = "fra", {_DAY} }}
ends_on = {{ column = "til", {_DAY} }}
household = {{ column = "husstand", codes = "koder/husstand.csv" }}
doctor_assessed_in = {{ column = "lege", month = "%m.%Y" }}
private_help = {{ constant = "2" }}
recorded_at = "endret"
@absent@

[record.participation]
absent = "registreres ikke"

[record.nutrition]
absent = "registreres ikke"

[record.assessment]
from = "vurdering"
[record.assessment.fields]
assessment_id = "id"
local_person_id = "nr"
assessed_on = {{ column = "dato", {_DAY} }}
recorded_at = "endret"

[record.score]
from = "skaar"
[record.score.fields]
assessment_id = "vurdering"
variable = "variabel"
score = "verdi"

[record.diagnosis]
absent = "ligger i et annet system"
"""

_ABSENT = [
    "cares_for_children",
    "suitable_dwelling",
    "dentist_assessed_in",
    "individual_plan",
    "individual_plan_on",
    "coordinator",
    "coordinator_on",
    "medication_review",
    "medication_review_on",
    "waiting_list",
    "waiting_list_from",
    "waiting_list_to",
    "round_the_clock",
    "habilitation",
    "habilitation_on",
]

CODES = {
    "type": "lokal kode;Volven-kode;gyldig fra;gyldig til;merknad\nHJ;15;;;\nDAG;7;;2019-12-31;\nDAG;18;2020-01-01;;ny\n",
    "utfall": "A;1\nI;2\n",
    "husstand": "A;1;;;\nB;2;;;\n",
}


def _tables() -> str:
    texts = []
    for name, key in _TABLES.items():
        keys = ", ".join(f'"{column.strip()}"' for column in key.split(","))
        texts.append(f'[table.{name}]\nquery = "SELECT * FROM {name}"\nkey = [{keys}]\n')
    return "\n".join(texts)


def mapping_text() -> str:
    """The mapping as it is written to `mapping.toml`."""
    absent = "\n".join(f'{name} = {{ absent = "registreres ikke" }}' for name in _ABSENT)
    return _HEAD + _tables() + _RECORDS.replace("@absent@", absent)


class Epj:
    """A record system in a folder."""

    def __init__(self, folder: Path, url: str | None = None) -> None:
        self.folder = folder
        self.url = url or f"sqlite:///{folder / 'epj.sqlite'}"
        (folder / "koder").mkdir()
        for name, lines in CODES.items():
            (folder / "koder" / f"{name}.csv").write_text(lines, encoding="utf-8")
        self.mapping.write_text(mapping_text(), encoding="utf-8")
        self.sql(_SCHEMA)
        self.log()

    @property
    def mapping(self) -> Path:
        return self.folder / "mapping.toml"

    def sql(self, script: str, *, log: bool = False) -> Epj:
        """Run statements; with `log`, the export log is brought up to date afterwards."""
        if self.url.startswith("postgresql"):
            with psycopg.connect(self.url) as connection:
                connection.execute(script.encode())
        else:
            with sqlite3.connect(self.folder / "epj.sqlite") as lite:
                lite.executescript(script)
            lite.close()
        return self.log() if log else self

    def log(self, day: dt.date = DAY) -> Epj:
        """Write the day's export log: every table with its number of rows."""
        counts = " UNION ALL ".join(f"SELECT '{day}', '{name}', count(*) FROM {name}" for name in _TABLES)
        return self.sql(f"DELETE FROM eksport_logg WHERE dato = '{day}'; INSERT INTO eksport_logg {counts};")

    def edit(self, old: str, new: str) -> Epj:
        """Change the mapping in one place, which must be there."""
        text = self.mapping.read_text(encoding="utf-8")
        assert old in text, old
        self.mapping.write_text(text.replace(old, new, 1), encoding="utf-8")
        return self

    def source(self) -> MappedSource:
        return open_source(self.url, self.mapping)

    def read(self, *, unit: ReportingUnit = UNIT, day: dt.date = DAY, environment: str = "sandbox") -> Extract:
        return self.source().read(unit, day, environment)  # type: ignore[arg-type]
