"""The port of the history: what every implementation promises."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ktt.domain.unit import ReportingUnit
from ktt.sender.plausibility.figures import Figures
from ktt.sender.plausibility.question import Accepted


class HistoryStore(Protocol):
    """What the runs of each unit saw, and what people have accepted.

    Promises, each kept through a crash at any instant:

    1. Every method is one transaction: it happens wholly or not at all, and what it has done is durable.
    2. The runs and the acceptances of a unit are kept in the order in which they came, and never changed.
    3. Units do not affect each other.
    """

    def record(self, unit: ReportingUnit, figures: Figures) -> None:
        """Record a run of which everything is planned and accepted."""
        ...

    def latest(self, unit: ReportingUnit, runs: int) -> Sequence[Figures]:
        """The newest runs, at most so many, the oldest of them first."""
        ...

    def accept(self, unit: ReportingUnit, accepted: Sequence[Accepted]) -> None:
        """Keep what a person has accepted, all of it at the present instant."""
        ...

    def accepted(self, unit: ReportingUnit) -> Sequence[Accepted]:
        """All that was ever accepted of the unit, in order."""
        ...
