"""Records by month, kept by the ingest: always what a count of the records says, on SQLite and PostgreSQL."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ktt.registry import NOW, AsOf
from ktt.registry.month_records import counted, months, recount
from ktt.registry.tables import LAYOUTS
from support.registry_inbox import OTHER, UNIT, ListInbox, a_decision, message, minute, service, services

BEFORE, APRIL, MAY = dt.date(2016, 8, 1), dt.date(2020, 4, 30), dt.date(2020, 5, 1)


def kept(registry, as_of=NOW):
    with registry.reading() as connection:
        found = months(connection, as_of)
        assert sorted(found.rows()) == sorted(counted(connection, as_of).rows())
        return {(unit, month): count for unit, _, month, count in found.rows()}


def starts(name, on):
    return services(service(name, starts_on=on))


def test_what_comes_moves_and_goes(registry):
    said = [
        message(1, services(service("T-1", starts_on=BEFORE), service("T-2", starts_on=APRIL))),
        message(2, starts("T-2", MAY)),
        message(3, deletions=["T-1"]),
        message(4, starts("T-1", MAY)),
        message(5, services(service("T-2", starts_on=MAY, service_type="18"))),
        message(6, starts("T-1", APRIL), unit=OTHER),
    ]
    expected = [
        {(UNIT.key, "2017-01"): 1, (UNIT.key, "2020-04"): 1},
        {(UNIT.key, "2017-01"): 1, (UNIT.key, "2020-05"): 1},
        {(UNIT.key, "2020-05"): 1},
        {(UNIT.key, "2020-05"): 2},
        {(UNIT.key, "2020-05"): 2},
        {(UNIT.key, "2020-05"): 2, (OTHER.key, "2020-04"): 1},
    ]
    for n, found in enumerate(expected, 1):
        registry.ingest(ListInbox(*said[:n]))
        assert kept(registry) == found
    for n, found in enumerate(expected, 1):
        with registry.reading() as connection:
            then = months(connection, AsOf(known_at=minute(n)))
        assert {(unit, month): count for unit, _, month, count in then.rows()} == found


def test_several_versions_in_one_page(registry):
    registry.ingest(
        ListInbox(message(1, starts("T-1", APRIL)), message(2, deletions=["T-1"]), message(3, starts("T-1", MAY)))
    )
    assert kept(registry) == {(UNIT.key, "2020-05"): 1}


def test_a_decision_is_dated_by_its_decision(registry):
    registry.ingest(ListInbox(message(1, a_decision(), record_type="decision")))
    assert kept(registry) == {(UNIT.key, "2026-01"): 1}


def test_counted_again_after_something_else_changed_the_records(registry):
    registry.ingest(ListInbox(message(1, starts("T-1", APRIL)), message(2, starts("T-1", MAY), unit=OTHER)))
    with registry._database.transaction() as connection:
        table = LAYOUTS["care_service"].current
        connection.execute(table.delete().where(table.c.unit == UNIT.key))
        recount(connection, [UNIT.key])
    assert kept(registry) == {(OTHER.key, "2020-05"): 1}


names = st.sampled_from(["T-1", "T-2", "T-3"])
days = st.sampled_from([BEFORE, APRIL, MAY])
said = st.lists(
    st.tuples(st.sampled_from([UNIT, OTHER]), st.dictionaries(names, days, max_size=3), st.sets(names, max_size=2)),
    min_size=1,
    max_size=12,
)


@pytest.mark.usefixtures("registry")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(said=said)
def test_whatever_is_said_is_counted(registry, said):
    with registry.reading() as connection:
        first = connection.exec_driver_sql("SELECT position FROM ingest_position").scalar()
    inbox = []
    for at, (unit, told, deleted) in enumerate((one for one in said if one[1] or one[2]), first + 1):
        rows = [service(name, starts_on=on) for name, on in told.items()]
        inbox.append(message(at, services(*rows) if rows else None, sorted(deleted), unit=unit))
    registry.ingest(ListInbox(*inbox))
    kept(registry)
