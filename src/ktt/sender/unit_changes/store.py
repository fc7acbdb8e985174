"""The port of the unit changes: what every implementation promises."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ktt.domain.unit import ReportingUnit
from ktt.sender.unit_changes.change import UnitChange, Withdrawn


class UnitChangeStore(Protocol):
    """The unit changes that a store knows of.

    Promises, each kept through a crash at any instant:

    1. Every method is one transaction, and what it has done is durable.
    2. A change is kept once, by its id, and in the order in which this store was told of them.
    3. That a unit is withdrawn is written once, and never taken back.
    """

    def begin(self, change: UnitChange) -> None:
        """Keep a change. One that is kept already stays as it is."""
        ...

    def mark_withdrawn(self, change: str, unit: ReportingUnit, withdrawn: Withdrawn) -> None:
        """Write down that the registry holds nothing of a unit that leaves; the first to say so stays."""
        ...

    def changes(self) -> Sequence[UnitChange]:
        """Every change, oldest first."""
        ...
