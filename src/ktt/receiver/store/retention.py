"""How long the content of messages is kept. Receipts stay: they prove what was received, and hold no person."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.receiver.store.tables import FOLLOWER_POSITION, INBOX, RECEIPT
from ktt.storage.database import Database


@dataclass(frozen=True, slots=True)
class Expired:
    """Messages whose content was received before an instant, and up to which position everybody has read them."""

    before: dt.datetime
    read_to: int
    messages: int


def expired(database: Database, before: dt.datetime, ingested_to: int) -> Expired:
    """What may go: older than `before`, validated, and ingested (up to `ingested_to`)."""
    with database.reading() as connection:
        read_to = min(ingested_to, int(connection.scalars(sa.select(FOLLOWER_POSITION.c.position)).one()))
        wanted = sa.select(sa.func.count()).select_from(INBOX).where(_old(before, read_to))
        return Expired(before, read_to, int(connection.scalar(wanted) or 0))


def discard(database: Database, found: Expired) -> int:
    """Delete that content; of how many messages."""
    with database.transaction() as connection:
        return _discarded(connection, found)


def _discarded(connection: Connection, found: Expired) -> int:
    return connection.execute(sa.delete(INBOX).where(_old(found.before, found.read_to))).rowcount


def _old(before: dt.datetime, read_to: int) -> sa.ColumnElement[bool]:
    received = sa.select(RECEIPT.c.position).where(RECEIPT.c.received_at < before, RECEIPT.c.position <= read_to)
    return INBOX.c.position.in_(received)
