"""A clock that is wrong on purpose: how a sender behaves whose clock disagrees with the receiver's."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from ktt.core.clock import Clock, SystemClock


@dataclass(slots=True)
class OffsetClock:
    """Another clock, shifted by an amount that may be changed while it is in use."""

    base: Clock = field(default_factory=SystemClock)
    offset: dt.timedelta = dt.timedelta()

    def now(self) -> dt.datetime:
        """The base clock's instant plus the offset."""
        return self.base.now() + self.offset
