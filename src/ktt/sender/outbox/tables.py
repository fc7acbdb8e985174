"""The outbox's tables as SQLAlchemy knows them; the migrations make them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from ktt.sender.outbox.message import UNDELIVERED
from ktt.storage.database import Schema

SCHEMA = Schema("outbox", Path(__file__).with_name("migrations"), head="0001")


class Instant(TypeDecorator[dt.datetime]):
    """An aware instant, always UTC: SQLite, which has no time zones, holds it as UTC without one."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """To the database."""
        if value is None:
            return None
        utc = value.astimezone(dt.UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """From the database."""
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if dialect.name == "sqlite" else value.astimezone(dt.UTC)


_meta = sa.MetaData()


def _table(name: str, *columns: sa.Column[Any]) -> sa.Table:
    return sa.Table(name, _meta, sa.Column("unit", sa.Text), *columns)


def _texts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text) for name in names]


def _counts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.BigInteger) for name in names]


def _instants(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, Instant) for name in names]


def _message_columns() -> list[sa.Column[Any]]:
    return [
        *_counts("sequence"),
        *_texts("message_type", "version", "pack", "record_type", "period"),
        sa.Column("extracted_on", sa.Date),
        *_texts("state", "payload_hash"),
        *_counts("payload_bytes", "upserts", "deletions", "attempts"),
        *_instants("queued_at", "sent_at", "settled_at"),
    ]


OUTBOX = _table("outbox", *_message_columns())
HEAD = _table("outbox_head", *_message_columns())  # the view: see migrations/outbox_head.sql
CONTENT = _table(
    "outbox_content", *_counts("sequence"), *(sa.Column(name, sa.LargeBinary) for name in ("payload", "manifest"))
)
ATTEMPT = _table(
    "outbox_attempt",
    *_counts("sequence", "number"),
    *_instants("at", "ended_at"),
    *_texts("outcome"),
    *_counts("http_status", "code"),
    *_texts("name", "details", "correlation_id"),
)
RECEIPT = _table(
    "outbox_receipt",
    *_counts("sequence"),
    *_texts("message_type", "version", "payload_hash", "correlation_id"),
    *_instants("accepted_at"),
    *_texts("previous_hash", "hash"),
)
SNAPSHOT = _table("outbox_snapshot", *_texts("record_type", "local_id", "fingerprint"))
LINE = _table(
    "outbox_line",
    *_counts("last_sequence"),
    *_texts("paused_reason", "paused_by"),
    *_instants("paused_at"),
    sa.Column("load_cut", sa.Date),
    *_instants("load_begun_at", "load_finished_at"),
)
RUN = _table(
    "outbox_run",
    *_counts("number"),
    *_texts("kind"),
    sa.Column("extracted_on", sa.Date),
    *_instants("planned_at"),
    *_counts("last_sequence"),
    *_texts("row_counts"),
)
NOTE = _table("outbox_note", *_counts("number"), *_instants("at"), *_texts("act", "by", "reason"))


def undelivered(table: sa.Table = OUTBOX) -> sa.ColumnElement[bool]:
    """The condition that the partial index `outbox_undelivered` serves: literals, or it is not recognised."""
    return table.c.state.in_([sa.literal_column(f"'{state}'") for state in UNDELIVERED])
