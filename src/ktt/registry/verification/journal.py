"""The journal of ingested messages against the versions that they made, and against what waits."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.domain.records import ROOTS
from ktt.registry.ingest.quarantine import OPEN
from ktt.registry.tables import INGESTED, INGESTED_UNIT, LAYOUTS, QUARANTINE, WAITING
from ktt.registry.verification.inconsistency import Inconsistency, Verification


def judge_journal(connection: Connection, into: Verification) -> None:
    """Judge the counts and the unit of each message, and the notes of those that wait."""
    into.messages = connection.scalar(sa.select(sa.func.count()).select_from(INGESTED)) or 0
    for check, query in (("journal", _miscounted()), ("journal", _without_unit()), ("waiting", _wrongly_waiting())):
        rows = connection.execute(query.order_by("position")).all()
        into.add(check, [Inconsistency(check, unit=row.unit, position=row.position) for row in rows])


def _miscounted() -> sa.Select[Any]:
    """Messages whose counts are not those of their versions. The journal does not count recipients."""
    views = [LAYOUTS[kind.name].known.c for kind in ROOTS]
    made = sa.union_all(*(sa.select(view.position, view.deleted) for view in views)).subquery()
    deleted = sa.func.sum(sa.cast(made.c.deleted, sa.Integer))
    counts = (made.c.position, sa.func.count().label("versions"), deleted.label("deleted"))
    counted = sa.select(*counts).group_by(made.c.position).subquery()
    gone = sa.func.coalesce(counted.c.deleted, 0)
    changed = sa.func.coalesce(counted.c.versions, 0) - gone
    joined = INGESTED.outerjoin(counted, counted.c.position == INGESTED.c.position)
    differs = sa.or_(INGESTED.c.changed != changed, INGESTED.c.deleted != gone)
    return sa.select(INGESTED.c.unit, INGESTED.c.position).select_from(joined).where(differs)


def _without_unit() -> sa.Select[Any]:
    same = sa.and_(INGESTED_UNIT.c.position == INGESTED.c.position, INGESTED_UNIT.c.unit == INGESTED.c.unit)
    return sa.select(INGESTED.c.unit, INGESTED.c.position).where(~sa.exists().where(same))


def _wrongly_waiting() -> sa.Select[Any]:
    ingested = sa.exists().where(INGESTED.c.position == WAITING.c.position)
    held = sa.exists().where(QUARANTINE.c.unit == WAITING.c.unit, OPEN)
    return sa.select(WAITING.c.unit, WAITING.c.position).where(sa.or_(ingested, ~held))
