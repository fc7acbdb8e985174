"""One case and what was done with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ktt.registry.cases.causes import Cause

Act = Literal["opened", "assigned", "noted", "deadline", "closed", "reopened"]
Status = Literal["new", "under_way", "closed"]


@dataclass(frozen=True, slots=True)
class Case:
    """As it is now. `closed_by` is empty for a case that closed itself; `figures` are those of `causes.Observed`."""

    number: int
    unit: str
    cause: Cause
    since: dt.date
    latest: dt.date
    deadline: dt.date
    figures: Mapping[str, Any] = field(repr=False)
    opened_at: dt.datetime
    assigned_to: str | None = None
    closed_at: dt.datetime | None = None
    closed_by: str | None = None

    @property
    def status(self) -> Status:
        """New until somebody has it."""
        if self.closed_at is not None:
            return "closed"
        return "new" if self.assigned_to is None else "under_way"

    def overdue(self, on: dt.date) -> bool:
        """Whether it is open after its deadline."""
        return self.closed_at is None and on > self.deadline


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """What was done, by whom (the registry itself when empty); `detail` is a text, a name, a day, or figures as JSON."""

    number: int
    at: dt.datetime
    who: str | None
    act: Act
    detail: str | None
