"""Time has two kinds: instants in UTC, and days in Norway."""

from __future__ import annotations

import datetime as dt

import pytest

from ktt.core.clock import OffsetClock, SettableClock, SystemClock, norwegian_day


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-01-31T22:59:59+00:00", "2026-01-31"),  # winter: one hour ahead of UTC
        ("2026-01-31T23:00:00+00:00", "2026-02-01"),
        ("2026-06-30T21:59:59+00:00", "2026-06-30"),  # summer: two
        ("2026-06-30T22:00:00+00:00", "2026-07-01"),
        ("2026-06-30T23:30:00+14:00", "2026-06-30"),  # wherever it was said
    ],
)
def test_a_day_is_a_day_in_norway(instant, day):
    assert norwegian_day(dt.datetime.fromisoformat(instant)) == dt.date.fromisoformat(day)


def test_a_clock_that_is_set_stands_still(clock):
    assert clock.now() == clock.now()
    clock.advance(dt.timedelta(days=1))
    assert clock.now() == dt.datetime(2026, 3, 3, 6, tzinfo=dt.UTC)


def test_a_shifted_clock_follows_the_other(clock):
    shifted = OffsetClock(clock, dt.timedelta(minutes=-5))
    clock.advance(dt.timedelta(minutes=1))
    assert shifted.now() == dt.datetime(2026, 3, 2, 5, 56, tzinfo=dt.UTC)
    shifted.offset = dt.timedelta()
    assert shifted.now() == clock.now()


def test_the_machines_clock_is_aware_and_in_utc():
    assert SystemClock().now().utcoffset() == dt.timedelta()
    assert isinstance(SettableClock(SystemClock().now()).now(), dt.datetime)
