"""Time has two kinds: instants in UTC, and days in Norway."""

from __future__ import annotations

import datetime as dt

import pytest

from ktt.core.clock import SystemClock, norwegian_day


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-01-31T22:59:59+00:00", "2026-01-31"),  # winter: one hour ahead of UTC
        ("2026-01-31T23:00:00+00:00", "2026-02-01"),
        ("2026-06-30T21:59:59+00:00", "2026-06-30"),  # summer: two
        ("2026-06-30T22:00:00+00:00", "2026-07-01"),
        ("2026-06-30T23:30:00+14:00", "2026-06-30"),  # in whichever zone it was written
    ],
)
def test_a_day_is_a_day_in_norway(instant, day):
    assert norwegian_day(dt.datetime.fromisoformat(instant)) == dt.date.fromisoformat(day)


def test_the_machines_clock_is_aware_and_in_utc():
    assert SystemClock().now().utcoffset() == dt.timedelta()
