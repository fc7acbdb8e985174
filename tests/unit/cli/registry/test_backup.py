"""`ktt registry backup|restore`: the drill, on both databases, to the end and to a point in time."""

from __future__ import annotations

import pytest

from ktt.cli.app import run
from ktt.receiver.service import health_probe
from ktt.receiver.service.settings import ServiceSettings
from ktt.receiver.store import tables
from ktt.receiver.store.acceptance import accept
from ktt.receiver.store.inbox import SqlInbox
from ktt.storage.database import Database
from ktt.storage.vault import Vault
from support.registry_commands import ask, new_message, registry_in
from support.registry_content import content
from support.registry_inbox import UNIT, message, service, services

_ONE_ROW = {"audit_entry", "audit_head", "audit_about", "audit_subject", "ingested_message", "ingest_position"}


@pytest.fixture(params=["files", pytest.param("postgres_url", marks=pytest.mark.postgres)])
def folder(request, tmp_path, capfd, monkeypatch):
    """A receiver with its registry, that has ingested three messages."""
    monkeypatch.setenv("SUDO_USER", "ingrid")
    url = [] if request.param == "files" else ["--database-url", request.getfixturevalue(request.param)]
    assert run(["mottak", "init", str(tmp_path / "r"), *url]) == 0
    take(tmp_path / "r", 1, 2, 3)
    capfd.readouterr()
    return tmp_path / "r"


def take(folder, *numbers):
    settings = ServiceSettings.load(folder / "mottak.toml")
    database, vault = Database.open(settings.store.url, tables.SCHEMA), Vault.from_file(settings.store.key_file)
    for at in numbers:
        records = services(service("T-1", service_type="15" if at % 2 else "18"), service(f"T-{at}0", "2"))
        with database.transaction() as connection:
            accept(connection, new_message(message(at, records), vault))
    with registry_in(folder) as registry:
        registry.ingest(SqlInbox(database, vault))
    database.close()


def held(folder):
    with registry_in(folder) as registry:
        return {name: rows for name, rows in content(registry).items() if name not in _ONE_ROW}


def told(capfd, folder, *words, code=0):
    return ask(capfd, *words, "--config", folder / "mottak.toml", code=code)


def test_the_drill(folder, capfd, tmp_path):
    made = told(capfd, folder, "backup", tmp_path / "copy")
    assert made["position"] == 3
    take(folder, 4, 5)
    before = held(folder)
    with registry_in(folder) as registry, registry._database.transaction() as connection:
        connection.exec_driver_sql("DELETE FROM care_service_history")
        connection.exec_driver_sql("UPDATE care_service_current SET service_type = '6'")
    done = told(capfd, folder, "restore", tmp_path / "copy", "--reason", "the drill")
    assert (done["position"], done["messages"], done["holds"]) == (3, 2, True)
    assert held(folder) == before
    assert told(capfd, folder, "verify", "--messages")["holds"]
    assert told(capfd, folder, "look-ups")[-1]["act"] == "restore"


def test_to_a_point_in_time(folder, capfd, tmp_path):
    told(capfd, folder, "backup", tmp_path / "copy")
    take(folder, 4)
    then = held(folder)
    take(folder, 5)
    words = ("restore", tmp_path / "copy", "--until", "2026-03-02T06:04:30+00:00", "--reason", "x")
    assert told(capfd, folder, *words)["messages"] == 1
    assert held(folder) == then


def test_what_is_altered_is_not_put_back(folder, capfd, tmp_path):
    told(capfd, folder, "backup", tmp_path / "copy")
    before = held(folder)
    path = max((tmp_path / "copy").iterdir(), key=lambda one: one.stat().st_size)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    words = ("restore", tmp_path / "copy", "--reason", "x")
    assert told(capfd, folder, *words, code=16)["code"] == "KTT-REG-23"
    assert told(capfd, folder, "restore", tmp_path / "none", "--reason", "x", code=16)["code"] == "KTT-REG-23"
    assert told(capfd, folder, "backup", tmp_path / "copy", code=2)["code"] == "KTT-CLI-04"
    assert held(folder) == before


def test_a_running_receiver_is_left_alone(folder, capfd, tmp_path, monkeypatch):
    told(capfd, folder, "backup", tmp_path / "copy")
    monkeypatch.setattr(health_probe, "probe", lambda _host, _port: "ready")
    assert told(capfd, folder, "restore", tmp_path / "copy", "--reason", "x", code=2)["code"] == "KTT-REG-22"
    assert UNIT.key in str(held(folder))
