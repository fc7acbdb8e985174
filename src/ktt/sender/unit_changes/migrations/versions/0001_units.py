"""The unit changes, and the units of each: those that leave and those that come after."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _text(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Text, nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "unit_change",
        *(_text("id"), sa.Column("number", sa.BigInteger, nullable=False), _text("kind")),
        *(sa.Column("day", sa.Date, nullable=False), _text("reason"), _text("by")),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    op.create_table(
        "unit_change_unit",
        *(_text("change"), _text("unit"), sa.Column("leaves", sa.Boolean, nullable=False)),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        *(_text("withdrawn_by", nullable=True), _text("confirmed", nullable=True)),
        sa.PrimaryKeyConstraint("change", "unit"),
        sa.ForeignKeyConstraint(["change"], ["unit_change.id"]),
    )
