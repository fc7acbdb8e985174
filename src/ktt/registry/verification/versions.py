"""The invariants of a record type's versions, all judged in one pass over them: known time, numbers, content, origin."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.domain.records import RECIPIENT
from ktt.registry.tables import INGESTED, INGESTED_UNIT, LAYOUTS, REPROCESSING, Layout
from ktt.registry.verification.inconsistency import Inconsistency, Verification

Condition = sa.ColumnElement[bool]
SHOWN = 20
"""Places shown of each check and record type; all are counted."""
_ADMINISTRATIVE = frozenset({"municipality", "unit", "fingerprint", "deleted", "position", "known_from", "version"})


def judge_versions(connection: Connection, layout: Layout, into: Verification) -> None:
    """Judge every version of the type."""
    flagged, checks = _flagged(layout)
    sums = [sa.func.sum(sa.cast(flagged.c[check], sa.Integer)) for check in checks]
    total, *failed = connection.execute(sa.select(sa.func.count(), *sums)).one()
    into.versions[layout.record_type.name] = total
    for check, count in zip(checks, failed, strict=True):
        if count:
            wanted = (flagged.c.unit, flagged.c.local_id, flagged.c.version, flagged.c.position)
            query = sa.select(*wanted).where(flagged.c[check]).order_by(*wanted[:3]).limit(SHOWN)
            found = [Inconsistency(check, layout.record_type.name, *row) for row in connection.execute(query)]
            into.add(check, found, count)


def _flagged(layout: Layout) -> tuple[sa.Subquery, list[str]]:
    """Every version with a flag for each check."""
    versions = _with_neighbours(layout)
    received = sa.select(INGESTED.c.position, INGESTED.c.received_at).subquery()
    about = INGESTED_UNIT
    flags = _in_order(versions) | {"deletion": sa.and_(versions.c.deleted, ~versions.c.is_empty)}
    of_unit = sa.and_(about.c.unit == versions.c.unit, about.c.position == versions.c.position)
    flags["message"] = sa.or_(about.c.unit.is_(None), received.c.position.is_(None))
    told, reprocessed = (_later(at, versions.c.from_before) for at in (received.c.received_at, REPROCESSING.c.at))
    again = sa.exists().where(REPROCESSING.c.unit == versions.c.unit, reprocessed == versions.c.known_from)
    flags["instant"] = sa.and_(versions.c.known_from != told, ~again)
    joined = versions.outerjoin(about, of_unit).outerjoin(received, received.c.position == versions.c.position)
    if layout.record_type is not RECIPIENT:
        people = _people()
        same = [people.c[name] == versions.c[name] for name in ("unit", "local_person_id", "person_key")]
        joined = joined.outerjoin(people, sa.and_(*same))
        flags["person"] = sa.and_(~versions.c.deleted, people.c.unit.is_(None))
    named = [sa.func.coalesce(flag, sa.false()).label(check) for check, flag in flags.items()]
    shown = (versions.c.unit, versions.c[layout.key].label("local_id"), versions.c.version, versions.c.position)
    return sa.select(*shown, *named).select_from(joined).subquery(), list(flags)


def _with_neighbours(layout: Layout) -> sa.Subquery:
    """Every version with what the checks need of it and of those beside it, and no more: it is sorted."""
    known = layout.known.c
    record = (known.municipality, known.unit, known[layout.key])
    beside = {
        "before": sa.func.lag(known.version),
        "after": sa.func.lead(known.version),
        "from_before": sa.func.lag(known.known_from),
        "from_after": sa.func.lead(known.known_from),
        "fingerprint_before": sa.func.lag(known.fingerprint),
    }
    own = ("unit", layout.key, "version", "position", "known_from", "known_to", "newest", "deleted", "fingerprint")
    person = [known[name] for name in ("local_person_id", "person_key") if name != layout.key]
    content = [c.name for c in layout.current.columns if c.name not in _ADMINISTRATIVE | {layout.key}]
    empty = sa.and_(*(known[name].is_(None) for name in content)).label("is_empty")
    found = (at.over(partition_by=record, order_by=known.version).label(name) for name, at in beside.items())
    return sa.select(*(known[name] for name in own), *person, empty, *found).subquery()


def _in_order(row: sa.Subquery) -> dict[str, Condition]:
    c = row.c
    return {
        "overlap": c.from_after < c.known_to,
        "gap": c.from_after > c.known_to,
        "turned": c.known_to < c.known_from,
        "numbers": c.version != sa.func.coalesce(c.before, 0) + 1,
        "newest": sa.case((c.newest, c.after.is_not(None)), else_=c.after.is_(None)),
        "unchanged": sa.and_(c.before.is_not(None), c.fingerprint.is_not_distinct_from(c.fingerprint_before)),
    }


def _later(one: sa.ColumnElement[object], other: sa.ColumnElement[object]) -> sa.ColumnElement[object]:
    return sa.case((other > one, other), else_=one)


def _people() -> sa.Subquery:
    """Each key that a unit's local person ever had."""
    known = LAYOUTS[RECIPIENT.name].known
    return sa.select(known.c.unit, known.c.local_person_id, known.c.person_key).distinct().subquery()
