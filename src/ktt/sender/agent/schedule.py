"""When a unit's daily run is due: once between 04 and 05 in Norway, at a minute of its own.

The hour from 02 to 03 is never used: it comes twice on one day in autumn and not at all on one in spring.
"""

from __future__ import annotations

import datetime as dt
import hashlib

from ktt.core.clock import OSLO
from ktt.core.errors import EXIT_NETWORK, EXIT_SOURCE
from ktt.domain.unit import ReportingUnit

HOUR = 4
RANDOM_MINUTES = 20
"""What the operating system may add at random; minute and addition stay within the hour."""
RETRIES = 3
RETRY_AFTER = dt.timedelta(minutes=20)
UNFORESEEN = 1
"""The exit code of a fault that nobody foresaw."""
MAY_BE_BETTER_SOON = (UNFORESEEN, EXIT_SOURCE, EXIT_NETWORK)
"""The exit codes after which another try may go better. A question or a held queue is not asked about again at night."""
LONGEST_RUN = dt.timedelta(hours=8)
_MINUTES = 60 - RANDOM_MINUTES
_NIGHT_BEGINS, _NIGHT_ENDS = dt.time(2), dt.time(3)


def daily_time(unit: ReportingUnit) -> dt.time:
    """The time of day in Norway, the same every day: units are spread so that they do not all ring the receiver at once."""
    digest = hashlib.blake2b(unit.key.encode(), digest_size=4).digest()
    return dt.time(HOUR, int.from_bytes(digest, "big") % _MINUTES)


def latest_start(at: dt.time) -> dt.time:
    """The latest that the operating system starts a run that is due at that time."""
    return dt.time(at.hour, at.minute + RANDOM_MINUTES)


def latest_due(at: dt.time, now: dt.datetime) -> dt.datetime:
    """The newest instant not after `now` at which the run was due."""
    local = now.astimezone(OSLO)
    today = dt.datetime.combine(local.date(), at, OSLO)
    return (today if today <= local else dt.datetime.combine(_day_before(local.date()), at, OSLO)).astimezone(dt.UTC)


def next_due(at: dt.time, now: dt.datetime) -> dt.datetime:
    """The first instant after `now` at which the run is due."""
    day = latest_due(at, now).astimezone(OSLO).date() + dt.timedelta(days=1)
    return dt.datetime.combine(day, at, OSLO).astimezone(dt.UTC)


def outside_the_double_hour(instant: dt.datetime) -> dt.datetime:
    """The same instant, or 03 in Norway when it lies between 02 and 03."""
    local = instant.astimezone(OSLO)
    if not _NIGHT_BEGINS <= local.time() < _NIGHT_ENDS:
        return instant
    return dt.datetime.combine(local.date(), _NIGHT_ENDS, OSLO).astimezone(dt.UTC)


def _day_before(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=1)
