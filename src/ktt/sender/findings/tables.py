"""The tables of the open findings for SQLAlchemy; the migrations make them."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from ktt.storage.column_types import Instant, columns, counts, instants, texts
from ktt.storage.database import Schema

SCHEMA = Schema("findings", Path(__file__).with_name("migrations"), head="0001")

_meta = sa.MetaData()

RUN = sa.Table(
    "findings_run",
    _meta,
    *texts("unit"),
    *counts("number"),
    *texts("kind"),
    *columns(sa.Date, "extracted_on"),
    *texts("rule_set"),
    *instants("at"),
)
FINDING = sa.Table(
    "finding",
    _meta,
    *texts("unit"),
    *counts("number"),
    *texts("rule", "record_type"),
    *texts("local_id", "part_id", "fields", nullable=True),
    *columns(sa.SmallInteger, "consequence"),
    *texts("cause"),
    *counts("opened_run", "seen_run"),
    *counts("closed_run", nullable=True),
)
# A view that joins each finding with the days and instants of its runs. Its name stays, since renaming it would need a
# migration of every database.
HISTORY = sa.Table(
    "finding_story",
    _meta,
    *(sa.Column(column.name, column.type) for column in FINDING.columns),
    *(
        sa.Column(f"{when}_{name}", kind)
        for when in ("opened", "seen", "closed")
        for name, kind in (("on", sa.Date), ("at", Instant))
    ),
)
