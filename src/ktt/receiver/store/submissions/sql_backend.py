"""The backend for a database that is a library (SQLite): a statement a row costs 5 µs there, a group is one transaction.

All of it happens in one thread, so the event loop never waits for the disk. It uses no dialect of its own, so it also
runs on PostgreSQL, and the tests compare the other backend with it there.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

from ktt.receiver.store import replay_protection
from ktt.receiver.store.acceptance import NewMessage, Receipt, accept
from ktt.receiver.store.replay_protection import SingleUse
from ktt.receiver.store.submissions.group_commit import NotStored
from ktt.receiver.store.submissions.store import UseResult
from ktt.receiver.store.tables import ACCESS_VERSION
from ktt.storage.database import Database

Result = TypeVar("Result")
_STATE = sa.select(ACCESS_VERSION.c.version, replay_protection.FORGOTTEN_UNTIL.label("forgotten"))


class SqlBackend:
    """A `StoreBackend` over any database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ktt-store")

    async def record_uses(self, uses: Sequence[SingleUse]) -> list[UseResult]:
        """See `StoreBackend`."""

        def write(connection: Connection) -> list[UseResult]:
            version, forgotten = connection.execute(_STATE).one()
            found = [replay_protection.record_use(connection, use, forgotten or 0) for use in uses]
            return [UseResult(first, version, unseen) for first, unseen in found]

        return await self._run(write)

    async def accept(self, messages: Sequence[NewMessage]) -> list[Receipt]:
        """See `StoreBackend`."""
        return await self._run(lambda connection: [accept(connection, message) for message in messages])

    async def forget(self, now: dt.datetime, destroyed_keys: Sequence[str]) -> int:
        """See `StoreBackend`."""
        return await self._run(lambda connection: replay_protection.prune(connection, now, destroyed_keys))

    async def close(self) -> None:
        """See `StoreBackend`; the database itself is its owner's to close."""
        self._thread.shutdown()

    async def _run(self, work: Callable[[Connection], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._transaction, work)

    def _transaction(self, work: Callable[[Connection], Result]) -> Result:
        try:
            with self._database.transaction() as connection:
                return work(connection)
        except OperationalError as fault:  # a full or missing disk: the other items of the group would fail as well
            raise NotStored(type(fault.orig).__name__) from fault
