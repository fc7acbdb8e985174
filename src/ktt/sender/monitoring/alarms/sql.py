"""The alarms in a database: SQLite or PostgreSQL, through `storage.Database`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.alarms.notice import Notice
from ktt.core.clock import Clock
from ktt.sender.monitoring.alarms.tables import ALARM, DELIVERY, NOTICE
from ktt.sender.monitoring.things import Thing
from ktt.storage.database import Database

_THIS = (ALARM.c.unit == sa.bindparam("of_unit"), ALARM.c.cause == sa.bindparam("of_cause"))
_LAST_WORDS = (
    sa.select(NOTICE)
    .where(NOTICE.c.unit == sa.bindparam("of_unit"), NOTICE.c.cause == sa.bindparam("of_cause"))
    .order_by(NOTICE.c.number.desc())
    .limit(1)
)


KEPT = dt.timedelta(days=400)
"""How long a notice is kept after it was noted, as far as it is told: a year with some weeks for whoever looks back at it."""
_UNTOLD = sa.exists().where(DELIVERY.c.number == NOTICE.c.number, DELIVERY.c.delivered_at.is_(None))
_GOING_ON = sa.exists().where(ALARM.c.unit == NOTICE.c.unit, ALARM.c.cause == NOTICE.c.cause)
_NEWEST = sa.select(sa.func.max(NOTICE.c.number)).scalar_subquery()


class SqlAlarms:
    """Keeps the promises of `AlarmStore` in a database opened with `alarms.tables.SCHEMA`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    def look(self, units: Collection[str] | None, ringing: Sequence[Thing], channels: Collection[str]) -> int:
        """See `AlarmStore`."""
        now, wanted = self._clock.now(), {(thing.unit or "", thing.cause): thing for thing in ringing}
        with self._database.transaction() as connection:
            if connection.dialect.name == "postgresql":  # two that look at once would note the same twice
                connection.execute(sa.text("LOCK TABLE alarm IN EXCLUSIVE MODE"))
            going_on = {(row.unit, row.cause): row.began_at for row in connection.execute(sa.select(ALARM))}
            looked_at = [key for key in going_on if units is None or key[0] in units]
            begun = [key for key in wanted if key not in going_on]
            ended = [key for key in looked_at if key not in wanted]
            rows = [_began(wanted[key]) | {"began_at": now} for key in begun]
            rows += [_ended(connection, key) | {"began_at": going_on[key]} for key in ended]
            _change(connection, begun, ended, now)
            _note(connection, [row | {"at": now} for row in rows], channels)
            _forget(connection, now - KEPT)
        return len(rows)

    def pending(self, channel: str) -> Sequence[Notice]:
        """See `AlarmStore`."""
        query = (
            sa.select(NOTICE)
            .join(DELIVERY, DELIVERY.c.number == NOTICE.c.number)
            .where(DELIVERY.c.channel == channel, DELIVERY.c.delivered_at.is_(None))
            .order_by(NOTICE.c.number)
        )
        with self._database.reading() as connection:
            return [Notice(**row) for row in connection.execute(query).mappings()]

    def delivered(self, channel: str, notices: Sequence[Notice]) -> None:
        """See `AlarmStore`."""
        these = (DELIVERY.c.channel == channel, DELIVERY.c.number.in_([notice.number for notice in notices]))
        with self._database.transaction() as connection:
            connection.execute(DELIVERY.update().where(*these).values(delivered_at=self._clock.now()))

    def exclusive(self) -> Any:
        """A lock for the one who delivers; entering says whether it was free."""
        return self._database.exclusive("alarms")


def _began(thing: Thing) -> dict[str, Any]:
    words = {"says": thing.says.nb, "remedy": thing.remedy.nb}
    return {"unit": thing.unit or "", "cause": thing.cause, "event": "began"} | words | _class(thing)


def _class(thing: Thing) -> dict[str, Any]:
    return {"actor": thing.actor.value, "exit_code": thing.exit_code}


def _ended(connection: Connection, key: tuple[str, str]) -> dict[str, Any]:
    """The words in which it began, since what has ended has none of its own."""
    row = connection.execute(_LAST_WORDS, {"of_unit": key[0], "of_cause": key[1]}).mappings().one()
    return {**row, "event": "ended"}


def _change(connection: Connection, begun: list[tuple[str, str]], ended: list[tuple[str, str]], now: Any) -> None:
    if ended:
        connection.execute(
            ALARM.delete().where(*_THIS), [{"of_unit": unit, "of_cause": cause} for unit, cause in ended]
        )
    if begun:
        connection.execute(ALARM.insert(), [{"unit": unit, "cause": cause, "began_at": now} for unit, cause in begun])


def _note(connection: Connection, rows: list[dict[str, Any]], channels: Collection[str]) -> None:
    first = (connection.scalar(sa.select(sa.func.max(NOTICE.c.number))) or 0) + 1
    numbered = [row | {"number": number} for number, row in enumerate(rows, first)]
    if numbered:
        connection.execute(NOTICE.insert(), numbered)
    undelivered = [
        {"number": row["number"], "channel": channel, "delivered_at": None} for row in numbered for channel in channels
    ]
    if undelivered:
        connection.execute(DELIVERY.insert(), undelivered)


def _forget(connection: Connection, before: dt.datetime) -> None:
    """Remove old notices that are told everywhere. What goes on has its words in one, and the newest keeps the numbers rising."""
    old = sa.select(NOTICE.c.number).where(NOTICE.c.at < before, ~_UNTOLD, ~_GOING_ON, NOTICE.c.number < _NEWEST)
    numbers = connection.scalars(old).all()
    if numbers:
        connection.execute(DELIVERY.delete().where(DELIVERY.c.number.in_(numbers)))
        connection.execute(NOTICE.delete().where(NOTICE.c.number.in_(numbers)))
