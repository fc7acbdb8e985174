"""Which messages wait, for which units; how often units were released; and the reason of a hold in both languages.

What waits already is noted when it is read again: the position moves back to the first unit that waits.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "waiting_message",
        sa.Column("position", sa.BigInteger, nullable=False, primary_key=True, autoincrement=False),
        sa.Column("unit", TEXT, nullable=False, primary_key=True),
    )
    op.add_column("ingest_position", sa.Column("releases", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("quarantine", sa.Column("reason_nb", TEXT))
    op.execute(
        "UPDATE ingest_position SET position = (SELECT min(position) - 1 FROM quarantine WHERE released_at IS NULL)"
        " WHERE position >= (SELECT min(position) FROM quarantine WHERE released_at IS NULL)"
    )
