"""Database rows as the values of `outbox.message`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import fields
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from ktt.domain.unit import ReportingUnit
from ktt.sender.outbox.message import Attempt, LoadState, Pause, QueuedMessage, QueueNote, QueueStatus, Receipt, State
from ktt.sender.outbox.sql import statements as sql
from ktt.sender.outbox.sql.tables import FIRST_UNDELIVERED, OUTBOX, QUEUE, RECEIPT, undelivered


def _number(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.count(sa.case((condition, 1)))


_FIRSTS, _QUEUES = sa.select(FIRST_UNDELIVERED), sa.select(QUEUE).order_by(QUEUE.c.unit)
_COUNTS = sa.select(
    OUTBOX.c.unit,
    _number(undelivered()).label("undelivered"),
    _number(OUTBOX.c.state == State.DELIVERED).label("delivered"),
).group_by(OUTBOX.c.unit)
_LAST_ACCEPTED = sa.select(RECEIPT.c.unit, sa.func.max(RECEIPT.c.accepted_at).label("at")).group_by(RECEIPT.c.unit)
T = TypeVar("T", Attempt, Receipt, QueueNote)


def queued(row: RowMapping) -> QueuedMessage:
    """A message from its row."""
    values: dict[str, Any] = dict(row)
    return QueuedMessage(**values | {"unit": ReportingUnit.from_key(values["unit"]), "state": State(values["state"])})


def first_undelivered(connection: Connection, unit: ReportingUnit) -> QueuedMessage | None:
    """The unit's first undelivered message."""
    first = connection.execute(sql.FIRST_UNDELIVERED_OF, sql.of(unit)).mappings().first()
    return None if first is None else queued(first)


def messages(connection: Connection, unit: ReportingUnit) -> list[QueuedMessage]:
    """Every message of the unit, in order."""
    return [queued(row) for row in connection.execute(sql.MESSAGES_OF, sql.of(unit)).mappings()]


def attempts(connection: Connection, unit: ReportingUnit, sequence: int) -> list[Attempt]:
    """Every attempt at one message, in order."""
    return _values(Attempt, connection.execute(sql.ATTEMPTS_OF, sql.of(unit, sequence)))


def receipts(connection: Connection, unit: ReportingUnit) -> list[Receipt]:
    """The unit's receipts, in order."""
    return _values(Receipt, connection.execute(sql.RECEIPTS_OF, sql.of(unit)))


def notes(connection: Connection, unit: ReportingUnit) -> list[QueueNote]:
    """What people did to the queue, in order."""
    return _values(QueueNote, connection.execute(sql.NOTES_OF, sql.of(unit)))


def queues(connection: Connection, unit: str | None = None) -> list[QueueStatus]:
    """The status of every queue, or of one unit's, by the same few queries for any number of units."""
    firsts = {row["unit"]: queued(row) for row in _of(connection, _FIRSTS, FIRST_UNDELIVERED, unit)}
    counts = {row["unit"]: row for row in _of(connection, _COUNTS, OUTBOX, unit)}
    last = {row["unit"]: row["at"] for row in _of(connection, _LAST_ACCEPTED, RECEIPT, unit)}
    rows = _of(connection, _QUEUES, QUEUE, unit)
    return [_status(connection, row, firsts.get(row["unit"]), counts.get(row["unit"]), last) for row in rows]


def load_state(row: RowMapping) -> LoadState | None:
    """The initial load from the queue's row."""
    if row["load_begun_at"] is None:
        return None
    return LoadState(row["load_cut"], row["load_begun_at"], row["load_finished_at"])


def pause(row: RowMapping) -> Pause | None:
    """The pause from the queue's row."""
    return Pause(row["paused_reason"], row["paused_by"], row["paused_at"]) if row["paused_at"] else None


def pause_of(connection: Connection, unit: ReportingUnit) -> Pause | None:
    """The pause of the unit's queue."""
    return pause(connection.execute(sql.QUEUE_OF, sql.of(unit)).mappings().one())


def _status(
    connection: Connection,
    row: RowMapping,
    first: QueuedMessage | None,
    counts: RowMapping | None,
    last: dict[str, Any],
) -> QueueStatus:
    tries = attempts(connection, first.unit, first.sequence) if first else []
    return QueueStatus(
        unit=ReportingUnit.from_key(row["unit"]),
        undelivered=counts["undelivered"] if counts else 0,
        delivered=counts["delivered"] if counts else 0,
        first=first,
        last_attempt=tries[-1] if tries else None,
        last_accepted_at=last.get(row["unit"]),
        behind_since=_behind_since(connection, first) if first else None,
        pause=pause(row),
        load=load_state(row),
    )


def _behind_since(connection: Connection, first: QueuedMessage) -> dt.datetime | None:
    since: dt.datetime | None = connection.scalar(sql.BEHIND_SINCE, sql.of(first.unit, first.sequence))
    return since


def _of(connection: Connection, query: sa.Select[Any], table: sa.Table, unit: str | None) -> Iterable[RowMapping]:
    wanted = query if unit is None else query.where(table.c.unit == unit)
    return connection.execute(wanted).mappings().all()


def _values(kind: type[T], rows: sa.CursorResult[Any]) -> list[T]:
    names = [f.name for f in fields(kind)]
    return [kind(**{name: row[name] for name in names}) for row in rows.mappings()]
