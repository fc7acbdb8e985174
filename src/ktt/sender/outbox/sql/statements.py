"""The SQL statements of the outbox, built once: building one takes 0.14 ms of the 0.20 ms that it takes in all."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ktt.domain.unit import ReportingUnit
from ktt.sender.outbox.message import QueuedMessage, State
from ktt.sender.outbox.sql.tables import (
    ATTEMPT,
    CONTENT,
    FIRST_UNDELIVERED,
    NOTE,
    OUTBOX,
    QUEUE,
    RECEIPT,
    RUN,
    undelivered,
)

_UNIT: sa.BindParameter[str] = sa.bindparam("of_unit")
_SEQUENCE: sa.BindParameter[int] = sa.bindparam("of_sequence")


def of(unit: ReportingUnit, sequence: int | None = None) -> dict[str, Any]:
    """The parameters that name a unit, and a message of it."""
    return {"of_unit": unit.key} if sequence is None else {"of_unit": unit.key, "of_sequence": sequence}


def _one(table: sa.Table) -> sa.ColumnElement[bool]:
    return (table.c.unit == _UNIT) & (table.c.sequence == _SEQUENCE)


def _all_of_unit(table: sa.Table, order: str) -> sa.Select[Any]:
    return sa.select(table).where(table.c.unit == _UNIT).order_by(table.c[order])


def _new(*names: str) -> dict[str, sa.BindParameter[Any]]:
    return {name: sa.bindparam(f"new_{name}") for name in names}


# The view gives one row, but only LIMIT lets the index stop there instead of looking at all later messages.
FIRST_UNDELIVERED_OF = _all_of_unit(FIRST_UNDELIVERED, "sequence").limit(sa.literal_column("1"))
QUEUE_OF = sa.select(QUEUE).where(QUEUE.c.unit == _UNIT)
QUEUE_FOR_UPDATE = QUEUE_OF.with_for_update()
CREATE_QUEUE = sa.text(
    "INSERT INTO outbox_line (unit, last_sequence) VALUES (:of_unit, 0) ON CONFLICT (unit) DO NOTHING"
)
MESSAGES_OF = _all_of_unit(OUTBOX, "sequence")
MESSAGE_OF = sa.select(OUTBOX).where(_one(OUTBOX))
ATTEMPTS_OF = sa.select(ATTEMPT).where(_one(ATTEMPT)).order_by(ATTEMPT.c.number)
RECEIPTS_OF = _all_of_unit(RECEIPT, "sequence")
NOTES_OF = _all_of_unit(NOTE, "number")
PAYLOAD_OF = sa.select(CONTENT.c.payload).where(_one(CONTENT))
MANIFEST_OF = sa.select(CONTENT.c.manifest).where(_one(CONTENT))
INSERT_MESSAGE, INSERT_CONTENT = OUTBOX.insert(), CONTENT.insert()
INSERT_ATTEMPT, INSERT_RECEIPT = ATTEMPT.insert(), RECEIPT.insert()
DELETE_CONTENT = CONTENT.delete().where(_one(CONTENT))

LAST_RECEIPT_HASH = (
    sa.select(RECEIPT.c.hash)
    .where(RECEIPT.c.unit == _UNIT)
    .order_by(RECEIPT.c.sequence.desc())
    .limit(sa.literal_column("1"))
)
# A state is changed only if it is still as it was read: without the lock of the queue's row, another transaction could
# have changed the message in between.
_UNCHANGED = (OUTBOX.c.state == sa.bindparam("read_state")) & (OUTBOX.c.attempts == sa.bindparam("read_attempts"))
MARK_SENDING = OUTBOX.update().where(_one(OUTBOX), _UNCHANGED).values(_new("state", "attempts", "sent_at"))
SETTLE = OUTBOX.update().where(_one(OUTBOX), _UNCHANGED).values(_new("state", "settled_at"))
END_ATTEMPT = (
    ATTEMPT.update()
    .where(_one(ATTEMPT), ATTEMPT.c.number == sa.bindparam("of_number"))
    .values(_new("ended_at", "outcome", "http_status", "code", "name", "details", "correlation_id"))
)

EXPECTED = (
    sa.select(OUTBOX.c.sequence, CONTENT.c.manifest, OUTBOX.c.record_type)
    .join(CONTENT, (CONTENT.c.unit == OUTBOX.c.unit) & (CONTENT.c.sequence == OUTBOX.c.sequence))
    .where(OUTBOX.c.unit == _UNIT, OUTBOX.c.record_type.contains(sa.bindparam("of_type")), undelivered())
    .order_by(OUTBOX.c.sequence)
)
"""The manifests of what is undelivered and may be about a record type, in order."""

_LEFT = sa.exists().where(OUTBOX.c.unit == RUN.c.unit, OUTBOX.c.sequence <= RUN.c.last_sequence, undelivered())
ACCEPTED_RUNS = sa.select(RUN.c.row_counts).where(RUN.c.unit == _UNIT, ~_LEFT).order_by(RUN.c.number.desc())
"""Runs with nothing left in the queue, newest first."""

# The registry was in step after the last delivery, and after the last run that had nothing left to send.
_LAST_DELIVERED = sa.select(sa.func.max(RECEIPT.c.sequence)).where(RECEIPT.c.unit == _UNIT).scalar_subquery()
_LAST_IN_STEP = (
    sa.select(sa.func.max(RUN.c.last_sequence))
    .where(RUN.c.unit == _UNIT, RUN.c.last_sequence < _SEQUENCE)
    .scalar_subquery()
)
BEHIND_SINCE = sa.select(sa.func.min(OUTBOX.c.queued_at)).where(
    OUTBOX.c.unit == _UNIT,
    OUTBOX.c.sequence > sa.func.coalesce(_LAST_DELIVERED, 0),
    OUTBOX.c.sequence > sa.func.coalesce(_LAST_IN_STEP, 0),
)
"""When the first message was queued that the registry has not accepted, given the first undelivered one."""

# From the first undelivered message on, all are undelivered. A run whose messages are superseded was not accepted, so
# the next extract must not be compared with it.
DELETE_CONTENT_FROM = CONTENT.delete().where(CONTENT.c.unit == _UNIT, CONTENT.c.sequence >= _SEQUENCE)
DELETE_RUNS_FROM = RUN.delete().where(RUN.c.unit == _UNIT, RUN.c.last_sequence >= _SEQUENCE)
SUPERSEDE = (
    OUTBOX.update()
    .where(OUTBOX.c.unit == _UNIT, OUTBOX.c.sequence >= _SEQUENCE)
    .values(state=State.SUPERSEDED.value, **_new("settled_at"))
)


def unchanged(message: QueuedMessage) -> dict[str, Any]:
    """The parameters that make a change conditional on the message being as it was read."""
    read = {"read_state": message.state.value, "read_attempts": message.attempts}
    return of(message.unit, message.sequence) | read


def new(**values: object) -> dict[str, Any]:
    """The parameters of new values."""
    return {f"new_{name}": value for name, value in values.items()}
