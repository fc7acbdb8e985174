"""Time has two kinds: instants (aware, UTC) and days (in Norway). Nothing else calls `now()`."""

from __future__ import annotations

import datetime as dt
from typing import Protocol
from zoneinfo import ZoneInfo

OSLO = ZoneInfo("Europe/Oslo")


class Clock(Protocol):
    """Where an instant comes from; it is passed in, so that a test can stop the time."""

    def now(self) -> dt.datetime:
        """The present instant, aware and in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> dt.datetime:
        """The present instant by the operating system."""
        return dt.datetime.now(dt.UTC)


def norwegian_day(instant: dt.datetime) -> dt.date:
    """The calendar day in Norway at an instant."""
    return instant.astimezone(OSLO).date()


def start_of_day(day: dt.date) -> dt.datetime:
    """The instant at which a day begins in Norway."""
    return dt.datetime.combine(day, dt.time(), OSLO).astimezone(dt.UTC)
