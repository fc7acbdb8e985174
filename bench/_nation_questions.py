"""What a nation's registry answers, and how fast: a unit and a person as known at an instant, and the nation's coverage."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from bench.harness import Figure, seconds
from ktt.domain.unit import ReportingUnit
from ktt.receiver.store.deliveries import SqlDeliveryLog
from ktt.registry import AsOf, Registry
from ktt.registry.coverage.coverage import coverage
from ktt.registry.questions import Stories, registry_state
from ktt.registry.tables import LAYOUTS
from ktt.storage.database import Database

ON = dt.date(2025, 6, 1)
_SERVICES = LAYOUTS["care_service"]


def answered(registry: Registry, inbox: Database, unit: ReportingUnit, known_at: dt.datetime) -> list[Figure]:
    """Each question beside its target or the usual way; `known_at` is before the last day that was ingested."""
    then, database = AsOf(ON, known_at), registry._database  # noqa: SLF001 - the bench asks as the registry's own parts do
    person = str(registry.people(unit)["local_person_id"][0])
    stories = Stories(database, registry.identities)
    services = registry.as_of(unit, "care_service", then)
    assert [row.service_id for row in _row_by_row(registry, unit, then)] == services["service_id"].to_list()
    took: dict[str, Callable[[], object]] = {
        "services": lambda: registry.as_of(unit, "care_service", then),
        "row by row": lambda: _row_by_row(registry, unit, then),
        "all": lambda: registry.records(unit, then),
        "story": lambda: stories.of_local(unit, person, "bench", "measuring"),
        "coverage": lambda: coverage(database, SqlDeliveryLog(inbox), ON),
        "units": lambda: registry_state(database, then),
    }
    rate = {what: 1 / seconds(ask) for what, ask in took.items()}
    held = sum(frame.height for frame in registry.records(unit, then).values())
    one = f"one unit's care services on a day as known then ({services.height} of them)"
    return [
        _figure(one, rate["services"], "50 ms", 20, "< 50 ms"),
        _figure(one, rate["services"], "row by row", rate["row by row"]),
        _figure(f"all that one unit had that day, every type ({held} rows)", rate["all"], "one type", rate["services"]),
        _figure("one person's whole story", rate["story"], "20 ms", 50, "< 20 ms"),
        _figure("coverage of the nation", rate["coverage"], "1 s", 1, "< 1 s"),
        _figure("every unit's persons and records that day", rate["units"], "10 s", 0.1),
    ]


def _figure(what: str, rate: float, beside: str, beside_rate: float, target: str = "") -> Figure:
    return Figure(what, rate, "questions/s", beside, beside_rate, target)


def _row_by_row(registry: Registry, unit: ReportingUnit, then: AsOf) -> list[Any]:
    """The way it is usually begun: every version of the unit fetched as an object, and asked one by one."""
    found = []
    with registry.reading() as connection:
        for table in (_SERVICES.current, _SERVICES.history):
            of_unit = sa.select(table).where(table.c.municipality == unit.municipality, table.c.unit == unit.key)
            found += [row for row in connection.execute(of_unit) if _held(row, then)]
    return sorted(found, key=lambda row: row.service_id)


def _held(row: Any, then: AsOf) -> bool:
    assert then.known_at is not None
    assert then.day is not None
    known_to = getattr(row, "known_to", None)
    known = row.known_from <= then.known_at and (known_to is None or known_to > then.known_at)
    return known and not row.deleted and row.starts_on <= then.day and (row.ends_on is None or row.ends_on >= then.day)
