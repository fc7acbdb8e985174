"""What receiver and registry have, saved under a name, put back, or emptied, while the sandbox runs.

A state is one SQLite file with the tables of both, whatever databases the sandbox uses; an empty one is what the migrations
make. Putting one back is begun by laying a copy in the folder, and ended by removing it: what was cut off is done again at
the next start. Keys are not in a state, nor who may report, nor which proofs are spent: they belong to the sandbox.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.receiver.store import tables as receiver
from ktt.storage.database import Database, Schema
from ktt.testing.sandbox.errors import NoSuchState, StateNameUnfit
from ktt.testing.sandbox.standstill import Standstill

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_PENDING = ".pending.sqlite"
_PART = 2000  # rows that are copied at a time
_PART_OF = {receiver.INBOX.name: 16}  # rows of this one may have megabytes
_OF_THE_SANDBOX = {receiver.ACCESS, receiver.ACCESS_VERSION, receiver.SUPPLIER, receiver.SPENT_PROOF}
RECEIVER_TABLES = tuple(
    table for table in vars(receiver).values() if isinstance(table, sa.Table) and table not in _OF_THE_SANDBOX
)
"""The receiver's tables that are part of a state."""


@dataclass(frozen=True, slots=True)
class Store:
    """A database with one role, and those of its tables that are part of a state."""

    database: Database
    schema: Schema
    tables: Sequence[sa.Table]


@dataclass(frozen=True, slots=True)
class SavedState:
    """A saved state: when it was saved, how many accepted messages it has, and the size of its file."""

    name: str
    saved_at: dt.datetime
    messages: int
    bytes: int


class SavedStates:
    """The states in a folder. May be used from any thread."""

    def __init__(self, folder: Path, stores: Sequence[Store], standstill: Standstill) -> None:
        self._folder, self._stores, self._standstill = folder, stores, standstill
        self._pending = folder / _PENDING

    def all(self) -> list[SavedState]:
        """Every state, by name."""
        return [_described(path) for path in sorted(self._folder.glob("[!.]*.sqlite"))]

    def save(self, name: str) -> SavedState:
        """Save what there is now, in the place of an earlier state of that name; StateNameUnfit, RequestsUnderWay."""
        target = self._file(name)
        with self._draft() as draft:
            with self._standstill(), ExitStack() as reading, _opened(draft, self._stores) as state:
                for store in self._stores:
                    source = reading.enter_context(store.database.reading())
                    with state.transaction() as into:
                        _copy(source, into, store.tables)
            draft.replace(target)
        return _described(target)

    def restore(self, name: str) -> SavedState:
        """Put a state in the place of what there is; NoSuchState, RequestsUnderWay."""
        source = self._existing(name)
        with self._draft() as draft:
            shutil.copyfile(source, draft)
            self._put_back(draft)
        return _described(source)

    def empty(self) -> None:
        """Remove every message and every record; RequestsUnderWay."""
        with self._draft() as draft:
            with _opened(draft, self._stores):
                pass
            self._put_back(draft)

    def forget(self, name: str) -> None:
        """Delete a saved state; NoSuchState."""
        self._existing(name).unlink()

    def finish(self) -> None:
        """Do again what an earlier sandbox was stopped in, and remove the drafts that it left."""
        for draft in self._folder.glob(".*/"):
            shutil.rmtree(draft)
        if self._pending.exists():
            self._exchange()

    def _put_back(self, draft: Path) -> None:
        with self._standstill():
            draft.replace(self._pending)
            self._exchange()

    def _exchange(self) -> None:
        """All databases in one transaction each, committed together. A fault before that leaves everything as it was."""
        with ExitStack() as committing:
            try:
                with _opened(self._pending, self._stores) as state, state.reading() as source:
                    for database, tables in self._databases():
                        _copy(source, committing.enter_context(database.transaction()), tables)
            except BaseException:
                self._pending.unlink()
                raise
        self._pending.unlink()

    def _databases(self) -> list[tuple[Database, list[sa.Table]]]:
        """Each database once, also where both roles share it."""
        found: dict[str, tuple[Database, list[sa.Table]]] = {}
        for store in self._stores:
            _, tables = found.setdefault(str(store.database.engine.url), (store.database, []))
            tables += store.tables
        return list(found.values())

    def _existing(self, name: str) -> Path:
        path = self._file(name)
        if not path.exists():
            raise NoSuchState(name=name, known=", ".join(state.name for state in self.all()) or "–")
        return path

    def _file(self, name: str) -> Path:
        if NAME.fullmatch(name) is None:
            raise StateNameUnfit(name=name)
        return self._folder / f"{name}.sqlite"

    @contextmanager
    def _draft(self) -> Iterator[Path]:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryDirectory(dir=self._folder, prefix=".") as made:
            yield Path(made) / "state.sqlite"


@contextmanager
def _opened(path: Path, stores: Sequence[Store]) -> Iterator[Database]:
    """A state's file, brought up to date, with nothing beside it afterwards."""
    database = Database.open(f"sqlite:///{path.absolute()}", *(store.schema for store in stores))
    try:
        yield database
    finally:
        database.close()
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
        for beside in path.parent.glob(f"{path.name}*.lock"):
            beside.unlink()
    with path.open("rb+") as written:
        os.fsync(written.fileno())


def _copy(source: Connection, target: Connection, tables: Sequence[sa.Table]) -> None:
    """Make the tables of the target the same as those of the source."""
    for table in reversed(tables):
        target.execute(sa.delete(table))
    for table in tables:
        rows = source.execution_options(yield_per=_PART_OF.get(table.name, _PART)).execute(sa.select(table))
        for part in rows.mappings().partitions():
            target.execute(sa.insert(table), [dict(row) for row in part])


def _described(path: Path) -> SavedState:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        (messages,) = connection.execute(f"SELECT count(*) FROM {receiver.RECEIPT.name}").fetchone()  # noqa: S608 - ours
    status = path.stat()
    return SavedState(path.stem, dt.datetime.fromtimestamp(status.st_mtime, dt.UTC), messages, status.st_size)
