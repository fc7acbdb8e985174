"""The records that somebody has set aside, so that the rest of a queue can go on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Parked:
    """Local ids by record type, sorted, and when the first of them was set aside; empty when nothing is."""

    ids: Mapping[str, Sequence[str]] = field(default_factory=dict)
    since: dt.datetime | None = None

    @property
    def count(self) -> int:
        """How many records."""
        return sum(map(len, self.ids.values()))
