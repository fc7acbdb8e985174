"""The table of the run outcomes for SQLAlchemy; the migrations make it."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from ktt.storage.column_types import columns, counts, instants, texts
from ktt.storage.database import Schema

SCHEMA = Schema("sender_outcomes", Path(__file__).with_name("migrations"), head="0002")

_meta = sa.MetaData()

OUTCOME = sa.Table(
    "run_outcome",
    _meta,
    *texts("unit"),
    *counts("number"),
    *texts("kind"),
    *columns(sa.Date, "extracted_on"),
    *instants("at"),
    *columns(sa.SmallInteger, "exit_code"),
    *texts("code", "comparison", "limited", nullable=True),
    *columns(sa.Boolean, "read"),
    *counts("messages", "changes", "held", "missing", "differences"),
)
