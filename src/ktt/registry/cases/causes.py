"""The causes that a unit can have a case for: what they are called, and how long the unit usually gets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ktt.core.text import Text


class Cause(StrEnum):
    """Why a case is opened, the most pressing first."""

    SILENCE = "silence"
    REJECTED = "rejected"
    HELD = "held"
    VERSION = "version"
    VOLUME = "volume"
    RULES = "rules"
    COVERAGE = "coverage"
    MISSING = "missing"

    @property
    def words(self) -> Text:
        """A few words."""
        return _TITLES[self]

    @property
    def days(self) -> int:
        """How many days the unit gets, unless the controller sets another deadline."""
        return _DAYS[self]

    @property
    def includes(self) -> Cause | None:
        """A cause that needs no case of its own while there is one for this."""
        return {Cause.VERSION: Cause.REJECTED, Cause.COVERAGE: Cause.MISSING}.get(self)


_TITLES: Mapping[Cause, Text] = {
    Cause.SILENCE: Text(nb="stille", en="silent"),
    Cause.REJECTED: Text(nb="avvist melding", en="rejected message"),
    Cause.HELD: Text(nb="uleselig melding", en="unreadable message"),
    Cause.VERSION: Text(nb="versjon avvises", en="version is rejected"),
    Cause.VOLUME: Text(nb="brå endring", en="sudden change"),
    Cause.RULES: Text(nb="mange avvik", en="many findings"),
    Cause.COVERAGE: Text(nb="lite historikk", en="little history"),
    Cause.MISSING: Text(nb="måneder mangler", en="missing months"),
}
_DAYS: Mapping[Cause, int] = {
    Cause.SILENCE: 7,
    Cause.REJECTED: 7,
    Cause.HELD: 14,
    Cause.VERSION: 14,
    Cause.VOLUME: 21,
    Cause.RULES: 30,
    Cause.COVERAGE: 60,
    Cause.MISSING: 60,
}


@dataclass(frozen=True, slots=True)
class Observed:
    """That a unit has a cause today. `latest` is the newest day that it builds on; `figures` are plain values for JSON.

    Figures by cause: silence `heard_on`, `days` · rejected `times`, `code`, `vendor`, `system`, `version` · held
    `message_type`, `correlation_id`, `messages`, `code` · version `vendor`, `system`, `version`, `units`, `share`, `code` ·
    volume `types`: `service_type`, `week_to`, `before`, `after`, `limit` · rules `rules`: `rule`, `findings` ·
    coverage and missing `complete`, `months`, `periods` (first and last month).
    """

    unit: str
    cause: Cause
    since: dt.date
    latest: dt.date
    figures: Mapping[str, Any] = field(repr=False)
