"""Notes of what leaves no receipt: that a unit asked for something, and that a submission was rejected.

Both are for the registry's controller. Neither is worth a refusal: when the database cannot take a note, it is left out.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from ktt.core.clock import Clock, norwegian_day
from ktt.receiver.store.tables import LAST_ACCEPTED, REJECTED
from ktt.storage.column_types import Instant
from ktt.storage.database import Database
from ktt.storage.errors import DatabaseUnavailable

_log = logging.getLogger(__name__)
_HEARD = sa.text(
    "INSERT INTO receiver_heard (unit, day, at) VALUES (:unit, :day, :at) ON CONFLICT DO NOTHING"
).bindparams(sa.bindparam("day", type_=sa.Date), sa.bindparam("at", type_=Instant))
_AGAIN = (
    REJECTED.update()
    .where(REJECTED.c.units == sa.bindparam("of_units"), REJECTED.c.after == sa.bindparam("of_after"))
    .values(times=REJECTED.c.times + 1)
)
_MOST_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class Rejection:
    """A submission that was rejected: for which units the caller may send, what it was, by what, and with which code."""

    units: tuple[str, ...]
    message_type: str
    version: str
    client_id: str
    supplier: str | None
    software: str
    code: int


class UnitSigns:
    """Notes each unit at most once a day. Used from several threads: a note that is made twice is the same note."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._noted: set[tuple[str, dt.date]] = set()

    def heard(self, units: Iterable[str]) -> None:
        """These units have asked for something of their own today."""
        now = self._clock.now()
        day = norwegian_day(now)
        new = [unit for unit in units if (unit, day) not in self._noted]
        if not new:
            return
        try:
            with self._database.transaction() as connection:
                connection.execute(_HEARD, [{"unit": unit, "day": day, "at": now} for unit in new])
        except (SQLAlchemyError, DatabaseUnavailable) as lost:
            _log.warning("not noted that units were heard of: %s", type(lost).__name__)
            return
        if len(self._noted) > _MOST_REMEMBERED:
            self._noted.clear()
        self._noted |= {(unit, day) for unit in new}

    def rejected(self, rejection: Rejection) -> None:
        """One more try was rejected since the units' last accepted message."""
        try:
            _note(self._database, rejection, self._clock.now())
        except (SQLAlchemyError, DatabaseUnavailable) as lost:
            _log.warning("rejection not noted: %s", type(lost).__name__)


def _note(database: Database, rejection: Rejection, now: dt.datetime) -> None:
    units = ",".join(rejection.units)
    last = sa.select(sa.func.max(LAST_ACCEPTED.c.position)).where(LAST_ACCEPTED.c.unit.in_(rejection.units))
    told = {
        "last_at": now,
        "message_type": rejection.message_type,
        "version": rejection.version,
        "client_id": rejection.client_id,
        "supplier": rejection.supplier,
        "software": rejection.software,
        "code": rejection.code,
    }
    with database.transaction() as connection:
        after = connection.scalar(last) or 0
        again = connection.execute(_AGAIN.values(**told), {"of_units": units, "of_after": after})
        if again.rowcount == 0:
            row = {"units": units, "after": after, "times": 1, "first_at": now, **told}
            connection.execute(sa.insert(REJECTED).values(row))
