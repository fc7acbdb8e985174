"""The sandbox's clock follows another at a distance that can be changed."""

from __future__ import annotations

import datetime as dt

from ktt.testing.sandbox.offset_clock import OffsetClock


def test_a_shifted_clock_follows_the_other(clock):
    shifted = OffsetClock(clock, dt.timedelta(minutes=-5))
    clock.advance(dt.timedelta(minutes=1))
    assert shifted.now() == dt.datetime(2026, 3, 2, 5, 56, tzinfo=dt.UTC)
    shifted.offset = dt.timedelta()
    assert shifted.now() == clock.now()
