"""The waiting agent by a clock that is moved: each day once, what was missed, what is tried again, and an end when asked."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import pytest

from ktt.core.clock import OSLO
from ktt.sender.agent.stopping import Stopping
from ktt.sender.agent.waiting import WaitingAgent
from support.settable_clock import SettableClock

EARLY, LATE = dt.time(4, 5), dt.time(4, 30)


def oslo(day, hour, minute=0, month=6):
    return dt.datetime(2026, month, day, hour, minute, tzinfo=OSLO).astimezone(dt.UTC)


@dataclass
class Scripted:
    """A unit's run that ends as it is told, else well, and takes ten minutes."""

    unit: str
    at: dt.time
    clock: SettableClock
    last: dt.date | None = None
    ends: list[int] = field(default_factory=list)
    began: list[str] = field(default_factory=list)

    def reached(self):
        return self.last

    def run(self, now):
        self.began.append(now.astimezone(OSLO).strftime("%d %H:%M"))
        self.clock.advance(dt.timedelta(minutes=10))
        return self.ends.pop(0) if self.ends else 0


def serve(clock, until, *runs):
    """Let it wait and run until an instant; the longest it waited without a look at the clock, in seconds."""
    stopping, waits = Stopping(), []

    def sleep(seconds):
        waits.append(seconds)
        clock.advance(dt.timedelta(seconds=seconds))
        if clock.now() >= until:
            stopping.ask()

    WaitingAgent(runs, clock, stopping, sleep).serve()
    return max(waits, default=0)


def test_every_unit_runs_once_a_day_at_its_own_time_one_after_the_other():
    clock = SettableClock(oslo(1, 12))
    a, b, c = (Scripted(name, at, clock, dt.date(2026, 6, 1)) for name, at in (("a", EARLY), ("b", LATE), ("c", EARLY)))
    assert serve(clock, oslo(3, 12), a, b, c) <= 60
    assert a.began == ["02 04:05", "03 04:05"]
    assert c.began == ["02 04:15", "03 04:15"]  # after a, which was due at the same time
    assert b.began == ["02 04:30", "03 04:30"]


@pytest.mark.parametrize(
    ("starts", "reached", "began"),
    [
        (oslo(2, 12), dt.date(2026, 6, 2), []),
        (oslo(2, 12), dt.date(2026, 6, 1), ["02 12:00"]),  # the machine was off in the morning
        (oslo(2, 12), None, ["02 12:00"]),
        (oslo(2, 1), dt.date(2026, 6, 1), ["02 04:05"]),  # today's is not due yet
        (oslo(2, 1), dt.date(2026, 5, 31), ["02 01:00", "02 04:05"]),
        (oslo(2, 2, 30), dt.date(2026, 5, 31), ["02 03:00", "02 04:05"]),  # the hour that comes twice is waited out
    ],
)
def test_what_was_missed_is_caught_up_at_the_start(starts, reached, began):
    clock = SettableClock(starts)
    one = Scripted("a", EARLY, clock, reached)
    serve(clock, oslo(2, 20), one)
    assert one.began == began


@pytest.mark.parametrize(
    ("ends", "began"),
    [
        ([14, 14, 0], ["02 04:05", "02 04:35", "02 05:05"]),
        ([10, 0], ["02 04:05", "02 04:35"]),
        ([1] * 9, ["02 04:05", "02 04:35", "02 05:05", "02 05:35"]),  # three times more, then the next day
        *(([code], ["02 04:05"]) for code in (3, 4, 5, 11, 12, 13, 15, 16)),
    ],
    ids=str,
)
def test_what_may_be_better_soon_is_tried_again(ends, began):
    clock = SettableClock(oslo(1, 12))
    one = Scripted("a", EARLY, clock, dt.date(2026, 6, 1), list(ends))
    serve(clock, oslo(2, 23), one)
    assert one.began == began


def test_one_units_trouble_keeps_no_other_waiting():
    clock = SettableClock(oslo(1, 12))
    a, b = (Scripted(name, at, clock, dt.date(2026, 6, 1)) for name, at in (("a", EARLY), ("b", LATE)))
    a.ends = [14] * 4
    serve(clock, oslo(2, 23), a, b)
    assert b.began == ["02 04:30"]


@pytest.mark.parametrize("day", [29, 25], ids=["spring", "autumn"])
def test_on_the_days_with_another_number_of_hours_there_is_one_run(day):
    month = {29: 3, 25: 10}[day]
    clock = SettableClock(oslo(day - 1, 12, month=month))
    one = Scripted("a", EARLY, clock, dt.date(2026, month, day - 1))
    serve(clock, oslo(day, 23, month=month), one)
    assert one.began == [f"{day} 04:05"]


def test_a_clock_that_is_put_forward_is_noticed():
    clock = SettableClock(oslo(1, 12))
    one, waited = Scripted("a", EARLY, clock, dt.date(2026, 6, 1)), []
    stopping = Stopping()

    def asleep(seconds):  # the machine itself slept through a night
        waited.append(seconds)
        clock.at = oslo(2, 9) if len(waited) == 1 else clock.at
        if one.began:
            stopping.ask()

    WaitingAgent([one], clock, stopping, asleep).serve()
    assert one.began == ["02 09:00"]


def test_asked_to_stop_nothing_more_is_begun():
    clock, stopping = SettableClock(oslo(2, 12)), Stopping()
    a, b = Scripted("a", EARLY, clock), Scripted("b", LATE, clock)
    a_runs = a.run
    a.run = lambda now: (stopping.ask(), a_runs(now))[1]
    WaitingAgent([a, b], clock, stopping, lambda _: None).serve()
    assert (len(a.began), b.began) == (1, [])


def test_waiting_ends_when_it_is_asked():
    stopping = Stopping(asked=True)
    stopping.sleep(3600)


def test_a_clock_that_was_a_year_ahead_and_is_put_right_keeps_no_unit_waiting():
    clock = SettableClock(oslo(1, 12))
    clock.advance(dt.timedelta(days=365))
    a, b = (Scripted(name, at, clock, clock.now().date()) for name, at in (("a", EARLY), ("b", LATE)))
    stopping, ends = Stopping(), oslo(3, 12)

    def sleep(seconds):
        clock.advance(dt.timedelta(seconds=seconds))
        if clock.now() > oslo(1, 12) + dt.timedelta(days=300):
            clock.at = oslo(1, 12)
        elif clock.now() >= ends:
            stopping.ask()

    WaitingAgent([a, b], clock, stopping, sleep).serve()
    assert (a.began, b.began) == (["02 04:05", "03 04:05"], ["02 04:30", "03 04:30"])
