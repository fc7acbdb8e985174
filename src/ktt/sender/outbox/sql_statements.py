"""The statements of a message's way through the line, built once: building one anew costs 0.14 ms of its 0.20."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ktt.domain.unit import ReportingUnit
from ktt.sender.outbox.message import QueuedMessage, State
from ktt.sender.outbox.tables import ATTEMPT, CONTENT, HEAD, LINE, NOTE, OUTBOX, RECEIPT, RUN, undelivered

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


# LIMIT lets the index stop at the first row instead of proving every later one not to be the head.
HEAD_OF = _all_of_unit(HEAD, "sequence").limit(sa.literal_column("1"))
LINE_OF = sa.select(LINE).where(LINE.c.unit == _UNIT)
OWN_LINE = LINE_OF.with_for_update()
FIRST_LINE = sa.text("INSERT INTO outbox_line (unit, last_sequence) VALUES (:of_unit, 0) ON CONFLICT (unit) DO NOTHING")
MESSAGES_OF = _all_of_unit(OUTBOX, "sequence")
MESSAGE_OF = sa.select(OUTBOX).where(_one(OUTBOX))
ATTEMPTS_OF = sa.select(ATTEMPT).where(_one(ATTEMPT)).order_by(ATTEMPT.c.number)
RECEIPTS_OF = _all_of_unit(RECEIPT, "sequence")
NOTES_OF = _all_of_unit(NOTE, "number")
PAYLOAD_OF = sa.select(CONTENT.c.payload).where(_one(CONTENT))
MANIFEST_OF = sa.select(CONTENT.c.manifest).where(_one(CONTENT))
FORGET = CONTENT.delete().where(_one(CONTENT))

LAST_HASH = (
    sa.select(RECEIPT.c.hash)
    .where(RECEIPT.c.unit == _UNIT)
    .order_by(RECEIPT.c.sequence.desc())
    .limit(sa.literal_column("1"))
)
# `as read`: without the line's lock someone could have come in between, and then nothing is changed.
_AS_READ = (OUTBOX.c.state == sa.bindparam("read_state")) & (OUTBOX.c.attempts == sa.bindparam("read_attempts"))
MARK = OUTBOX.update().where(_one(OUTBOX), _AS_READ).values(_new("state", "attempts", "sent_at"))
SETTLE = OUTBOX.update().where(_one(OUTBOX), _AS_READ).values(_new("state", "settled_at"))
END_ATTEMPT = (
    ATTEMPT.update()
    .where(_one(ATTEMPT), ATTEMPT.c.number == sa.bindparam("of_number"))
    .values(_new("ended_at", "outcome", "http_status", "code", "name", "details", "correlation_id"))
)

EXPECTED = (
    sa.select(OUTBOX.c.sequence, CONTENT.c.manifest)
    .join(CONTENT, (CONTENT.c.unit == OUTBOX.c.unit) & (CONTENT.c.sequence == OUTBOX.c.sequence))
    .where(OUTBOX.c.unit == _UNIT, OUTBOX.c.record_type == sa.bindparam("of_type"), undelivered())
    .order_by(OUTBOX.c.sequence)
)
"""The manifests of what waits, in order."""

_LEFT = sa.exists().where(OUTBOX.c.unit == RUN.c.unit, OUTBOX.c.sequence <= RUN.c.last_sequence, undelivered())
ACCEPTED_RUNS = sa.select(RUN.c.row_counts).where(RUN.c.unit == _UNIT, ~_LEFT).order_by(RUN.c.number.desc())
"""Runs with nothing left in the line, newest first."""

# From the head on all are undelivered. A run whose messages go is no measure for the next extract.
FORGET_FROM = CONTENT.delete().where(CONTENT.c.unit == _UNIT, CONTENT.c.sequence >= _SEQUENCE)
FORGET_RUNS = RUN.delete().where(RUN.c.unit == _UNIT, RUN.c.last_sequence >= _SEQUENCE)
SUPERSEDE = (
    OUTBOX.update()
    .where(OUTBOX.c.unit == _UNIT, OUTBOX.c.sequence >= _SEQUENCE)
    .values(state=State.SUPERSEDED.value, **_new("settled_at"))
)


def as_read(head: QueuedMessage) -> dict[str, Any]:
    """The parameters that a change of this message's state is conditional on."""
    return {**of(head.unit, head.sequence), "read_state": head.state.value, "read_attempts": head.attempts}


def new(**values: object) -> dict[str, Any]:
    """The parameters of new values."""
    return {f"new_{name}": value for name, value in values.items()}
