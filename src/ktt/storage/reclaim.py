"""Letting go of what was deleted: its bytes stay in a database's files until the tables are written anew.

SQLite keeps them in free pages and in the log beside the file, PostgreSQL in dead rows. What PostgreSQL has in its
write-ahead log is gone when the log is recycled; no command of ours can hasten that.
"""

from __future__ import annotations

from collections.abc import Sequence

from ktt.storage.database import Database


def reclaim(database: Database, tables: Sequence[str]) -> list[str]:
    """Write the tables anew (SQLite: the whole file), and empty the log; names of what others kept us from."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        if database.dialect == "postgresql":
            for table in tables:
                raw.execute(f"VACUUM (FULL, ANALYZE) {table}")
            return []
        raw.execute("VACUUM")
        busy, *_ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return ["wal"] if busy else []
