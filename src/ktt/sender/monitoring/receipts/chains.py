"""The receipts of every unit in a store, held against their chain and against the messages they are for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.core.errors import KttError
from ktt.domain.unit import ReportingUnit
from ktt.sender.monitoring.errors import ReceiptsIncomplete
from ktt.sender.outbox.errors import ReceiptsAltered
from ktt.sender.outbox.message import Receipt, State
from ktt.sender.outbox.receipt_chain import FIRST_PREVIOUS, verify_receipts
from ktt.sender.outbox.sql import stored_rows
from ktt.sender.outbox.sql.tables import OUTBOX, QUEUE, RECEIPT
from ktt.storage.database import Database


@dataclass(frozen=True, slots=True)
class Chain:
    """The receipts of one unit. `head` is the hash of the last; who has noted it can tell whether any was taken away.

    `fault` says what does not hold.
    """

    unit: ReportingUnit
    count: int
    first_at: dt.datetime | None
    last_at: dt.datetime | None
    head: str
    fault: KttError | None = None

    def as_data(self) -> dict[str, Any]:
        """The chain as plain data."""
        return {
            "unit": self.unit.key,
            "count": self.count,
            "first_at": self.first_at,
            "last_at": self.last_at,
            "head": self.head,
            "fault": self.fault and {"code": self.fault.code, "what": self.fault.says()},
        }


def chains(database: Database) -> list[Chain]:
    """The chain of every unit in the store, by unit."""
    with database.reading() as connection:
        units = connection.scalars(sa.select(QUEUE.c.unit).order_by(QUEUE.c.unit)).all()
        unlike = _unlike_messages(connection)
        return [_chain(connection, ReportingUnit.from_key(unit), unlike.get(unit)) for unit in units]


def _chain(connection: Connection, unit: ReportingUnit, unlike: int | None) -> Chain:
    receipts = stored_rows.receipts(connection, unit)
    fault: KttError | None = None
    try:
        verify_receipts(unit, receipts)
    except ReceiptsAltered as altered:
        fault = altered
    if fault is None and unlike is not None:
        fault = ReceiptsIncomplete(unit=unit.key, sequence=unlike)
    return chain_of(unit, receipts, fault)


def chain_of(unit: ReportingUnit, receipts: list[Receipt], fault: KttError | None) -> Chain:
    """The chain of these receipts."""
    if not receipts:
        return Chain(unit, 0, None, None, FIRST_PREVIOUS, fault)
    first, last = receipts[0], receipts[-1]
    return Chain(unit, len(receipts), first.accepted_at, last.accepted_at, last.hash, fault)


_UNLIKE = (
    sa.select(OUTBOX.c.unit, sa.func.min(OUTBOX.c.sequence).label("sequence"))
    .join(RECEIPT, (RECEIPT.c.unit == OUTBOX.c.unit) & (RECEIPT.c.sequence == OUTBOX.c.sequence), isouter=True)
    .where(
        sa.or_(
            (OUTBOX.c.state == State.DELIVERED.value) & RECEIPT.c.sequence.is_(None),
            (OUTBOX.c.state != State.DELIVERED.value) & RECEIPT.c.sequence.is_not(None),
            RECEIPT.c.payload_hash != OUTBOX.c.payload_hash,
        )
    )
    .group_by(OUTBOX.c.unit)
)


def _unlike_messages(connection: Connection) -> dict[str, int]:
    """The first message of each unit that has no receipt although it is delivered, or the other way round.

    A chain that was cut off at its end still is a chain; this is what shows that something is gone.
    """
    return {row.unit: row.sequence for row in connection.execute(_UNLIKE)}


def proof_rows(database: Database) -> Iterator[dict[str, Any]]:
    """Every receipt with the facts of its message, by unit and number: counts and hashes, no id and no person."""
    facts = ("period", "extracted_on", "upserts", "deletions", "sent_at")
    chained = ("message_type", "version", "correlation_id", "accepted_at", "payload_hash", "previous_hash", "hash")
    query = (
        sa.select(
            RECEIPT.c.unit,
            RECEIPT.c.sequence,
            *(OUTBOX.c[name] for name in facts),
            *(RECEIPT.c[name] for name in chained),
        )
        .join(OUTBOX, (RECEIPT.c.unit == OUTBOX.c.unit) & (RECEIPT.c.sequence == OUTBOX.c.sequence), isouter=True)
        .order_by(RECEIPT.c.unit, RECEIPT.c.sequence)
    )
    with database.reading() as connection:
        for row in connection.execute(query).mappings():
            yield dict(row)
