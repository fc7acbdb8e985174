"""The tables of the open findings as SQLAlchemy knows them; the migrations make them."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from ktt.sender.outbox.tables import Instant
from ktt.storage.database import Schema

SCHEMA = Schema("findings", Path(__file__).with_name("migrations"), head="0001")

_meta = sa.MetaData()
_TEXTS = ("rule", "record_type", "local_id", "part_id", "fields")

RUN = sa.Table(
    "findings_run",
    _meta,
    sa.Column("unit", sa.Text),
    sa.Column("number", sa.BigInteger),
    sa.Column("kind", sa.Text),
    sa.Column("extracted_on", sa.Date),
    sa.Column("rule_set", sa.Text),
    sa.Column("at", Instant),
)
FINDING = sa.Table(
    "finding",
    _meta,
    sa.Column("unit", sa.Text),
    sa.Column("number", sa.BigInteger),
    *(sa.Column(name, sa.Text) for name in _TEXTS),
    sa.Column("consequence", sa.SmallInteger),
    sa.Column("cause", sa.Text),
    *(sa.Column(f"{when}_run", sa.BigInteger) for when in ("opened", "seen", "closed")),
)
STORY = sa.Table(  # the view: see migrations/finding_story.sql
    "finding_story",
    _meta,
    *(sa.Column(column.name, column.type) for column in FINDING.columns),
    *(
        sa.Column(f"{when}_{name}", kind)
        for when in ("opened", "seen", "closed")
        for name, kind in (("on", sa.Date), ("at", Instant))
    ),
)
