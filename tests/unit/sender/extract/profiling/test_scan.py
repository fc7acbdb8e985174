"""A scan is the same of every kind of source that holds the same, and goes on where one table cannot be read."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3

import pytest

from ktt.sender.extract.profiling import errors
from ktt.sender.extract.profiling.file_names import day_files
from ktt.sender.extract.profiling.profile_file import read_profile, write_profile
from ktt.sender.extract.profiling.scan import scan_source
from support.example_plug_in import CODE, install
from support.log_epj import TABLES, LogEpj, write_files

ON = dt.date(2026, 3, 2)
LISTS = "    def relations(self):\n        return sorted(one.stem for one in self._folder.iterdir())\n\n    def blocks"


def facts(profile):
    return {table.name: (table.rows, table.key, table.columns) for table in profile.tables}


@pytest.fixture
def epj(tmp_path):
    made = LogEpj(tmp_path, persons=12)
    made.log(ON)
    return made


@pytest.mark.postgres
def test_postgresql_shows_what_sqlite_shows(epj, tmp_path, postgres_url):
    (tmp_path / "other").mkdir()
    other = LogEpj(tmp_path / "other", persons=12, url=postgres_url)
    other.log(ON)
    profile = scan_source(postgres_url, ON, 5)
    assert facts(profile) == facts(scan_source(epj.url, ON, 5))
    assert "postgres" in profile.source
    assert [table.fault for table in profile.tables] == [""] * len(TABLES)


def test_a_point_in_a_name_of_sqlite_hides_no_table(tmp_path):
    """Also where another has the same name behind the point."""
    with sqlite3.connect(tmp_path / "epj.sqlite") as base:
        base.executescript(
            'CREATE TABLE "fag.Bruker" (a); CREATE TABLE Bruker (a); INSERT INTO "fag.Bruker" VALUES (1), (2)'
        )
    base.close()
    tables = scan_source(f"sqlite:///{tmp_path / 'epj.sqlite'}", ON, 5).tables
    assert [(one.name, one.rows, one.fault) for one in tables] == [("Bruker", 0, ""), ("fag.Bruker", 2, "")]


def test_a_source_of_which_nothing_can_be_read_is_refused(tmp_path):
    """A draft of such a scan would say that the record system has nothing."""
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text("", encoding="utf-8")
    with pytest.raises(errors.NothingReadable) as caught:
        scan_source(f"files:///{tmp_path}", ON, 5)
    assert caught.value.facts["count"] == 2


def test_files_show_what_the_database_shows(epj, tmp_path):
    write_files(epj, tmp_path / "files", ON)
    assert facts(scan_source(f"files:///{tmp_path / 'files'}", ON, 5)) == facts(scan_source(epj.url, ON, 5))


def test_a_plug_in_that_lists_its_tables_is_scanned(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "tj.jsonl").write_text(
        '{"id": "1", "kode": null}\n{"id": "2", "kode": "A"}\n', encoding="utf-8"
    )
    install(tmp_path / "site", monkeypatch, CODE.replace("    def blocks", LISTS, 1))
    (table,) = scan_source(f"linjer:///{tmp_path / 'data'}", ON, 5).tables
    assert (table.name, table.rows, table.key) == ("tj", 2, ("id",))


def test_a_plug_in_that_lists_nothing_is_refused(tmp_path, monkeypatch):
    install(tmp_path / "site", monkeypatch)
    with pytest.raises(errors.NothingToScan):
        scan_source(f"linjer:///{tmp_path}", ON, 5)


def test_a_table_that_cannot_be_read_hides_no_other(epj):
    with sqlite3.connect(epj.file) as connection:
        connection.execute('CREATE VIEW "AAA" AS SELECT * FROM borte')
    connection.close()
    tables = {table.name: table for table in scan_source(epj.url, ON, 5).tables}
    assert tables["AAA"].fault
    assert tables["KUNDE"].rows == 12


def test_a_profile_is_read_as_it_was_written(epj, tmp_path):
    profile = scan_source(epj.url, ON, 5)
    write_profile(profile, tmp_path / "scan.json")
    assert read_profile(tmp_path / "scan.json") == profile


@pytest.mark.parametrize(
    "content", ["", "{}", '{"format": "ktt-scan/2"}', "[]", '{"format": "ktt-scan/1", "tables": [{}]}']
)
def test_what_is_no_profile_is_refused(tmp_path, content):
    (tmp_path / "scan.json").write_text(content, encoding="utf-8")
    with pytest.raises(errors.ProfileUnreadable):
        read_profile(tmp_path / "scan.json")


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["TJ_20260301.csv", "TJ_20260302.csv"], [("TJ", "TJ_%Y%m%d.csv", ON)]),
        (["2026-03-02-tj.csv"], [("tj", "%Y-%m-%d-tj.csv", ON)]),
        (["tj.parquet", "les_meg.md", "tj.done"], [("tj", "tj.parquet", None)]),
        (["100%.csv"], [("100%", "100%%.csv", None)]),
    ],
)
def test_a_day_in_a_name_is_seen(names, found):
    assert [(one.table, one.pattern, one.day) for one in day_files(names)] == found


# the table that a column of codes leads to: its columns, its texts | whether they are shown
LABELS = {
    "codes": (("id", "tekst"), ("Dagopphold", "Støttekontakt", "Sjelden sak"), True),
    "employees by name": (("id", "navn"), ("Dagopphold", "Støttekontakt", "Sjelden sak"), False),
    "names in a column of texts": (("id", "tekst"), ("Kari Nordmann", "Ola Hansen", "Per Persen"), False),
    "a table with telephones": (("id", "tekst", "telefon"), ("Dagopphold", "Støttekontakt", "Sjelden sak"), False),
    "cases with a day": (("id", "tekst", "dato"), ("Dagopphold", "Støttekontakt", "Sjelden sak"), False),
    "notes": (("id", "tekstnotat"), ("Dagopphold", "Støttekontakt", "Sjelden sak"), False),
    "something else": (("id", "forhold"), ("Dagopphold", "Støttekontakt", "Sjelden sak"), False),
    "birthdays in the texts": (("id", "tekst"), ("født 010150", "født 020250", "født 030350"), False),
}


@pytest.mark.parametrize("name", LABELS)
def test_texts_of_codes_are_shown_as_codes_are_and_no_others(tmp_path, name):
    """A code's text is shown where many rows have the code; who works there, or a text that few have, never is."""
    columns, texts, is_shown = LABELS[name]
    with sqlite3.connect(tmp_path / "x.sqlite") as connection:
        connection.execute(f"CREATE TABLE slag ({', '.join(f'{one} TEXT' for one in columns)})")
        for number, text in enumerate(texts):
            values = (f"{800 + number}", text, "2024-01-01" if "dato" in columns else "41234567")[: len(columns)]
            connection.execute(f"INSERT INTO slag VALUES ({', '.join('?' * len(columns))})", values)
        connection.execute("CREATE TABLE sak (nr TEXT, slag_id TEXT)")
        rows = [(f"S{number}", "802" if number == 9 else f"{800 + number % 2}") for number in range(40)]
        connection.executemany("INSERT INTO sak VALUES (?, ?)", rows)
    connection.close()
    scanned = json.dumps(scan_source(f"sqlite:///{tmp_path / 'x.sqlite'}", ON, 5).as_data(), ensure_ascii=False)
    assert [text in scanned for text in texts] == [is_shown, is_shown, False]


@pytest.mark.parametrize(
    "table", ["pasient", "bruker", "klient", "lege", "ansatt", "koordinator", "sykepleier", "employee", "saksbehandler"]
)
def test_texts_of_a_table_of_persons_or_those_who_work_there_are_never_shown(tmp_path, table):
    with sqlite3.connect(tmp_path / "x.sqlite") as connection:
        connection.execute(f"CREATE TABLE {table} (nr TEXT, tekst TEXT)")
        connection.execute(f"CREATE TABLE sak (sak_nr TEXT, {table}_nr TEXT)")
        for number in range(8):
            connection.execute(f"INSERT INTO {table} VALUES (?, ?)", (f"{7000 + number}", f"Gikk {'abcdefgh'[number]}"))
            for place in range(8):
                connection.execute("INSERT INTO sak VALUES (?, ?)", (f"S{number}{place}", f"{7000 + number}"))
    connection.close()
    assert "Gikk" not in json.dumps(scan_source(f"sqlite:///{tmp_path / 'x.sqlite'}", ON, 5).as_data())
