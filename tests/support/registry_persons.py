"""A receiver and its registry over one database, for what concerns one person in both; and a search of all its files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from ktt.messages.contract import AcceptedMessage
from ktt.messages.register import find
from ktt.receiver.findings.stored_content import StoredContent
from ktt.receiver.store import tables
from ktt.receiver.store.acceptance import NewMessage, accept
from ktt.receiver.store.compression import compress
from ktt.receiver.store.inbox import SqlInbox, sealing_context
from ktt.registry import SCHEMA, Registry
from ktt.registry.persons.access_report import AccessReports
from ktt.registry.persons.deletion import PersonDeletion
from ktt.registry.verification import Verification, Verifier
from ktt.storage.database import Database
from ktt.storage.vault import Vault
from support.registry_inbox import START
from support.settable_clock import SettableClock


class PersonPlace:
    """The two ends over the database at `url`, with keys in `folder`."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        self.database = Database.open(url, tables.SCHEMA, SCHEMA)
        names = ("registry.vault", "identity.vault", "receiver.vault")
        self.keys = [Vault.from_file(folder / name, create=True) for name in names]
        self.clock = SettableClock(START)
        self.registry = Registry(self.database, *self.keys[:2], self.clock, find)
        self.content = StoredContent(self.database, self.keys[2])
        self.inbox = SqlInbox(self.database, self.keys[2])
        shared = (self.database, self.registry.identities, self.content, find)
        self.deletion = PersonDeletion(*shared)
        self.reports = AccessReports(*shared, self.clock)

    def accepted(self, *messages: AcceptedMessage) -> None:
        """Accept the messages as they are, and ingest them."""
        for message in messages:
            with self.database.transaction() as connection:
                accept(connection, self._new(message))
        self.registry.ingest(self.inbox)

    def _new(self, message: AcceptedMessage) -> NewMessage:
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
            payload=self.keys[2].seal(compress(message.payload), sealing_context(message.correlation_id)),
        )

    def stored(self) -> dict[int, bytes]:
        """The content of each stored message, by position."""
        return {message.position: message.payload for message in self.inbox.after(0, 1000)}

    def verify(self) -> Verification:
        """The whole, with the messages read anew."""
        verifier = Verifier(self.database, *self.keys[:2], self.clock, find)
        return verifier.run(self.inbox, self.folder)

    def erase(self, whom: object) -> None:
        """Delete a person by the word of the plan."""
        plan = self.deletion.plan(whom, "Ingrid", "plan")
        self.deletion.run(whom, "Ingrid", "decision 7", plan.word)

    def found_in_files(self, tokens: Iterable[str | bytes]) -> dict[str, set[str]]:
        """Which of the tokens stand anywhere in the files of the database, and in which kind of file."""
        wanted = [token.encode() if isinstance(token, str) else token for token in tokens]
        found: dict[str, set[str]] = {}
        for name, content in self._files():
            for token in wanted:
                if token in content:
                    found.setdefault(repr(token), set()).add(name)
        return found

    def _files(self) -> Iterator[tuple[str, bytes]]:
        if self.database.dialect == "sqlite":
            for path in self.folder.rglob("*"):
                if path.is_file():
                    yield path.name, path.read_bytes()
            return
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("CHECKPOINT")
            place = Path(connection.execute("SHOW data_directory").fetchone()[0])
            oid = connection.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone()[0]
        for path in (place / "base" / str(oid)).iterdir():
            yield "table", path.read_bytes()
        for path in (place / "pg_wal").iterdir():
            if path.is_file():
                yield "log", path.read_bytes()


@contextmanager
def person_place(url: str, folder: Path) -> Iterator[PersonPlace]:
    """Open, and closed afterwards."""
    place = PersonPlace(url, folder)
    try:
        yield place
    finally:
        place.database.close()
