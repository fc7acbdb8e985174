"""What the registry waits for, in the sender's store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.core.clock import Clock
from ktt.core.text import Text
from ktt.domain.unit import ReportingUnit
from ktt.messages.follow_ups import FollowUp
from ktt.sender.follow_ups.tables import FOLLOW_UP
from ktt.storage.database import Database


class SqlFollowUps:
    """Over a store that has `follow_ups.tables.SCHEMA`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    def replace(self, unit: ReportingUnit, told: Sequence[FollowUp]) -> None:
        """Keep these of a unit, and no others."""
        rows = [_row(one) | {"told_at": self._clock.now()} for one in {one.number: one for one in told}.values()]
        with self._database.transaction() as connection:
            connection.execute(sa.delete(FOLLOW_UP).where(FOLLOW_UP.c.unit == unit.key))
            if rows:
                connection.execute(sa.insert(FOLLOW_UP), rows)

    def of(self, unit: ReportingUnit) -> list[FollowUp]:
        """Those of a unit, the nearest deadline first."""
        with self._database.reading() as connection:
            return follow_ups(connection).get(unit.key, [])


_ALL = sa.select(FOLLOW_UP).order_by(FOLLOW_UP.c.unit, FOLLOW_UP.c.deadline, FOLLOW_UP.c.number)


def follow_ups(connection: Connection) -> dict[str, list[FollowUp]]:
    """Those of every unit, for a reader that has a transaction of its own."""
    found: dict[str, list[FollowUp]] = {}
    for row in connection.execute(_ALL):
        found.setdefault(row.unit, []).append(_follow_up(row))
    return found


def _row(one: FollowUp) -> dict[str, Any]:
    plain = {name: getattr(one, name) for name in ("unit", "number", "cause", "since", "deadline")}
    texts = {"says": one.says, "remedy": one.remedy}
    return plain | {f"{name}_{form}": text for name, both in texts.items() for form, text in both.both().items()}


def _follow_up(row: sa.Row[Any]) -> FollowUp:
    return FollowUp(
        number=row.number,
        unit=row.unit,
        cause=row.cause,
        since=row.since,
        deadline=row.deadline,
        says=Text(row.says_nb, row.says_en),
        remedy=Text(row.remedy_nb, row.remedy_en),
    )
