"""A record that its message's schema refuses is held alone, with a finding; everything else is sent."""

from __future__ import annotations

import datetime as dt
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace

import polars as pl
import pytest

from ktt.domain.unit import ReportingUnit
from ktt.sender.daily import run_daily
from ktt.sender.extract.finding_kinds import FINDING_KINDS
from ktt.sender.extract.sources.sql import open_source
from ktt.sender.initial_load import run_load
from ktt.testing.synthetic.create import DATABASE, write_epj
from ktt.testing.synthetic.record_system.database import log_export

CUT = dt.date(2025, 12, 31)
TOO_MANY = "UPDATE vedtak_linje SET timer_uke = '900,00' WHERE (vedtak_id, tjeneste_id) = (?, ?)"
HOURS = "vedtak[].tjenester[].timerUke: maximum 168"


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A small municipality's record system, and its unit."""
    folder = tmp_path_factory.mktemp("written")
    answers = write_epj(
        folder,
        recipients=12,
        municipality="1114",
        start=dt.date(2025, 1, 1),
        seed=4,
        until=CUT,
        progress=lambda *_: None,
    )
    return folder, ReportingUnit(**answers["unit"])


class Office:
    """Change the record system, run the sender, look at what is open and what the registry holds."""

    def __init__(self, town, folder, unit):
        self.file, self.registry, self.unit = folder / DATABASE, town.registry, unit
        source = open_source(f"sqlite:///{self.file}", folder / "mapping.toml")
        self.sender = replace(town.sender, source=source, unit=unit)
        one = "SELECT vedtak_id, tjeneste_id FROM vedtak_linje JOIN omsorg_tjeneste USING (vedtak_id, tjeneste_id)"
        self.decision, self.service = self.ask(f"{one} WHERE timer_uke IS NOT NULL AND sluttdato = '31.12.9999'")

    def ask(self, query, *values):
        with closing(sqlite3.connect(self.file)) as connection, connection:
            return connection.execute(query, values).fetchone()

    def run(self, runs, number):
        on = CUT + dt.timedelta(days=number)
        with closing(sqlite3.connect(self.file)) as connection, connection:
            log_export(connection, on.isoformat())
        return runs(self.sender, on)

    def load(self):
        return self.run(run_load, 0)

    def daily(self, number):
        return self.run(run_daily, number)

    def wrong(self):
        """(code, local id, place) of the open findings that the schema gave."""
        still_open = self.sender.findings.still_open(self.unit)
        of_schema = still_open.filter(
            pl.col("rule").is_in([kind.code for kind in FINDING_KINDS.values() if kind.of_place])
        )
        return of_schema.select("rule", "local_id", "part_id").rows()


@pytest.fixture
def office(town, written, tmp_path):
    folder, unit = written
    shutil.copytree(folder, tmp_path / "epj")
    return Office(town, tmp_path / "epj", unit)


def test_a_record_that_does_not_fit_holds_no_other_and_is_sent_when_it_is_corrected(office):
    hours = office.ask("SELECT timer_uke FROM vedtak_linje WHERE vedtak_id = ?", office.decision)[0]
    office.ask(TOO_MANY, office.decision, office.service)
    report = office.load()
    assert (report.stopped, report.exit_code, report.load.finished_at is None) == (None, 0, False)
    assert office.wrong() == [("KTT-SRC-F18", office.decision, HOURS)]
    assert office.decision not in office.registry.state()["decision"]
    assert office.service not in office.registry.state()["care_service"]  # it rests on the decision
    assert report.types["decision"].held == 1
    assert report.types["decision"].new == len(office.registry.state()["decision"])

    report = office.daily(1)  # nothing was corrected: it is looked at again, and the same finding stays open
    assert (report.messages, report.finding_diff.opened, report.finding_diff.closed) == (0, 0, 0)
    assert office.wrong() == [("KTT-SRC-F18", office.decision, HOURS)]

    office.ask("UPDATE vedtak_linje SET timer_uke = ? WHERE vedtak_id = ?", hours, office.decision)
    report = office.daily(2)
    assert (report.exit_code, office.wrong()) == (0, [])
    assert office.decision in office.registry.state()["decision"]
    assert office.service in office.registry.state()["care_service"]


def test_a_record_that_was_sent_before_stays_as_it_was_until_it_is_corrected(office):
    office.load()
    before = office.registry.state()
    office.ask(TOO_MANY, office.decision, office.service)
    report = office.daily(1)
    assert (report.stopped, report.messages, report.types["decision"].held) == (None, 0, 1)
    assert office.registry.state() == before


def test_a_record_that_is_held_for_another_reason_does_not_close_the_finding(office):
    office.ask(TOO_MANY, office.decision, office.service)
    office.load()
    late = "UPDATE sak_vedtak SET soknad_mottatt = ? WHERE vedtak_id = ?"
    (applied,) = office.ask("SELECT soknad_mottatt FROM sak_vedtak WHERE vedtak_id = ?", office.decision)
    office.ask(late, "i fjor", office.decision)  # now reading it fails, and it is not encoded
    report = office.daily(1)
    assert report.types["decision"].held == 1
    assert office.wrong() == [("KTT-SRC-F18", office.decision, HOURS)]
    office.ask(late, applied, office.decision)
    office.ask("UPDATE vedtak_linje SET timer_uke = '3,00' WHERE vedtak_id = ?", office.decision)
    office.daily(2)
    assert office.wrong() == []


def test_how_a_field_is_written_is_for_the_vendor_to_correct(office):
    office.load()
    office.ask(
        "UPDATE bruker_opplysning SET venteliste = NULL, venteliste_til = '01.12.2025' WHERE opplysning_id IN"
        " (SELECT min(opplysning_id) FROM bruker_opplysning)"
    )
    report = office.daily(1)
    assert (report.stopped, report.types["circumstances"].held) == (None, 1)
    ((code, _, place),) = office.wrong()
    assert (code, place) == ("KTT-SRC-F19", "personopplysninger[].venteliste.status: required")
    assert FINDING_KINDS[code].cause.value == "extraction"
