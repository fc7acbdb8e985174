"""The days on which units asked for something, submissions that were rejected, and receipts by when they were given."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def _text(name: str, **options: object) -> sa.Column:
    return sa.Column(name, sa.Text, **{"nullable": False, **options})


def _number(name: str, **options: object) -> sa.Column:
    return sa.Column(name, sa.BigInteger, **{"nullable": False, **options})


def _instant(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def upgrade() -> None:
    op.create_table(
        "receiver_heard",
        _text("unit", primary_key=True),
        sa.Column("day", sa.Date, nullable=False, primary_key=True),
        _instant("at"),
    )
    op.create_table(
        "receiver_rejected",
        _text("units", primary_key=True),
        _number("after", primary_key=True, autoincrement=False),
        _number("times"),
        _instant("first_at"),
        _instant("last_at"),
        *(_text(name) for name in ("message_type", "version", "client_id")),
        _text("supplier", nullable=True),
        _text("software"),
        _number("code"),
    )
    op.create_index("receiver_receipt_received", "receiver_receipt", ["received_at"])
