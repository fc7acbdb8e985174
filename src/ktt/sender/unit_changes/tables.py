"""The tables of the unit changes for SQLAlchemy; the migrations make them."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from ktt.storage.column_types import columns, counts, instants, texts
from ktt.storage.database import Schema

SCHEMA = Schema("sender_units", Path(__file__).with_name("migrations"), head="0001")

_meta = sa.MetaData()

CHANGE = sa.Table(
    "unit_change",
    _meta,
    *texts("id"),
    *counts("number"),
    *texts("kind"),
    *columns(sa.Date, "day"),
    *texts("reason", "by"),
    *instants("begun_at"),
)
CHANGED_UNIT = sa.Table(
    "unit_change_unit",
    _meta,
    *texts("change", "unit"),
    *columns(sa.Boolean, "leaves"),
    *instants("withdrawn_at", nullable=True),
    *texts("withdrawn_by", "confirmed", nullable=True),
)
