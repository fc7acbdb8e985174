"""`ktt registry verify`: words, data, exit code; a receiver's registry and a sandbox's."""

from __future__ import annotations

import csv
import io

import polars as pl
import pytest
import sqlalchemy as sa

from ktt.cli.app import run
from ktt.registry.verification import MEANINGS
from support.registry_commands import accepted, ask, registry_in
from support.registry_inbox import UNIT, message, service, services


@pytest.fixture
def place(tmp_path, capfd):
    """A receiver in a folder, with accepted messages that its registry has ingested."""
    accepted(
        tmp_path,
        message(1, services(service("T-1"), service("T-2"))),
        message(2, services(service("T-1", service_type="18"))),
    )
    capfd.readouterr()
    return ["--config", tmp_path / "mottak.toml"]


@pytest.fixture
def spoil(tmp_path):
    def statement(text):
        with registry_in(tmp_path) as registry, registry._database.transaction() as connection:
            connection.execute(sa.text(text))

    return statement


def test_a_registry_that_holds(place, capfd):
    answer = ask(capfd, "verify", *place, "--messages")
    assert answer["holds"]
    assert answer["versions"]["care_service"] == 3
    assert (answer["messages"], answer["recomputed_units"], answer["places"]) == (2, 1, [])


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("nb", ("✓ 4 versjoner og 2 meldinger henger sammen.", "✓ 1 enhets meldinger er lest på nytt")),
        ("en", ("✓ 4 versions and 2 messages hang together.", "✓ The messages of 1 unit were read anew")),
    ],
)
def test_in_words(place, capfd, monkeypatch, language, words):
    monkeypatch.setenv("KTT_LANG", language)
    shown = ask(capfd, "verify", *place, "--messages", data=False)
    for word in words:
        assert word in shown


class TestOneThatDoesNot:
    def test_says_what_is_wrong_where_and_what_to_do(self, place, spoil, capfd, monkeypatch):
        spoil("UPDATE ingested_message SET changed = 7 WHERE position = 2")
        for language, words in (("nb", "Ta vare på databasen"), ("en", "Keep the database as it is")):
            monkeypatch.setenv("KTT_LANG", language)
            shown = ask(capfd, "verify", *place, data=False, code=4)
            for word in (words, "✗ journal: 1", UNIT.key):
                assert word in shown

    def test_as_data(self, place, spoil, capfd):
        spoil("UPDATE care_service_current SET starts_on = '2026-01-11' WHERE service_id = 'T-2'")
        answer = ask(capfd, "verify", *place, code=4)
        assert answer["counts"] == {"fingerprint": 1}
        (one,) = answer["places"]
        assert (one["check"], one["record_type"], one["local_id"]) == ("fingerprint", "care_service", "T-2")
        assert one["meaning"] == MEANINGS["fingerprint"].both()

    def test_as_csv_and_parquet(self, place, spoil, capfd, tmp_path):
        spoil("UPDATE ingested_message SET changed = 7 WHERE position = 2")
        assert run(["registry", "verify", *map(str, place), "--csv"]) == 4
        heads, row = csv.reader(io.StringIO(capfd.readouterr().out.removeprefix("\ufeff")), delimiter=";")
        assert (heads[0], row[0], row[-1]) == ("Kontroll", "journal", "2")
        assert run(["registry", "verify", *map(str, place), "--parquet", str(tmp_path / "found.parquet")]) == 4
        out, err = capfd.readouterr()
        assert out == ""
        assert "1 rad er skrevet" in err
        assert pl.read_parquet(tmp_path / "found.parquet")["position"].to_list() == [2]

    def test_one_form_at_a_time(self, place, capfd):
        assert ask(capfd, "verify", *place, "--csv", code=2)["code"] == "KTT-CLI-01"

    def test_a_parquet_file_that_cannot_be_written(self, place, capfd, tmp_path):
        assert run(["registry", "verify", *map(str, place), "--parquet", str(tmp_path / "no" / "f")]) == 2
        assert "KTT-CLI-04" in capfd.readouterr().err


def test_only_messages_that_are_gone_from_the_inbox_are_not_read_anew(place, capfd, tmp_path):
    import sqlite3

    with sqlite3.connect(tmp_path / "receiver.sqlite") as connection:
        connection.execute("DELETE FROM receiver_inbox")
    answer = ask(capfd, "verify", *place, "--messages")
    assert (answer["holds"], answer["recomputed_units"], answer["units_not_kept"]) == (True, 0, 1)
