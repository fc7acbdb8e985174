"""`ktt registry silent|acceptance`: for people, as data, and with an exit code."""

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
    assert (other["times"], other["code"]) == (2, 2008)
    assert found["counts"] == {"silent": 1, "rejected": 1, "heard": 0, "ended": 0, "never": 355 + 14}
    assert "1103" in found["never_heard"]


def test_nobody_is_silent(told):
    assert told("silent", "--day", "2026-03-08")["units"] == []
    assert {one["state"] for one in told("silent", "--day", "2026-03-08", "--all")["units"]} == {"heard"}


def test_as_it_was_known(told):
    found = told("silent", "--known-at", "2026-03-12T12:00")
    assert found["units"] == []


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
