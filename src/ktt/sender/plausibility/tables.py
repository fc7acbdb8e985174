"""The tables of the history of runs and of the acceptances, for SQLAlchemy; the migrations make them."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from ktt.storage.column_types import columns, counts, instants, texts
from ktt.storage.database import Schema

SCHEMA = Schema("sender_history", Path(__file__).with_name("migrations"), head="0001")

_meta = sa.MetaData()

RUN = sa.Table(
    "history_run",
    _meta,
    *texts("unit"),
    *counts("number"),
    *texts("kind"),
    *columns(sa.Date, "extracted_on"),
    *counts("recipients", "unidentified", "new", "changed", "gone"),
    *instants("at"),
)
COUNT = sa.Table("history_count", _meta, *texts("unit"), *counts("run"), *texts("of", "name"), *counts("records"))
NEWEST = sa.Table("history_newest", _meta, *texts("unit"), *counts("run", "place"), *instants("recorded_at"))
ACCEPTANCE = sa.Table(
    "history_acceptance",
    _meta,
    *texts("unit"),
    *counts("number"),
    *texts("name"),
    *columns(sa.Date, "extracted_on"),
    *texts("figure_then", "figure_now", nullable=True),
    *texts("reason", "accepted_by"),
    *instants("at"),
)
