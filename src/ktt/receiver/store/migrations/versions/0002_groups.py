"""The access list has a version, and PostgreSQL takes a whole group of messages in one call.

Two indexes go: what they find is deleted once a minute, and once in the life of a key, and every message paid for them.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_ACCEPT = Path(__file__).parents[1] / "accept.sql"


def upgrade() -> None:
    version = op.create_table("receiver_access_version", sa.Column("version", sa.BigInteger, nullable=False))
    op.bulk_insert(version, [{"version": 1}])
    op.drop_index("receiver_jti_expires", "receiver_jti")
    op.drop_index("receiver_wrapped_key_key", "receiver_wrapped_key")
    if op.get_bind().dialect.name == "postgresql":
        op.get_bind().exec_driver_sql(_ACCEPT.read_text(encoding="utf-8"))
        # Sealed content does not compress, and trying takes time.
        op.execute("ALTER TABLE receiver_inbox ALTER COLUMN payload SET STORAGE EXTERNAL")
