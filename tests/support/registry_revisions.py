"""A registry as an earlier release left it, made of one of today."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection


def to_0003(connection: Connection) -> None:
    """Back to the revision before the audit log, and so before the month matrix."""
    for table in (
        "month_records",
        "coverage_declaration",
        "silence_alarm",
        "follow_up_case",
        "follow_up_event",
        "reprocessing",
    ):
        connection.execute(sa.text(f"DROP TABLE {table}"))
    for table in ("audit_entry", "audit_about", "audit_subject", "audit_head", "person_link", "vault_check"):
        connection.execute(sa.text(f"DROP TABLE {table}"))
    connection.execute(
        sa.text(
            "CREATE TABLE identity_look (id INTEGER PRIMARY KEY, looked_at TIMESTAMP, who TEXT, why TEXT, person_key TEXT)"
            if connection.dialect.name == "sqlite"
            else "CREATE TABLE identity_look (id SERIAL PRIMARY KEY, looked_at TIMESTAMPTZ, who TEXT, why TEXT,"
            " person_key TEXT)"
        )
    )
    connection.execute(sa.text("UPDATE registry_version SET version_num = '0003'"))
