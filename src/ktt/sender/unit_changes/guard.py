"""Before a run: a unit that has left does not report, and one that comes after others waits until they are withdrawn."""

from __future__ import annotations

from collections.abc import Sequence

from ktt.domain.unit import ReportingUnit
from ktt.sender.unit_changes.change import UnitChange, departure, waiting_for
from ktt.sender.unit_changes.errors import PredecessorsNotWithdrawn, UnitLeaves, UnitRetired


def check_may_report(changes: Sequence[UnitChange], unit: ReportingUnit) -> None:
    """UnitRetired, UnitLeaves or PredecessorsNotWithdrawn when the unit may not report, by its store's changes."""
    left = departure(changes, unit)
    if left is not None:
        facts = {"unit": unit.key, "day": left.day.isoformat(), "by": left.by, "reason": left.reason}
        if unit in left.left:
            raise UnitLeaves(**facts, kind=left.kind.value)
        raise UnitRetired(**facts, successors=keys(left.successors))
    for change in waiting_for(changes, unit):
        raise PredecessorsNotWithdrawn(unit=unit.key, predecessors=keys(change.left), kind=change.kind.value)


def keys(units: Sequence[ReportingUnit]) -> str:
    """The units as they are written in a sentence."""
    return ", ".join(unit.key for unit in units) or "–"
