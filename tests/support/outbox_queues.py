"""Queues for the tests: units, messages with plain manifests, and the three implementations of `OutboxStore`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

import polars as pl

from ktt.core.clock import Clock
from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import Accepted
from ktt.sender.delta.planned_message import PlannedMessage
from ktt.sender.outbox.sql.store import SqlOutbox
from ktt.sender.outbox.sql.tables import ATTEMPT, CONTENT, NOTE, OUTBOX, PARKED, QUEUE, RECEIPT, RUN, SCHEMA, SNAPSHOT
from ktt.sender.outbox.store import OutboxStore
from ktt.storage.database import Database
from ktt.storage.vault import Vault
from support.memory_outbox import MemoryOutbox

UNIT = ReportingUnit("312000008", "1114")
OTHER = ReportingUnit("312000563", "0301", "03")
STORED = (OUTBOX, CONTENT, ATTEMPT, RECEIPT, SNAPSHOT, QUEUE, RUN, NOTE, PARKED)
VAULT = Vault(b"outbox tests only: 32 bytes long")


def message(
    name: str = "m", record_type: str = "care_service", *, delete: tuple[str, ...] = (), **ids: str
) -> PlannedMessage:
    """A message that upserts `id=fingerprint` pairs and deletes some ids."""
    return PlannedMessage(
        message_type="KTT_Tjeneste",
        version="1",
        pack="ktt_v1",
        period="2026-03-01",
        extracted_on=dt.date(2026, 3, 2),
        payload=f"[{name}]".encode(),
        upserts={record_type: ids} if ids else {},
        deletions={record_type: delete} if delete else {},
    )


def as_dict(frame: pl.DataFrame) -> dict[str, str]:
    """A snapshot as id → fingerprint."""
    assert frame.columns == ["local_id", "fingerprint"]
    assert frame.height == frame["local_id"].n_unique()
    return dict(sorted(frame.iter_rows()))


def deliver(store: OutboxStore, unit: ReportingUnit = UNIT) -> int:
    """Send the first undelivered message and have it accepted; its number."""
    first = store.first_undelivered(unit)
    assert first is not None
    store.mark_sending(unit, first.sequence)
    store.settle(unit, first.sequence, Accepted(f"receipt-{first.sequence}"))
    return first.sequence


@contextmanager
def sql_outbox(url: str, clock: Clock) -> Iterator[SqlOutbox]:
    """The outbox in a database, closed afterwards."""
    database = Database.open(url, SCHEMA)
    try:
        yield SqlOutbox(database, VAULT, clock)
    finally:
        database.close()


@contextmanager
def open_store(kind: str, url: str | None, clock: Clock) -> Iterator[OutboxStore]:
    """One of the three implementations: `memory`, or a database at the address."""
    if kind == "memory":
        yield MemoryOutbox(clock)
        return
    assert url is not None
    with sql_outbox(url, clock) as store:
        empty(store)
        yield store


def empty(store: SqlOutbox) -> None:
    """Delete everything, since a database may be shared by the tests of a module."""
    with store._database.transaction() as connection:
        for table in STORED:
            connection.execute(table.delete())
