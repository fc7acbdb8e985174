"""A backup of the registry in a folder, while others use it, and putting one back: whole or not at all.

SQLite is copied by its own means into one file; PostgreSQL gives one picture of every table by COPY. Keys are not in it.
To a point in time: a backup, and then the receiver's inbox as far as what had been received by then.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from ktt.core.clock import Clock
from ktt.messages.contract import AcceptedMessage, Inbox
from ktt.registry.errors import BackupUnusable
from ktt.registry.identity.audit import Head
from ktt.registry.tables import AUDIT_HEAD, INGEST_POSITION, METADATA, SCHEMA, STAGED, VAULT_CHECK
from ktt.storage.backup import back_up
from ktt.storage.database import Database

MANIFEST = "manifest.json"
_FILE = "registry.sqlite"
_CHUNK = 1 << 20
TABLES = [table.name for table in METADATA.sorted_tables if table is not STAGED]
"""Every table of the registry that is stored."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup is of: when, how far it had come, and the hash of each file."""

    made_at: str
    dialect: str
    revision: str
    position: int
    audit: int  # the newest entry of the audit log
    vaults: dict[str, str]
    files: dict[str, str]


def write_backup(database: Database, url: str, folder: Path, clock: Clock) -> Manifest:
    """Write the registry to a new folder; FileExistsError when it is there."""
    folder.mkdir(mode=0o700)
    made_at = clock.now()
    if database.dialect == "sqlite":
        back_up(url, folder / _FILE)
        copy = Database.open(f"sqlite:///{(folder / _FILE).absolute()}")
        try:
            position, head, vaults = _state(copy)
        finally:
            copy.close()
        for beside in folder.glob(f"{_FILE}-*"):
            beside.unlink()
        for beside in folder.glob("*.lock"):
            beside.unlink()
    else:
        position, head, vaults = _copy_out(database, folder)
    files = {path.name: _hash(path) for path in sorted(folder.iterdir())}
    manifest = Manifest(made_at.isoformat(), database.dialect, SCHEMA.head, position, head.number, vaults, files)
    (folder / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1), encoding="utf-8")
    return manifest


def read_manifest(folder: Path, dialect: str) -> Manifest:
    """The backup's manifest, its files looked at; BackupUnusable when one is missing or altered, or it is of another kind."""
    try:
        manifest = Manifest(**json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as fault:
        raise BackupUnusable(folder=folder, reason=type(fault).__name__) from fault
    altered = [name for name, found in manifest.files.items() if not _is(folder / name, found)]
    if altered or (manifest.dialect, manifest.revision) != (dialect, SCHEMA.head):
        raise BackupUnusable(folder=folder, reason=altered[0] if altered else f"{manifest.dialect} {manifest.revision}")
    return manifest


def put_back(database: Database, folder: Path) -> None:
    """Put the backup in the place of all that the registry has, in one transaction."""
    if database.dialect == "sqlite":
        with (
            closing(sqlite3.connect(folder / _FILE)) as copy,
            database.engine.connect() as connection,
        ):
            live = connection.connection.driver_connection
            assert isinstance(live, sqlite3.Connection)
            copy.backup(live)
        return
    import psycopg

    with database.transaction() as connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, psycopg.Connection)
        with raw.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(TABLES)}".encode())
            for table in TABLES:
                with cursor.copy(f"COPY {table} FROM STDIN (FORMAT binary)".encode()) as into:
                    for part in _parts(folder / f"{table}.copy"):
                        into.write(part)


class UntilInstant:
    """Of an inbox, what had been received by an instant. Positions rise with time, but for a clock that was put back."""

    def __init__(self, inbox: Inbox, until: dt.datetime) -> None:
        self._inbox, self._until = inbox, until

    def after(self, position: int, limit: int) -> Sequence[AcceptedMessage]:
        """See `messages.contract.Inbox`."""
        page = self._inbox.after(position, limit)
        late = next((nth for nth, message in enumerate(page) if message.received_at > self._until), len(page))
        return page[:late]


def _copy_out(database: Database, folder: Path) -> tuple[int, Head, dict[str, str]]:
    with database.reading() as connection:
        raw: Any = connection.connection.driver_connection
        state = _read_state(connection)
        with raw.cursor() as cursor:
            for table in TABLES:
                path = folder / f"{table}.copy"
                path.touch(mode=0o600)
                with path.open("wb") as file, cursor.copy(f"COPY {table} TO STDOUT (FORMAT binary)".encode()) as out:
                    for part in out:
                        file.write(part)
    return state


def _state(database: Database) -> tuple[int, Head, dict[str, str]]:
    with database.reading() as connection:
        return _read_state(connection)


def _read_state(connection: sa.Connection) -> tuple[int, Head, dict[str, str]]:
    position = connection.scalars(sa.select(INGEST_POSITION.c.position)).one()
    head = connection.execute(sa.select(AUDIT_HEAD)).one()
    vaults = dict(map(tuple, connection.execute(sa.select(VAULT_CHECK))))
    return int(position), Head(head.number, head.hash), vaults


def _parts(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from iter(lambda: file.read(_CHUNK), b"")


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    for part in _parts(path):
        digest.update(part)
    return digest.hexdigest()


def _is(path: Path, found: str) -> bool:
    return path.is_file() and _hash(path) == found
