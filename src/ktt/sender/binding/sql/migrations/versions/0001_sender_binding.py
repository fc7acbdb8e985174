"""What the store is bound to for each unit, with who bound it, when and why: rows are added, never changed."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _text(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Text, nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "sender_binding",
        _text("unit"),
        sa.Column("number", sa.BigInteger, nullable=False),
        *(_text(name) for name in ("store", "environment", "authority", "client_id", "address")),
        _text("machine", nullable=True),
        *(_text(name) for name in ("act", "by", "reason")),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("after_sequence", sa.BigInteger, nullable=False),
        _text("mark", nullable=True),
        sa.PrimaryKeyConstraint("unit", "number"),
    )
