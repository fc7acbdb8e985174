"""The tables of the alarms for SQLAlchemy; the migrations make them."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from ktt.storage.column_types import columns, counts, instants, texts
from ktt.storage.database import Schema

SCHEMA = Schema("sender_alarms", Path(__file__).with_name("migrations"), head="0001")

_meta = sa.MetaData()

ALARM = sa.Table("alarm", _meta, *texts("unit", "cause"), *instants("began_at"))
"""What is going on now. `unit` is empty for what is common to all units."""
NOTICE = sa.Table(
    "alarm_notice",
    _meta,
    *counts("number"),
    *texts("unit", "cause", "event", "actor"),
    *columns(sa.SmallInteger, "exit_code"),
    *texts("says", "remedy"),
    *instants("began_at", "at"),
)
DELIVERY = sa.Table(
    "alarm_delivery", _meta, *counts("number"), *texts("channel"), *instants("delivered_at", nullable=True)
)
