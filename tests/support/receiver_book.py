"""The receiver's book on each kind of database: as one process has it, and as several have it at once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from ktt.receiver.store.postgres_backend import PostgresKeeper
from ktt.receiver.store.sql_backend import SqlKeeper
from ktt.receiver.store.submission_store import Book, Keeper
from ktt.receiver.store.tables import SCHEMA
from ktt.storage.database import Database

Result = TypeVar("Result")
KEEPERS = {"sqlite": ("SqlKeeper",), "postgresql": ("SqlKeeper", "PostgresKeeper")}


class Shelf:
    """One database with the receiver's tables, and books in it."""

    def __init__(self, url: str, keeper: str) -> None:
        self.database = Database.open(url, SCHEMA)
        self._keeper = keeper

    def keeper(self) -> Keeper:
        return (
            PostgresKeeper(self.database.engine.url) if self._keeper == "PostgresKeeper" else SqlKeeper(self.database)
        )

    def with_book(self, work: Callable[[Book], Awaitable[Result]]) -> Result:
        """What `work` makes of a book of its own, opened and closed around it."""

        async def main() -> Result:
            book = Book(self.keeper())
            try:
                return await work(book)
            finally:
                await book.close()

        return asyncio.run(main())

    def at_once(self, many: int, work: Callable[[int, Book], Awaitable[Result]]) -> list[Result]:
        """As many processes, each with a book of its own, that all begin at the same time."""
        start = threading.Barrier(many)

        def process(number: int) -> Result:
            async def begin(book: Book) -> Result:
                start.wait()
                return await work(number, book)

            return self.with_book(begin)

        with ThreadPoolExecutor(many) as threads:
            return list(threads.map(process, range(many)))

    def close(self) -> None:
        self.database.close()


async def each(ask: Callable[[Result], Awaitable[object]], asked: Sequence[Result]) -> list[object]:
    """One after another."""
    return [await ask(one) for one in asked]
