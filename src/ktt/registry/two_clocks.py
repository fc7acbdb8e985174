"""What held on a day, as the registry knew it at an instant: every question names two times (ADR 0018).

*Known*: a version is known in [`known_from`, `known_to`), the instants at which the registry received it and the one that
follows. Of versions that were received at one instant the last is known from then on; the others are found by number.
*Holds*: the first and the last day are both inside. A care service, a stay in circumstances and a diagnosis have both
days; an assessment holds until the person's next one; a decision has no end of its own. What has no date of its own
holds on no day. A recipient holds always.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ktt.registry.tables import Layout

Condition = sa.ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class AsOf:
    """The day that is asked about, and the instant whose knowledge is asked for. None: any day; what is known now."""

    day: dt.date | None = None
    known_at: dt.datetime | None = None


NOW = AsOf()


def records_as_of(layout: Layout, as_of: AsOf, *where: Condition) -> sa.Select[Any]:
    """The rows of `layout.known` that are known then and hold then, deleted ones left out, if `where` is true of them."""
    known = layout.known
    rows = sa.select(known).where(*where, ~known.c.deleted, known_at(layout, as_of.known_at))
    if as_of.day is None or not layout.record_type.own_date:
        return rows
    rows = rows.where(_begins(layout) <= as_of.day)
    if layout.record_type.until_next:
        return _last_of_each_person(layout, rows)
    return rows.where(_not_ended(layout, as_of.day))


def known_at(layout: Layout, instant: dt.datetime | None) -> Condition:
    """Whether a version is the one that was known at an instant, or is known now."""
    known = layout.known.c
    if instant is None:
        return known.newest.is_(sa.true())
    return sa.and_(known.known_from <= instant, sa.or_(known.newest.is_(sa.true()), known.known_to > instant))


def _begins(layout: Layout) -> sa.ColumnElement[Any]:
    dates = [layout.known.c[name] for name in layout.record_type.own_date]
    return sa.func.coalesce(*dates) if len(dates) > 1 else dates[0]


def _not_ended(layout: Layout, day: dt.date) -> Condition:
    ends_on = layout.known.c.get("ends_on")
    return sa.true() if ends_on is None else sa.or_(ends_on.is_(None), ends_on >= day)


def _last_of_each_person(layout: Layout, rows: sa.Select[Any]) -> sa.Select[Any]:
    known = layout.known.c
    person = (known.municipality, known.unit, known.local_person_id)
    order = sa.func.rank().over(partition_by=person, order_by=_begins(layout).desc()).label("order_")
    ranked = rows.add_columns(order).subquery()
    return sa.select(*(ranked.c[column.name] for column in layout.known.c)).where(ranked.c.order_ == 1)
