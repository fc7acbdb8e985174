"""A receipt tells all units that its message is about, so that whoever waits for one of them need not open the content.

The column stays empty for messages that were accepted before: their content is sealed, and no revision can open it.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("receiver_receipt", sa.Column("units", sa.Text))
    if op.get_bind().dialect.name == "postgresql":  # the function that stores a group writes the column too
        op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
