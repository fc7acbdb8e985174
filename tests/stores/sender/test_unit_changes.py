"""The promises of the unit changes, tested on their three implementations: memory, SQLite and PostgreSQL."""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import replace

import pytest

from ktt.domain.unit import ReportingUnit
from ktt.sender.unit_changes.change import (
    Kind,
    Predecessor,
    UnitChange,
    UnitState,
    Withdrawn,
    departure,
    state_of,
    waiting_for,
)
from support.unit_changes import open_store, sql_unit_changes

A, B, C = (ReportingUnit(number, "1114") for number in ("312000008", "312000113", "312000229"))
AT = dt.datetime(2026, 3, 2, 6, tzinfo=dt.UTC)
BY_MESSAGES, BY_WORD = Withdrawn(AT, "kari"), Withdrawn(AT, "ola", "FHI, sak 26/123")


def change(name, leaving, coming=(), kind=Kind.MERGE):
    return UnitChange(
        name, kind, dt.date(2026, 3, 2), "en grunn", "kari", AT, tuple(map(Predecessor, leaving)), tuple(coming)
    )


@pytest.fixture(scope="module")
def shared_postgres_url(_postgres_server):
    from support.postgres import fresh_database

    with fresh_database(_postgres_server) as url:
        yield url


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def store(request):
    urls = {"sqlite": "sqlite_url", "postgresql": "shared_postgres_url"}
    url = request.getfixturevalue(urls[request.param]) if request.param in urls else None
    with open_store(request.param, url) as opened:
        yield opened


def test_a_change_comes_back_as_it_was_written_and_only_once(store):
    first, second = change("b", [A, B], [C]), change("a", [C], kind=Kind.RETIRE)
    assert store.changes() == []
    for one in (first, second, replace(first, reason="en annen grunn")):
        store.begin(one)
    assert store.changes() == [first, second]


def test_that_a_unit_is_withdrawn_is_written_once(store):
    store.begin(change("a", [A, B], [C]))
    store.mark_withdrawn("a", A, BY_WORD)
    store.mark_withdrawn("a", A, BY_MESSAGES)
    store.mark_withdrawn("a", C, BY_MESSAGES)  # it does not leave
    store.mark_withdrawn("unknown", B, BY_MESSAGES)
    (kept,) = store.changes()
    assert kept.predecessors == (Predecessor(A, BY_WORD), Predecessor(B))
    assert (kept.left, kept.leaving) == ((B,), (A, B))


def test_a_change_that_another_store_knows_more_of_is_kept_whole(store):
    whole = replace(change("a", [A], [C]), predecessors=(Predecessor(A, BY_MESSAGES),))
    store.begin(whole)
    assert store.changes() == [whole]


@pytest.mark.parametrize(
    ("told", "states"),
    [
        ([], {A: "reports", C: "reports"}),
        ([("1", [A, B], [C])], {A: "withdrawing", B: "withdrawing", C: "waits"}),
        ([("1", [A, B], [C]), ("1", A)], {A: "retired", B: "withdrawing", C: "waits"}),
        ([("1", [A, B], [C]), ("1", A), ("1", B)], {A: "retired", B: "retired", C: "reports"}),
        ([("1", [A], [C]), ("1", A), ("2", [C], [A])], {A: "waits", C: "withdrawing"}),
        ([("1", [A], [C]), ("1", A), ("2", [C], [A]), ("2", C)], {A: "reports", C: "retired"}),
        ([("1", [A], [C]), ("1", A), ("2", [B], [C])], {A: "retired", B: "withdrawing", C: "waits"}),
    ],
)
def test_the_state_of_a_unit_follows_from_the_changes(store, told, states):
    for name, *rest in told:
        if isinstance(rest[0], list):
            store.begin(change(name, *rest))
        else:
            store.mark_withdrawn(name, *rest, BY_MESSAGES)
    known = store.changes()
    assert {unit: state_of(known, unit) for unit in states} == {unit: UnitState(one) for unit, one in states.items()}
    for unit, state in states.items():
        assert (departure(known, unit) is not None) == (state in {"withdrawing", "retired"})
        assert state != "waits" or waiting_for(known, unit)


def test_changes_that_begin_at_once_are_all_kept(any_database_url):
    with sql_unit_changes(any_database_url) as store:
        begun = [threading.Thread(target=store.begin, args=(change(f"{nth}", [A]),)) for nth in range(6)]
        for one in begun:
            one.start()
        for one in begun:
            one.join()
        assert {one.id for one in store.changes()} == {f"{nth}" for nth in range(6)}
