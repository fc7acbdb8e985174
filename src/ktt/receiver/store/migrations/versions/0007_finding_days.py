"""How many findings were opened and closed by the messages of each day. What was before is not known."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "receiver_finding_day",
        sa.Column("day", sa.Date, nullable=False, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False, primary_key=True) for name in ("unit", "rule")),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("opened", "closed")),
    )
