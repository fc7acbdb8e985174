"""The snapshot in SQL: one set operation a step on PostgreSQL, one prepared statement a step on SQLite."""

from __future__ import annotations

import polars as pl
from sqlalchemy.engine import Connection

from ktt.outbox.manifest import SNAPSHOT_SCHEMA

# unnest takes a 100 000-row step in one round trip, without a temporary table in the catalogue every time
_PG_UPSERT = """
INSERT INTO outbox_snapshot (unit, record_type, local_id, fingerprint)
SELECT %s, %s, * FROM unnest(%s::text[], %s::text[])
ON CONFLICT (unit, record_type, local_id) DO UPDATE SET fingerprint = excluded.fingerprint
"""
_PG_DELETE = "DELETE FROM outbox_snapshot WHERE unit = %s AND record_type = %s AND local_id = ANY(%s)"
_LITE_UPSERT = """
INSERT INTO outbox_snapshot (unit, record_type, local_id, fingerprint) VALUES (?, ?, ?, ?)
ON CONFLICT (unit, record_type, local_id) DO UPDATE SET fingerprint = excluded.fingerprint
"""
_LITE_DELETE = "DELETE FROM outbox_snapshot WHERE unit = ? AND record_type = ? AND local_id = ?"
_READ = "SELECT local_id, fingerprint FROM outbox_snapshot WHERE unit = {mark} AND record_type = {mark}"


def step(connection: Connection, unit: str, record_type: str, manifest: pl.DataFrame) -> None:
    """Move the snapshot forward by one accepted message."""
    gone = manifest.filter(pl.col("fingerprint").is_null())["local_id"].to_list()
    kept = manifest.filter(pl.col("fingerprint").is_not_null())
    ids, fingerprints = kept["local_id"].to_list(), kept["fingerprint"].to_list()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(_PG_DELETE, (unit, record_type, gone))
        connection.exec_driver_sql(_PG_UPSERT, (unit, record_type, ids, fingerprints))
        return
    if gone:
        connection.exec_driver_sql(_LITE_DELETE, [(unit, record_type, local_id) for local_id in gone])
    if ids:
        rows = [(unit, record_type, *pair) for pair in zip(ids, fingerprints, strict=True)]
        connection.exec_driver_sql(_LITE_UPSERT, rows)


def read(connection: Connection, unit: str, record_type: str) -> pl.DataFrame:
    """All of one record type, by the driver itself: a result object per row would double the time of a million."""
    mark = "%s" if connection.dialect.name == "postgresql" else "?"
    driver = connection.connection.driver_connection
    rows = driver.execute(_READ.format(mark=mark), (unit, record_type)).fetchall()  # type: ignore[union-attr]
    columns = zip(*rows, strict=True) if rows else ((), ())
    return pl.DataFrame(dict(zip(SNAPSHOT_SCHEMA, columns, strict=True)), schema=SNAPSHOT_SCHEMA)
