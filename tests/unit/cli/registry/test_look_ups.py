"""`ktt registry look-ups|reidentify`: who has looked, and the way back from a pseudonym; each itself written down."""

from __future__ import annotations

import io

import pytest
import sqlalchemy as sa

from support.audit_entries import entries
from support.registry_commands import accepted, ask, registry_in
from support.registry_inbox import NUMBERS, OTHER, UNIT, message, recipient, service, services


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("registry")
    three = services(service("T-1"), service("T-2", "2"), service("T-3", "3"))
    nameless = services(service("T-9", "9"), people=[recipient("9", None)])
    accepted(folder, message(1, three), message(2, services(service("T-1")), unit=OTHER), message(3, nameless))
    text = (folder / "mottak.toml").read_text()
    (folder / "mottak.toml").write_text(text.replace("# persons_a_day = 20 ", "persons_a_day = 2 "))
    return folder


@pytest.fixture
def told(filled, capfd, monkeypatch):
    monkeypatch.setenv("SUDO_USER", "ingrid")
    capfd.readouterr()
    with registry_in(filled) as registry, registry._database.transaction() as connection:
        for table in ("audit_entry", "audit_about", "audit_subject"):
            connection.execute(sa.text(f"DELETE FROM {table}"))
        connection.execute(sa.text("UPDATE audit_head SET number = 0, hash = '', sealed = NULL"))

    def tell(*words, code=0, data=True):
        return ask(capfd, *words, "--config", filled / "mottak.toml", code=code, data=data)

    return tell


def pseudonyms(folder):
    with registry_in(folder) as registry:
        return dict(registry.people(UNIT).select("local_person_id", "person_key").rows())


def test_each_look_is_there_in_its_order(told):
    told("person", UNIT.key, "1", "--reason", "case 1")
    told("person", UNIT.key, "2", "--reason", "case 2")
    rows = told("look-ups")
    assert [(row["number"], row["who"], row["act"], row["why"], row["persons"]) for row in rows] == [
        (1, "ingrid", "look", "case 1", 1),
        (2, "ingrid", "look", "case 2", 1),
    ]
    assert [row["number"] for row in told("look-ups", "--since", "2100-01-01")] == []
    assert told("look-ups", "--day", "2000-01-01") == []
    assert told("look-ups", "--day", "2026-03-02", "--until", "2026-03-02", code=2)["code"] == "KTT-CLI-01"
    assert [row["number"] for row in told("look-ups", "--who", "somebody else")] == []


def test_who_has_looked_at_one_person_is_a_look_of_its_own(told, monkeypatch):
    told("person", UNIT.key, "2", "--reason", "another")
    told("person", UNIT.key, "1", "--reason", "case 1")
    assert told("look-ups", UNIT.key, "1", code=2)["code"] == "KTT-CLI-01"
    rows = told("look-ups", UNIT.key, "1", "--reason", "asked by the person")
    assert [(row["act"], row["why"]) for row in rows] == [("look", "case 1"), ("log", "asked by the person")]
    monkeypatch.setattr("sys.stdin", io.StringIO(NUMBERS["1"]))
    assert len(told("look-ups", "--number", "--reason", "asked again")) == 3


def test_many_in_a_day_is_an_alarm(told, caplog):
    for person in ("1", "2"):
        told("person", UNIT.key, person, "--reason", "case")
    assert told("look-ups", "--alarms") == []
    told("person", UNIT.key, "2", "--reason", "case")
    assert told("look-ups", "--alarms") == []
    told("person", UNIT.key, "3", "--reason", "case")
    (row,) = told("look-ups", "--alarms", code=4)
    assert (row["number"], row["many"]) == (4, True)


@pytest.mark.parametrize(("language", "words"), [("nb", ("Hvorfor", "så historien")), ("en", ("Why", "saw the story"))])
def test_in_words(told, monkeypatch, language, words):
    monkeypatch.setenv("KTT_LANG", language)
    told("person", UNIT.key, "1", "--reason", "case 1")
    shown = told("look-ups", data=False)
    for word in words:
        assert word in shown


class TestReidentify:
    def test_the_number_and_where_it_is_known(self, told, filled):
        keys = pseudonyms(filled)
        (row,) = told("reidentify", keys["1"], "--reason", "case 7")
        assert (row["pseudonym"], row["number"], row["kind"]) == (keys["1"], NUMBERS["1"], "national")
        assert row["known_as"] == f"{UNIT.key} 1, {OTHER.key} 1"
        with registry_in(filled) as registry:
            assert entries(registry) == [("reidentify", "ingrid", "case 7", None, [keys["1"]])]

    def test_several_from_standard_in(self, told, filled, monkeypatch):
        keys = pseudonyms(filled)
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{keys['9']}\n\n{keys['2']}\nffff\n"))
        rows = told("reidentify", "--reason", "case 7")
        assert [(row["pseudonym"], row["number"]) for row in rows] == [(keys["9"], None), (keys["2"], NUMBERS["2"])]

    def test_one_that_is_unknown_is_written_down_all_the_same(self, told, filled):
        assert told("reidentify", "ffff", "--reason", "case 7", code=2)["code"] == "KTT-REG-09"
        assert told("reidentify", "ffff", "--reason", " ", code=2)["code"] == "KTT-REG-04"
        with registry_in(filled) as registry:
            assert entries(registry) == [("reidentify", "ingrid", "case 7", None, [])]
