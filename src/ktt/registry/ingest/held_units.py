"""The units that wait: which, since when, behind what and with whom; and their release, which says who and why.

Units that wait for the same message are released together: alone, each would have to wait for the other again.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.core.clock import Clock
from ktt.core.log.masking import masked
from ktt.core.text import Text
from ktt.registry.coverage.known_unit import check_unit
from ktt.registry.errors import ReleaseUnexplained, UnitNotHeld
from ktt.registry.ingest.quarantine import OPEN
from ktt.registry.tables import INGEST_POSITION, QUARANTINE, WAITING
from ktt.storage.database import Database


@dataclass(frozen=True, slots=True)
class HeldUnit:
    """A unit that waits behind the message at `position`: why, how many messages wait, and the units released with it."""

    unit: str
    since: dt.datetime
    position: int
    correlation_id: str
    message_type: str
    received_at: dt.datetime
    code: str
    reason: Text
    messages: int
    together: tuple[str, ...]


class HeldUnits:
    """The units of a registry that wait. Used beside a running ingest, also from another process."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    def all(self, unit: str | None = None) -> list[HeldUnit]:
        """Those that wait now, or this one alone, the one behind the oldest message first; UnitUnknown."""
        with self._database.reading() as connection:
            check_unit(connection, unit)
            return [one for one in held_units(connection) if unit in {None, one.unit}]

    def release(self, units: Sequence[str], who: str, why: str) -> list[HeldUnit]:
        """Let these units, and all that wait together with them, go on at the next ingest; as they were held.

        UnitNotHeld when one of them does not wait; then none is released. The position moves back to the first message
        that one of them waits behind. Other units' messages from there on were ingested and are passed over.
        """
        if not (who.strip() and why.strip()):
            raise ReleaseUnexplained
        with self._database.transaction() as connection:
            # First, since it locks the row: an ingest has then either written its page, or gives it up.
            connection.execute(sa.update(INGEST_POSITION).values(releases=INGEST_POSITION.c.releases + 1))
            held = {one.unit: one for one in held_units(connection)}
            for unit in units:
                if unit not in held:
                    raise UnitNotHeld(unit=unit)
            wanted = {name for unit in units for name in (unit, *held[unit].together)}
            released = [one for one in held.values() if one.unit in wanted]
            note = {"released_at": self._clock.now(), "released_by": who, "released_why": masked(why)}
            connection.execute(sa.update(QUARANTINE).where(OPEN, QUARANTINE.c.unit.in_(wanted)).values(note))
            connection.execute(sa.delete(WAITING).where(WAITING.c.unit.in_(wanted)))
            first = min(one.position for one in released)
            back = sa.update(INGEST_POSITION).where(INGEST_POSITION.c.position >= first)
            connection.execute(back.values(position=first - 1))
        return released


def held_units(connection: Connection) -> list[HeldUnit]:
    """Those that wait now, the one behind the oldest message first."""
    rows = connection.execute(
        sa.select(QUARANTINE).where(OPEN).order_by(QUARANTINE.c.position, QUARANTINE.c.unit)
    ).all()
    waiting = connection.execute(sa.select(WAITING).order_by(WAITING.c.position)).all()
    messages = Counter(row.unit for row in waiting)
    shared = ({row.unit for row in rows} for _, rows in groupby(waiting, attrgetter("position")))
    together = _together(shared)
    return [
        HeldUnit(
            unit=row.unit,
            since=row.set_aside_at,
            position=row.position,
            correlation_id=row.correlation_id,
            message_type=row.message_type,
            received_at=row.received_at,
            code=row.code,
            reason=Text(row.reason_nb or row.reason, row.reason),
            messages=messages[row.unit],
            together=tuple(sorted(together.get(row.unit, set()) - {row.unit})),
        )
        for row in rows
    ]


def _together(shared: Iterable[set[str]]) -> dict[str, set[str]]:
    """Each unit with all that it is connected to, by the messages that are about several units."""
    found: dict[str, set[str]] = {}
    for units in shared:
        group = set().union(units, *(found.get(unit, ()) for unit in units))
        if any(found.get(unit) != group for unit in units):
            found |= dict.fromkeys(group, group)
    return found
