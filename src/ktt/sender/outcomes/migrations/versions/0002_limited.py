"""The history that the record system did not have, as the mapping said it in that run."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("run_outcome", sa.Column("limited", sa.Text, nullable=True))
