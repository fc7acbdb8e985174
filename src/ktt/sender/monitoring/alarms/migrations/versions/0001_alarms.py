"""What is going on, what was told of it, and by which channels it has been delivered."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _texts(*names: str) -> list[sa.Column]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _instant(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "alarm",
        *(*_texts("unit", "cause"), _instant("began_at")),
        sa.PrimaryKeyConstraint("unit", "cause"),
    )
    op.create_table(
        "alarm_notice",
        sa.Column("number", sa.BigInteger, nullable=False, autoincrement=False),
        *_texts("unit", "cause", "event", "actor"),
        sa.Column("exit_code", sa.SmallInteger, nullable=False),
        *(*_texts("says", "remedy"), _instant("began_at"), _instant("at")),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "alarm_delivery",
        sa.Column("number", sa.BigInteger, nullable=False, autoincrement=False),
        *(*_texts("channel"), _instant("delivered_at", nullable=True)),
        sa.PrimaryKeyConstraint("channel", "number"),
        sa.ForeignKeyConstraint(["number"], ["alarm_notice.number"]),
    )
