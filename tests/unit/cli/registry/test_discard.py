"""`ktt mottak discard`: only what is old, ingested and validated goes; receipts stay."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from ktt.cli.app import run
from ktt.receiver.service.settings import ServiceSettings
from ktt.receiver.store import tables
from ktt.storage.database import Database
from support.registry_commands import accepted, ask
from support.registry_inbox import OTHER, message, service, services, spoiled


@pytest.fixture
def folder(tmp_path, capfd):
    """Five messages of March 2026, the fourth of which waits; all validated."""
    accepted(
        tmp_path,
        *(message(at, services(service(f"T-{at}"))) for at in (1, 2, 3)),
        spoiled(message(4, services(service("T-4")), unit=OTHER)),
        message(5, services(service("T-5"))),
    )
    keep(tmp_path, 30)
    with database(tmp_path) as connection:
        connection.execute(sa.update(tables.FOLLOWER_POSITION).values(position=5))
    capfd.readouterr()
    return tmp_path


def keep(folder, days):
    text = (folder / "mottak.toml").read_text().replace("# keep_days = 400 ", f"keep_days = {days} ")
    (folder / "mottak.toml").write_text(text)


def database(folder):
    settings = ServiceSettings.load(folder / "mottak.toml")
    return Database.open(settings.store.url, tables.SCHEMA).transaction()


def discarded(folder, capfd, *words, code=0):
    assert run(["mottak", "discard", *words, "--config", str(folder / "mottak.toml"), "--json"]) == code
    out, err = capfd.readouterr()
    return json.loads(out or err)


def kept(folder):
    with database(folder) as connection:
        return [
            connection.scalars(sa.select(table.c.position).order_by(table.c.position)).all()
            for table in (tables.INBOX, tables.RECEIPT)
        ]


def test_what_is_old_and_read_goes_and_receipts_stay(folder, capfd):
    assert discarded(folder, capfd, "--plan")["messages"] == 3
    assert kept(folder) == [[1, 2, 3, 4, 5], [1, 2, 3, 4, 5]]
    assert discarded(folder, capfd)["messages"] == 3
    assert kept(folder) == [[4, 5], [1, 2, 3, 4, 5]]
    assert discarded(folder, capfd)["messages"] == 0
    found = ask(capfd, "verify", "--messages", "--config", folder / "mottak.toml")
    assert (found["holds"], found["units_not_kept"]) == (True, 1)


def test_what_is_not_validated_is_kept(folder, capfd):
    with database(folder) as connection:
        connection.execute(sa.update(tables.FOLLOWER_POSITION).values(position=2))
    assert discarded(folder, capfd)["messages"] == 2
    assert kept(folder)[0] == [3, 4, 5]


def test_what_is_young_is_kept(folder, capfd):
    (folder / "mottak.toml").write_text(
        (folder / "mottak.toml").read_text().replace("keep_days = 30", "keep_days = 36500")
    )
    assert discarded(folder, capfd)["messages"] == 0


def test_without_a_rule_nothing_goes(folder, capfd):
    (folder / "mottak.toml").write_text((folder / "mottak.toml").read_text().replace("keep_days = 30", "# "))
    assert discarded(folder, capfd, code=2)["code"] == "KTT-CLI-01"
