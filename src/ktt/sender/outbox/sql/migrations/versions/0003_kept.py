"""The records of an earlier record system that stay at the registry although the present one does not have them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "outbox_kept",
        *(sa.Column(name, sa.Text, nullable=False) for name in ("unit", "record_type", "local_id")),
        sa.PrimaryKeyConstraint("unit", "record_type", "local_id"),
    )
