"""Generated histories are without faults: obligations, the order of days and the invariants hold for every person."""

from __future__ import annotations

import datetime as dt

import pytest

from support.synthetic_municipality import OPENING, TODAY, faults, generate


@pytest.fixture(scope="module")
def people():
    return generate(250, "clean")[1]


def test_everybody_keeps_the_rules(people):
    assert [fault for person in people for fault in faults(person, TODAY)] == []


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda p: setattr(p.decisions[0], "applied_on", TODAY), "order of days"),
        (lambda p: setattr(p.decisions[0].lines[0], "hours_per_week", None), "hours"),
        (lambda p: setattr(p.services[0], "decision_id", None), "decision"),
        (lambda p: p.services[0].providers.clear(), "provider"),
        (lambda p: p.services.append(p.services[0]), "overlaps"),
        (lambda p: setattr(p.circumstances[0], "ends_on", None), "sets overlap"),
        (lambda p: p.assessments[0].scores.pop(), "variables"),
        (lambda p: setattr(p, "died_on", TODAY), "open after death"),
        (lambda p: setattr(p.residences[0], "ends_on", OPENING), "gap"),
    ],
)
def test_the_check_itself_finds_faults(spoil, told):
    lively = (
        p
        for p in generate(40, "cut-history")[1]
        if p.running(TODAY) and len(p.circumstances) > 1 and p.services[0].decision_id
    )
    person = next(p for p in lively if p.services[0].providers and p.decisions[0].lines[0].hours_per_week)
    assert faults(person, TODAY) == []
    spoil(person)
    assert any(told in fault for fault in faults(person, TODAY))


def test_some_records_began_before_the_opening_and_go_on_and_some_were_over(people):
    services = [s for p in people for s in p.services if s.starts_on and s.starts_on < OPENING]
    assert any(s.ends_on is None or s.ends_on >= OPENING for s in services)
    assert any(s.ends_on and s.ends_on < OPENING for s in services)


def test_no_decision_from_before_the_opening_has_services_that_only_began_after_it(people):
    # Whether such a decision is sent could be read two ways (messages § 7.5), so there is none.
    for person in people:
        old = {d.decision_id for d in person.decisions if d.decided_on and d.decided_on < OPENING}
        starts = [s.starts_on for s in person.services if s.decision_id in old]
        assert all(day and day <= OPENING for day in starts)


def test_who_left_before_the_opening_has_no_assessment_that_would_be_valid_for_ever(people):
    gone = [p for p in people if all(s.ends_on and s.ends_on < OPENING for s in p.services)]
    assert gone
    assert not any(p.assessments for p in gone)


def test_numbers_of_before_a_reform_are_used_before_it():
    from random import Random

    from ktt.testing.synthetic.municipality.places import Places

    rows = Places("4601").at_home(Random(1), dt.date(2015, 1, 1))
    assert [(r.municipality, r.ends_on) for r in rows] == [("1201", dt.date(2019, 12, 31)), ("4601", None)]
    assert all(r.district for r in rows)
