"""A question to a person, and the answer that lets the run go on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from ktt.core.text import Text

Figure = int | str | None


@dataclass(frozen=True, slots=True)
class Question:
    """Something odd. `name` stays the same from run to run; `usual` is the largest step or figure that is not odd."""

    name: str
    says: Text
    then: Figure = None
    now: Figure = None
    usual: Figure = None

    def as_data(self, *, accepted: bool) -> dict[str, Any]:
        """The question as plain data."""
        figures = {"then": self.then, "now": self.now, "usual": self.usual}
        return {"name": self.name, "says": self.says.both(), **figures, "accepted": accepted}


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What a person accepts for one run: questions by name, why, and who it is."""

    names: Collection[str] = ()
    reason: str = ""
    by: str = ""


NOTHING_ACCEPTED = Acceptance()


@dataclass(frozen=True, slots=True)
class Accepted:
    """One question that was accepted, as it is kept: of which extraction day, with its figures, by whom, when and why."""

    name: str
    day: dt.date
    then: str | None
    now: str | None
    reason: str
    by: str
    at: dt.datetime | None = None
