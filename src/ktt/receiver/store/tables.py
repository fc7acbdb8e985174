"""The receiver's tables. The migration makes them; this is how the code speaks of them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import sqlalchemy as sa

from ktt.storage.database import Schema

SCHEMA = Schema("receiver", Path(__file__).parent / "migrations", "0004")

_metadata = sa.MetaData()


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _bytes(name: str, *, key: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary, nullable=False, primary_key=key)


def _instant(name: str) -> sa.Column[dt.datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


POSITION = sa.Table("receiver_position", _metadata, sa.Column("last", sa.BigInteger, nullable=False))
"""One row. Whoever accepts a message holds it until the commit, so positions become visible in their own order."""

RECEIPT = sa.Table(
    "receiver_receipt",
    _metadata,
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    _text("correlation_id"),
    _text("unit"),
    _text("message_type"),
    _text("version"),
    _bytes("msg_hash"),
    _instant("received_at"),
    _text("client_id"),
    sa.Column("supplier", sa.Text),
    _text("software"),
    sa.Column("extracted_on", sa.Date, nullable=False),
)
"""One row for each accepted message; it stays when the content is gone."""

INBOX = sa.Table(
    "receiver_inbox",
    _metadata,
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    _bytes("payload"),
)
"""The content of accepted messages, packed and then sealed."""

LINE = sa.Table(
    "receiver_line",
    _metadata,
    sa.Column("unit", sa.Text, primary_key=True),
    sa.Column("position", sa.BigInteger, nullable=False),
)
"""The last accepted message of each unit. A message that speaks of two units is the last of both."""

JTI = sa.Table(
    "receiver_jti",
    _metadata,
    _bytes("hash", key=True),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
)
"""Proofs that have been used, by SHA-256 of thumbprint, address and `jti`; `expires_at` in seconds since 1970."""

WRAPPED_KEY = sa.Table(
    "receiver_wrapped_key",
    _metadata,
    _bytes("hash", key=True),
    _text("jkt"),
    _bytes("msg_hash"),
    _bytes("body_hash"),
    sa.Column("key_id", sa.Text, nullable=False),
)
"""Each wrapped key seen, and the one submission it belongs to; kept as long as the RSA key `key_id` (transport § 14.2)."""

ACCESS = sa.Table(
    "receiver_access",
    _metadata,
    sa.Column("holder", sa.Text, primary_key=True),  # `orgnr_parent` of the token
    sa.Column("organisation", sa.Text, primary_key=True),  # of the reporting unit: the holder itself, or below it
    sa.Column("municipality", sa.Text, primary_key=True),
    sa.Column("district", sa.Text, primary_key=True),  # empty when the unit is no district
    sa.Column("message_type", sa.Text, primary_key=True),
)
"""Which organisation may send which type for which unit."""

ACCESS_VERSION = sa.Table("receiver_access_version", _metadata, sa.Column("version", sa.BigInteger, nullable=False))
"""One row, raised with every change of the access list, so that what is known of it can be kept until then."""

SUPPLIER = sa.Table(
    "receiver_supplier",
    _metadata,
    sa.Column("holder", sa.Text, primary_key=True),
    sa.Column("supplier", sa.Text, primary_key=True),
)
"""Which vendor may send on behalf of which holder."""


JUDGED = sa.Table("receiver_judged", _metadata, sa.Column("position", sa.BigInteger, nullable=False))
"""One row: how far the rules have been asked about what was accepted."""

STANDING = sa.Table(
    "receiver_standing",
    _metadata,
    sa.Column("opened_at", sa.BigInteger, primary_key=True, autoincrement=False),  # position of the message
    sa.Column("nth", sa.BigInteger, primary_key=True, autoincrement=False),  # among those that it opened
    _text("unit"),
    sa.Column("seen_at", sa.BigInteger, nullable=False),  # position of the message that said it last
    _text("message_type"),
    _text("rule"),
    _text("record_type"),
    sa.Column("local_id", sa.Text),
    sa.Column("part_id", sa.Text),
    _text("fields"),  # joined by commas
    sa.Column("consequence", sa.SmallInteger, nullable=False),
    _text("cause"),
    sa.Column("pointer", sa.Text),
    _instant("since"),
)
"""What is still wrong with what was accepted: one row for each finding of a record's newest version."""

UNJUDGED = sa.Table(
    "receiver_unjudged",
    _metadata,
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    _text("unit"),
    _text("code"),
    _text("reason"),
    _instant("set_aside_at"),
)
"""Accepted messages that could not be judged, and why."""

RESENT = sa.Table(
    "receiver_resent",
    _metadata,
    sa.Column("correlation_id", sa.Text, primary_key=True),
    sa.Column("times", sa.BigInteger, nullable=False),
    _instant("last_at"),
)
"""Receipts that were given again, how often, and when last."""


def aware(instant: dt.datetime) -> dt.datetime:
    """An instant as read from either database; SQLite forgets that it was UTC."""
    return instant.replace(tzinfo=dt.UTC) if instant.tzinfo is None else instant.astimezone(dt.UTC)
