"""Accept once: receipt, content and the unit's last message are written in one transaction; a resend writes nothing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.receiver.store.tables import ACCEPTED_POSITION, INBOX, LAST_ACCEPTED, RECEIPT

_OF_UNITS = LAST_ACCEPTED.c.unit.in_(sa.bindparam("units", expanding=True))
_LOCK_POSITION = sa.select(ACCEPTED_POSITION.c.last).with_for_update()
_MOVE_POSITION = sa.update(ACCEPTED_POSITION).values(last=sa.bindparam("to"))
_READ_LAST = sa.select(LAST_ACCEPTED.c.position).where(_OF_UNITS)
_DELETE_LAST = sa.delete(LAST_ACCEPTED).where(_OF_UNITS)
_READ_RECEIPT = sa.select(RECEIPT).where(RECEIPT.c.position == sa.bindparam("at"))
_WRITE_RECEIPT, _WRITE_CONTENT, _WRITE_LAST = sa.insert(RECEIPT), sa.insert(INBOX), sa.insert(LAST_ACCEPTED)
# Built once: building a statement takes longer than running it.


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message that has passed every check. `units` are unit keys, sorted; `payload` is sealed."""

    correlation_id: str
    units: tuple[str, ...]
    message_type: str
    version: str
    msg_hash: bytes
    received_at: dt.datetime
    client_id: str
    supplier: str | None
    software: str
    extracted_on: dt.date
    payload: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the sender is answered; for a resend, what it was answered the first time."""

    correlation_id: str
    position: int
    resent: bool


def accept(connection: Connection, message: NewMessage) -> Receipt:
    """Store the message, or find that it is the last accepted one of its unit (transport § 10.2).

    The row of `receiver_position` is held from here to the commit. Two posts of one unit therefore take turns, the
    second sees what the first did, and a position becomes visible only after every lower one.
    """
    last = connection.scalars(_LOCK_POSITION).one()
    first = _same_as_last(connection, message)
    if first is not None:
        return first
    position = last + 1
    connection.execute(_MOVE_POSITION, {"to": position})
    connection.execute(_WRITE_RECEIPT, {"position": position, **_receipt(message)})
    connection.execute(_WRITE_CONTENT, {"position": position, "payload": message.payload})
    _set_last(connection, message.units, position)
    return Receipt(message.correlation_id, position, resent=False)


def _same_as_last(connection: Connection, message: NewMessage) -> Receipt | None:
    """The receipt of the last message of every unit named, when that is one and the same and equal to this one."""
    positions = connection.scalars(_READ_LAST, {"units": message.units}).all()
    if len(positions) != len(message.units) or len(set(positions)) != 1:
        return None
    row = connection.execute(_READ_RECEIPT, {"at": positions[0]}).one()
    equal = (row.message_type, row.version, row.msg_hash) == (message.message_type, message.version, message.msg_hash)
    return Receipt(row.correlation_id, row.position, resent=True) if equal else None


def _receipt(message: NewMessage) -> dict[str, object]:
    return {
        "correlation_id": message.correlation_id,
        "unit": message.units[0],
        "units": ",".join(message.units),
        "message_type": message.message_type,
        "version": message.version,
        "msg_hash": message.msg_hash,
        "received_at": message.received_at,
        "client_id": message.client_id,
        "supplier": message.supplier,
        "software": message.software,
        "extracted_on": message.extracted_on,
    }


def _set_last(connection: Connection, units: tuple[str, ...], position: int) -> None:
    connection.execute(_DELETE_LAST, {"units": units})
    connection.execute(_WRITE_LAST, [{"unit": unit, "position": position} for unit in units])
