"""The status of a receiver: what was received from whom, the size of its database, and how long the keys last."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.core.clock import OSLO, norwegian_day
from ktt.receiver.access.audit_log import Right
from ktt.receiver.keys.key_store import StoredKey
from ktt.receiver.store.tables import ACCEPTED_POSITION, INBOX, RECEIPT
from ktt.storage.database import Database


@dataclass(frozen=True, slots=True)
class ReceivedByUnit:
    """What was received from one unit of one type. A message about several units counts for the first of them.

    `today` counts messages of the day in Norway. A unit that may send and has sent nothing has the type None.
    """

    unit: str
    message_type: str | None
    last_at: dt.datetime | None
    last_position: int | None
    today: int
    total: int


@dataclass(frozen=True, slots=True)
class KeyAge:
    """One key: `age_days` is None for a key whose file is too old to have it; `days_left` is negative once it has expired."""

    id: str
    made_at: dt.datetime | None
    expires_at: dt.datetime
    age_days: int | None
    days_left: int
    state: str  # current, overlapping, expired, destroyed


@dataclass(frozen=True, slots=True)
class DatabaseStatus:
    """The receiver's database. Sizes in bytes; `position` is that of the last accepted message."""

    kind: str
    bytes: int
    position: int
    inbox_messages: int


def received_by_unit(database: Database, rights: Iterable[Right], now: dt.datetime) -> list[ReceivedByUnit]:
    """One row for each unit and type that was received, and one for each unit that may send and has sent nothing."""
    midnight = dt.datetime.combine(norwegian_day(now), dt.time(), OSLO).astimezone(dt.UTC)
    today = sa.func.sum(sa.case((RECEIPT.c.received_at >= midnight, 1), else_=0))
    newest = sa.func.max(RECEIPT.c.received_at), sa.func.max(RECEIPT.c.position)
    kind = (RECEIPT.c.unit, RECEIPT.c.message_type)
    wanted = sa.select(*kind, *newest, today, sa.func.count()).group_by(*kind).order_by(*kind)
    with database.reading() as connection:
        rows = [ReceivedByUnit(*row) for row in connection.execute(wanted)]
    heard = {row.unit for row in rows}
    silent = {"-".join(filter(None, (right.organisation, right.municipality, right.district))) for right in rights}
    return sorted(
        [*rows, *(ReceivedByUnit(unit, None, None, None, 0, 0) for unit in silent - heard)], key=lambda row: row.unit
    )


def database_status(database: Database) -> DatabaseStatus:
    """The kind and size of the database, and its last position."""
    with database.reading() as connection:
        position = connection.scalars(sa.select(ACCEPTED_POSITION.c.last)).one()
        messages = connection.scalar(sa.select(sa.func.count()).select_from(INBOX)) or 0
        return DatabaseStatus(database.dialect, _bytes(connection, database), position, messages)


def _bytes(connection: Connection, database: Database) -> int:
    if database.dialect == "postgresql":
        return int(connection.scalar(sa.text("SELECT pg_database_size(current_database())")) or 0)
    files = (Path(f"{database.engine.url.database}{end}") for end in ("", "-wal"))
    return sum(file.stat().st_size for file in files if file.exists())


def key_ages(keys: Iterable[StoredKey], now: dt.datetime) -> list[KeyAge]:
    """The keys, the longest valid first, which is the one that senders use."""
    ordered = sorted(keys, key=lambda key: (key.public.expires_at, key.public.id), reverse=True)
    return [_age(key, now, first=place == 0) for place, key in enumerate(ordered)]


def _age(key: StoredKey, now: dt.datetime, *, first: bool) -> KeyAge:
    state = "current" if first else "overlapping"
    if key.expired(now):
        state = "destroyed" if key.private is None else "expired"
    age = None if key.made_at is None else (now - key.made_at).days
    left = (key.public.expires_at - now).days
    return KeyAge(key.public.id, key.made_at, key.public.expires_at, age, left, state)
