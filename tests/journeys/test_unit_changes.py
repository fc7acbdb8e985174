"""Units that are moved, merged, split and retired. Afterwards the registry is what the record systems are, and nobody is
in two units: both ends give an account of themselves, and the registry is the real one.
"""

from __future__ import annotations

import datetime as dt

import pytest

from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import NotSent, Refused, Unknown
from ktt.sender.outbox.errors import OutcomeUncertain, ReceiverNotReached
from ktt.sender.unit_changes.change import UnitState, state_of
from ktt.sender.unit_changes.errors import (
    AccessGone,
    PredecessorsNotWithdrawn,
    ReturnNotPossible,
    UnitLeaves,
    UnitNotFree,
    UnitRetired,
)
from support.changing_units import open_country

OLD, NEW = ReportingUnit("312000008", "1114"), ReportingUnit("312000113", "1114")
AALESUND, HARAM = ReportingUnit("312000229", "1508"), ReportingUnit("312000334", "1580")
AALESUND_BEFORE = ReportingUnit("312000008", "1507")
SAGENE, ALNA = ReportingUnit("312000563", "0301", "03"), ReportingUnit("312000563", "0301", "12")


@pytest.fixture
def country(tmp_path, clock):
    with open_country(tmp_path, clock) as opened:
        yield opened


def reporting(country, name, unit, numbers, *, store=None, day=0):
    """An office whose load is finished."""
    office = country.office(country.town(name, unit, numbers), store)
    office.load(day).check()
    return office


@pytest.mark.parametrize("store", [None, "shared"], ids=["each its own store", "one store"])
def test_a_new_organisation_number(country, store):
    old = reporting(country, "a", OLD, range(3), store=store)
    old.town.owned_by(NEW)
    new = country.office(old.town, store)
    report = country.change("move", [old], [new])
    report.check()
    assert report.leaving[0].records == {"care_service": 6, "diagnosis": 3}
    assert [one.next for one in report.coming] == ["load"]
    country.check(gone=[old, new])
    with pytest.raises(UnitRetired, match="Successor: 312000113-1114"):
        old.daily(6)
    new.load(6).check()
    new.daily(7).check()
    country.check(new, gone=[old])


def test_two_municipalities_become_one(country):
    a, b = reporting(country, "a", OLD, range(3)), reporting(country, "b", AALESUND, range(3, 5))
    country.check(a, b)
    town = country.town("c", NEW)
    for one in (a, b):
        town.take(one.town)
    new = country.office(town)
    country.change("merge", [a, b], [new]).check()
    new.load(6).check()
    country.check(new, gone=[a, b])


def test_one_that_goes_on_takes_another_up(country):
    a, b = reporting(country, "a", OLD, range(3)), reporting(country, "b", AALESUND, range(3, 5))
    a.town.take(b.town)
    report = country.change("merge", [b], [a])
    assert [one.next for one in report.coming] == ["daily"]
    a.daily(6).check()
    country.check(a, gone=[b])


def test_a_municipality_is_divided(country):
    old = reporting(country, "a", AALESUND_BEFORE, range(4), day=-800)
    offices = []
    for name, unit, persons in (("b", AALESUND, "P_"), ("c", HARAM, "P3")):
        town = country.town(name, unit)
        if name == "c":
            town.take(old.town, persons)
        else:
            for person in ("P0", "P1", "P2"):
                town.take(old.town, person)
        offices.append(country.office(town))
    report = country.change("split", [old], offices)
    assert report.warnings == []
    for one in offices:
        one.load(6).check()
    country.check(*offices, gone=[old])


def test_persons_move_between_districts_by_ordinary_runs(country):
    """The district that they leave reports first: then they are nowhere for an hour, instead of in two districts."""
    sagene, alna = reporting(country, "s", SAGENE, range(3)), reporting(country, "a", ALNA, range(3, 6))
    alna.town.take(sagene.town, "P1")
    sagene.daily(1).check()
    country.check(sagene)
    alna.daily(1).check()
    country.check(sagene, alna)


def test_a_district_gets_another_number(country):
    """New numbers of districts are a change of units, like any other number."""
    old = reporting(country, "s", SAGENE, range(3))
    old.town.owned_by(ALNA)
    new = country.office(old.town)
    report = country.change("move", [old], [new])
    assert report.warnings == []
    new.load(6).check()
    country.check(new, gone=[old])


def test_a_person_registered_twice_becomes_one(country):
    """What was the second person's is sent again as the first's; the second is in no record any more."""
    office = reporting(country, "a", OLD, range(3))
    town = office.town
    for table in ("tjeneste", "diagnose"):
        town.run(f"UPDATE {table} SET person = 'P0' WHERE person = 'P1'")
    town.run("DELETE FROM person WHERE id = 'P1'")
    report = office.daily(1)
    report.check()
    assert (report.types["care_service"].changed, report.types["diagnosis"].changed) == (2, 1)
    country.check(office)
    assert len(country.registry.persons(OLD)) == 2


def test_a_person_without_records_left_is_gone_with_the_last_of_them(country):
    office = reporting(country, "a", OLD, range(4))
    for table in ("tjeneste", "diagnose"):
        office.town.run(f"DELETE FROM {table} WHERE person = 'P1'")
    office.daily(1).check()
    country.check(office)
    assert len(country.registry.persons(OLD)) == 3


def test_a_retired_unit_has_no_successor_and_does_not_run(country):
    old = reporting(country, "a", OLD, range(2))
    country.change("retire", [old]).check()
    country.check(gone=[old])
    for run in (old.load, old.daily):
        with pytest.raises(UnitRetired, match="kommunereformen"):
            run(6)


def test_what_waits_is_taken_out_and_what_may_have_arrived_is_settled_first(country):
    old = reporting(country, "a", OLD, range(2))
    old.town.run("UPDATE tjeneste SET slutt = '2026-02-01'")
    old.town.run("UPDATE diagnose SET kode = 'A05'")
    country.registry.answers.append(Unknown("the answer was lost"))
    assert isinstance(old.daily(1).stopped, OutcomeUncertain)
    assert old.stores.outbox.queue(OLD).undelivered == 2
    report = country.change("retire", [old])
    report.check()
    states = [message.state.value for message in old.stores.outbox.messages(OLD)][-4:]
    assert states == ["delivered", "superseded", "delivered", "delivered"]
    country.check(gone=[old])


def test_nothing_loads_before_the_old_one_is_withdrawn(country):
    old, other = reporting(country, "a", OLD, range(2)), reporting(country, "b", AALESUND, range(2, 4))
    town = country.town("c", NEW, ())
    new = country.office(town)
    country.registry.answers += [NotSent("no network")]
    stopped = country.change("merge", [old, other], [new])
    assert isinstance(stopped.stopped, ReceiverNotReached)
    assert [one.withdrawn is not None for one in stopped.leaving] == [False, True]
    with pytest.raises(PredecessorsNotWithdrawn, match="312000008-1114"):
        new.load(6)
    with pytest.raises(UnitLeaves):
        old.daily(6)
    third = country.office(country.town("d", HARAM))
    for leaving, coming in (([old], [third]), ([other], [third]), ([new], [third]), ([third], [old])):
        with pytest.raises(UnitNotFree):
            country.change("move", leaving, coming)
    again = country.change("merge", [old, other], [new], day=6)
    again.check()
    assert again.id == stopped.id
    for one in (old, other):
        town.take(one.town)
    new.load(6).check()
    country.check(new, gone=[old, other])


def test_a_mistake_is_undone_by_the_change_back(country):
    old = reporting(country, "a", OLD, range(3))
    wrong = country.office(country.town("b", AALESUND))
    country.change("move", [old], [wrong]).check()
    assert country.change("move", [wrong], [old]).coming[0].next == "daily"
    old.daily(6).check()
    country.check(old, gone=[wrong])
    # The same change as the first time is a new one now, also on a clock that was set back.
    country.clock.advance(dt.timedelta(days=-900))
    country.change("move", [old], [wrong]).check()
    country.check(gone=[old, wrong])
    assert state_of(old.stores.changes.changes(), OLD) is UnitState.RETIRED


def test_the_access_of_a_dissolved_organisation_is_gone(country):
    old = reporting(country, "a", OLD, range(2))
    new = country.office(country.town("b", NEW))
    country.registry.answers += [Refused(403, "unknown organisation")]
    stopped = country.change("move", [old], [new])
    with pytest.raises(AccessGone, match="6 records"):
        stopped.check()
    assert stopped.exit_code == 15
    with pytest.raises(PredecessorsNotWithdrawn):
        new.load(6)
    before = len(country.registry.inbox.messages)
    report = country.change("move", [old], [new], deleted_by_registry="FHI, sak 26/123")
    report.check()
    assert report.leaving[0].withdrawn.confirmed == "FHI, sak 26/123"
    assert len(country.registry.inbox.messages) == before
    new.town.take(old.town)
    new.load(6).check()
    with pytest.raises(ReturnNotPossible):
        country.change("move", [new], [old])


def test_a_store_that_is_older_than_the_registry_is_withdrawn_by_what_the_registry_lists(country):
    """Else what the old store does not know would stay, and be counted twice with the successor."""
    old = reporting(country, "a", OLD, range(3))
    lost = country.office(old.town, "new and empty")
    new = country.office(country.town("b", NEW))
    report = country.change("move", [lost], [new])
    report.check()
    assert (report.leaving[0].records, report.leaving[0].surplus) == ({}, {"care_service": 6, "diagnosis": 3})
    new.town.take(old.town)
    new.load(6).check()
    country.check(new, gone=[old])
