"""A clock that stands still, so that a test decides what time it is."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from ktt.core.clock import norwegian_day


@dataclass(slots=True)
class SettableClock:
    """A clock that stands where it is put."""

    at: dt.datetime

    def now(self) -> dt.datetime:
        """The instant it was last set to."""
        return self.at

    def advance(self, step: dt.timedelta) -> None:
        """Move forward (or, with a negative step, back)."""
        self.at += step

    def reach(self, day: dt.date) -> None:
        """Move forward to the same time of a day, unless it has come."""
        self.advance(max(day - norwegian_day(self.at), dt.timedelta()))
