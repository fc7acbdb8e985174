"""Follow-up cases on SQLite and PostgreSQL: one open of each unit and cause, and a history that is only added to."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from ktt.registry.cases.causes import Cause, Observed
from ktt.registry.cases.errors import CaseIsClosed, CaseIsOpen, CaseUnexplained, CaseUnknown
from ktt.registry.cases.plan import Ended, Plan
from ktt.registry.cases.store import Cases
from ktt.registry.cases.told import RegistryFollowUps
from ktt.registry.cases.words import event_sentence
from ktt.registry.tables import CASE
from support.registry_inbox import START
from support.settable_clock import SettableClock

UNIT, OTHER = "312000008-1114", "312000009-1119"
DAY = dt.timedelta(days=1)
ON = START.date()


def seen(unit=UNIT, cause=Cause.SILENCE, days=5):
    return Observed(unit, cause, ON, ON, {"heard_on": ON.isoformat(), "days": days})


@pytest.fixture
def clock():
    return SettableClock(START)


@pytest.fixture
def cases(registry, clock):
    return Cases(registry._database, clock)


def opened(cases, *observed):
    return [one.number for one in cases.carry_out(Plan(opened=observed), "ingrid")]


def test_a_case_and_its_history(cases, clock):
    (number,) = opened(cases, seen())
    assert cases.one(number)[0].status == "new"
    clock.advance(DAY)
    cases.assign(number, "kari", "ingrid")
    cases.note(number, "ringte, de bytter EPJ; fnr 13097248022 sto i svaret", "ingrid")
    cases.set_deadline(number, ON + 20 * DAY, "kari")
    clock.advance(DAY)
    cases.close(number, "de sender igjen i april", "kari")
    case, events = cases.one(number)
    assert (case.status, case.assigned_to, case.deadline, case.closed_by) == ("closed", "kari", ON + 20 * DAY, "kari")
    assert [(one.act, one.who) for one in events] == [
        *(("opened", "ingrid"), ("assigned", "ingrid"), ("noted", "ingrid")),
        *(("deadline", "kari"), ("closed", "kari")),
    ]
    assert "13097248022" not in (events[2].detail or "")
    assert [one.at for one in events] == sorted(one.at for one in events)
    assert event_sentence(events[-1]).nb == "Lukket: de sender igjen i april"


def test_nothing_is_doubled_also_when_two_open_at_once(cases):
    (number,) = opened(cases, seen())
    more = opened(cases, seen(), seen(OTHER), Observed(UNIT, Cause.HELD, ON, ON, {}))
    assert len({number, *more}) == 3
    assert [(one.unit, one.cause) for one in sorted(cases.open_now(), key=lambda one: one.number)] == [
        *((UNIT, Cause.SILENCE), (OTHER, Cause.SILENCE), (UNIT, Cause.HELD)),
    ]
    same = {"since": ON, "latest": ON, "deadline": ON, "figures": "{}", "opened_at": START}
    with pytest.raises(sa.exc.IntegrityError), cases._database.transaction() as connection:
        connection.execute(sa.insert(CASE).values(unit=UNIT, cause="silence", **same))


def test_it_closes_itself_and_comes_back_with_its_number(cases, clock):
    (number,) = opened(cases, seen())
    case, _ = cases.one(number)
    ended = Plan(closed=(Ended(case, {"heard_on": "2026-03-04"}),))
    cases.carry_out(ended, "ingrid")
    cases.carry_out(ended, "ingrid")  # somebody was quicker
    assert [(one.act, one.who) for one in cases.one(number)[1]] == [("opened", "ingrid"), ("closed", None)]
    assert event_sentence(cases.one(number)[1][-1]).nb == "Lukket: hørt fra igjen 2026-03-04."
    closed, _ = cases.one(number)
    assert closed.closed_by is None
    assert [one.number for one in cases.for_planning()] == [number]
    clock.advance(10 * DAY)
    cases.carry_out(Plan(reopened=((closed, seen(days=9)),)), "ingrid")
    case, events = cases.one(number)
    assert (case.status, case.figures["days"], events[-1].act) == ("new", 9, "reopened")
    assert case.deadline == clock.now().date() + 7 * DAY


def test_figures_are_renewed_while_it_goes_on(cases):
    (number,) = opened(cases, seen())
    case, _ = cases.one(number)
    cases.carry_out(Plan(ongoing=((case, seen(days=6)),)), "ingrid")
    assert cases.one(number)[0].figures["days"] == 6
    assert len(cases.one(number)[1]) == 1


def test_what_cannot_be_done(cases):
    (number,) = opened(cases, seen())
    with pytest.raises(CaseUnknown):
        cases.one(number + 1)
    with pytest.raises(CaseUnexplained):
        cases.close(number, " ", "ingrid")
    with pytest.raises(CaseIsOpen):
        cases.reopen(number, "feil", "ingrid")
    cases.close(number, "avklart", "ingrid")
    with pytest.raises(CaseIsClosed):
        cases.assign(number, "kari", "ingrid")
    cases.note(number, "takk for svaret", "ingrid")
    (other,) = opened(cases, seen())
    with pytest.raises(CaseIsOpen) as fault:
        cases.reopen(number, "feil", "ingrid")
    assert fault.value.facts["open"] == other
    cases.close(other, "dobbelt", "ingrid")
    assert cases.reopen(number, "feil", "ingrid").status == "new"


def test_units_are_told_of_their_own_open_cases(cases, registry):
    first, second = opened(cases, seen(), seen(OTHER))
    told = RegistryFollowUps(registry._database)
    assert [(one.number, one.unit, one.cause) for one in told.of_units([UNIT])] == [(first, UNIT, "silence")]
    assert [one.number for one in told.of_units([UNIT, OTHER])] == [first, second]
    cases.close(first, "avklart", "ingrid")
    assert told.of_units([UNIT]) == []
