"""One notice: that something has begun or has ended, with no person in it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ktt.core.clock import OSLO
from ktt.core.text import Text

Event = Literal["began", "ended"]


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told. `unit` is empty for what is common to all units; `says` and `remedy` are bokmål."""

    number: int
    unit: str
    cause: str
    event: str
    actor: str
    exit_code: int
    says: str
    remedy: str
    began_at: dt.datetime
    at: dt.datetime

    def as_data(self) -> dict[str, Any]:
        """The notice as plain data."""
        return asdict(self)

    def line(self) -> str:
        """The notice as a person reads it."""
        where = f"{self.unit}: " if self.unit else ""
        if self.event == "ended":
            return f"✓ {where}Over ({_when(self.at)}): {self.says}"
        return f"⚠ {where}{self.says} {self.remedy} (siden {_when(self.began_at)})"


def headline(notices: Sequence[Notice]) -> str:
    """How many have begun and how many have ended, in bokmål."""
    events = Counter(notice.event for notice in notices)
    words = {
        "began": Text(nb="{n:nytt varsel|nye varsler}", en="{n} new"),
        "ended": Text(nb="{n} over", en="{n} ended"),
    }
    return "ktt: " + ", ".join(words[event].format(n=events[event]).nb for event in words if events[event])


def in_words(notices: Sequence[Notice]) -> str:
    """All of them as text, in bokmål."""
    return "\n".join([headline(notices), "", *(notice.line() for notice in notices)])


def _when(at: dt.datetime) -> str:
    return at.astimezone(OSLO).strftime("%Y-%m-%d %H:%M")
