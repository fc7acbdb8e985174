"""Group commit: writes that come at the same time share one transaction, so that one flush to disk serves them all.

One by one SQLite takes 2 500 durable writes a second, in groups of 8 already 15 500 (performance § 2).
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from ktt.storage.database import Database

Result = TypeVar("Result")
_MOST = 128  # writes in one transaction; above it the gain is small


class NotStored(Exception):
    """The database could not take the write; nothing of it remains."""


@dataclass(slots=True)
class _Task:
    job: Callable[[Connection], Any]
    done: Future[Any] = field(default_factory=Future)
    result: Any = None


class Commits:
    """Runs short writing jobs in the order they come; each returns when its transaction is durable."""

    def __init__(self, database: Database, grouped: Callable[[int], None] = lambda _writes: None) -> None:
        self._database, self._grouped = database, grouped
        self._waiting: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="ktt-commits", daemon=True)
        self._thread.start()

    def run(self, job: Callable[[Connection], Result]) -> Result:
        """What `job` returned, once committed. A job may be run again when its neighbours fail; NotStored when it fails."""
        task = _Task(job)
        self._waiting.put(task)
        result: Result = task.done.result()
        return result

    def close(self) -> None:
        """Finish what waits, then stop."""
        self._waiting.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (group := self._next_group()) is not None:
            self._commit(group)

    def _next_group(self) -> list[_Task] | None:
        first = self._waiting.get()
        if first is None:
            return None
        group = [first]
        while len(group) < _MOST and not self._waiting.empty():
            task = self._waiting.get()
            if task is None:
                self._waiting.put(None)
                break
            group.append(task)
        return group

    def _commit(self, group: list[_Task]) -> None:
        try:
            with self._database.transaction() as connection:
                for task in group:
                    task.result = task.job(connection)
        except Exception as fault:  # noqa: BLE001 - whatever a job raises belongs to its caller, not to this thread
            self._one_by_one(group, fault)
            return
        self._grouped(len(group))
        for task in group:
            task.done.set_result(task.result)

    def _one_by_one(self, group: list[_Task], fault: Exception) -> None:
        """A group that failed is tried again in single file, so that one bad write (or a deadlock) harms no other."""
        if len(group) > 1:
            for task in group:
                self._commit([task])
            return
        known = NotStored(type(fault).__name__) if isinstance(fault, SQLAlchemyError) else fault
        group[0].done.set_exception(known)
