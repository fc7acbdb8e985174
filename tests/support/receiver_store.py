"""The receiver's store on each kind of database: used by one process, and by several at the same time."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from ktt.receiver.store.submissions.postgres_backend import PostgresBackend
from ktt.receiver.store.submissions.sql_backend import SqlBackend
from ktt.receiver.store.submissions.store import StoreBackend, SubmissionStore
from ktt.receiver.store.tables import SCHEMA
from ktt.storage.database import Database

Result = TypeVar("Result")
BACKENDS = {"sqlite": ("SqlBackend",), "postgresql": ("SqlBackend", "PostgresBackend")}


class StoreHarness:
    """One database with the receiver's tables, and stores over it."""

    def __init__(self, url: str, backend: str) -> None:
        self.database = Database.open(url, SCHEMA)
        self._backend = backend

    def backend(self) -> StoreBackend:
        return (
            PostgresBackend(self.database.engine.url)
            if self._backend == "PostgresBackend"
            else SqlBackend(self.database)
        )

    def with_store(self, work: Callable[[SubmissionStore], Awaitable[Result]]) -> Result:
        """What `work` makes of a store of its own, opened and closed around it."""

        async def main() -> Result:
            store = SubmissionStore(self.backend())
            try:
                return await work(store)
            finally:
                await store.close()

        return asyncio.run(main())

    def at_once(self, many: int, work: Callable[[int, SubmissionStore], Awaitable[Result]]) -> list[Result]:
        """As many processes, each with a store of its own, that all begin at the same time."""
        start = threading.Barrier(many)

        def process(number: int) -> Result:
            async def begin(store: SubmissionStore) -> Result:
                start.wait()
                return await work(number, store)

            return self.with_store(begin)

        with ThreadPoolExecutor(many) as threads:
            return list(threads.map(process, range(many)))

    def close(self) -> None:
        self.database.close()


async def each(ask: Callable[[Result], Awaitable[object]], asked: Sequence[Result]) -> list[object]:
    """One after another."""
    return [await ask(one) for one in asked]
