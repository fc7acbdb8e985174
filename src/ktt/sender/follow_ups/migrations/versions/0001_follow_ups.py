"""What the registry waits for each unit to do."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "follow_up",
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("cause", sa.Text, nullable=False),
        *(sa.Column(name, sa.Date, nullable=False) for name in ("since", "deadline")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("says_nb", "says_en", "remedy_nb", "remedy_en")),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("unit", "number"),
    )
