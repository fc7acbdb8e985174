"""The run outcomes in a database: SQLite or PostgreSQL, through `storage.Database`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from ktt.core.clock import Clock
from ktt.domain.unit import ReportingUnit
from ktt.sender.outcomes.store import RECONCILE, LastOutcomes, RecordedOutcome, RunOutcome
from ktt.sender.outcomes.tables import OUTCOME
from ktt.storage.database import Database

_COMPARED = OUTCOME.c.comparison.in_(["equal", "different", "held"])  # the other states say that nothing was compared


def _newest_where(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.max(sa.case((condition, OUTCOME.c.number)))


_NUMBERS = (
    sa.select(
        OUTCOME.c.unit,
        sa.func.max(OUTCOME.c.number).label("number"),
        _newest_where(OUTCOME.c.kind != RECONCILE).label("last"),
        _newest_where(OUTCOME.c.read).label("last_read"),
        _newest_where(OUTCOME.c.messages > 0).label("last_accepted"),
        _newest_where(_COMPARED).label("last_compared"),
    )
    .group_by(OUTCOME.c.unit)
    .subquery()
)
_PLACES = {"last": "last", "read": "last_read", "accepted": "last_accepted", "compared": "last_compared"}
_NEWEST = sa.select(OUTCOME, *(_NUMBERS.c[name] for name in _PLACES.values())).join(
    _NUMBERS,
    (_NUMBERS.c.unit == OUTCOME.c.unit) & OUTCOME.c.number.in_([_NUMBERS.c[name] for name in _PLACES.values()]),
)


class SqlOutcomes:
    """Keeps the promises of `OutcomeStore` in a database opened with `outcomes.tables.SCHEMA`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    def record(self, unit: ReportingUnit, outcome: RunOutcome) -> None:
        """See `OutcomeStore`."""
        last = sa.select(sa.func.max(OUTCOME.c.number)).where(OUTCOME.c.unit == unit.key)
        with self._database.transaction() as connection:
            key = {"unit": unit.key, "number": (connection.scalar(last) or 0) + 1, "at": self._clock.now()}
            connection.execute(OUTCOME.insert(), key | asdict(outcome))

    def newest(self) -> Mapping[ReportingUnit, LastOutcomes]:
        """See `OutcomeStore`."""
        with self._database.reading() as connection:
            return newest(connection)

    def latest(self, runs: int) -> Mapping[ReportingUnit, list[RecordedOutcome]]:
        """See `OutcomeStore`."""
        query = (
            sa.select(OUTCOME)
            .join(_NUMBERS, _NUMBERS.c.unit == OUTCOME.c.unit)
            .where(OUTCOME.c.number > _NUMBERS.c.number - runs)
            .order_by(OUTCOME.c.unit, OUTCOME.c.number)
        )
        found: dict[ReportingUnit, list[RecordedOutcome]] = {}
        with self._database.reading() as connection:
            for row in connection.execute(query).mappings():
                found.setdefault(ReportingUnit.from_key(row["unit"]), []).append(_recorded(row))
        return found


def newest(connection: Connection) -> dict[ReportingUnit, LastOutcomes]:
    """The newest outcomes of every unit, for a reader that has a transaction of its own."""
    found: dict[str, dict[str, RecordedOutcome]] = {}
    for row in connection.execute(_NEWEST).mappings():
        recorded = _recorded(row)
        places = found.setdefault(row["unit"], {})
        places |= {name: recorded for name, column in _PLACES.items() if row[column] == row["number"]}
    return {ReportingUnit.from_key(unit): LastOutcomes(**places) for unit, places in sorted(found.items())}


def _recorded(row: RowMapping) -> RecordedOutcome:
    values: dict[str, Any] = {name: row[name] for name in RunOutcome.__slots__}
    return RecordedOutcome(row["at"], RunOutcome(**values))
