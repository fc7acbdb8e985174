"""One database, SQLite or PostgreSQL: transactions, migrations, and a lock that dies with its owner."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from filelock import FileLock, Timeout
from sqlalchemy.engine import URL, Connection, Dialect, Engine, make_url
from sqlalchemy.util import LRUCache

from ktt.core.os_faults import os_reason
from ktt.storage.errors import AddressWrong, DatabaseUnavailable
from ktt.storage.migrate import migrate

_BUSY_MS = 30_000
_COMPILED: LRUCache[Any, Any] = LRUCache(1_000)
"""Statements as they were compiled, by dialect; to compile one takes as long as to run it ten times."""
# PostgreSQL's own default lets every statement see a newer picture than the one before it.
_READING: Mapping[str, Mapping[str, Any]] = {
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
}


@dataclass(frozen=True, slots=True)
class Schema:
    """The tables of one role (`outbox`, `receiver`, `registry` …) and where their migrations live.

    `migrations` is a folder with a `versions/` folder of Alembic scripts; `head` names the newest of them. Several
    roles may share a database: each has a version table of its own.
    """

    role: str
    migrations: Path
    head: str


class Database:
    """An open database. Use `Database.open`; close when done."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.dialect = engine.dialect.name
        self._readers = engine.execution_options(ktt_read=True, **_READING.get(self.dialect, {}))

    @classmethod
    def open(cls, url: str, *schemas: Schema) -> Database:
        """Connect (making an SQLite file, mode 0600, when missing) and bring each schema up to date.

        Raises AddressWrong, DatabaseUnavailable or DatabaseNewer.
        """
        database = cls(_engine(_address(url)))
        try:
            for schema in schemas:
                migrate(database.engine, schema.role, schema.migrations, schema.head)
        except BaseException as fault:
            database.close()
            if isinstance(fault, sa.exc.DatabaseError):
                raise database._unavailable(fault) from fault
            raise
        return database

    @classmethod
    @contextmanager
    def open_to_read(cls, url: str, *schemas: Schema) -> Iterator[Database]:
        """A database to look at while the block runs, brought up to date if need be. An SQLite file is not made.

        Raises DatabaseUnavailable when there is none, and what `open` raises.
        """
        database = cls(_engine(_address(url), make=False))
        try:
            if not database._is_current(schemas):
                database.close()
                database = cls.open(url, *schemas)
            yield database
        finally:
            database.close()

    def _is_current(self, schemas: Sequence[Schema]) -> bool:
        """Whether every schema is as it should be, asked at once."""
        asked = " UNION ALL ".join(
            f"SELECT {place} AS place, version_num FROM {schema.role}_version"  # noqa: S608 - constants of ours
            for place, schema in enumerate(schemas)
        )
        try:
            with self.reading() as connection:
                found = dict(tuple(row) for row in connection.exec_driver_sql(asked))
        except sa.exc.DatabaseError:  # a table is not there yet
            return False
        return found == {place: schema.head for place, schema in enumerate(schemas)}

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A writing transaction: committed when the block ends well, else rolled back."""
        with self._begun(self.engine) as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A reading transaction: one consistent picture, and never in a writer's way."""
        with self._begun(self._readers) as connection:
            yield connection

    @contextmanager
    def _begun(self, engine: Engine) -> Iterator[Connection]:
        try:
            connection = engine.connect()
            try:
                connection.begin()
            except BaseException:
                connection.close()
                raise
        except sa.exc.DatabaseError as fault:  # no database there, or another held the write lock too long
            raise self._unavailable(fault) from fault
        with connection:
            yield connection
            connection.commit()

    def _unavailable(self, fault: sa.exc.DatabaseError) -> DatabaseUnavailable:
        kind = getattr(fault.orig, "sqlite_errorname", None) or getattr(fault.orig, "sqlstate", None)
        return DatabaseUnavailable(database=_shown(self.engine.url), reason=kind or type(fault.orig).__name__)

    @contextmanager
    def exclusive(self, name: str) -> Iterator[bool]:
        """Hold the lock `name` across processes while the block runs; yields False when another holds it.

        An operating-system lock (SQLite) or a session advisory lock (PostgreSQL): both end with the process that held
        them, so a killed sender never blocks the next.
        """
        holder = self._advisory(name) if self.dialect == "postgresql" else self._file_lock(name)
        with holder as held:
            yield held

    @contextmanager
    def _advisory(self, name: str) -> Iterator[bool]:
        number = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            held = bool(connection.scalar(sa.text("SELECT pg_try_advisory_lock(:n)"), {"n": number}))
            try:
                yield held
            finally:
                if held:
                    connection.execute(sa.text("SELECT pg_advisory_unlock(:n)"), {"n": number})

    @contextmanager
    def _file_lock(self, name: str) -> Iterator[bool]:
        digest = hashlib.blake2b(name.encode(), digest_size=8).hexdigest()
        lock = FileLock(f"{self.engine.url.database}.{digest}.lock", mode=0o600)
        with suppress(Timeout):
            lock.acquire(timeout=0)
        try:
            yield lock.is_locked
        finally:
            lock.release()

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()


def _shown(url: URL) -> str:
    return url.render_as_string(hide_password=True)


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except sa.exc.ArgumentError as fault:
        raise AddressWrong(kind="?") from fault
    if address.get_backend_name() not in {"sqlite", "postgresql"} or address.database in {None, "", ":memory:"}:
        raise AddressWrong(kind=address.drivername)
    return address


def _engine(url: URL, *, make: bool = True) -> Engine:
    # hide_parameters: a fault of SQLAlchemy's would else show the values of its statement, and they may be about a person.
    if url.get_backend_name() == "postgresql":
        driver = url.set(drivername="postgresql+psycopg")
        return sa.create_engine(driver, pool_size=8, max_overflow=24, hide_parameters=True)
    path = Path(str(url.database))
    try:
        if make:
            path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | (os.O_CREAT if make else 0), 0o600))
    except OSError as fault:
        raise DatabaseUnavailable(database=_shown(url), reason=os_reason(fault)) from fault
    dialect = _sqlite_dialect()
    pool = sa.QueuePool(_connecting(path), dialect=dialect)
    engine = Engine(pool, dialect, url, hide_parameters=True, execution_options={"compiled_cache": _COMPILED})
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


@cache
def _sqlite_dialect() -> Dialect:
    """One for all SQLite files of the process: what is compiled for one file is not compiled again for the next."""
    first = sa.create_engine("sqlite://")
    with first.connect():
        return first.dialect


def _connecting(path: Path) -> Callable[[], Any]:
    return lambda: sqlite3.connect(path, timeout=_BUSY_MS / 1000, check_same_thread=False)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, see _begin_sqlite
    for pragma in (f"busy_timeout={_BUSY_MS}", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        # Two that turn a new file into WAL at once do not wait for each other, whatever the time-out: one is refused.
        path = connection.execute("PRAGMA database_list").fetchone()[2]
        with FileLock(f"{path}.lock", mode=0o600):
            connection.execute("PRAGMA journal_mode=WAL")


def _begin_sqlite(connection: Connection) -> None:
    # IMMEDIATE takes the write lock at once: a transaction that reads first and writes later never fails half-way.
    reading = connection.get_execution_options().get("ktt_read", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
