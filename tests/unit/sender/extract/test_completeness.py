"""A source that is not whole, or not this unit's, stops with an error that says what is incomplete: never a deletion."""

import datetime as dt
import sqlite3

import polars as pl
import pytest

from ktt.core.errors import EXIT_SOURCE
from ktt.domain.unit import ReportingUnit
from ktt.sender.extract import errors
from ktt.sender.extract.completeness.source_checks import prove_owner
from ktt.sender.extract.sources.errors import SourceFileMissing
from ktt.sender.extract.sources.sql import open_source
from support.sources_epj import ADA, UNIT, Epj

# what happened to the source | the error | what it names
BROKEN = {
    "stopped half-way": ("DELETE FROM skaar WHERE variabel = 2", errors.CountMismatch, {"table": "«skaar»", "expected": 4, "read": 3}),
    "emptied": ("DELETE FROM tjeneste", errors.CountMismatch, {"table": "«tjeneste»", "read": 0}),
    "too many rows": ("INSERT INTO klage VALUES ('V1', '01.03.2018', '')", errors.CountMismatch, {"expected": 1, "read": 2}),
    "no count for the day": ("DELETE FROM eksport_logg", errors.ProofMissing, {"table": "«bruker»"}),
    "no count for one table": ("DELETE FROM eksport_logg WHERE tabell = 'stopp'", errors.QueryUncounted, {"table": "«stopp»"}),
    "count unreadable": ("UPDATE eksport_logg SET antall = 'mange'", errors.ProofUnreadable, {}),
    "counted twice": ("INSERT INTO eksport_logg SELECT * FROM eksport_logg", errors.ProofUnreadable, {}),
    "other owner": ("UPDATE installasjon SET kommunenr = 1103", errors.WrongOwner, {"found": "312000008-1103", "expected": "312000008-0301"}),
    "no owner": ("DELETE FROM installasjon", errors.OwnerUnclear, {"rows": 0}),
    "two owners": ("INSERT INTO installasjon VALUES ('312000113', 1103)", errors.OwnerUnclear, {"rows": 2}),
    "table gone": ("DROP TABLE klage", errors.QueryRefused, {"query": "klage"}),
    "column gone": ("ALTER TABLE stopp RENAME COLUMN til TO tilogmed", errors.ColumnMissing, {"query": "stopp", "column": "til"}),
    "log gone": ("DROP TABLE eksport_logg", errors.QueryRefused, {"query": "complete.count"}),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_source_stops_and_says_what_is_incomplete(epj, name):
    change, error, facts = BROKEN[name]
    epj.sql(change)
    with pytest.raises(error) as caught:
        epj.read()
    assert {fact: caught.value.facts[fact] for fact in facts} == facts
    assert caught.value.exit_code == EXIT_SOURCE
    assert caught.value.advises().nb


def test_the_nearest_column_is_named(epj):
    epj.sql("ALTER TABLE stopp RENAME COLUMN til TO tilx")
    with pytest.raises(errors.ColumnMissing) as caught:
        epj.read()
    assert "«tilx»" in caught.value.advises().nb


def test_another_units_database_is_refused(epj):
    with pytest.raises(errors.WrongOwner):
        epj.read(unit=ReportingUnit("312000113", "0301"))
    with pytest.raises(errors.WrongOwner):
        epj.read(unit=ReportingUnit(UNIT.organisation, UNIT.municipality, "03"))


@pytest.mark.parametrize(
    ("row", "unit"),
    [
        (("312000008", "301"), ReportingUnit("312000008", "0301")),
        (("312000008", "0301", "3"), ReportingUnit("312000008", "0301", "03")),
        (("312000008", "0301", "00"), ReportingUnit("312000008", "0301")),
        (("312000008", "0301", None), ReportingUnit("312000008", "0301")),
    ],
)
def test_an_owner_may_have_lost_its_zeros(row, unit):
    prove_owner(pl.DataFrame([row], orient="row", schema=[str(n) for n in range(len(row))]), unit)


def test_one_number_for_all_tables(epj):
    epj.edit("SELECT tabell, antall FROM eksport_logg WHERE", "SELECT sum(antall) FROM eksport_logg WHERE")
    assert epj.read().complete
    with pytest.raises(errors.CountMismatch):
        epj.sql("DELETE FROM klage").read()
    with pytest.raises(errors.ProofUnreadable):
        epj.read(day=dt.date(2026, 3, 3))  # the sum of no rows is no number


def test_a_total_needs_a_row_for_the_day(epj):
    epj.edit("SELECT tabell, antall FROM eksport_logg WHERE", "SELECT antall FROM eksport_logg WHERE tabell = 'x' AND")
    with pytest.raises(errors.ProofMissing):
        epj.read()


@pytest.mark.parametrize(("proof", "why"), [("[complete]\ncount", "no proof"), ("unit ", "no owner")])
def test_without_proof_it_can_be_read_but_absence_means_nothing(epj, proof, why):
    text = epj.mapping.read_text(encoding="utf-8")
    start = text.index(f"\n{proof}") + 1
    end = text.index("\n", start + len(proof))
    epj.mapping.write_text(text[:start] + text[end:], encoding="utf-8")
    extract = epj.read()
    assert not extract.complete
    assert (extract.unproved("care_service"), extract.proves_absence("care_service")) == (why, False)
    assert extract.records["care_service"].height == 2


def test_a_table_has_the_rows_it_always_has(epj):
    epj.edit("[table.klage]\n", "[table.klage]\nexpect = { rows_min = 2 }\n")
    with pytest.raises(errors.TooFewRows):
        epj.read()


def fresh(epj, limits):
    """V3 was changed on 1 March at 12:00 in Norway: 12 hours before the day of extraction began."""
    line = f'[table.vedtak]\nfresh = {{ column = "endret", instant = "%Y-%m-%d %H:%M:%S", {limits} }}\n'
    return epj.edit("[table.vedtak]\n", line)


def test_a_source_that_stands_still_is_warned_of_and_then_stopped(epj):
    assert fresh(epj, 'warn_after = "11h", error_after = "2d"').read().stale == {"vedtak": 12}


def test_a_living_source_is_quiet(epj):
    assert fresh(epj, 'warn_after = "13h"').read().stale == {}


def test_a_dead_source_stops(epj):
    with pytest.raises(errors.SourceStale):
        fresh(epj, 'warn_after = "1h", error_after = "11h"').read()


class TestReading:
    """The database itself."""

    def test_a_missing_file_is_not_made(self, tmp_path, epj):
        with pytest.raises(SourceFileMissing):
            open_source(f"sqlite:///{tmp_path / 'nowhere.sqlite'}", epj.mapping).read(
                UNIT, dt.date(2026, 3, 2), "sandbox"
            )
        assert not (tmp_path / "nowhere.sqlite").exists()

    @pytest.mark.parametrize("url", ["mysql://x/y", "oracle://x", "not an address", "sqlite://", ""])
    def test_an_address_of_another_kind(self, epj, url):
        with pytest.raises(errors.SourceKindUnknown):
            open_source(url, epj.mapping)

    @pytest.mark.postgres
    def test_a_server_that_does_not_answer(self, epj):
        source = open_source("postgresql://ktt:hemmelig@127.0.0.1:1/epj", epj.mapping)
        with pytest.raises(errors.SourceUnavailable) as caught:
            source.read(UNIT, dt.date(2026, 3, 2), "sandbox")
        assert "hemmelig" not in str(caught.value) + repr(source)

    def test_a_failure_in_the_middle_of_a_table_throws_all_away(self, epj):
        # the third row cannot be computed; the message of the database would show the value
        epj.edit(
            'query = "SELECT * FROM vedtak"',
            'query = "SELECT *, abs(CASE lopenr WHEN 1 THEN -9223372036854775808 END) AS sokt2 FROM vedtak"',
        )
        epj.edit('applied_on = { column = "sokt"', 'applied_on = { column = "sokt2"')
        with pytest.raises(errors.ReadBroken) as caught:
            epj.read()
        assert caught.value.facts["query"] == "vedtak"

    @pytest.mark.postgres
    def test_a_failure_in_the_middle_shows_no_value(self, tmp_path, postgres_url):
        epj = Epj(tmp_path, postgres_url).edit(
            'query = "SELECT * FROM bruker"', 'query = "SELECT nr, ident::json::text AS ident, dod FROM bruker"'
        )
        epj.sql(f"UPDATE bruker SET ident = '{ADA}-{ADA}'", log=True)
        with pytest.raises(errors.ReadBroken) as caught:
            epj.read()
        assert ADA not in "".join(map(str, [caught.value, caught.value.__cause__, caught.value.says().nb]))

    @pytest.mark.postgres
    @pytest.mark.parametrize(
        "query",
        [
            "DELETE FROM klage RETURNING *",
            "SELECT * FROM klage; DELETE FROM klage",
            "SELECT 1) AS a; COMMIT; DROP TABLE klage; SELECT * FROM (SELECT 1",
        ],
    )
    def test_a_query_cannot_write_postgresql(self, tmp_path, postgres_url, query):
        epj = Epj(tmp_path, postgres_url).edit("SELECT * FROM klage", query)
        with pytest.raises(errors.QueryRefused):
            epj.read()
        assert epj.edit(query, "SELECT * FROM klage").read().row_counts["klage"] == 1

    @pytest.mark.parametrize(
        "query",
        [
            "DELETE FROM klage RETURNING *",
            "SELECT * FROM klage; DELETE FROM klage",
            "SELECT 1); DELETE FROM klage; SELECT * FROM (SELECT 1",
        ],
    )
    def test_a_query_cannot_write_sqlite(self, epj, query):
        epj.edit("SELECT * FROM klage", query)
        with pytest.raises(errors.QueryRefused):
            epj.read()
        assert epj.edit(query, "SELECT * FROM klage").read().row_counts["klage"] == 1

    @pytest.mark.postgres
    def test_a_column_that_is_given_twice(self, tmp_path, postgres_url):
        epj = Epj(tmp_path, postgres_url).edit(
            'query = "SELECT * FROM klage"', 'query = "SELECT *, mottatt FROM klage"'
        )
        with pytest.raises(errors.ColumnTwice):
            epj.read()

    def test_all_is_of_the_same_moment(self, epj, monkeypatch):
        from ktt.sender.extract.sources.sqlite import SqliteReader

        sqlite3.connect(epj.folder / "epj.sqlite").execute("PRAGMA journal_mode = WAL").connection.close()
        read = SqliteReader.blocks

        def meanwhile(self, name, query, columns):
            if name == "bruker":  # after the log was read, before the other tables are
                epj.sql("DELETE FROM klage")
            return read(self, name, query, columns)

        monkeypatch.setattr(SqliteReader, "blocks", meanwhile)
        assert epj.read().row_counts["klage"] == 1
