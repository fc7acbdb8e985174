"""The table of what is set aside."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.domain.unit import ReportingUnit
from ktt.sender.outbox.interventions.parked import Parked
from ktt.sender.outbox.message import QueuedMessage
from ktt.sender.outbox.sql.tables import PARKED


def add(connection: Connection, message: QueuedMessage, ids: Mapping[str, Sequence[str]], at: dt.datetime) -> int:
    """Set a message's records aside and return how many; what is set aside already keeps its time."""
    already = read(connection, message.unit).ids
    rows = [
        {"unit": message.unit.key, "record_type": name, "local_id": local_id, "sequence": message.sequence, "at": at}
        for name, some in ids.items()
        for local_id in set(some).difference(already.get(name, ()))
    ]
    if rows:
        connection.execute(PARKED.insert(), rows)
    return len(rows)


def remove(connection: Connection, unit: ReportingUnit) -> int:
    """Take all of the unit's back and return how many they were."""
    return connection.execute(PARKED.delete().where(PARKED.c.unit == unit.key)).rowcount


def read(connection: Connection, unit: ReportingUnit) -> Parked:
    """What is set aside, in order."""
    of_unit = sa.select(PARKED).where(PARKED.c.unit == unit.key).order_by(PARKED.c.record_type, PARKED.c.local_id)
    rows = connection.execute(of_unit).all()
    ids: dict[str, list[str]] = {}
    for row in rows:
        ids.setdefault(row.record_type, []).append(row.local_id)
    return Parked({name: sorted(some) for name, some in ids.items()}, min((row.at for row in rows), default=None))
