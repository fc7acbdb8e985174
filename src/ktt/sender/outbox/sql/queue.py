"""What every change of a queue in SQL has in common: the row that is locked, numbers, and the guard of a change of state."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.domain.unit import ReportingUnit
from ktt.sender.outbox.errors import NotFirstInQueue
from ktt.sender.outbox.message import QueuedMessage
from ktt.sender.outbox.sql import statements as sql
from ktt.sender.outbox.sql.tables import QUEUE


def context(unit: ReportingUnit, sequence: int, *part: str) -> str:
    """What a sealed content is bound to."""
    return "/".join(["outbox", unit.key, str(sequence), *part])


def change(connection: Connection, statement: sa.Update, first: QueuedMessage, **values: object) -> None:
    """Change a message that still is as it was read; NotFirstInQueue when it is not."""
    if connection.execute(statement, sql.unchanged(first) | sql.new(**values)).rowcount != 1:
        raise NotFirstInQueue(unit=first.unit.key, sequence=first.sequence)


def set_queue(connection: Connection, unit: ReportingUnit, **values: object) -> None:
    """Write these columns of the queue's row."""
    connection.execute(QUEUE.update().where(QUEUE.c.unit == unit.key).values(**values))


def locked_queue(connection: Connection, unit: ReportingUnit) -> sa.RowMapping:
    """The row of the unit's queue, made on first use and locked until the transaction ends, as it gives out the numbers."""
    connection.execute(sql.CREATE_QUEUE, sql.of(unit))
    return connection.execute(sql.QUEUE_FOR_UPDATE, sql.of(unit)).mappings().one()


def next_number(connection: Connection, table: sa.Table, unit: ReportingUnit) -> int:
    """The next number of a table whose rows are numbered per unit."""
    last = connection.scalar(sa.select(sa.func.max(table.c.number)).where(table.c.unit == unit.key))
    return (last or 0) + 1
