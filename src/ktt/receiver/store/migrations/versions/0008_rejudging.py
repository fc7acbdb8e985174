"""When stored messages were validated again by other rules or packs, and what each was found to be then."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "receiver_rejudging",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("who", "why", "rules", "packs")),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("opened", "closed")),
    )
    op.create_table(
        "receiver_later_verdict",
        sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("rejudging", "opened", "closed")),
    )
