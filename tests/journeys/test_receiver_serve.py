"""Running a receiver: it refuses to start with a reason, stops in order and in time, and restarts what dies."""

from __future__ import annotations

import errno
import http.client
import os
import shutil
import signal
import socket
import sqlite3
import time
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ktt.cli.app import run
from ktt.core.http.exchange import NoAnswer, Response, converse
from ktt.messages.contract import Accepted, Unknown
from ktt.receiver.store.tables import SCHEMA
from ktt.storage.database import Database
from support.postgres_crash import cluster
from support.receiver_service import PATIENCE, Service, outgoing, registered_units, service


@pytest.fixture
def place(tmp_path):
    with registered_units(tmp_path, 1) as made:
        yield made


@pytest.fixture
def running(request, tmp_path, place):
    """A receiver that runs; a test may give it lines for its settings."""
    with service(tmp_path / "mottak", None, place, more=getattr(request, "param", "")) as made:
        made.start()
        yield made


# ── it refuses to start, and says why ───────────────────────────────────────────────────────────────────────────────


def no_vault(folder: Path):
    (folder / "receiver.vault").unlink()


def open_vault(folder: Path):
    (folder / "receiver.vault").chmod(0o644)


def other_vault(folder: Path):
    (folder / "receiver.vault").write_text("00" * 32)


def no_keys(folder: Path):
    for path in (folder / "receiver-keys").glob("*.key"):
        path.unlink()


def no_database(folder: Path):
    (folder / "receiver.sqlite").unlink()


def older_database(folder: Path):
    """As the version before this one left it."""
    for file in folder.glob("receiver.sqlite*"):
        file.unlink()
    before = replace(SCHEMA, head=f"{int(SCHEMA.head) - 1:04}")
    Database.open(f"sqlite:///{folder / 'receiver.sqlite'}", before).close()


def newer_database(folder: Path):
    with sqlite3.connect(folder / "receiver.sqlite") as connection:
        connection.execute("UPDATE receiver_version SET version_num = '9999'")


def setting(old: str, new: str):
    def change(folder: Path):
        path = folder / "mottak.toml"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    return change


REFUSALS = {
    "no vault": (no_vault, "KTT-STO-03"),
    "a vault that others may read": (open_vault, "KTT-STO-04"),
    "a vault that belongs to other keys": (other_vault, "KTT-REC-03"),
    "no keys": (no_keys, "KTT-MOT-04"),
    "no database": (no_database, "KTT-MOT-03"),
    "a database from before the upgrade": (older_database, "KTT-MOT-03"),
    "a database from after it": (newer_database, "KTT-STO-02"),
    "a database that does not answer": (
        setting("sqlite:///receiver.sqlite", "postgresql://ktt@127.0.0.1:1/ktt"),
        "KTT-STO-01",
    ),
    "test mode in production": (
        setting('environment = "sandbox"', 'environment = "production"\ntest_mode = true'),
        "KTT-REC-01",
    ),
    "no TLS": (setting('base_url = "http://127.0.0.1', 'base_url = "http://mottak.example'), "KTT-REC-02"),
    "a setting that is misspelt": (setting("[listen]", "[listen]\nwoerkers = 2"), "KTT-CFG-02"),
    "a host that is not this machine": (setting('host = "127.0.0.1"', 'host = "192.0.2.1"'), "KTT-MOT-05"),
}


@pytest.fixture(scope="session")
def set_up(tmp_path_factory):
    folder = tmp_path_factory.mktemp("set-up")
    made = Service(folder / "mottak", None, "http://127.0.0.1:8790")
    return made.folder


@pytest.mark.parametrize(("damage", "code"), REFUSALS.values(), ids=REFUSALS)
def test_it_refuses_to_start_and_says_why(set_up, tmp_path, capfd, damage, code):
    folder = tmp_path / "mottak"
    shutil.copytree(set_up, folder)
    damage(folder)
    assert run(["mottak", "serve", "--config", str(folder / "mottak.toml")]) != 0
    out, told = capfd.readouterr()
    assert (out, told.splitlines()[0].partition(":")[0]) == ("", code), told


def test_a_port_that_stays_busy(set_up, capfd, monkeypatch):
    from ktt.receiver.service import preflight
    from ktt.receiver.service.settings import ServiceSettings

    monkeypatch.setattr(preflight, "_PORT_SECONDS", 0.3)
    port = ServiceSettings.load(set_up / "mottak.toml").listen.port
    with preflight.listen("127.0.0.1", port):
        assert run(["mottak", "serve", "--config", str(set_up / "mottak.toml")]) == 2
    waiting, error = capfd.readouterr().err.split("\n", 1)
    assert "the address is in use" in waiting
    assert error.startswith(f"KTT-MOT-05: Kan ikke lytte på 127.0.0.1:{port}")


def test_after_migrate_an_older_database_is_good_again(set_up, tmp_path, capfd):
    folder = tmp_path / "mottak"
    shutil.copytree(set_up, folder)
    older_database(folder)
    config = ["--config", str(folder / "mottak.toml")]
    assert run(["mottak", "status", *config]) == 16
    assert run(["mottak", "migrate", *config]) == 0
    assert run(["mottak", "status", *config]) == 0


# ── it stops in order ───────────────────────────────────────────────────────────────────────────────────────────────


def halting(half_way, *, finish=True):
    """An exchange that stops in the middle of the message, lets something happen, and goes on."""

    def exchange(request):
        connection = http.client.HTTPConnection(urlsplit(request.url).netloc, timeout=30)
        body = request.body or b""
        connection.putrequest(request.method, urlsplit(request.url).path)
        for name, value in {**request.headers, "Content-Length": str(len(body))}.items():
            connection.putheader(name, value)
        connection.endheaders()
        try:
            if request.url.endswith("/message"):
                connection.send(body[: len(body) // 2])
                half_way()
                body = body[len(body) // 2 :] if finish else b""
            connection.send(body)
            answer = connection.getresponse()
            return Response(answer.status, dict(answer.getheaders()), answer.read())
        except (OSError, http.client.HTTPException) as fault:
            raise NoAnswer(type(fault).__name__) from None
        finally:
            connection.close()

    return exchange


def knock(port):
    with socket.socket() as late:
        return late.connect_ex(("127.0.0.1", port))


def test_what_is_under_way_is_finished_and_nothing_new_is_let_in(running, place):
    (unit,) = place.units
    refused = []

    def stop():
        time.sleep(1.0)  # it waits for the rest of the body
        running.process.send_signal(signal.SIGINT)
        wait_for(lambda: knock(running.settings.listen.port) == errno.ECONNREFUSED, seconds=20)
        refused.append(True)

    outcome = converse(place.receiver_client(unit, running.address).conversation(outgoing(unit, 1)), halting(stop))
    assert isinstance(outcome, Accepted), outcome
    assert refused == [True]
    assert running.ended() == 0
    assert [receipt for receipt, _ in running.stored()[unit.key]] == [outcome.correlation_id]


@pytest.mark.parametrize("running", ["stop_seconds = 2"], indirect=True)
def test_a_sender_that_never_finishes_does_not_delay_the_stop(running, place):
    (unit,) = place.units
    began = []

    def stop():
        running.process.send_signal(signal.SIGTERM)
        began.append(time.monotonic())
        assert running.ended() == 0

    outcome = converse(
        place.receiver_client(unit, running.address).conversation(outgoing(unit, 1)), halting(stop, finish=False)
    )
    assert not isinstance(outcome, Accepted)
    assert time.monotonic() - began[0] < 25, "not only when `halting` gives up, after 30 s"
    assert running.stored() == {}


# ── it restarts ──────────────────────────────────────────────────────────────────────────────────────────────────────


def wait_for(holds, seconds=PATIENCE):
    until = time.monotonic() + seconds
    while not holds() and time.monotonic() < until:
        time.sleep(0.05)
    assert holds()


def test_whatever_is_killed_is_replaced_and_nothing_is_left_that_holds_the_port(running, place):
    (unit,) = place.units
    client = place.receiver_client(unit, running.address)
    assert (ask(running, "/health/live"), ask(running, "/health/ready")) == (200, 200)
    before = running.children()
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    assert isinstance(deliver(client, unit, 1), Accepted)
    wait_for(lambda: len(running.children()) == len(before))
    assert not set(before) & set(running.children())
    assert running.log.count("DEAD: ") == len(before)
    orphans = running.children()
    running.kill_supervisor()
    running.start()
    assert isinstance(deliver(client, unit, 2), Accepted)
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in orphans))


def ask(running, path):
    connection = http.client.HTTPConnection(urlsplit(running.address).netloc, timeout=60)
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def deliver(client, unit, number, seconds=PATIENCE):
    until = time.monotonic() + seconds
    while True:
        outcome = client.send(outgoing(unit, number))
        if isinstance(outcome, Accepted) or time.monotonic() > until:
            return outcome
        time.sleep(0.1)


@pytest.mark.postgres
def test_what_dies_while_the_database_is_away_comes_up_and_answers_until_it_is_back(tmp_path, place):
    (unit,) = place.units
    with cluster() as server, service(tmp_path / "away", server.url, place, workers=1) as running:
        running.start()
        client = place.receiver_client(unit, running.address)
        assert isinstance(client.send(outgoing(unit, 1)), Accepted)
        server.crash()
        before = running.children()
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        wait_for(lambda: len(running.children()) == len(before) and not set(before) & set(running.children()))
        assert (ask(running, "/health/live"), ask(running, "/health/ready")) == (200, 503)
        outcome = client.send(outgoing(unit, 2))
        assert isinstance(outcome, Unknown)
        assert "2010" in outcome.reason
        after = running.children()
        server.start()
        assert isinstance(deliver(client, unit, 2), Accepted)
        assert (ask(running, "/health/ready"), running.children()) == (200, after)
