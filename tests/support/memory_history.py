"""The history in memory: the reference that the databases are compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ktt.core.clock import Clock
from ktt.domain.unit import ReportingUnit
from ktt.sender.plausibility.figures import Figures
from ktt.sender.plausibility.question import Accepted


class MemoryHistory:
    """Keeps the promises of `HistoryStore` as long as the process lives."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._runs: dict[str, list[Figures]] = {}
        self._accepted: dict[str, list[Accepted]] = {}

    def record(self, unit: ReportingUnit, figures: Figures) -> None:
        """See `HistoryStore`."""
        self._runs.setdefault(unit.key, []).append(figures)

    def latest(self, unit: ReportingUnit, runs: int) -> Sequence[Figures]:
        """See `HistoryStore`."""
        return self._runs.get(unit.key, [])[-runs:]

    def accept(self, unit: ReportingUnit, accepted: Sequence[Accepted]) -> None:
        """See `HistoryStore`."""
        now = self._clock.now()
        self._accepted.setdefault(unit.key, []).extend(replace(one, at=now) for one in accepted)

    def accepted(self, unit: ReportingUnit) -> Sequence[Accepted]:
        """See `HistoryStore`."""
        return list(self._accepted.get(unit.key, []))
