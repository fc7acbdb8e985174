"""The units of a store: which report, which have left, and who comes after whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ktt.core.clock import norwegian_day
from ktt.domain.unit import ReportingUnit
from ktt.sender.outbox.message import LoadState, QueueStatus
from ktt.sender.unit_changes.change import UnitChange, UnitState, concerning, departure, state_of, waiting_for


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One unit. `since` is the day of what made its state; `change` is the one that did, None for one that just reports."""

    unit: ReportingUnit
    state: UnitState
    since: dt.date | None
    predecessors: tuple[ReportingUnit, ...]
    successors: tuple[ReportingUnit, ...]
    change: UnitChange | None

    def as_data(self) -> dict[str, Any]:
        """The same as plain data."""
        change, mine = self.change, self.change and self.change.of(self.unit)
        withdrawn = mine and mine.withdrawn
        return {
            "unit": self.unit.key,
            "state": self.state.value,
            "since": self.since,
            "predecessors": [unit.key for unit in self.predecessors],
            "successors": [unit.key for unit in self.successors],
            "kind": change and change.kind.value,
            "reason": change and change.reason,
            "by": change and change.by,
            "withdrawn_at": withdrawn and withdrawn.at,
            "confirmed": withdrawn and withdrawn.confirmed,
        }


def overview(queues: Sequence[QueueStatus], changes: Sequence[UnitChange]) -> list[UnitLine]:
    """Every unit that has a queue in the store or takes part in a change, by its key."""
    loads = {queue.unit: queue.load for queue in queues}
    units = {*loads, *(unit for change in changes for unit in (*change.leaving, *change.successors))}
    return [_line(unit, loads.get(unit), changes) for unit in sorted(units)]


def _line(unit: ReportingUnit, load: LoadState | None, changes: Sequence[UnitChange]) -> UnitLine:
    left, waits, mine = departure(changes, unit), waiting_for(changes, unit), concerning(changes, unit)
    newest = left or (waits[0] if waits else None) or (mine[-1] if mine else None)
    begun = None if load is None else norwegian_day(load.begun_at)
    since = begun if newest is None else newest.day
    before = {one for change in mine if unit in change.successors for one in change.leaving}
    after = left.successors if left else ()
    return UnitLine(unit, state_of(changes, unit), since, tuple(sorted(before)), after, newest)
