"""The promises of the history of runs, tested on its three implementations: memory, SQLite and PostgreSQL."""

from __future__ import annotations

import datetime as dt

import pytest

from ktt.sender.plausibility.figures import Figures
from ktt.sender.plausibility.question import Accepted
from ktt.sender.plausibility.sql import SqlHistory
from ktt.sender.plausibility.tables import SCHEMA
from ktt.storage.database import Database
from support.memory_history import MemoryHistory
from support.outbox_queues import OTHER, UNIT

MONDAY = dt.date(2026, 3, 2)
AT = dt.datetime(2026, 3, 1, 6, 0, tzinfo=dt.UTC)


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def store(request, clock):
    if request.param == "memory":
        yield MemoryHistory(clock)
        return
    database = Database.open(request.getfixturevalue(f"{request.param.replace('postgresql', 'postgres')}_url"), SCHEMA)
    yield SqlHistory(database, clock)
    database.close()


def run(number: int, **more: object) -> Figures:
    facts = {
        "kind": "daily" if number else "load",
        "day": MONDAY + dt.timedelta(days=number),
        "services": {"15": 10 + number, "2": 1},
        "records": {"decision": 3, "care_service": 11 + number},
        "recipients": 9,
        "unidentified": 1,
        "newest": (AT + dt.timedelta(minutes=number), AT),
        "new": 1,
        "changed": 2,
        "gone": number,
    }
    return Figures(**facts | more)


def test_the_newest_runs_come_with_the_oldest_first(store):
    assert list(store.latest(UNIT, 28)) == []
    runs = [run(number) for number in range(4)]
    for one in runs:
        store.record(UNIT, one)
    assert list(store.latest(UNIT, 28)) == runs
    assert list(store.latest(UNIT, 2)) == runs[2:]


def test_a_run_may_have_nothing_and_two_runs_may_be_of_one_day(store):
    empty = run(0, services={}, records={}, newest=(), recipients=0, unidentified=0)
    store.record(UNIT, empty)
    store.record(UNIT, empty)
    assert list(store.latest(UNIT, 28)) == [empty, empty]


def test_what_is_accepted_is_kept_with_the_instant_and_in_order(store, clock):
    first = Accepted("fall:15", MONDAY, "40", "0", "hjemmesykepleien er flyttet", "ola")
    store.accept(UNIT, [first, Accepted("day", MONDAY, None, None, "prøve", "ola")])
    then = clock.now()
    clock.advance(dt.timedelta(days=1))
    store.accept(UNIT, [])
    store.accept(UNIT, [first])
    assert [(one.name, one.then, one.reason, one.by, one.at) for one in store.accepted(UNIT)] == [
        ("fall:15", "40", "hjemmesykepleien er flyttet", "ola", then),
        ("day", None, "prøve", "ola", then),
        ("fall:15", "40", "hjemmesykepleien er flyttet", "ola", clock.now()),
    ]


def test_units_do_not_affect_each_other(store):
    store.record(UNIT, run(0))
    store.accept(UNIT, [Accepted("day", MONDAY, None, None, "prøve", "ola")])
    assert (list(store.latest(OTHER, 28)), list(store.accepted(OTHER))) == ([], [])
    store.record(OTHER, run(1))
    assert list(store.latest(UNIT, 28)) == [run(0)]
