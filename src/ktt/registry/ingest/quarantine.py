"""Messages that were accepted but cannot be read, and those that wait behind them, until their units are released."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.core.errors import KttError
from ktt.core.text import Text
from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import AcceptedMessage
from ktt.registry.errors import MessageUnreadable
from ktt.registry.tables import INGEST_POSITION, QUARANTINE, WAITING

OPEN = QUARANTINE.c.released_at.is_(None)


@dataclass(frozen=True, slots=True)
class SetAside:
    """A message that was not ingested, and the unit that waits behind it."""

    unit: str
    position: int
    code: str
    reason: Text


@dataclass(frozen=True, slots=True)
class FirstWaiting:
    """The first message that a unit waits behind, and why: what happened when it was read, or another unit that waits."""

    message: AcceptedMessage
    unit: ReportingUnit
    fault: Exception = field(repr=False)

    @property
    def shown(self) -> SetAside:
        """The fault in words. Of an unforeseen one only the type is kept, since its text may quote the message."""
        unit, position = self.unit.key, self.message.position
        fault = self.fault
        if not isinstance(fault, KttError):
            fault = MessageUnreadable(position=position, unit=unit, reason=type(fault).__name__)
        return SetAside(unit, position, fault.code, fault.says())


def waiting_units(connection: Connection) -> set[str]:
    """The units that wait now."""
    return set(connection.scalars(sa.select(QUARANTINE.c.unit).where(OPEN)))


def ingested_to(connection: Connection) -> int:
    """Up to which position every message is ingested: what waits is not, and neither is what comes after."""
    read = connection.scalars(sa.select(INGEST_POSITION.c.position)).one()
    first = connection.scalar(sa.select(sa.func.min(WAITING.c.position)))
    return int(read) if first is None else min(int(read), int(first) - 1)


def set_aside(connection: Connection, first: Sequence[FirstWaiting], at: dt.datetime) -> None:
    """Let these units wait from now on."""
    for one in first:
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
            "reason": shown.reason.en,
            "reason_nb": shown.reason.nb,
        }
        connection.execute(sa.insert(QUARANTINE).values(row))


def note_waiting(connection: Connection, page: Sequence[AcceptedMessage], passed: Sequence[AcceptedMessage]) -> None:
    """Note which messages of a page were passed over. A page may be read again, after a release of other units."""
    connection.execute(sa.delete(WAITING).where(WAITING.c.position.between(page[0].position, page[-1].position)))
    rows = [{"position": message.position, "unit": unit.key} for message in passed for unit in message.units]
    if rows:
        connection.execute(sa.insert(WAITING), rows)
