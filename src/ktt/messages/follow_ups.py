"""What the registry waits for a unit to do, as it tells the unit itself: no person is in it (ADR 0024).

The receiver shows it and the registry makes it; neither knows the other, so the form of it is here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ktt.core.text import Text


@dataclass(frozen=True, slots=True)
class FollowUp:
    """An open case: its number, what it is about, since which day, until when an answer is expected, and what can be done."""

    number: int
    unit: str
    cause: str
    since: dt.date
    deadline: dt.date
    says: Text
    remedy: Text


class FollowUps(Protocol):
    """The registry's open cases."""

    def of_units(self, units: Sequence[str]) -> list[FollowUp]:
        """Those of these units, the nearest deadline first."""
        ...
