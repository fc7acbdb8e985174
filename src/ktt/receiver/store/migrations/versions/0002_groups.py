"""The access list has a version, and PostgreSQL stores a whole group of messages in one call.

Two indexes are dropped. They served deletions that happen once a minute and once in the life of a key, while every
message that was stored had to keep them up to date.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    version = op.create_table("receiver_access_version", sa.Column("version", sa.BigInteger, nullable=False))
    op.bulk_insert(version, [{"version": 1}])
    op.drop_index("receiver_jti_expires", "receiver_jti")
    op.drop_index("receiver_wrapped_key_key", "receiver_wrapped_key")
    if op.get_bind().dialect.name == "postgresql":
        op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
        # Sealed content cannot be compressed, so PostgreSQL need not spend time on trying.
        op.execute("ALTER TABLE receiver_inbox ALTER COLUMN payload SET STORAGE EXTERNAL")
