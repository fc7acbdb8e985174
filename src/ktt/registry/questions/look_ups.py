"""Who has looked at persons, when and why, as the audit log tells it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.core.clock import norwegian_day, start_of_day
from ktt.registry.identity.audit import MANY
from ktt.registry.tables import AUDIT, AUDIT_ABOUT, AUDIT_SUBJECT


@dataclass(frozen=True, slots=True)
class LookUp:
    """One entry: who did what and why, about how many persons; `many` when it brought somebody's day above the limit."""

    number: int
    at: dt.datetime
    who: str
    act: str
    why: str
    unit: str | None
    detail: str | None
    persons: int
    many: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries: of days in Norway (both inside), by one who looked, about one of these persons or listing a unit."""

    since: dt.date | None = None
    until: dt.date | None = None
    who: str | None = None
    person_keys: Collection[str] | None = None
    units: Collection[str] = ()


def look_ups(connection: Connection, wanted: Wanted, limit: int = MANY) -> list[LookUp]:
    """The entries in their order. `limit`: persons that one may look at in a day."""
    begins = None if wanted.since is None else start_of_day(wanted.since)
    ends = None if wanted.until is None else start_of_day(wanted.until + dt.timedelta(days=1))
    query = sa.select(AUDIT).order_by(AUDIT.c.number)
    if begins is not None:
        query = query.where(AUDIT.c.at >= begins)
    if ends is not None:
        query = query.where(AUDIT.c.at < ends)
    if wanted.who is not None:
        query = query.where(AUDIT.c.who == wanted.who)
    about = _subjects(connection, query)
    above = _above(connection, limit)
    chosen = None if wanted.person_keys is None else _numbers(connection, wanted.person_keys, wanted.units)
    return [
        LookUp(
            number=row.number,
            at=row.at,
            who=row.who,
            act=row.act,
            why=row.why,
            unit=row.unit,
            detail=row.detail,
            persons=about[row.number],
            many=row.number in above,
        )
        for row in connection.execute(query)
        if chosen is None or row.number in chosen
    ]


def _subjects(connection: Connection, entries: sa.Select[tuple[object, ...]]) -> defaultdict[int, int]:
    numbers = sa.select(entries.subquery().c.number)
    counted = sa.select(AUDIT_ABOUT.c.number, sa.func.count()).where(AUDIT_ABOUT.c.number.in_(numbers))
    return defaultdict(int, map(tuple, connection.execute(counted.group_by(AUDIT_ABOUT.c.number))))


def _above(connection: Connection, limit: int) -> set[int]:
    """The entries with which somebody had looked at more persons in a day than the limit."""
    joined = sa.join(AUDIT, AUDIT_ABOUT, AUDIT_ABOUT.c.number == AUDIT.c.number)
    columns = (AUDIT.c.number, AUDIT.c.at, AUDIT.c.who, AUDIT_ABOUT.c.subject)
    rows = connection.execute(
        sa.select(*columns).select_from(joined).where(AUDIT.c.act != "list").order_by(AUDIT.c.number)
    )
    seen: defaultdict[tuple[str, dt.date], set[str]] = defaultdict(set)
    above: set[int] = set()
    for row in rows:
        mine = seen[row.who, norwegian_day(row.at)]
        mine.add(row.subject)
        if len(mine) > limit:
            above.add(row.number)
    return above


def _numbers(connection: Connection, person_keys: Collection[str], units: Collection[str]) -> set[int]:
    """The entries about one of these persons, and the listings of these units, in which each of their persons is."""
    subjects = sa.select(AUDIT_SUBJECT.c.subject).where(AUDIT_SUBJECT.c.person_key.in_(sorted(person_keys)))
    about = connection.scalars(sa.select(AUDIT_ABOUT.c.number).where(AUDIT_ABOUT.c.subject.in_(subjects)))
    listed = sa.select(AUDIT.c.number).where(AUDIT.c.act == "list", AUDIT.c.unit.in_(sorted(units)))
    return {*about, *connection.scalars(listed)}
