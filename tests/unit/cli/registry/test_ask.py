"""`ktt registry status|units|person`: for people, as data, and by two clocks."""

from __future__ import annotations

import csv
import io
import json

import polars as pl
import pytest
import sqlalchemy as sa

from ktt.cli.app import run
from ktt.registry.tables import AUDIT
from support.registry_commands import accepted, ask, registry_in
from support.registry_inbox import NUMBERS, OTHER, UNIT, message, service, services, spoiled


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("registry")
    accepted(
        made,
        message(1, services(service("T-1"), service("T-2", "2"))),
        message(2, services(service("T-1", service_type="18"))),
        spoiled(message(3, services(service("T-3")), unit=OTHER)),
    )
    return made


@pytest.fixture
def told(folder, capfd, monkeypatch):
    monkeypatch.setenv("SUDO_USER", "ingrid")
    capfd.readouterr()

    def tell(*words, code=0, data=True):
        return ask(capfd, *words, "--config", folder / "mottak.toml", code=code, data=data)

    return tell


def test_the_whole(told):
    facts = told("status")
    assert (facts["units"], facts["waiting_units"], facts["messages"], facts["persons"]) == (2, 1, 2, 2)
    assert (facts["records"]["care_service"], facts["waiting_messages"]) == (2, 1)


@pytest.mark.parametrize(
    ("language", "words"),
    [("nb", ("Enheter som venter", "venter siden")), ("en", ("Units that wait", "has waited since"))],
)
def test_the_whole_in_words(told, monkeypatch, language, words):
    monkeypatch.setenv("KTT_LANG", language)
    shown = told("status", data=False)
    for word in (*words, OTHER.key, "KTT-MSG-04"):
        assert word in shown


def test_each_unit(told):
    mine, other = told("units")
    assert (mine["unit"], mine["name"], mine["records"], mine["care_service"]) == (UNIT.key, "Bjerkreim", 2, 2)
    assert (mine["last_received"], mine["waiting"]) == ("2026-03-02T06:02:00+00:00", None)
    assert (other["unit"], other["waits_code"], other["waiting"]) == (OTHER.key, "KTT-MSG-04", 1)
    assert "Grünerløkka" in other["name"] or other["name"].startswith("Oslo")


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ((), 2),
        (("--known-at", "2026-03-02T07:01"), 2),  # in Norway, an hour before UTC
        (("--known-at", "2026-03-02T07:00"), 0),
        (("--known-at", "2026-03-02T06:01:00+00:00"), 2),
        (("--known-at", "2026-03-02"), 2),  # the end of the day
        (("--known-at", "2026-03-01"), 0),
        (("--day", "2026-01-11"), 0),
        (("--day", "2026-01-12"), 2),
    ],
)
def test_by_two_clocks(told, words, count):
    assert told("units", *words)[0]["care_service"] == count


@pytest.mark.parametrize("words", [("--known-at", "yesterday"), ("--day", "1/1"), ("--known-at", "2026-13-01")])
def test_a_time_that_cannot_be_read(told, words):
    assert told("units", *words, code=2)["code"] == "KTT-CLI-01"


def test_units_for_a_spreadsheet(folder, capfd):
    assert run(["registry", "units", "--csv", "--config", str(folder / "mottak.toml")]) == 0
    rows = list(csv.DictReader(io.StringIO(capfd.readouterr().out.removeprefix("\ufeff")), delimiter=";"))
    assert [(row["Enhet"], row["Tjenester"], row["Kode"]) for row in rows] == [
        (UNIT.key, "2", ""),
        (OTHER.key, "0", "KTT-MSG-04"),
    ]


def test_units_for_polars(folder, capfd, tmp_path):
    path = tmp_path / "units.parquet"
    assert run(["registry", "units", "--parquet", str(path), "--config", str(folder / "mottak.toml")]) == 0
    frame = pl.read_parquet(path)
    assert frame.schema["last_received"] == pl.Datetime("us", "UTC")
    assert frame["care_service"].to_list() == [2, 0]


class TestAPerson:
    def test_by_local_id(self, told):
        story = told("person", UNIT.key, "1", "--reason", "case 12")
        lines = [(one["record_type"], one["local_id"], one["version"]) for one in story]
        assert lines == [("recipient", "1", 1), ("care_service", "T-1", 1), ("care_service", "T-1", 2)]
        assert (story[1]["holds_from"], story[1]["known_to"]) == ("2026-01-12", "2026-03-02T06:02:00+00:00")
        assert story[1]["content"]["service_type"] == "15"

    def test_by_number_from_standard_in(self, told, monkeypatch):
        written = f"{NUMBERS['1'][:6]} {NUMBERS['1'][6:]}\n"  # as people write it
        monkeypatch.setattr("sys.stdin", io.StringIO(written))
        assert len(told("person", "--number", "--reason", "case 12")) == 3

    def test_in_words_without_the_number(self, told, monkeypatch):
        for language, words in (
            ("nb", ("Gjelder", "tjeneste", "startdato: 2026-01-12")),
            ("en", ("Holds", "care service", "starts on: 2026-01-12")),
        ):
            monkeypatch.setenv("KTT_LANG", language)
            monkeypatch.setattr("sys.stdin", io.StringIO(NUMBERS["1"]))
            shown = told("person", "--number", "--reason", "case 12", data=False)
            assert NUMBERS["1"] not in shown
            for word in words:
                assert word in shown

    def test_what_held_then(self, told):
        words = ("--day", "2026-02-01", "--known-at", "2026-03-02T06:01:30+00:00")
        story = told("person", UNIT.key, "1", "--reason", "case 12", *words)
        assert [(one["record_type"], one["version"]) for one in story] == [("recipient", 1), ("care_service", 1)]
        assert told("person", UNIT.key, "1", "--reason", "x", "--known-at", "2020-01-01") == []

    def test_is_logged_with_the_one_who_looked(self, told, folder):
        told("person", UNIT.key, "2", "--reason", "case 4711")
        with registry_in(folder) as registry, registry.reading() as connection:
            logged = sa.select(AUDIT.c.who).where(AUDIT.c.why == "case 4711")
            assert connection.scalars(logged).all() == ["ingrid"]

    @pytest.mark.parametrize(
        ("words", "told_code"),
        [
            (("--reason", "x"), "KTT-CLI-01"),
            ((UNIT.key, "--reason", "x"), "KTT-CLI-01"),
            ((UNIT.key, "1", "--number", "--reason", "x"), "KTT-CLI-01"),
            ((UNIT.key, "1"), "KTT-CLI-01"),
            (("Bjerkreim", "1", "--reason", "x"), "KTT-CLI-01"),
            ((UNIT.key, "1", "--reason", " "), "KTT-REG-04"),
            ((UNIT.key, "77", "--reason", "x"), "KTT-REG-09"),
        ],
    )
    def test_what_cannot_be_answered(self, told, words, told_code):
        assert told("person", *words, code=2)["code"] == told_code


def test_a_sandbox_that_is_not_running(tmp_path, capfd):
    from ktt.registry import Registry

    keys = (tmp_path / "registry.vault", tmp_path / "identity.vault")
    Registry.open(f"sqlite:///{tmp_path / 'registry.sqlite'}", *keys).close()
    assert run(["registry", "units", "--folder", str(tmp_path), "--json"]) == 0
    assert json.loads(capfd.readouterr().out) == []
    assert run(["registry", "person", UNIT.key, "1", "--reason", "x", "--folder", str(tmp_path), "--json"]) == 2
    assert json.loads(capfd.readouterr().err)["code"] == "KTT-REG-09"
