"""Messages that were accepted but cannot be read: set aside with a reason, their unit waiting until it is released."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.core.errors import KttError
from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import AcceptedMessage
from ktt.registry.errors import MessageUnreadable, UnitNotHeld
from ktt.registry.tables import INGEST_POSITION, QUARANTINE


@dataclass(frozen=True, slots=True)
class SetAside:
    """A message that could not be read, and the unit that waits behind it."""

    unit: str
    position: int
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A message, one of its units, and what happened when it was read."""

    message: AcceptedMessage
    unit: ReportingUnit
    fault: Exception = field(repr=False)

    @property
    def shown(self) -> SetAside:
        """The fault in words. Of an unforeseen one only the type is kept, since its text may quote the message."""
        unit, position = self.unit.key, self.message.position
        if isinstance(self.fault, KttError):
            return SetAside(unit, position, self.fault.code, self.fault.says().en)
        return SetAside(unit, position, MessageUnreadable.code, type(self.fault).__name__)


_OPEN = QUARANTINE.c.released_at.is_(None)


def held(connection: Connection) -> Iterator[SetAside]:
    """The messages that units wait behind now, oldest first."""
    columns = (QUARANTINE.c.unit, QUARANTINE.c.position, QUARANTINE.c.code, QUARANTINE.c.reason)
    for row in connection.execute(sa.select(*columns).where(_OPEN).order_by(QUARANTINE.c.position)):
        yield SetAside(*row)


def set_aside(connection: Connection, messages: Sequence[Unreadable], at: dt.datetime) -> None:
    """Write one quarantine row for each."""
    for one in messages:
        message, shown = one.message, one.shown
        row = {
            "municipality": one.unit.municipality,
            "unit": shown.unit,
            "position": shown.position,
            "message_type": message.message_type,
            "correlation_id": message.correlation_id,
            "received_at": message.received_at,
            "set_aside_at": at,
            "code": shown.code,
            "reason": shown.reason,
        }
        connection.execute(sa.insert(QUARANTINE).values(row))


def release(connection: Connection, unit: str, who: str, why: str, at: dt.datetime) -> None:
    """Let a unit go on from the message it waits behind, by moving the position back to it. UnitNotHeld when there is none.

    Other units' messages from there on are read again, and passed over since they were ingested.
    """
    waits = sa.and_(_OPEN, QUARANTINE.c.unit == unit)
    first = connection.scalar(sa.select(QUARANTINE.c.position).where(waits))
    if first is None:
        raise UnitNotHeld(unit=unit)
    released = {"released_at": at, "released_by": who, "released_why": why}
    connection.execute(sa.update(QUARANTINE).where(waits).values(released))
    back = sa.update(INGEST_POSITION).where(INGEST_POSITION.c.position >= first)
    connection.execute(back.values(position=first - 1))
