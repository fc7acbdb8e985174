"""The message that last brought each record of the snapshot, and the records that somebody has set aside."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    # Empty for what was accepted before, and for what no message of ours brought.
    op.add_column("outbox_snapshot", sa.Column("sequence", sa.BigInteger, nullable=True))
    op.create_table(
        "outbox_parked",
        *(sa.Column(name, sa.Text, nullable=False) for name in ("unit", "record_type", "local_id")),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("unit", "record_type", "local_id"),
    )
