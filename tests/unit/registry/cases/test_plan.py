"""What happens to the cases: a table of what there was, what is seen today, and what is to be done."""

from __future__ import annotations

import datetime as dt

import pytest

from ktt.registry.cases.case import Case
from ktt.registry.cases.causes import Cause, Observed
from ktt.registry.cases.plan import planned
from ktt.registry.cases.today import Today
from ktt.registry.coverage.silence import UnitRhythm

ON = dt.date(2026, 3, 20)
UNIT = "312000008-1114"
VOLUME = {"types": [{"service_type": "3", "week_to": "2026-03-10", "before": 10, "after": 30, "limit": 5.0}]}


def days(ago):
    return ON - dt.timedelta(days=ago)


def seen(cause, since=3, latest=None):
    figures = VOLUME if cause is Cause.VOLUME else {}
    return Observed(UNIT, cause, days(since), days(since if latest is None else latest), figures)


def case(cause, *, closed=None, by=None, number=1):
    at = None if closed is None else dt.datetime.combine(days(closed), dt.time(12), dt.UTC)
    figures = VOLUME if cause is Cause.VOLUME else {}
    when = {"since": days(40), "latest": days(40), "deadline": days(33)}
    opened = dt.datetime.combine(days(40), dt.time(12), dt.UTC)
    return Case(number, UNIT, cause, **when, figures=figures, opened_at=opened, closed_at=at, closed_by=by)


def heard(state="heard"):
    fields = dict.fromkeys(UnitRhythm.__slots__)
    return {UNIT: UnitRhythm(**{**fields, "unit": UNIT, "state": state, "heard_on": days(1), "successors": ()})}


def happens(observed, cases, *, state="heard", services=None, open_new=True):
    today = Today(ON, tuple(observed), {UNIT: services or {}}, heard(state))
    plan = planned(today, cases, open_new=open_new)
    return {
        "opened": [one.cause for one in plan.opened],
        "reopened": [one.cause for one, _ in plan.reopened],
        "closed": [one.case.cause for one in plan.closed],
        "ongoing": [one.cause for one, _ in plan.ongoing],
    }


SILENCE, REJECTED, VERSION, MISSING, LITTLE = (
    *(Cause.SILENCE, Cause.REJECTED, Cause.VERSION),
    *(Cause.MISSING, Cause.COVERAGE),
)
TABLE = {
    "new": ([seen(SILENCE)], [], {"opened": [SILENCE]}),
    "nothing is doubled": ([seen(SILENCE)], [case(SILENCE)], {"ongoing": [SILENCE]}),
    "another cause is another case": (
        [seen(SILENCE), seen(REJECTED)],
        [case(SILENCE)],
        {"ongoing": [SILENCE], "opened": [REJECTED]},
    ),
    "it ends": ([], [case(SILENCE)], {"closed": [SILENCE]}),
    "back soon after it closed itself": ([seen(SILENCE, 5)], [case(SILENCE, closed=20)], {"reopened": [SILENCE]}),
    "back thirty days after": ([seen(SILENCE, 5)], [case(SILENCE, closed=35)], {"reopened": [SILENCE]}),
    "back later": ([seen(SILENCE, 5)], [case(SILENCE, closed=36)], {"opened": [SILENCE]}),
    "settled by a person, the same": ([seen(SILENCE, 10)], [case(SILENCE, closed=9, by="ingrid")], {}),
    "settled by a person, long ago and the same": ([seen(MISSING, 300)], [case(MISSING, closed=90, by="ingrid")], {}),
    "settled by a person, something newer": (
        [seen(MISSING, 300, latest=20)],
        [case(MISSING, closed=40, by="ingrid")],
        {"reopened": [MISSING]},
    ),
    "the version includes the message": ([seen(REJECTED), seen(VERSION)], [], {"opened": [VERSION]}),
    "the message is told already": (
        [seen(REJECTED), seen(VERSION)],
        [case(REJECTED)],
        {"ongoing": [REJECTED]},
    ),
    "little history includes the months": ([seen(MISSING), seen(LITTLE)], [], {"opened": [LITTLE]}),
    "more of it has come": ([seen(MISSING)], [case(LITTLE)], {"closed": [LITTLE]}),
}


@pytest.mark.parametrize("name", TABLE)
def test_what_happens(name):
    observed, cases, expected = TABLE[name]
    nothing = {"opened": [], "reopened": [], "closed": [], "ongoing": []}
    assert happens(observed, cases) == nothing | expected


def test_only_what_there_is_when_no_new_ones_are_wanted():
    found = happens([seen(SILENCE), seen(REJECTED)], [case(REJECTED, closed=10)], open_new=False)
    assert (found["opened"], found["reopened"]) == ([], [REJECTED])


def test_who_was_replaced_has_no_case_any_more():
    today = Today(ON, (seen(MISSING),), {}, heard("ended"))
    assert [one.facts for one in planned(today, [case(MISSING)]).closed] == [{"ended": ON.isoformat()}]


@pytest.mark.parametrize(("now", "closed"), [(30, []), (16, []), (15, [Cause.VOLUME]), (8, [Cause.VOLUME])])
def test_a_sudden_change_ends_when_the_numbers_are_back_and_not_when_time_has_passed(now, closed):
    assert happens([], [case(Cause.VOLUME)], services={"3": now})["closed"] == closed


def test_what_came_is_told():
    today = Today(ON, (), {}, heard())
    assert planned(today, [case(SILENCE)]).closed[0].facts == {"heard_on": days(1).isoformat()}
