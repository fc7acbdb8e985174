"""Unit changes for the tests: the three implementations of `UnitChangeStore`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from ktt.domain.unit import ReportingUnit
from ktt.sender.unit_changes.change import Predecessor, UnitChange, Withdrawn
from ktt.sender.unit_changes.sql import SqlUnitChanges
from ktt.sender.unit_changes.store import UnitChangeStore
from ktt.sender.unit_changes.tables import CHANGE, CHANGED_UNIT, SCHEMA
from ktt.storage.database import Database


class MemoryUnitChanges:
    """Keeps the promises of `UnitChangeStore` for as long as the process lives."""

    def __init__(self) -> None:
        self._changes: dict[str, UnitChange] = {}

    def begin(self, change: UnitChange) -> None:
        """See `UnitChangeStore`."""
        self._changes.setdefault(change.id, change)

    def mark_withdrawn(self, change: str, unit: ReportingUnit, withdrawn: Withdrawn) -> None:
        """See `UnitChangeStore`."""
        if change in self._changes:
            kept = self._changes[change]
            first = tuple(
                Predecessor(one.unit, withdrawn) if one.unit == unit and one.withdrawn is None else one
                for one in kept.predecessors
            )
            self._changes[change] = replace(kept, predecessors=first)

    def changes(self) -> Sequence[UnitChange]:
        """See `UnitChangeStore`."""
        return list(self._changes.values())


@contextmanager
def sql_unit_changes(url: str) -> Iterator[SqlUnitChanges]:
    """The unit changes in a database, closed afterwards."""
    database = Database.open(url, SCHEMA)
    try:
        yield SqlUnitChanges(database)
    finally:
        database.close()


@contextmanager
def open_store(kind: str, url: str | None) -> Iterator[UnitChangeStore]:
    """One of the three implementations: `memory`, or a database at the address, emptied."""
    if kind == "memory":
        yield MemoryUnitChanges()
        return
    assert url is not None
    with sql_unit_changes(url) as store:
        with store._database.transaction() as connection:  # a database may be shared by the tests of a module
            for table in (CHANGED_UNIT, CHANGE):
                connection.execute(table.delete())
        yield store
