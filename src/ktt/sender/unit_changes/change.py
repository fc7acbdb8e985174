"""A unit change: which units leave, which come in their place, why, and how far the withdrawal has come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ktt.domain.unit import ReportingUnit


class Kind(StrEnum):
    """What happens to the units."""

    RETIRE = "retire"  # nobody comes after
    MOVE = "move"  # the same services under another number
    MERGE = "merge"  # one comes after several, or takes others up
    SPLIT = "split"  # several come after one


class UnitState(StrEnum):
    """Whether a unit may report."""

    REPORTS = "reports"
    WAITS = "waits"  # a unit before it is not withdrawn yet
    WITHDRAWING = "withdrawing"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Since when the registry holds nothing of a unit, and how that is known.

    `confirmed` is empty when the registry has accepted every deletion. Else someone has said that the registry itself
    deleted what was left, and this is on what ground.
    """

    at: dt.datetime
    by: str
    confirmed: str | None = None


@dataclass(frozen=True, slots=True)
class Predecessor:
    """A unit that leaves."""

    unit: ReportingUnit
    withdrawn: Withdrawn | None = None


@dataclass(frozen=True, slots=True)
class UnitChange:
    """One change, the same in every store that has one of its units."""

    id: str
    kind: Kind
    day: dt.date
    reason: str
    by: str
    begun_at: dt.datetime
    predecessors: tuple[Predecessor, ...]
    successors: tuple[ReportingUnit, ...] = ()

    @property
    def leaving(self) -> tuple[ReportingUnit, ...]:
        """The units that leave."""
        return tuple(one.unit for one in self.predecessors)

    @property
    def left(self) -> tuple[ReportingUnit, ...]:
        """The units that are not withdrawn yet."""
        return tuple(one.unit for one in self.predecessors if one.withdrawn is None)

    def of(self, unit: ReportingUnit) -> Predecessor | None:
        """A unit that leaves; None when it does not."""
        return next((one for one in self.predecessors if one.unit == unit), None)

    def is_same(self, kind: Kind, leaving: Iterable[ReportingUnit], successors: Iterable[ReportingUnit]) -> bool:
        """Whether it is this kind of change of these units."""
        return (self.kind, set(self.leaving), set(self.successors)) == (kind, set(leaving), set(successors))


def concerning(changes: Iterable[UnitChange], unit: ReportingUnit) -> list[UnitChange]:
    """The changes in which the unit leaves or comes after others, oldest first."""
    return [one for one in changes if unit in one.leaving or unit in one.successors]


def departure(changes: Sequence[UnitChange], unit: ReportingUnit) -> UnitChange | None:
    """The change in which the unit left; None when it has not, or has come back since."""
    mine = concerning(changes, unit)
    return mine[-1] if mine and unit in mine[-1].leaving else None


def waiting_for(changes: Sequence[UnitChange], unit: ReportingUnit) -> list[UnitChange]:
    """The changes that a unit which reports must wait for: someone before it is not withdrawn yet."""
    mine = concerning(changes, unit)
    since = max((nth for nth, one in enumerate(mine, 1) if unit in one.leaving), default=0)
    return [one for one in mine[since:] if one.left]


def state_of(changes: Sequence[UnitChange], unit: ReportingUnit) -> UnitState:
    """Whether the unit may report, by the changes in its store, oldest first."""
    left = departure(changes, unit)
    if left is not None:
        return UnitState.WITHDRAWING if unit in left.left else UnitState.RETIRED
    return UnitState.WAITS if waiting_for(changes, unit) else UnitState.REPORTS
