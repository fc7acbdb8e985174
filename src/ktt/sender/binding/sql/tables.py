"""The table of the bindings for SQLAlchemy; the migration makes it."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from ktt.storage.column_types import counts, instants, texts
from ktt.storage.database import Schema

SCHEMA = Schema("sender_binding", Path(__file__).with_name("migrations"), head="0001")

_meta = sa.MetaData()

BINDING = sa.Table(
    "sender_binding",
    _meta,
    *texts("unit"),
    *counts("number"),
    *texts("store", "environment", "authority", "client_id", "address"),
    *texts("machine", nullable=True),
    *texts("act", "by", "reason"),
    *instants("at"),
    *counts("after_sequence"),
    *texts("mark", nullable=True),
)
