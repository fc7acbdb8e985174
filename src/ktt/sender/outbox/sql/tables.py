"""The outbox's tables for SQLAlchemy; the migrations make them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa

from ktt.sender.outbox.message import UNDELIVERED
from ktt.storage.column_types import columns, counts, instants, texts
from ktt.storage.database import Schema

SCHEMA = Schema("outbox", Path(__file__).with_name("migrations"), head="0003")

_meta = sa.MetaData()


def _table(name: str, *more: sa.Column[Any]) -> sa.Table:
    return sa.Table(name, _meta, *texts("unit"), *more)


def _message_columns() -> list[sa.Column[Any]]:
    return [
        *counts("sequence"),
        *texts("message_type", "version", "pack", "record_type", "period"),
        *columns(sa.Date, "extracted_on"),
        *texts("state", "payload_hash"),
        *counts("payload_bytes", "upserts", "deletions", "attempts"),
        *instants("queued_at"),
        *instants("sent_at", "settled_at", nullable=True),
    ]


OUTBOX = _table("outbox", *_message_columns())
# A view that the migrations make. Its name stays, since renaming it would need a migration of every database.
FIRST_UNDELIVERED = _table("outbox_head", *_message_columns())
CONTENT = _table("outbox_content", *counts("sequence"), *columns(sa.LargeBinary, "payload", "manifest"))
ATTEMPT = _table(
    "outbox_attempt",
    *counts("sequence", "number"),
    *instants("at"),
    *instants("ended_at", nullable=True),
    *texts("outcome", nullable=True),
    *columns(sa.Integer, "http_status", "code", nullable=True),
    *texts("name", "details", "correlation_id", nullable=True),
)
RECEIPT = _table(
    "outbox_receipt",
    *counts("sequence"),
    *texts("message_type", "version", "payload_hash", "correlation_id"),
    *instants("accepted_at"),
    *texts("previous_hash", "hash"),
)
SNAPSHOT = _table(
    "outbox_snapshot",
    *texts("record_type", "local_id", "fingerprint"),
    *columns(sa.BigInteger, "sequence", nullable=True),
)
PARKED = _table("outbox_parked", *texts("record_type", "local_id"), *counts("sequence"), *instants("at"))
KEPT = _table("outbox_kept", *texts("record_type", "local_id"))
QUEUE = _table(
    "outbox_line",
    *counts("last_sequence"),
    *texts("paused_reason", "paused_by", nullable=True),
    *instants("paused_at", nullable=True),
    *columns(sa.Date, "load_cut", nullable=True),
    *instants("load_begun_at", "load_finished_at", nullable=True),
)
RUN = _table(
    "outbox_run",
    *counts("number"),
    *texts("kind"),
    *columns(sa.Date, "extracted_on"),
    *instants("planned_at"),
    *counts("last_sequence"),
    *texts("row_counts"),
)
NOTE = _table("outbox_note", *counts("number"), *instants("at"), *texts("act", "by", "reason"))


def undelivered(table: sa.Table = OUTBOX) -> sa.ColumnElement[bool]:
    """The condition of the partial index `outbox_undelivered`; in literals, or no database would use the index for it."""
    return table.c.state.in_([sa.literal_column(f"'{state}'") for state in UNDELIVERED])
