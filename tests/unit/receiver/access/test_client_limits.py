"""Limits of one client: posts under way, and envelopes that did not open."""

from __future__ import annotations

import datetime as dt

from ktt.receiver.access.client_limits import ClientLimits
from support.receiver_harness import NOW


def test_open_posts_are_counted_per_client():
    limits = ClientLimits(posts=2, crypto_failures=3)
    assert [limits.acquire("a"), limits.acquire("a"), limits.acquire("a"), limits.acquire("b")] == [
        True,
        True,
        False,
        True,
    ]
    limits.release("a")
    assert limits.acquire("a")


def test_failures_are_counted_per_client_and_hour():
    limits = ClientLimits(posts=2, crypto_failures=3)
    for minutes in (0, 10, 20):
        assert not limits.is_blocked("a", NOW)
        limits.record_failure("a", NOW + dt.timedelta(minutes=minutes))
    assert limits.is_blocked("a", NOW + dt.timedelta(minutes=59))
    assert not limits.is_blocked("b", NOW)
    assert not limits.is_blocked("a", NOW + dt.timedelta(minutes=60)), "the first of the three is an hour old"
