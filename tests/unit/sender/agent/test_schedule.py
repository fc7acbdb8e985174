"""Every unit has its minute between 04 and 05, also on the days that have 23 or 25 hours; never the hour from 02 to 03."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ktt.core.clock import OSLO
from ktt.domain.unit import ReportingUnit
from ktt.sender.agent.schedule import daily_time, latest_due, latest_start, next_due, outside_the_double_hour

AT = dt.time(4, 17)
SPRING, AUTUMN = dt.date(2026, 3, 29), dt.date(2026, 10, 25)
INSTANTS = st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2027, 1, 1), timezones=st.just(dt.UTC))  # noqa: DTZ001


def units(count):
    return [ReportingUnit(f"{312_000_000 + number}", "1114", None) for number in range(count)]


def test_a_unit_keeps_its_minute_and_units_are_spread():
    times = [daily_time(unit) for unit in units(400)]
    assert times == [daily_time(unit) for unit in units(400)]
    assert {time.hour for time in times} == {4}
    assert len(set(times)) == 40
    assert max(times.count(time) for time in set(times)) < 30
    assert max(latest_start(time) for time in times) < dt.time(5)


def test_a_known_units_minute_never_changes():
    assert daily_time(ReportingUnit("312111403", "1114", None)) == dt.time(4, 7)


@given(INSTANTS)
def test_now_lies_between_the_latest_and_the_next_and_both_are_at_the_units_time(now):
    latest, following = latest_due(AT, now), next_due(AT, now)
    assert latest <= now < following
    assert {each.astimezone(OSLO).time() for each in (latest, following)} == {AT}
    assert following.astimezone(OSLO).date() - latest.astimezone(OSLO).date() == dt.timedelta(days=1)


@pytest.mark.parametrize(("day", "hours"), [(SPRING, 23), (AUTUMN, 25), (dt.date(2026, 6, 1), 24)])
def test_a_day_is_a_day_in_norway(day, hours):
    before = dt.datetime.combine(day - dt.timedelta(days=1), AT, OSLO).astimezone(dt.UTC)
    assert next_due(AT, before) - before == dt.timedelta(hours=hours)


@given(INSTANTS)
def test_nothing_begins_in_the_hour_that_comes_twice(now):
    begins = outside_the_double_hour(now)
    assert dt.timedelta() <= begins - now <= dt.timedelta(hours=2)
    assert begins.astimezone(OSLO).hour != 2
    if now.astimezone(OSLO).hour != 2:
        assert begins == now


def test_both_of_autumns_are_put_off_to_the_same_instant():
    first = dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)
    second = first + dt.timedelta(hours=1)
    assert {each.astimezone(OSLO).hour for each in (first, second)} == {2}
    assert (
        outside_the_double_hour(first) == outside_the_double_hour(second) == dt.datetime(2026, 10, 25, 2, tzinfo=dt.UTC)
    )
