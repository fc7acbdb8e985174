"""A third record system, mapped without a line of SQL from its database and from its nightly files alike.

Days are numbers, a nought is no day, instants are milliseconds since 1970, time is in minutes, numbers stand in groups; the
day of the application is in the case, each kind of service has a table of its own, a stay knows its decision but not its line,
and a form is a row for each answer with what is common repeated. The count of rows for each table is a table too.
"""

from __future__ import annotations

import csv
import datetime as dt
import sqlite3
from contextlib import closing
from pathlib import Path

from ktt.domain.identifiers import compose_synthetic
from support.sender_epj import UNIT

ON = dt.date(2026, 3, 1)
TABLES = {
    "KOMMUNEINFO": "ORGNUMMER KOMMUNE NAVN",
    "PASIENT": "GUID PERSONNR KOMMUNE BYDEL DODSDATO AKTIV",
    "SAK": "SAK_GUID MOTTATT",
    "VEDTAK_HODE": "VEDTAK_ID SAK_GUID PASIENT_GUID VEDTAKSNR FATTET OPPHEVET SIST_ENDRET",
    "VEDTAK_TJENESTE": "LINJE VEDTAK_ID TJENESTETEKST UTFALL MIN_PR_UKE FRA TIL",
    "KLAGE": "KLAGE_ID VEDTAK_ID INN BESVART",
    "TJ_HJEMMESYKEPLEIE": "ID PASIENT_GUID VEDTAKSLINJE VEDTAK_ID START STOPP ENDRET",
    "TJ_STOTTEKONTAKT": "ID PASIENT_GUID VEDTAKSLINJE VEDTAK_ID OPPSTART AVSLUTTET ENDRET",
    "TJ_OPPHOLD": "OPPHOLD_NR PASIENT_GUID VEDTAK_ID OPPHOLDSTYPE INN UT SLETTET ENDRET",
    "UTFORER": "TJENESTE TJENESTE_ID ORGNR FRA TIL",
    "IPLOS_SVAR": "SKJEMA_ID PASIENT_GUID SPM SVAR REGISTRERT DATO",
    "LIVSSITUASJON": "LS_ID PASIENT_GUID FRA TIL HUSSTAND OMSORG_BARN EGNET_BOLIG IND_PLAN IND_PLAN_DATO ENDRET",
    "DIAGNOSER": "DIAG_ID PASIENT_GUID KODEVERK KODE FRA AVSLUTTET ENDRET",
    "EKSPORTSTATUS": "KJORT TABELL RADER",
}
"""Its tables and columns; every column is text."""

_SQL = """
mapping  = "ktt/1"
name     = "tredje-epj"
timezone = "Europe/Oslo"

[source]
kind      = "sql"
read_only = true
unit      = { query = "SELECT ORGNUMMER, KOMMUNE FROM KOMMUNEINFO" }

[complete]
count = { query = "SELECT TABELL, RADER FROM EKSPORTSTATUS WHERE KJORT = :extracted_on" }
"""
_FILES = """
mapping  = "ktt/1"
name     = "tredje-epj"
timezone = "Europe/Oslo"

[source]
kind      = "files"
read_only = true
charset   = "windows-1252"
unit      = { file = "kommuneinfo.csv", columns = ["ORGNUMMER", "KOMMUNE"] }

[complete]
count     = { file = "eksportstatus.csv", table = "TABELL", rows = "RADER", day = "KJORT" }
done_file = { path = "ferdig.done" }
"""
_REST = """
[table.pasient]
PLACE:PASIENT
key = ["GUID"]
where = { AKTIV = ["1"] }

[table.sak]
PLACE:SAK
key = ["SAK_GUID"]

[table.vedtak]
PLACE:VEDTAK_HODE
key = ["VEDTAK_ID"]
where = { OPPHEVET = ["N"] }
lookup = { sak = { SAK_GUID = "SAK_GUID" } }

[table.linje]
PLACE:VEDTAK_TJENESTE
key = ["LINJE"]
lookup = { vedtak = { VEDTAK_ID = "VEDTAK_ID" } }

[table.avlastning]
PLACE:VEDTAK_TJENESTE
key = ["LINJE"]
where = { TJENESTETEKST = ["Korttidsopphold – avlastning"] }

[table.klage]
PLACE:KLAGE
key = ["KLAGE_ID"]

[table.hjemmesykepleie]
PLACE:TJ_HJEMMESYKEPLEIE
key = ["ID"]

[table.stottekontakt]
PLACE:TJ_STOTTEKONTAKT
key = ["ID"]

[table.opphold]
PLACE:TJ_OPPHOLD
key = ["OPPHOLD_NR"]
where = { SLETTET = [""] }
lookup = { avlastning = { VEDTAK_ID = "VEDTAK_ID" } }

[table.utforer]
PLACE:UTFORER
key = ["TJENESTE", "TJENESTE_ID"]
lookup = { hjemmesykepleie = { ID = "TJENESTE_ID" } }

[table.svar]
PLACE:IPLOS_SVAR
key = ["SKJEMA_ID", "SPM"]

[table.livssituasjon]
PLACE:LIVSSITUASJON
key = ["LS_ID"]

[table.diagnoser]
PLACE:DIAGNOSER
key = ["DIAG_ID"]

[record.recipient]
from = "pasient"
[record.recipient.fields]
local_person_id = "GUID"
person_number   = "PERSONNR"
died_on         = { column = "DODSDATO", date = "%d.%m.%Y" }

[record.residence]
from = "pasient"
[record.residence.fields]
local_person_id = "GUID"
starts_on       = { constant = "2017-01-01" }
ends_on         = { absent = "EPJ har bare bostedet nå." }
municipality    = "KOMMUNE"
district        = "BYDEL"

[record.decision]
from = "vedtak"
[record.decision.fields]
decision_id          = "VEDTAK_ID"
local_person_id      = "PASIENT_GUID"
decision_number      = "VEDTAKSNR"
original_decision_id = { absent = "Vedtak forlenges ikke i dette systemet." }
case_id              = "SAK_GUID"
applied_on           = { column = "sak.MOTTATT", date = "%Y%m%d" }
decided_on           = { column = "FATTET", date = "%Y%m%d" }
recorded_at          = { column = "SIST_ENDRET", instant = "unix_ms" }

[record.decision_line]
from = "linje"
skip = { "vedtak.VEDTAK_ID" = [""] }
[record.decision_line.fields]
decision_id          = "VEDTAK_ID"
service_id           = "LINJE"
service_type         = { column = "TJENESTETEKST", codes = "koder/tjeneste.csv" }
outcome              = { column = "UTFALL", codes = "koder/utfall.csv" }
hours_per_week       = { column = "MIN_PR_UKE", divide = 60 }
staff_hours_per_week = { absent = "Finnes ikke." }
rotating             = { absent = "Finnes ikke." }
starts_on            = { column = "FRA", date = "%Y%m%d", empty = ["0"] }
ends_on              = { column = "TIL", date = "%Y%m%d", empty = ["0", "99991231"] }

[record.appeal]
from = "klage"
[record.appeal.fields]
decision_id = "VEDTAK_ID"
received_on = { column = "INN", date = "%Y%m%d" }
answered_on = { column = "BESVART", date = "%Y%m%d", empty = ["0"] }

[record.care_service]
from = "hjemmesykepleie"
[record.care_service.fields]
service_id      = "VEDTAKSLINJE"
local_person_id = "PASIENT_GUID"
decision_id     = "VEDTAK_ID"
service_type    = { constant = "Hjemmesykepleie", codes = "koder/tjeneste.csv" }
starts_on       = "START"
ends_on         = "STOPP"
recorded_at     = { column = "ENDRET", instant = "unix_ms" }

[[record.care_service.also]]
from = "stottekontakt"
[record.care_service.also.fields]
service_id      = "VEDTAKSLINJE"
local_person_id = "PASIENT_GUID"
decision_id     = "VEDTAK_ID"
service_type    = { constant = "Støttekontakt", codes = "koder/tjeneste.csv" }
starts_on       = { column = "OPPSTART", date = "%d.%m.%Y" }
ends_on         = { column = "AVSLUTTET", date = "%d.%m.%Y", empty = ["00.00.0000"] }
recorded_at     = { column = "ENDRET", instant = "unix_ms" }

[[record.care_service.also]]
from = "opphold"
[record.care_service.also.fields]
service_id      = "avlastning.LINJE"
local_person_id = "PASIENT_GUID"
decision_id     = "VEDTAK_ID"
service_type    = { column = "OPPHOLDSTYPE", codes = "koder/tjeneste.csv" }
starts_on       = "INN"
ends_on         = "UT"
recorded_at     = { column = "ENDRET", instant = "unix_ms" }

[record.provider_period]
from = "utforer"
[record.provider_period.fields]
service_id = "hjemmesykepleie.VEDTAKSLINJE"
provider   = { column = "ORGNR", strip = " " }
starts_on  = "FRA"
ends_on    = "TIL"

[record.pause]
absent = "Finnes ikke."
[record.participation]
absent = "Finnes ikke."
[record.nutrition]
absent = "Finnes ikke."

[record.circumstances]
from = "livssituasjon"
[record.circumstances.fields]
circumstances_id   = "LS_ID"
local_person_id    = "PASIENT_GUID"
starts_on          = { column = "FRA", date = "%d.%m.%Y" }
ends_on            = { column = "TIL", date = "%d.%m.%Y" }
household          = { column = "HUSSTAND", codes = "koder/husstand.csv", empty = ["Ukjent/ikke registrert"] }
cares_for_children = { column = "OMSORG_BARN", codes = "koder/ja_nei.csv" }
suitable_dwelling  = { column = "EGNET_BOLIG", codes = "koder/ja_nei.csv" }
individual_plan    = { column = "IND_PLAN", codes = "koder/plan.csv" }
individual_plan_on = { column = "IND_PLAN_DATO", date = "%d.%m.%Y" }
recorded_at        = { column = "ENDRET", instant = "unix_ms" }
ABSENT

[record.assessment]
from     = "svar"
distinct = true
[record.assessment.fields]
assessment_id   = "SKJEMA_ID"
local_person_id = "PASIENT_GUID"
assessed_on     = { column = "DATO", date = "%d.%m.%Y" }
recorded_at     = { column = "REGISTRERT", instant = "%d.%m.%Y %H:%M" }

[record.score]
from = "svar"
skip = { SVAR = [""] }
[record.score.fields]
assessment_id = "SKJEMA_ID"
variable      = { column = "SPM", codes = "koder/sporsmal.csv" }
score         = "SVAR"

[record.diagnosis]
from = "diagnoser"
[record.diagnosis.fields]
diagnosis_id    = "DIAG_ID"
local_person_id = "PASIENT_GUID"
code_system     = { column = "KODEVERK", codes = "koder/diagnosekodeverk.csv" }
code            = { column = "KODE", strip = "." }
starts_on       = { column = "FRA", date = ["%Y%m%d", "%d.%m.%Y"] }
ends_on         = { column = "AVSLUTTET", date = ["%Y%m%d", "%d.%m.%Y"] }
recorded_at     = { column = "ENDRET", instant = "unix_ms" }
"""
_ABSENT = """private_help doctor_assessed_in dentist_assessed_in coordinator coordinator_on medication_review medication_review_on waiting_list waiting_list_from waiting_list_to round_the_clock habilitation habilitation_on"""
_CODES = {
    "tjeneste": [
        "Hjemmesykepleie;15",
        "Korttidsopphold – avlastning;8",
        "Praktisk bistand: opplæring;2",
        "Støttekontakt;9",
        "AVL;8",
    ],
    "utfall": ["AVSLÅTT;1", "INNVILGET;2"],
    "husstand": ["Bor alene;1", "Bor sammen med andre;2", "Bor sammen med ektefelle/samboer/partner;2"],
    "ja_nei": ["J;1", "N;2"],
    "plan": ["Har IP;1", "Ønsker ikke;3"],
    "sporsmal": [f"F{n:02};{n}" for n in range(1, 19)],
    "diagnosekodeverk": ["ICD10;ICD-10", "ICPC2;ICPC-2"],
}


def mapping(*, files: bool) -> str:
    """The mapping of its database, or of its files: only the places differ."""
    lines = []
    for line in (_FILES if files else _SQL).splitlines() + _REST.splitlines():
        if line.startswith("PLACE:"):
            table = line.removeprefix("PLACE:")
            lines.append(f'file = "{table.lower()}.csv"' if files else f'name = "{table}"')
        elif line == "ABSENT":
            lines += [f'{name} = {{ absent = "registreres ikke" }}' for name in _ABSENT.split()]
        else:
            lines.append(line)
    return "\n".join(lines) + "\n"


def _ms(day: dt.date, hour: int = 9) -> str:
    return str(int(dt.datetime(day.year, day.month, day.day, hour, 30, tzinfo=dt.UTC).timestamp()) * 1000)


class PlainEpj:
    """Its rows, which tests may change before they are written."""

    def __init__(self, persons: int = 8) -> None:
        self.rows: dict[str, list[list[str]]] = {name: [] for name in TABLES}
        organisation = UNIT.organisation
        grouped = " ".join((organisation[:3], organisation[3:6], organisation[6:]))
        self.add("KOMMUNEINFO", grouped, UNIT.municipality, "Bjerkreim")
        for number in range(persons):
            self._person(number)

    def add(self, table: str, *row: str) -> None:
        """One row more."""
        assert len(row) == len(TABLES[table].split()), table
        self.rows[table].append(list(row))

    def dicts(self, table: str) -> list[dict[str, str]]:
        """Its rows by column."""
        return [dict(zip(TABLES[table].split(), row, strict=True)) for row in self.rows[table]]

    def _person(self, n: int) -> None:
        born = dt.date(1940 + n, 5, 4)
        number = next(found for i in range(100, 400) if (found := compose_synthetic(born, i)))
        guid, day = f"G-{n}", dt.date(2024, 1, 10) + dt.timedelta(days=n)
        self.add("PASIENT", guid, f"{number[:6]} {number[6:]}", UNIT.municipality, "", "", "0" if n == 6 else "1")
        if n == 6:  # marked as deleted, and nothing else is there of it
            return
        self.add("SAK", f"S-{n}", f"{day:%Y%m%d}")
        revoked, decision = "J" if n == 3 else "N", str(n + 1)
        self.add("VEDTAK_HODE", decision, f"S-{n}", guid, "1", f"{day:%Y%m%d}", revoked, _ms(day))
        self._services(n, guid, decision, day, revoked=n == 3)
        for question in range(1, 19):
            answer = "" if question == n + 1 else str(question % 5 + 1)
            self.add(
                "IPLOS_SVAR", f"I-{n}", guid, f"F{question:02}", answer, f"{day:%d.%m.%Y} 14:05", f"{day:%d.%m.%Y}"
            )
        alone = "Bor alene" if n % 2 else "Ukjent/ikke registrert"
        self.add("LIVSSITUASJON", f"L-{n}", guid, f"{day:%d.%m.%Y}", "", alone, "J", "N", "Ønsker ikke", "", _ms(day))
        self.add(
            "DIAGNOSER",
            f"D-{n}",
            guid,
            *(("ICPC2", "P70", f"{day:%d.%m.%Y}") if n % 2 else ("ICD10", "M81.0", f"{day:%Y%m%d}")),
            "",
            _ms(day),
        )

    def _services(self, n: int, guid: str, decision: str, day: dt.date, *, revoked: bool) -> None:
        start = day + dt.timedelta(days=3)
        for place, kind in enumerate(("Hjemmesykepleie", "Støttekontakt", "Korttidsopphold – avlastning")):
            line = str(10 * (n + 1) + place)
            minutes = ("465", "20", "")[place]
            self.add("VEDTAK_TJENESTE", line, decision, kind, "INNVILGET", minutes, f"{start:%Y%m%d}", "99991231")
            if revoked:
                continue
            if place == 0:
                self.add("TJ_HJEMMESYKEPLEIE", f"{n}", guid, line, decision, f"{start}", "", _ms(start))
                self.add("UTFORER", "HSP", f"{n}", "974 767 880", f"{start}", "")
            elif place == 1:
                self.add(
                    "TJ_STOTTEKONTAKT", f"{n}", guid, line, decision, f"{start:%d.%m.%Y}", "00.00.0000", _ms(start)
                )
            else:
                self.add("TJ_OPPHOLD", f"{n}", guid, decision, "AVL", f"{start}T12:00:00", "", "", _ms(start))
        self.add(
            "VEDTAK_TJENESTE", str(10 * (n + 1) + 9), decision, "Praktisk bistand: opplæring", "AVSLÅTT", "", "0", "0"
        )
        self.add("TJ_OPPHOLD", f"{n}-X", guid, decision, "AVL", f"{start}T12:00:00", "", "X", _ms(start))
        if n % 4 == 1:
            self.add("KLAGE", f"K-{n}", decision, f"{start:%Y%m%d}", "0")

    def write(self, folder: Path, *, files: bool) -> tuple[str, Path]:
        """The address and the mapping of its database, or of its files."""
        self.rows["EKSPORTSTATUS"] = [
            [f"{ON}", name, str(len(self.rows[name]))]
            for name in TABLES
            if name not in {"KOMMUNEINFO", "EKSPORTSTATUS"}
        ]
        (folder / "koder").mkdir(parents=True)
        for name, lines in _CODES.items():
            text = "".join(f"{line};;;\n" for line in lines)
            (folder / "koder" / f"{name}.csv").write_text(text, encoding="utf-8")
        (folder / "kobling.toml").write_text(mapping(files=files), encoding="utf-8")
        address = self._files(folder / "eksport") if files else self._database(folder / "epj.sqlite")
        return address, folder / "kobling.toml"

    def _files(self, folder: Path) -> str:
        folder.mkdir()
        for name, columns in TABLES.items():
            with (folder / f"{name.lower()}.csv").open("w", encoding="cp1252", newline="") as file:
                csv.writer(file, delimiter=";").writerows([columns.split(), *self.rows[name]])
        (folder / "ferdig.done").write_text("ok\n", encoding="utf-8")
        return f"files:///{folder}"

    def _database(self, file: Path) -> str:
        with closing(sqlite3.connect(file)) as database, database:
            for name, columns in TABLES.items():
                database.execute(f"CREATE TABLE {name} ({', '.join(f'{one} TEXT' for one in columns.split())})")
                marks = ", ".join("?" * len(columns.split()))
                database.executemany(f"INSERT INTO {name} VALUES ({marks})", self.rows[name])
        return f"sqlite:///{file}"
