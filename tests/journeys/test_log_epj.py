"""A record system of logs, wide forms and marks of deletion, mapped without SQL: its history and its days reach the registry.

Nothing is dropped, changed or doubled on the way: the record system's own account of itself, written from its tables a row at
a time, is what the registry holds.
"""

from __future__ import annotations

import datetime as dt

import pytest
from polars.testing import assert_frame_equal

from ktt.rules.rule import Consequence
from ktt.sender.extract.sources.sql import open_source
from support.log_epj import MAPPING, LogEpj, write_files
from support.sender_epj import UNIT
from support.settable_clock import SettableClock
from support.whole_road import whole_road

MONDAY = dt.datetime(2026, 3, 2, 6, tzinfo=dt.UTC)
ON = MONDAY.date()


@pytest.fixture
def road(tmp_path):
    with whole_road(tmp_path, SettableClock(MONDAY), persons=6, kind=LogEpj) as made:
        yield made


def a_day(epj):
    """What happens in such a record system: versions and marks, cells and columns; no row is ever deleted."""
    epj.decision("V0", "12", "100", "20180309")  # the tenth version is followed by a draft, and then by this one
    epj.decision("V1", "13", "101", "20180404", status="KLADD")  # which is not to be sent
    epj.run('UPDATE "TJENESTE" SET "SLETTET" = \'J\' WHERE "LOPENR" = ?', "21")
    epj.run('DELETE FROM "VEDTAK_LINJE" WHERE "TJ_LOPENR" = ?', "21")
    epj.run('UPDATE "TEKNIKK" SET "ALARM_TIL" = ? WHERE "KUNDE_NR" = ?', "01.03.2026", "100")
    epj.run('UPDATE "TEKNIKK" SET "ALARM_FRA" = ? WHERE "KUNDE_NR" = ?', "", "102")
    epj.run('UPDATE "TEKNIKK" SET "ALARM_FRA" = ? WHERE "KUNDE_NR" = ?', "20260228", "103")
    epj.run('UPDATE "IPLOS_SKJEMA" SET "F1" = ?, "F2" = ? WHERE "SKJEMA_NR" = ?', "0", " 4 ", "S3")
    epj.run('UPDATE "DIAGNOSE" SET "KODE" = ?, "SLETTET" = \'J\' WHERE "DIAG_NR" = ?', "S72.1", "D4a")
    epj.run('UPDATE "DIAGNOSE" SET "KODE" = ?, "SLETTET" = \'\' WHERE "DIAG_NR" = ?', "S721", "D4b")
    epj.person(7)


def test_its_history_and_a_day_of_changes(road):
    loaded = road.desk.load()
    assert (loaded.exit_code, loaded.held) == (0, 0)
    assert not [one for one in loaded.findings if one.consequence != Consequence.NOTE.value or "SRC" in one.code]
    assert road.differences() == set()
    road.pass_days()
    a_day(road.epj)
    report = road.desk.daily()
    assert (report.exit_code, report.held, report.missing) == (0, 0, 0)
    assert road.differences() == set()
    assert {name: (one.new, one.changed, one.gone) for name, one in report.types.items()} == {
        "decision": (1, 2, 0),
        "care_service": (3, 1, 2),
        "assessment": (1, 1, 0),
        "diagnosis": (2, 0, 1),
        "circumstances": (0, 0, 0),
    }
    road.pass_days()
    quiet = road.desk.daily()
    assert (quiet.exit_code, quiet.changes, quiet.comparison.state) == (0, 0, "equal")


def test_every_row_is_accounted_for(road):
    epj = road.epj
    a_day(epj)
    reading = road.desk.load().reading
    rows = {table: list(epj._rows(table)) for table in reading.tables}
    assert {table: counts.read for table, counts in reading.tables.items()} == {
        t: len(all_) for t, all_ in rows.items()
    }
    log = rows["VEDTAK_LOGG"]
    drafts = [row for row in log if row["STATUS"] == "KLADD"]
    decisions = {row["VEDTAK_NR"] for row in log}
    older = len(log) - len(drafts) - len(decisions)
    assert reading.tables["VEDTAK_LOGG"].left_out == {"among STATUS": len(drafts), "latest": older}
    for table in ("TJENESTE", "DIAGNOSE"):
        deleted = sum(row["SLETTET"] == "J" for row in rows[table])
        assert reading.tables[table].left_out == {"where SLETTET": deleted}
    cells = [row[f"F{n}"] for row in rows["IPLOS_SKJEMA"] for n in range(1, 19)]
    without = sum(not row["ALARM_FRA"] for row in rows["TEKNIKK"])
    assert reading.skipped == {
        "record.score": {"columns": sum(cell in {"", "0"} for cell in cells)},
        "record.care_service.also[1]": {"skip ALARM_FRA": without},
    }
    days = [row["FRA"] for row in rows["TJENESTE"] if row["SLETTET"] != "J"]
    points = sum("." in day for day in days)
    assert reading.forms["record.care_service.fields.starts_on"] == {"%d.%m.%Y": points, "%Y%m%d": len(days) - points}


@pytest.mark.postgres
def test_postgresql_says_the_same_as_sqlite(tmp_path, postgres_url):
    read = []
    for name, url in (("lite", None), ("postgresql", postgres_url)):
        (tmp_path / name).mkdir()
        epj = LogEpj(tmp_path / name, 4, url)
        a_day(epj)
        epj.log(ON)
        extract = open_source(epj.url, epj.mapping).read(UNIT, ON, "sandbox")
        assert extract.findings.is_empty()
        assert extract.complete
        read.append((epj, extract))
    (lite, one), (postgresql, other) = read
    for kind, frame in one.records.items():
        assert_frame_equal(frame, other.records[kind], check_row_order=False)
    assert (one.reading, one.excluded) == (other.reading, other.excluded)
    assert lite.content() == postgresql.content()


def test_files_say_the_same_as_a_database(tmp_path):
    epj = LogEpj(tmp_path, 4)
    a_day(epj)
    epj.log(ON)
    one = open_source(epj.url, epj.mapping).read(UNIT, ON, "sandbox")
    mapping = write_files(epj, tmp_path / "eksport", ON)
    other = open_source(f"files:///{tmp_path / 'eksport'}", mapping).read(UNIT, ON, "sandbox")
    for kind, frame in one.records.items():
        assert_frame_equal(frame, other.records[kind], check_row_order=False)
    assert (one.reading, one.row_counts, other.complete) == (other.reading, other.row_counts, True)


def test_its_tables_are_mapped_without_sql():
    assert "query" not in MAPPING.partition("[table.")[2]
