"""A receiver in a folder with messages in its inbox and its registry, for the commands of `ktt registry`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager

from ktt.cli.app import run
from ktt.messages.contract import AcceptedMessage
from ktt.receiver.service.settings import ServiceSettings
from ktt.receiver.store import tables
from ktt.receiver.store.acceptance import NewMessage, accept
from ktt.receiver.store.inbox import SqlInbox, sealing_context
from ktt.registry import Registry
from ktt.storage.database import Database
from ktt.storage.vault import Vault
from support.registry_inbox import START


def ask(capfd, *words, code=0, data=True):
    """Run `ktt registry …`; its answer as data, or as text on one line."""
    assert run(["registry", *map(str, words), *(["--json"] if data else [])]) == code
    out, err = capfd.readouterr()
    return json.loads(out or err) if data else " ".join((out + err).split())


def accepted(folder, *messages, database_url=None):
    """Make a receiver in the folder, let it accept the messages as they are, and ingest them."""
    assert run(["mottak", "init", str(folder), *(["--database-url", database_url] if database_url else [])]) == 0
    settings = ServiceSettings.load(folder / "mottak.toml")
    database, vault = Database.open(settings.store.url, tables.SCHEMA), Vault.from_file(settings.store.key_file)
    for message in messages:
        with database.transaction() as connection:
            accept(connection, new_message(message, vault))
    with registry_in(folder) as registry:
        registry.ingest(SqlInbox(database, vault))
    database.close()


def new_message(message: AcceptedMessage, vault: Vault) -> NewMessage:
    """The message as the receiver stores it."""
    return NewMessage(
        correlation_id=message.correlation_id,
        units=tuple(unit.key for unit in message.units),
        message_type=message.message_type,
        version=message.version,
        msg_hash=hashlib.sha256(message.payload).digest(),
        received_at=message.received_at,
        client_id="test",
        supplier=None,
        software="test",
        extracted_on=START.date(),
        payload=vault.seal(message.payload, sealing_context(message.correlation_id)),
    )


@contextmanager
def registry_in(folder) -> Iterator[Registry]:
    """The registry of the receiver in the folder, open."""
    place = ServiceSettings.load(folder / "mottak.toml").registry
    registry = Registry.open(place.url, place.key_file, place.identity_key_file)
    try:
        yield registry
    finally:
        registry.close()
