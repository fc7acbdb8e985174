"""What the store knows of each unit, read by the same few queries for any number of units."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.domain.unit import ReportingUnit
from ktt.messages.follow_ups import FollowUp
from ktt.rules.kinds import Cause, Consequence
from ktt.sender.findings.tables import FINDING
from ktt.sender.findings.tables import RUN as VALIDATION
from ktt.sender.follow_ups.sql import follow_ups
from ktt.sender.outbox.message import QueueStatus
from ktt.sender.outbox.sql import stored_rows
from ktt.sender.outbox.sql.tables import PARKED
from ktt.sender.outcomes.sql import newest
from ktt.sender.outcomes.store import NO_OUTCOMES, LastOutcomes
from ktt.sender.plausibility.tables import COUNT
from ktt.sender.plausibility.tables import RUN as FIGURES
from ktt.sender.unit_changes.change import UnitState, state_of
from ktt.sender.unit_changes.sql import all_changes
from ktt.storage.database import Database

_DAY, _WEEK = dt.timedelta(days=1), dt.timedelta(days=7)
_KEPT = dt.timedelta(days=21)
"""How far back the figures are read: a week before the newest, and some days more when no run was a week ago."""


@dataclass(frozen=True, slots=True)
class DayFigures:
    """What a run saw and sent: the records of the record system, its recipients, and how many records differed."""

    day: dt.date
    records: int
    recipients: int
    changes: int


@dataclass(frozen=True, slots=True)
class Trend:
    """The newest run that was accepted, the one a day before it or earlier, and the one a week before it or earlier."""

    newest: DayFigures
    day_before: DayFigures | None = None
    week_before: DayFigures | None = None


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """What the store knows of one unit. `findings` are open and keep something back, by cause; `noted` are the others.

    `follow_ups` is what the registry waits for, as it was told last.
    """

    queue: QueueStatus
    state: UnitState = UnitState.REPORTS
    outcomes: LastOutcomes = NO_OUTCOMES
    trend: Trend | None = None
    findings: Mapping[Cause, int] = field(default_factory=dict)
    noted: int = 0
    parked: int = 0
    parked_since: dt.datetime | None = None
    validated_at: dt.datetime | None = None
    changed_at: dt.datetime | None = None
    follow_ups: Sequence[FollowUp] = ()

    @property
    def unit(self) -> ReportingUnit:
        """The unit."""
        return self.queue.unit

    @property
    def last_run_at(self) -> dt.datetime | None:
        """When the last run ended; in a store from before outcomes were kept, when the last one validated."""
        last = self.outcomes.last
        return last.at if last else self.validated_at


def nothing_known(unit: ReportingUnit) -> UnitFacts:
    """The facts of a unit that has no store yet."""
    return UnitFacts(QueueStatus(unit, undelivered=0, delivered=0))


class SqlFacts:
    """Reads the facts from a store that has the sender's tables."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, default: ReportingUnit) -> list[UnitFacts]:
        """The facts of every unit in the store, by unit; of `default` alone when there is none yet."""
        with self._database.reading() as connection:
            changes = all_changes(connection)
            queues = stored_rows.queues(connection) or [QueueStatus(default, undelivered=0, delivered=0)]
            outcomes, trends = newest(connection), _trends(connection)
            waited_for = follow_ups(connection)
            (findings, noted), parked = _findings(connection), _parked(connection)
            validated, changed = _instants(connection, _LAST_VALIDATION), _instants(connection, _LAST_CHANGE)
        return [
            UnitFacts(
                queue=queue,
                state=state_of(changes, queue.unit),
                outcomes=outcomes.get(queue.unit, NO_OUTCOMES),
                trend=trends.get(key),
                findings=findings.get(key, {}),
                noted=noted.get(key, 0),
                parked=parked[key].records if key in parked else 0,
                parked_since=parked[key].since if key in parked else None,
                validated_at=validated.get(key),
                changed_at=changed.get(key),
                follow_ups=waited_for.get(key, ()),
            )
            for queue in queues
            for key in [queue.unit.key]
        ]


# The statements are made once: to put one together takes as long as to run it, and a fleet has hundreds of stores.
def _newest_of(table: sa.Table) -> sa.Select[Any]:
    return sa.select(table.c.unit, sa.func.max(table.c.at).label("at")).group_by(table.c.unit)


_CHANGES = FIGURES.c.new + FIGURES.c.changed + FIGURES.c.gone
_LAST_VALIDATION, _LAST_CHANGE = _newest_of(VALIDATION), _newest_of(FIGURES).where(_CHANGES > 0)
_IS_NOTE = FINDING.c.consequence == Consequence.NOTE.value
_OPEN_FINDINGS = (
    sa.select(FINDING.c.unit, FINDING.c.cause, _IS_NOTE.label("noted"), sa.func.count().label("records"))
    .where(FINDING.c.closed_run.is_(None))
    .group_by(FINDING.c.unit, FINDING.c.cause, _IS_NOTE)
)
_PARKED = sa.select(PARKED.c.unit, sa.func.count().label("records"), sa.func.min(PARKED.c.at).label("since")).group_by(
    PARKED.c.unit
)
_NEWEST_DAY = sa.select(sa.func.max(FIGURES.c.extracted_on))
_RUN = (FIGURES.c.unit, FIGURES.c.number, FIGURES.c.extracted_on, FIGURES.c.recipients)
_RECENT_RUNS = (
    sa.select(*_RUN, _CHANGES.label("changes"), sa.func.coalesce(sa.func.sum(COUNT.c.records), 0).label("records"))
    .join(
        COUNT,
        (COUNT.c.unit == FIGURES.c.unit) & (COUNT.c.run == FIGURES.c.number) & (COUNT.c.of == "record_type"),
        isouter=True,
    )
    .where(FIGURES.c.extracted_on > sa.bindparam("after", type_=FIGURES.c.extracted_on.type))
    .group_by(*_RUN, _CHANGES)
    .order_by(FIGURES.c.unit, FIGURES.c.number)
)


def _instants(connection: Connection, query: sa.Select[Any]) -> dict[str, Any]:
    return {row.unit: row.at for row in connection.execute(query)}


def _findings(connection: Connection) -> tuple[dict[str, dict[Cause, int]], Counter[str]]:
    """What keeps something back, by cause, and how many are only noted."""
    found: dict[str, dict[Cause, int]] = {}
    noted: Counter[str] = Counter()
    for row in connection.execute(_OPEN_FINDINGS):
        if row.noted:
            noted[row.unit] += row.records
        else:
            found.setdefault(row.unit, {})[Cause(row.cause)] = row.records
    return found, noted


def _parked(connection: Connection) -> dict[str, Any]:
    return {row.unit: row for row in connection.execute(_PARKED)}


def _trends(connection: Connection) -> dict[str, Trend]:
    newest_day = connection.scalar(_NEWEST_DAY)
    if newest_day is None:
        return {}
    rows = connection.execute(_RECENT_RUNS, {"after": newest_day - _KEPT}).all()
    return {unit: _trend([_figures(row) for row in of_unit]) for unit, of_unit in groupby(rows, lambda row: row.unit)}


def _figures(row: Any) -> DayFigures:
    return DayFigures(row.extracted_on, int(row.records), row.recipients, row.changes)


def _trend(runs: list[DayFigures]) -> Trend:
    newest_run = runs[-1]

    def before(span: dt.timedelta) -> DayFigures | None:
        return next((run for run in reversed(runs) if run.day <= newest_run.day - span), None)

    return Trend(newest_run, before(_DAY), before(_WEEK))
