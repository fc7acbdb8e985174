"""When stored messages of a unit were read anew by other rules of reading, and who said so."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "reprocessing",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("unit", TEXT, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, TEXT, nullable=False) for name in ("who", "why", "packs")),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("changed", "deleted")),
    )
    op.create_index("reprocessing_unit", "reprocessing", ["unit"])
