"""The bindings in a database: SQLite or PostgreSQL, through `storage.Database`, beside the outbox they are about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from ktt.domain.unit import ReportingUnit
from ktt.sender.binding.facts import Facts
from ktt.sender.binding.sql.tables import BINDING
from ktt.sender.binding.store import Binding, LastReceipt
from ktt.sender.outbox.message import State
from ktt.sender.outbox.sql.tables import OUTBOX, RECEIPT, undelivered
from ktt.storage.database import Database

_FACTS = tuple(Facts.__slots__)
_REST = tuple(name for name in Binding.__slots__ if name != "facts")


class SqlBindings:
    """Keeps the promises of `BindingStore` in a database opened with its schema and the outbox's."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def history(self, unit: ReportingUnit) -> Sequence[Binding]:
        """See `BindingStore`."""
        return self._bindings(BINDING.c.unit == unit.key)

    def others(self, unit: ReportingUnit) -> Sequence[Binding]:
        """See `BindingStore`."""
        newest = {one.facts.unit: one for one in self._bindings(BINDING.c.unit != unit.key)}
        return list(newest.values())

    def add(self, binding: Binding) -> None:
        """See `BindingStore`."""
        last = sa.select(sa.func.max(BINDING.c.number)).where(BINDING.c.unit == binding.facts.unit)
        values = asdict(binding.facts) | {name: getattr(binding, name) for name in _REST}
        with self._database.transaction() as connection:
            number = (connection.scalar(last) or 0) + 1
            connection.execute(BINDING.insert(), {"number": number, **values})

    def is_used(self, unit: ReportingUnit) -> bool:
        """See `BindingStore`."""
        return self._scalar(sa.select(OUTBOX.c.sequence).where(OUTBOX.c.unit == unit.key).limit(1)) is not None

    def undelivered(self, unit: ReportingUnit) -> tuple[int, bool]:
        """See `BindingStore`."""
        mine = (OUTBOX.c.unit == unit.key) & undelivered()
        waiting = sa.select(sa.func.count()).select_from(OUTBOX).where(mine)
        count = int(self._scalar(waiting))
        return count, bool(self._scalar(waiting.where(OUTBOX.c.state == State.UNCERTAIN.value)))

    def last_receipt(self, unit: ReportingUnit) -> LastReceipt | None:
        """See `BindingStore`."""
        columns = (RECEIPT.c.sequence, RECEIPT.c.correlation_id, RECEIPT.c.hash)
        newest = sa.select(*columns).where(RECEIPT.c.unit == unit.key).order_by(RECEIPT.c.sequence.desc()).limit(1)
        with self._database.reading() as connection:
            row = connection.execute(newest).first()
        return None if row is None else LastReceipt(*row)

    def receipt_hash(self, unit: ReportingUnit, sequence: int) -> str | None:
        """See `BindingStore`."""
        this = (RECEIPT.c.unit == unit.key) & (RECEIPT.c.sequence == sequence)
        found: str | None = self._scalar(sa.select(RECEIPT.c.hash).where(this))
        return found

    def _bindings(self, which: sa.ColumnElement[bool]) -> list[Binding]:
        wanted = sa.select(BINDING).where(which).order_by(BINDING.c.unit, BINDING.c.number)
        with self._database.reading() as connection:
            rows = connection.execute(wanted).mappings().all()
        return [
            Binding(facts=Facts(**{name: row[name] for name in _FACTS}), **{name: row[name] for name in _REST})
            for row in rows
        ]

    def _scalar(self, wanted: sa.Select[Any]) -> Any:
        with self._database.reading() as connection:
            return connection.scalar(wanted)
