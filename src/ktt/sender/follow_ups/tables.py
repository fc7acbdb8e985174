"""The table of what the registry waits for, for SQLAlchemy; the migration makes it."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from ktt.storage.column_types import columns, counts, instants, texts
from ktt.storage.database import Schema

SCHEMA = Schema("sender_follow_ups", Path(__file__).with_name("migrations"), head="0001")

_meta = sa.MetaData()

FOLLOW_UP = sa.Table(
    "follow_up",
    _meta,
    *texts("unit"),
    *counts("number"),
    *texts("cause"),
    *columns(sa.Date, "since", "deadline"),
    *texts("says_nb", "says_en", "remedy_nb", "remedy_en"),
    *instants("told_at"),
)
"""The open cases of each unit, as they were told last."""
