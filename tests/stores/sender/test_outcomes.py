"""The promises of the run outcomes, tested on SQLite and PostgreSQL."""

from __future__ import annotations

import datetime as dt

import pytest

from ktt.sender.outcomes.sql import SqlOutcomes
from ktt.sender.outcomes.store import RunOutcome
from ktt.sender.outcomes.tables import SCHEMA
from ktt.storage.database import Database
from support.outbox_queues import OTHER, UNIT

MONDAY = dt.date(2026, 3, 2)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store(request, clock):
    database = Database.open(request.getfixturevalue(f"{request.param}_url"), SCHEMA)
    yield SqlOutcomes(database, clock)
    database.close()


ENDED = {
    "load": RunOutcome("load", MONDAY, 0, read=True, messages=5, changes=9, comparison="equal"),
    "quiet": RunOutcome("daily", MONDAY, 0, read=True, comparison="not_offered"),
    "missing": RunOutcome("daily", MONDAY, 3, read=True, missing=2, held=1, comparison="different", differences=2),
    "failed": RunOutcome("daily", MONDAY, 10, code="KTT-SRC-02"),
    "reconcile": RunOutcome("reconcile", MONDAY, 0, comparison="equal"),
}
NEWEST = [
    # the runs | the newest of all, of those that read, that had something accepted, that compared
    (["load"], ["load", "load", "load", "load"]),
    (["load", "quiet"], ["quiet", "quiet", "load", "load"]),
    (["load", "quiet", "missing", "failed"], ["failed", "missing", "load", "missing"]),
    (["failed"], ["failed", None, None, None]),
    (["reconcile"], [None, None, None, "reconcile"]),
    (["load", "failed", "reconcile"], ["failed", "load", "load", "reconcile"]),
]


@pytest.mark.parametrize(("runs", "newest"), NEWEST)
def test_the_newest_run_of_each_kind(store, clock, runs, newest):
    at = {}
    for name in runs:
        clock.advance(dt.timedelta(days=1))
        store.record(UNIT, ENDED[name])
        at[name] = clock.now()
    found = store.newest()[UNIT]
    of_each = (found.last, found.read, found.accepted, found.compared)
    for recorded, name in zip(of_each, newest, strict=True):
        assert (recorded and recorded.outcome) == ENDED.get(name)
        assert (recorded and recorded.at) == at.get(name)


def test_the_latest_runs_come_with_the_oldest_first(store):
    assert (store.newest(), store.latest(2)) == ({}, {})
    for name in ("load", "quiet", "failed"):
        store.record(UNIT, ENDED[name])
    store.record(OTHER, ENDED["load"])
    found = {unit: [one.outcome for one in runs] for unit, runs in store.latest(2).items()}
    assert found == {UNIT: [ENDED["quiet"], ENDED["failed"]], OTHER: [ENDED["load"]]}


def test_units_do_not_affect_each_other(store):
    store.record(UNIT, ENDED["failed"])
    store.record(OTHER, ENDED["load"])
    assert {unit: one.last.outcome for unit, one in store.newest().items()} == {
        UNIT: ENDED["failed"],
        OTHER: ENDED["load"],
    }
