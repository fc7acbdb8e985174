"""The unit changes in a database: SQLite or PostgreSQL, through `storage.Database`."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.domain.unit import ReportingUnit
from ktt.sender.unit_changes.change import Kind, Predecessor, UnitChange, Withdrawn
from ktt.sender.unit_changes.tables import CHANGE, CHANGED_UNIT
from ktt.storage.database import Database

_ITSELF = ("id", "kind", "day", "reason", "by", "begun_at")


class SqlUnitChanges:
    """Keeps the promises of `UnitChangeStore` in a database opened with `unit_changes.tables.SCHEMA`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, change: UnitChange) -> None:
        """See `UnitChangeStore`."""
        with self._database.transaction() as connection:
            if connection.dialect.name == "postgresql":  # two that begin at once would take the same number
                connection.execute(sa.text("LOCK TABLE unit_change IN EXCLUSIVE MODE"))
            if connection.scalar(sa.select(CHANGE.c.id).where(CHANGE.c.id == change.id)) is not None:
                return
            last = connection.scalar(sa.select(sa.func.max(CHANGE.c.number))) or 0
            row = {name: getattr(change, name) for name in _ITSELF} | {"kind": change.kind.value}
            connection.execute(CHANGE.insert(), row | {"number": last + 1})
            connection.execute(CHANGED_UNIT.insert(), _units(change))

    def mark_withdrawn(self, change: str, unit: ReportingUnit, withdrawn: Withdrawn) -> None:
        """See `UnitChangeStore`."""
        this = (CHANGED_UNIT.c.change == change, CHANGED_UNIT.c.unit == unit.key, CHANGED_UNIT.c.leaves)
        with self._database.transaction() as connection:
            first = CHANGED_UNIT.update().where(*this, CHANGED_UNIT.c.withdrawn_at.is_(None))
            connection.execute(first.values(**_withdrawn(withdrawn)))

    def changes(self) -> Sequence[UnitChange]:
        """See `UnitChangeStore`."""
        with self._database.reading() as connection:
            return all_changes(connection)


_ALL = sa.select(CHANGE).order_by(CHANGE.c.number)


def all_changes(connection: Connection) -> list[UnitChange]:
    """Every change in order, for a reader that has a transaction of its own."""
    return [_change(connection, row) for row in connection.execute(_ALL).mappings().all()]


def _units(change: UnitChange) -> list[dict[str, object]]:
    empty = dict.fromkeys(("withdrawn_at", "withdrawn_by", "confirmed"))
    rows = [
        {"unit": one.unit.key, "leaves": True} | (empty if one.withdrawn is None else _withdrawn(one.withdrawn))
        for one in change.predecessors
    ]
    rows += [{"unit": unit.key, "leaves": False} | empty for unit in change.successors]
    return [row | {"change": change.id} for row in rows]


def _withdrawn(withdrawn: Withdrawn) -> dict[str, object]:
    return {"withdrawn_at": withdrawn.at, "withdrawn_by": withdrawn.by, "confirmed": withdrawn.confirmed}


def _change(connection: Connection, row: sa.RowMapping) -> UnitChange:
    of_change = sa.select(CHANGED_UNIT).where(CHANGED_UNIT.c.change == row["id"]).order_by(CHANGED_UNIT.c.unit)
    units = connection.execute(of_change).mappings().all()
    itself = {name: row[name] for name in _ITSELF} | {"kind": Kind(row["kind"])}
    return UnitChange(
        **itself,
        predecessors=tuple(_predecessor(unit) for unit in units if unit["leaves"]),
        successors=tuple(ReportingUnit.from_key(unit["unit"]) for unit in units if not unit["leaves"]),
    )


def _predecessor(row: sa.RowMapping) -> Predecessor:
    at, unit = row["withdrawn_at"], ReportingUnit.from_key(row["unit"])
    return Predecessor(unit, None if at is None else Withdrawn(at, row["withdrawn_by"], row["confirmed"]))
