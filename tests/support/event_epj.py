"""A fourth record system, of several units, in a database or in files: events of all kinds in one table, answers of any kind in
another, services in a log with a key of two columns, departments with a parent, codes in all cases, deleted rows in a table of
their own. A draft of it can be read as it is.
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
    "VIRKSOMHET": "VIRKSOMHET_NR NAVN ORGNR KOMMUNENR",
    "KLIENT": "KLIENT_NR VIRKSOMHET_NR FNR",
    "SAK": "SAK_NR KLIENT_NR VIRKSOMHET_NR",
    "HENDELSE": "HENDELSE_ID SAK_NR TYPE DATO GJELDER ENDRET",
    "TJENESTE_LINJE": "SAK_NR LINJE_NR TJENESTE_TYPE UTFALL",
    "TJENESTE_VERSJON": "SAK_NR LINJE_NR VERSJON TIMER_UKE START_DATO SLUTT_DATO ENDRET",
    "UTFORT_AV": "UTFORT_ID SAK_NR LINJE_NR AVD_NR FRA_DATO TIL_DATO",
    "AVDELING": "AVD_NR NAVN ORGNR OVERORDNET",
    "SKJEMA": "SKJEMA_ID KLIENT_NR SKJEMA_TYPE DATO ENDRET",
    "SVAR": "SVAR_ID SKJEMA_ID SPORSMAL VERDI",
    "SLETTET_RAD": "TABELL RAD SLETTET_DATO",
    "EKSPORT": "KJORT TABELL ANTALL",
}
"""Its tables and columns; every column is text."""

_STAMP = "2025-05-01 10:00:00"
_SCORES = (
    "1 - Ingen",
    "2 - Litt",
    "3 - Middels behov",
    "4 - Store behov",
    "5 - Fullt",
    "9 - Ikke relevant",
    "- Ikke utfylt",
)
_TYPES = ("Dagopphold", "STØTTEKONTAKT", "støttekontakt", "DAGOPPHOLD")


class EventEpj:
    """Its rows, and how many records of each type they are."""

    def __init__(self, persons: int) -> None:
        self.rows: dict[str, list[tuple[str, ...]]] = {name: [] for name in TABLES}
        self.counts = dict.fromkeys(
            ("decision", "decision_line", "appeal", "care_service", "provider_period", "assessment", "score"), 0
        )
        self._event = 5000
        self._add("VIRKSOMHET", "1", "Vår", UNIT.organisation, UNIT.municipality)
        self._add("VIRKSOMHET", "2", "Nabo", "312000113", "4601")
        for number in range(1, 10):
            has_own = number < 4 or number % 2
            number_of = ("312000113" if number == 2 else UNIT.organisation) if has_own else ""
            self._add("AVDELING", f"700{number}", "Sone", number_of, "" if number < 4 else f"700{number % 3 + 1}")
        for number in range(persons):
            self._person(number)

    def _add(self, table: str, *values: str) -> None:
        self.rows[table].append(values)

    def _count(self, *kinds: str) -> None:
        for kind in kinds:
            self.counts[kind] += 1

    def _person(self, number: int) -> None:
        client, case, mine = str(10_000 + number), f"S-{2000 + number}", number % 6 != 5
        born = dt.date(1940, 1, 1) + dt.timedelta(days=31 * number)
        fnr = next(filter(None, (compose_synthetic(born, individual) for individual in range(100, 400))))
        unit = "1" if mine else "2"
        self._add("KLIENT", client, unit, fnr)
        self._add("SAK", case, client, unit)
        decided = dt.date(2024, 1, 10) + dt.timedelta(days=number)
        self._events(number, case, decided, mine=mine)
        self._services(number, case, decided, mine=mine)
        self._form(number, client, mine=mine)

    def _events(self, number: int, case: str, decided: dt.date, *, mine: bool) -> None:
        applied, decision, appeal, note = (str(self._event + place) for place in range(4))
        self._event += 10
        kinds = ("SØKN", "VEDT") if number % 2 else ("søkn", "vedt")
        self._add("HENDELSE", applied, case, kinds[0], f"{decided - dt.timedelta(9)}", "", _STAMP)
        self._add(
            "HENDELSE", decision, case, kinds[1], f"{decided}", "", "2025-06-01 10:00:00" if number == 1 else _STAMP
        )
        self._add("HENDELSE", note, case, "TLF", f"{decided}", "", _STAMP)
        if mine:
            self._count("decision")
        if number % 3 == 1:
            self._add("HENDELSE", appeal, case, "KLAG", f"{decided + dt.timedelta(5)}", "", _STAMP)
            self._add("HENDELSE", str(self._event - 1), case, "KLSV", f"{decided + dt.timedelta(30)}", appeal, _STAMP)
            if mine:
                self._count("appeal")

    def _services(self, number: int, case: str, decided: dt.date, *, mine: bool) -> None:
        for line in ("1", "2"):
            start = decided + dt.timedelta(3)
            self._add("TJENESTE_LINJE", case, line, _TYPES[(number + int(line)) % 4], "Innvilget")
            for version in ("9", "10"):
                hours = "3,50" if version == "10" else "1,00"
                self._add("TJENESTE_VERSJON", case, line, version, hours, f"{start}", "2099-12-31", _STAMP)
            self._add(
                "UTFORT_AV",
                str(90_000 + 2 * number + int(line)),
                case,
                line,
                f"700{1 + number % 9}",
                f"{start}",
                "2099-12-31",
            )
            if line == "2" and number % 4 == 0:
                self._delete("tjeneste_linje" if number % 8 else "TJENESTE_LINJE", f"{case}|{line}")
                for version in ("9", "10"):
                    self._delete("TJENESTE_VERSJON", f"{case}|{line}|{version}")
                self._delete("UTFORT_AV", str(90_000 + 2 * number + int(line)))
            elif mine:
                self._count("decision_line", "care_service", "provider_period")

    def _delete(self, table: str, key: str) -> None:
        self._add("SLETTET_RAD", table, key, _STAMP)

    def _form(self, number: int, client: str, *, mine: bool) -> None:
        for place, kind in enumerate(("IPLOS", "FALL")):
            form = str(30_000 + 2 * number + place)
            self._add("SKJEMA", form, client, kind, "2025-02-03", _STAMP)
            for question in range(1, 19) if kind == "IPLOS" else range(19, 21):
                answer = _SCORES[(number + question) % len(_SCORES)]
                name = f"IPL.{question:02}" if kind == "IPLOS" else f"FALL.{question - 18:02}"
                self._add("SVAR", str(100_000 + 40 * number + question), form, name, answer)
                if mine and kind == "IPLOS" and answer[0].isdigit():
                    self._count("score")
        if mine:
            self._count("assessment")

    def write(self, folder: Path, *, files: bool) -> str:
        """Into a folder, as a database or as files; the address."""
        folder.mkdir(parents=True)
        names = [name for name in TABLES if name != "EKSPORT"]
        self.rows["EKSPORT"] = [(f"{ON} 02:00:00", name, str(len(self.rows[name]))) for name in names]
        (_write_files if files else _write_database)(folder, self.rows)
        return f"files:///{folder}" if files else f"sqlite:///{folder / 'epj.sqlite'}"


def _write_files(folder: Path, rows: dict[str, list[tuple[str, ...]]]) -> None:
    for table, columns in TABLES.items():
        with (folder / f"{table}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, delimiter=";", lineterminator="\n").writerows([columns.split(), *rows[table]])


def _write_database(folder: Path, rows: dict[str, list[tuple[str, ...]]]) -> None:
    with closing(sqlite3.connect(folder / "epj.sqlite")) as connection, connection:
        for table, columns in TABLES.items():
            names = columns.split()
            connection.execute(f'CREATE TABLE "{table}" ({", ".join(f"{name} TEXT" for name in names)})')
            connection.executemany(f'INSERT INTO "{table}" VALUES ({", ".join("?" * len(names))})', rows[table])
