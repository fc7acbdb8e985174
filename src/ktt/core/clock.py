"""Time has two kinds: instants (aware, UTC) and days (in Norway). Nothing else calls `now()`."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Protocol
from zoneinfo import ZoneInfo

OSLO = ZoneInfo("Europe/Oslo")


class Clock(Protocol):
    """Where an instant comes from; passed in, never fetched."""

    def now(self) -> dt.datetime:
        """The present instant, aware and in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> dt.datetime:
        """The present instant by the operating system."""
        return dt.datetime.now(dt.UTC)


@dataclass(slots=True)
class SettableClock:
    """A clock that stands where it is put: for tests, and for the sandbox's clock-offset knob."""

    at: dt.datetime

    def now(self) -> dt.datetime:
        """The instant it was last set to."""
        return self.at

    def advance(self, step: dt.timedelta) -> None:
        """Move forward (or, with a negative step, back)."""
        self.at += step


@dataclass(slots=True)
class OffsetClock:
    """Another clock, shifted by a fixed amount that may be changed while running."""

    base: Clock = field(default_factory=SystemClock)
    offset: dt.timedelta = dt.timedelta()

    def now(self) -> dt.datetime:
        """The base clock's instant plus the offset."""
        return self.base.now() + self.offset


def norwegian_day(instant: dt.datetime) -> dt.date:
    """The calendar day in Norway at an instant."""
    return instant.astimezone(OSLO).date()
