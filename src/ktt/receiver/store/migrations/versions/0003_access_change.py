"""The audit trail of the access list."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    right = ("holder", "organisation", "municipality", "district", "message_type", "supplier")
    op.create_table(
        "receiver_access_change",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("line", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("by", "reason", "act")),
        *(sa.Column(name, sa.Text, nullable=False) for name in right),
        sa.Column("undoes", sa.BigInteger),
    )
