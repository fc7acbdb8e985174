"""`ktt registry silent|acceptance|coverage|declare`: for people, as data, and with an exit code."""

from __future__ import annotations

import datetime as dt

import pytest

from ktt.receiver.service.settings import ServiceSettings
from ktt.receiver.store import tables
from ktt.receiver.store.signs import Rejection, UnitSigns
from ktt.storage.database import Database
from support.registry_commands import accepted, ask
from support.registry_inbox import OTHER, START, UNIT, message, service, services
from support.settable_clock import SettableClock

DAY = dt.timedelta(days=1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """UNIT reports for ten days, and asks on the eleventh; OTHER for six days, and is then rejected."""
    made = tmp_path_factory.mktemp("registry")
    days = [(UNIT, n) for n in range(10)] + [(OTHER, n) for n in range(6)]
    accepted(
        made,
        *(
            message(at, services(service(f"T-{at}")), unit=unit, at=START + n * DAY)
            for at, (unit, n) in enumerate(days, start=1)
        ),
    )
    clock = SettableClock(START + 10 * DAY)
    database = Database.open(ServiceSettings.load(made / "mottak.toml").store.url, tables.SCHEMA)
    signs = UnitSigns(database, clock)
    signs.heard([UNIT.key])
    refused = Rejection((OTHER.key,), "KTT_Tjeneste", "1", "test", None, "Prove | ProveEPJ | 2 | 1", 2008)
    signs.rejected(refused)
    clock.at += DAY
    signs.rejected(refused)
    database.close()
    return made


@pytest.fixture
def told(folder, capfd):
    capfd.readouterr()
    return lambda *words, code=0, data=True: ask(
        capfd, *words, "--config", folder / "mottak.toml", code=code, data=data
    )


def test_silent(told):
    found = told("silent", "--day", "2026-03-16", code=4)
    assert [(one["unit"], one["state"]) for one in found["units"]] == [(UNIT.key, "silent"), (OTHER.key, "rejected")]
    mine, other = found["units"]
    assert (mine["heard_on"], mine["days"], mine["missed"], mine["overdue_since"]) == ("2026-03-12", 4, 3, "2026-03-13")
    assert (mine["every_day"], mine["gap"], mine["limit"], mine["vendor"]) == (True, 1, 2, "test")
    assert (other["times"], other["code"]) == (2, "2008")
    assert found["counts"] == {"silent": 1, "rejected": 1, "heard": 0, "ended": 0, "never": 355 + 14}
    assert "1103" in found["never_heard"]


def test_nobody_is_silent(told):
    assert told("silent", "--day", "2026-03-08")["units"] == []
    assert {one["state"] for one in told("silent", "--day", "2026-03-08", "--all")["units"]} == {"heard"}


@pytest.mark.parametrize(("instant", "state"), [("2026-03-12T06:30", "silent"), ("2026-03-12T12:00", "rejected")])
def test_as_it_was_known(told, instant, state):
    found = told("silent", "--known-at", instant, code=4)
    assert [(one["unit"], one["state"]) for one in found["units"]] == [(OTHER.key, state)]


@pytest.mark.parametrize(
    ("language", "words"),
    [("nb", ("stille", "avvises", "hver dag", "aldri hørt")), ("en", ("silent", "every day", "never heard of"))],
)
def test_in_words(told, monkeypatch, language, words):
    monkeypatch.setenv("KTT_LANG", language)
    shown = told("silent", "--never", "--day", "2026-03-16", code=4, data=False)
    for word in (*words, UNIT.key, "Bjerkreim", "Stavanger"):
        assert word in shown


def test_of_a_vendor(told):
    assert told("silent", "--vendor", "TEST", "--day", "2026-03-16", code=4)["units"]
    assert told("silent", "--vendor", "other", "--day", "2026-03-16")["units"] == []


def test_acceptance(told):
    rows = told("acceptance", "--by", "unit")
    assert [(one["unit"], one["accepted"], one["standing"], one["tries"], one["share"]) for one in rows] == [
        (OTHER.key, 6, 1, 2, 6 / 7),
        (UNIT.key, 10, 0, 0, 1.0),
    ]
    assert told("acceptance", "--by", "version")[0]["system"] == "ProveEPJ"
    assert told("acceptance", "--since", "2026-03-08", "--by", "unit")[1]["accepted"] == 4
    assert told("acceptance", "--until", "2026-03-02", "--by", "unit")[0]["accepted"] == 1
    assert "85,7 %" in told("acceptance", "--by", "unit", data=False)


def test_acceptance_of_a_day_and_of_a_unit(told):
    (row,) = told("acceptance", "--by", "unit", "--unit", UNIT.key, "--day", "2026-03-03")
    assert (row["unit"], row["accepted"]) == (UNIT.key, 1)
    whole = told("acceptance", "--by", "unit", "--since", "2026-03")
    assert whole == told("acceptance", "--by", "unit", "--since", "2026-03-01")
    assert [one["accepted"] for one in whole] == [6, 10]
    assert told("acceptance", "--day", "2026-03-03", "--since", "2026-03-01", code=2)["code"] == "KTT-CLI-01"
    assert told("acceptance", "--unit", UNIT.key, "--day", "2020-01-01") == []


@pytest.mark.parametrize("unit", [UNIT, OTHER])
def test_one_unit_alone(told, unit):
    on = ("--unit", unit.key, "--day", "2026-03-16")
    assert [one["unit"] for one in told("silent", *on, code=4)["units"]] == [unit.key]
    assert [one["unit"] for one in told("units", *on)] == [unit.key]
    assert [one["unit"] for one in told("received", *on, "--days", "30")][:1] == [unit.key]


class TestMonths:
    def test_the_nation(self, told):
        found = told("coverage", "--day", "2026-03-16")
        mine, other = found["units"]
        assert (mine["unit"], mine["name"], mine["ended"], mine["state"]) == (UNIT.key, "Bjerkreim", 110, "silent")
        last = {"year": "2026", "months": 2, "complete": 2, "partial": 0, "declared": 0, "none": 0}
        assert mine["years"][-1] == last  # all began in January; it was heard of in March
        assert [one["unit"] for one in told("coverage", "--silent", "--vendor", "test")["units"]] == [
            UNIT.key,
            OTHER.key,
        ]
        assert told("coverage", "--vendor", "nobody")["units"] == []
        assert other["years"][0]["none"] == 12

    def test_a_year_a_unit_and_a_month(self, told):
        on = ("--day", "2026-02-16")
        assert told("coverage", *on, "--year", "2026")["units"][0]["years"][0]["months"] == 1
        months = told("coverage", *on, "--unit", UNIT.key)
        assert (len(months), months[-1]["month"], months[-1]["records"]) == (109, "2026-01", 10)
        types = told("coverage", "--day", "2026-03-16", "--unit", UNIT.key, "--month", "2026-01")
        assert [(one["series"], one["records"]) for one in types][1] == ("care_service", 10)

    def test_in_words(self, told):
        shown = told("coverage", "--day", "2026-03-16", data=False)
        for word in ("2 av 2", "0 av 12", "✓ fullstendig", "Bjerkreim"):
            assert word in shown
        assert "✓ fullstendig" in told("coverage", "--day", "2026-03-16", "--year", "2026", data=False)
        assert "– ingen" in told("coverage", "--day", "2026-03-16", "--unit", UNIT.key, data=False)
        assert "tjeneste" in told(
            "coverage", "--day", "2026-03-16", "--unit", UNIT.key, "--month", "2026-01", data=False
        )

    @pytest.mark.parametrize(
        ("words", "code"), [(("--unit", "1"), "KTT-COV-04"), (("--month", "2019-01"), "KTT-CLI-01")]
    )
    def test_what_cannot_be_asked(self, told, words, code):
        assert told("coverage", *words, code=2)["code"] == code


class TestDeclarations:
    def test_is_written_shown_and_undone(self, told, monkeypatch):
        monkeypatch.setenv("SUDO_USER", "ingrid")
        why = ("--reason", "byttet EPJ, eldre data for 08844110015 finnes ikke")
        made = told("declare", UNIT.key, "--from", "2017-01", "--to", "2019-02", *why)
        assert (made["declared_by"], made["reason"]) == ("ingrid", "byttet EPJ, eldre data for ••• finnes ikke")
        years = told("coverage", "--unit", UNIT.key, "--year", "2019")
        assert [one["state"] for one in years][:3] == ["declared", "declared", "none"]
        told("undeclare", made["number"], "--reason", "fant dem likevel")
        assert {one["state"] for one in told("coverage", "--unit", UNIT.key, "--year", "2019")} == {"none"}
        (row,) = told("declarations", "--unit", UNIT.key)
        assert (told("declarations"), told("declarations", "--unit", OTHER.key)) == ([row], [])
        assert (row["undone_by"], row["undone_why"]) == ("ingrid", "fant dem likevel")
        assert told("undeclare", made["number"], "--reason", "x", code=2)["code"] == "KTT-COV-03"

    @pytest.mark.parametrize(
        ("words", "code"),
        [
            (("--from", "2016-12", "--to", "2017-02", "--reason", "x"), "KTT-COV-02"),
            (("--from", "2018-02", "--to", "2018-01", "--reason", "x"), "KTT-COV-02"),
            (("--from", "2018-1", "--to", "2018-13", "--reason", "x"), "KTT-COV-02"),
            (("--from", "2018-01", "--to", "2018-01", "--reason", " "), "KTT-COV-01"),
        ],
    )
    def test_what_is_no_declaration(self, told, words, code):
        assert told("declare", UNIT.key, *words, code=2)["code"] == code


def test_one_alarm_when_it_begins_and_metrics(told, tmp_path):
    path = tmp_path / "ktt.prom"
    first = told("silent", "--alarm", "--prometheus", path, code=4)
    assert {(one["unit"], one["state"], one["event"]) for one in first} == {
        (UNIT.key, "silent", "began"),
        (OTHER.key, "silent", "began"),
    }
    assert told("silent", "--alarm") == []
    assert f'ktt_registry_unit_silent{{unit="{UNIT.key}"}} 1' in path.read_text()
    assert f'ktt_registry_unit_rejected{{unit="{OTHER.key}"}} 1' in path.read_text()
    assert told("silent", "--alarm", "--prometheus", tmp_path / "no" / "x", code=16)["code"] == "KTT-COV-05"
    assert told("silent", "--alarm", "--all", code=2)["code"] == "KTT-CLI-01"
