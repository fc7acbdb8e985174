"""Stored messages that open under no key: a deletion says that they are there, and destroys them when that is wanted."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from ktt.receiver.store import tables
from ktt.receiver.store.acceptance import accept
from ktt.registry import HeldUnits
from ktt.registry.persons.whom import NumberedPerson
from ktt.storage.errors import SealBroken
from support.registry_inbox import NUMBERS, OTHER, UNIT, message, service, services
from support.registry_persons import person_place

ONE = NumberedPerson(NUMBERS["1"])


@pytest.fixture
def place(any_database_url, tmp_path):
    """Two messages of a unit, the second sealed by a key that is lost; and a message of another unit."""
    with person_place(any_database_url, tmp_path) as opened:
        opened.accepted(message(1, services(service("T-1"))))
        opened.accepted(message(2, services(service("T-2"))), message(3, services(service("T-3", "2")), unit=OTHER))
        lose(opened, 2)
        yield opened


def lose(place, *positions):
    change = sa.update(tables.INBOX).where(tables.INBOX.c.position.in_(positions)).values(payload=b"sealed by another")
    with place.database.transaction() as connection:
        connection.execute(change)


def left(place):
    with place.database.reading() as connection:
        return set(connection.scalars(sa.select(tables.INBOX.c.position)))


def test_the_plan_counts_them(place):
    plan = place.deletion.plan(ONE, "Ingrid", "plan")
    assert (plan.messages, plan.destroyed, plan.unopened) == (1, 0, 1)
    assert place.reports.of(ONE, "Ingrid", "innsyn").unopened == (2,)


@pytest.mark.parametrize(("unopened", "stored"), [(False, {1, 2, 3}), (True, {1, 3})])
def test_they_are_destroyed_when_that_is_wanted(place, unopened, stored):
    plan = place.deletion.plan(ONE, "Ingrid", "plan")
    place.deletion.run(ONE, "Ingrid", "decision 7", plan.word, unopened=unopened)
    assert left(place) == stored


def test_a_unit_that_waits_for_what_is_destroyed_is_named_and_goes_on_once_it_is_released(place):
    """It is not released by itself: what it sends after the hole may build on what was in it."""
    with place.database.transaction() as connection:
        accept(connection, place._new(message(4, services(service("T-4", "2")))))
        accept(connection, place._new(message(5, services(service("T-5", "2")))))
    lose(place, 4)
    place.registry.ingest(place.inbox)
    held = HeldUnits(place.database, place.clock)
    assert [(one.unit, one.position, one.messages) for one in held.all()] == [(UNIT.key, 4, 2)]
    plan = place.deletion.plan(ONE, "Ingrid", "plan")
    kept = place.deletion.run(ONE, "Ingrid", "decision 7", plan.word, unopened=False)
    assert kept.waiting == ()
    place.accepted(message(6, services(service("T-6")), unit=OTHER))
    plan = place.deletion.plan(ONE, "Ingrid", "plan")
    done = place.deletion.run(ONE, "Ingrid", "decision 8", plan.word, unopened=True)
    assert (done.waiting, held.all(OTHER.key)) == ((UNIT.key,), [])
    held.release(done.waiting, "Ingrid", "destroyed")
    place.registry.ingest(place.inbox)
    assert held.all() == []
    assert "T-5" in place.registry.current(UNIT, "care_service")["service_id"]


def test_with_one_that_opens_elsewhere_the_key_is_right(place):
    lose(place, 1)
    assert place.deletion.plan(ONE, "Ingrid", "plan").unopened == 2


def test_when_nothing_opens_the_key_is_another(place):
    lose(place, 1, 3)
    with pytest.raises(SealBroken):
        place.deletion.plan(ONE, "Ingrid", "plan")
    assert left(place) == {1, 2, 3}


def test_of_a_unit_that_does_not_know_the_person_none_is_counted(place):
    assert place.deletion.plan(NumberedPerson(NUMBERS["2"]), "Ingrid", "plan").unopened == 0
    assert UNIT != OTHER
