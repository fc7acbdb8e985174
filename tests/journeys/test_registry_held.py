"""A message that cannot be read holds its units; a person sees it, mends the cause and releases them with a reason, while
the receiver's own processes ingest; and the registry ends as if nothing had been wrong.
"""

from __future__ import annotations

import datetime as dt
import json
import signal
import subprocess
import sys
import time

import pytest

from ktt.cli.app import run
from ktt.domain.unit import ReportingUnit
from ktt.receiver.service.settings import ServiceSettings
from ktt.receiver.store import tables
from ktt.receiver.store.acceptance import NewMessage, accept
from ktt.receiver.store.compression import compress
from ktt.receiver.store.inbox import sealing_context
from ktt.registry import Registry
from ktt.storage.database import Database
from ktt.storage.vault import Vault
from support.naive_registry import NaiveRegistry
from support.receiver_service import PATIENCE, free_port
from support.registry_inbox import OTHER, UNIT, lines, minute, service, services, shared

THIRD = ReportingUnit("312000008", "1119")
UNREADABLE = b'[{"orgNr": 1}]'


class Receiver:
    """A receiver in a folder, whose messages are accepted here, as if they had been sent; some with content spoiled."""

    def __init__(self, folder):
        self.config = folder / "mottak.toml"
        self.settings = ServiceSettings.load(self.config)
        self.database = Database.open(self.settings.store.url, tables.SCHEMA)
        self.vault = Vault.from_file(self.settings.store.key_file)
        self.naive, self.spoiled, self.last = NaiveRegistry(), {}, 0

    def accept(self, *units, spoiled=False):
        """The next message about these units: each unit's service T-1 has a type of its own from then on."""
        self.last += 1
        kind = ["15", "18", "6", "1", "2"][self.last % 5]
        message = shared(self.last, *((unit, services(service("T-1", service_type=kind))) for unit in sorted(units)))
        for unit in units:
            self.naive.take(self.last, unit, {"T-1": kind}, ())
        if spoiled:
            self.spoiled[self.last] = message
        with self.database.transaction() as connection:
            accept(connection, self._new(message, UNREADABLE if spoiled else message.payload))

    def mend(self):
        with self.database.transaction() as connection:
            for position, message in self.spoiled.items():
                row = tables.INBOX.c.position == position
                sealed = self._sealed(message, message.payload)
                connection.execute(tables.INBOX.update().where(row).values(payload=sealed))
        self.spoiled.clear()

    def _sealed(self, message, content):
        return self.vault.seal(compress(content), sealing_context(message.correlation_id))

    def _new(self, message, content):
        return NewMessage(
            correlation_id=message.correlation_id,
            units=tuple(unit.key for unit in message.units),
            message_type=message.message_type,
            version=message.version,
            msg_hash=message.correlation_id.encode().ljust(32),
            received_at=minute(message.position),
            client_id="client",
            supplier=None,
            software="a | b | c | d",
            extracted_on=dt.date(2026, 3, 2),
            payload=self._sealed(message, content),
        )


@pytest.fixture
def receiver(tmp_path, any_database_url, capfd):
    address = [] if any_database_url.startswith("sqlite") else ["--database-url", any_database_url]
    assert run(["mottak", "init", str(tmp_path / "m"), "--port", str(free_port()), "--workers", "1", *address]) == 0
    capfd.readouterr()
    opened = Receiver(tmp_path / "m")
    command = [sys.executable, "-m", "ktt", "mottak", "serve", "--config", str(opened.config)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        yield opened
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    opened.database.close()


@pytest.fixture
def told(capfd, receiver):
    """Run a command of the registry; its answer as data."""

    def tell(*words):
        assert run(["registry", *words, "--config", str(receiver.config), "--json"]) == 0
        return json.loads(capfd.readouterr().out)

    return tell


def until(holds):
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_a_unit_that_waits_is_seen_released_and_read_on_in_order(receiver, told):
    receiver.accept(UNIT)
    receiver.accept(UNIT, spoiled=True)
    receiver.accept(UNIT, OTHER)
    receiver.accept(OTHER)
    receiver.accept(THIRD)
    until(lambda: [row["messages"] for row in told("held")] == [2, 2])
    first, second = told("held")
    assert (first["unit"], first["position"], first["together"]) == (UNIT.key, 2, [OTHER.key])
    assert (second["unit"], second["position"], second["code"]) == (OTHER.key, 3, "KTT-REG-02")

    told("release", UNIT.key, "--reason", "an attempt")
    receiver.accept(OTHER)
    until(lambda: [row["messages"] for row in told("held")] == [2, 3])  # nothing was mended: they wait again

    receiver.mend()
    for unit in (UNIT, THIRD, OTHER):
        receiver.accept(unit)
    told("release", OTHER.key, "--reason", "mended in version 2")
    receiver.accept(UNIT, THIRD)
    place = receiver.settings.registry
    registry = Registry.open(place.url, place.key_file, place.identity_key_file)
    expected = {unit: receiver.naive.lines(unit) for unit in (UNIT, OTHER, THIRD)}
    until(lambda: all(sorted(lines(registry, unit)) == expected[unit] for unit in expected))
    assert told("held") == []
    registry.close()
