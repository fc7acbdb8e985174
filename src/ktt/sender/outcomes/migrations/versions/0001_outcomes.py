"""How each run of the sender ended."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _counts(*names: str) -> list[sa.Column]:
    return [sa.Column(name, sa.BigInteger, nullable=False) for name in names]


def upgrade() -> None:
    op.create_table(
        "run_outcome",
        sa.Column("unit", sa.Text, nullable=False),
        *_counts("number"),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("extracted_on", sa.Date, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("exit_code", sa.SmallInteger, nullable=False),
        sa.Column("code", sa.Text, nullable=True),
        sa.Column("comparison", sa.Text, nullable=True),
        sa.Column("read", sa.Boolean, nullable=False),
        *_counts("messages", "changes", "held", "missing", "differences"),
        sa.PrimaryKeyConstraint("unit", "number"),
    )
