"""The hours in which a load may send: as the clock on the wall says, also over midnight and when clocks are changed."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ktt.core.clock import OSLO
from ktt.sender.agent.stopping import Stopping
from ktt.sender.load_plan.errors import HoursUnreadable
from ktt.sender.load_plan.hours import SendingHours, run_within
from ktt.sender.outbox.errors import QueuePaused, StopAsked

NIGHT, DAY = SendingHours.parse("22:00-06:00"), SendingHours.parse("9:30-15:00")
INSTANTS = st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2027, 1, 1), timezones=st.just(dt.UTC))  # noqa: DTZ001


def at(text, *, second_time=False):
    return dt.datetime.fromisoformat(text).replace(tzinfo=OSLO, fold=int(second_time)).astimezone(dt.UTC)


@pytest.mark.parametrize(
    ("hours", "instant", "begins"),
    [
        (NIGHT, "2026-03-10T21:59", "2026-03-10T22:00"),
        (NIGHT, "2026-03-10T22:00", "2026-03-10T22:00"),
        (NIGHT, "2026-03-11T05:59", "2026-03-11T05:59"),
        (NIGHT, "2026-03-11T06:00", "2026-03-11T22:00"),
        (DAY, "2026-03-11T09:29", "2026-03-11T09:30"),
        (DAY, "2026-03-11T14:59", "2026-03-11T14:59"),
        (DAY, "2026-03-11T15:00", "2026-03-12T09:30"),
        (DAY, "2026-12-31T23:00", "2027-01-01T09:30"),
        # an hour that never comes: the first minute behind it
        (SendingHours.parse("02:30-04:00"), "2026-03-29T01:59", "2026-03-29T03:00"),
        (SendingHours.parse("02:10-02:50"), "2026-03-29T01:59", "2026-03-30T02:10"),
    ],
)
def test_when_sending_begins(hours, instant, begins):
    assert hours.next_from(at(instant)) == at(begins)
    assert hours.include(at(instant)) == (instant == begins)


def test_an_hour_that_comes_twice_does_so_here():
    hours = SendingHours.parse("02:30-03:00")
    first, second = at("2026-10-25T02:30"), at("2026-10-25T02:30", second_time=True)
    assert second - first == dt.timedelta(hours=1)
    assert [hours.next_from(at("2026-10-25T01:00")), hours.next_from(at("2026-10-25T02:00", second_time=True))] == [
        first,
        second,
    ]


@pytest.mark.parametrize(("night", "length"), [("2026-03-28", 7), ("2026-10-24", 9), ("2026-06-01", 8)])
def test_a_night_is_as_long_as_the_clocks_make_it(night, length):
    begins = at(f"{night}T22:00")
    minutes = [begins + dt.timedelta(minutes=n) for n in range(12 * 60)]
    assert sum(map(NIGHT.include, minutes)) == length * 60


@given(INSTANTS, st.times(), st.times())
def test_sending_begins_within_the_hours_and_at_no_earlier_minute(instant, begins, ends):
    hours = SendingHours(begins.replace(second=0, microsecond=0), ends.replace(second=0, microsecond=0))
    if hours.begins == hours.ends or dt.time(2) <= min(hours.begins, hours.ends) < dt.time(3):
        return
    found = hours.next_from(instant)
    assert hours.include(found)
    assert found >= instant
    assert found == instant or not hours.include(found - dt.timedelta(minutes=1))


@pytest.mark.parametrize("text", ["", "22-06", "22:00", "22:00-22:00", "24:00-06:00", "22:00-06:60", "22:00–06:00 "])
def test_anything_else_is_refused(text):
    with pytest.raises(HoursUnreadable) as refused:
        SendingHours.parse(text)
    assert "22:00-06:00" in refused.value.advises().nb


class Waits(Stopping):
    """Goes on while one waits."""

    def __init__(self, clock):
        super().__init__()
        self.wait = lambda seconds: clock.advance(dt.timedelta(seconds=seconds))

    def sleep(self, seconds):
        self.wait(seconds)


class Nights:
    """A clock that goes on while one waits, and runs that end with these reasons after so many hours."""

    def __init__(self, clock, *runs):
        self.clock, self.runs, self.stopping = clock, list(runs), Waits(clock)
        self.begun, self.waited = [], []

    def run(self):
        self.begun.append(self.clock.now())
        hours, stopped = self.runs.pop(0)
        self.clock.advance(dt.timedelta(hours=hours))
        return SimpleNamespace(stopped=stopped), len(self.begun)

    def go(self):
        return run_within(NIGHT, self.clock, self.run, stopping=self.stopping, waits=self.waited.append)


@pytest.fixture
def nights(clock):
    clock.at = at("2026-03-10T12:00")
    return lambda *runs: Nights(clock, *runs)


def test_it_goes_on_each_night_until_it_is_done_and_waits_by_day(nights):
    three = nights((8, StopAsked(unit="u")), (8, StopAsked(unit="u")), (2, None))
    report, told = three.go()
    assert (report.stopped, told) == (None, 3)
    assert three.begun == three.waited == [at(f"2026-03-{day}T22:00") for day in (10, 11, 12)]


def test_what_else_stops_a_run_ends_it(nights):
    one = nights((1, QueuePaused(unit="u", by="o", reason="r")))
    assert isinstance(one.go()[0].stopped, QueuePaused)
    assert len(one.begun) == 1


def test_it_can_be_stopped_while_it_waits_and_while_it_runs(nights):
    waiting = nights((1, None))
    waiting.stopping.wait = lambda _seconds: waiting.stopping.ask()
    assert waiting.go() is None
    assert waiting.begun == []
    running = nights((1, StopAsked(unit="u")))
    ran = running.run

    def asked():
        running.stopping.ask()
        return ran()

    running.run = asked
    assert isinstance(running.go()[0].stopped, StopAsked)
