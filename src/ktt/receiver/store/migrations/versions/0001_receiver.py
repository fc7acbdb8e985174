"""Receipts, inbox, each unit's last message, the access list, and what is remembered so that it is taken only once."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _text(name: str, **options: object) -> sa.Column:
    return sa.Column(name, sa.Text, **{"nullable": False, **options})


def _bytes(name: str, **options: object) -> sa.Column:
    return sa.Column(name, sa.LargeBinary, nullable=False, **options)


def _position(name: str = "position", **options: object) -> sa.Column:
    return sa.Column(name, sa.BigInteger, nullable=False, **options)


def upgrade() -> None:
    position = op.create_table("receiver_position", _position("last"))
    op.bulk_insert(position, [{"last": 0}])
    op.create_table(
        "receiver_receipt",
        _position(primary_key=True, autoincrement=False),
        _text("correlation_id", unique=True),
        *(_text(name) for name in ("unit", "message_type", "version")),
        _bytes("msg_hash"),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        _text("client_id"),
        _text("supplier", nullable=True),
        _text("software"),
        sa.Column("extracted_on", sa.Date, nullable=False),
    )
    op.create_index("receiver_receipt_unit", "receiver_receipt", ["unit", "position"])
    op.create_table("receiver_inbox", _position(primary_key=True, autoincrement=False), _bytes("payload"))
    op.create_table("receiver_line", _text("unit", primary_key=True), _position())
    _memories()
    _access()


def _memories() -> None:
    op.create_table(
        "receiver_jti",
        _bytes("hash", primary_key=True),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("receiver_jti_expires", "receiver_jti", ["expires_at"])
    op.create_table(
        "receiver_wrapped_key",
        _bytes("hash", primary_key=True),
        _text("jkt"),
        _bytes("msg_hash"),
        _bytes("body_hash"),
        _text("key_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("receiver_wrapped_key_key", "receiver_wrapped_key", ["key_id"])


def _access() -> None:
    row = ("holder", "organisation", "municipality", "district", "message_type")
    op.create_table("receiver_access", *(_text(name, primary_key=True) for name in row))
    op.create_table("receiver_supplier", *(_text(name, primary_key=True) for name in ("holder", "supplier")))
