"""Whether units are free to take part in a new change."""

from __future__ import annotations

from collections.abc import Sequence

from ktt.core.text import Text
from ktt.domain.unit import ReportingUnit
from ktt.sender.unit_changes.change import UnitChange, UnitState, departure, state_of, waiting_for
from ktt.sender.unit_changes.errors import ReturnNotPossible, UnitNotFree
from ktt.sender.unit_changes.withdrawal import UnitStores

STATES = {
    UnitState.REPORTS: Text(nb="rapporterer", en="reports"),
    UnitState.WAITS: Text(
        nb="venter på at forgjengeren er trukket tilbake", en="waits until its predecessor is withdrawn"
    ),
    UnitState.WITHDRAWING: Text(nb="trekkes tilbake", en="is being withdrawn"),
    UnitState.RETIRED: Text(nb="avviklet", en="retired"),
}


def check_free(leaving: Sequence[UnitStores], coming: Sequence[UnitStores]) -> None:
    """UnitNotFree or ReturnNotPossible unless those that leave report now, and the others report or are retired."""
    for one in leaving:
        _check_state(one, (UnitState.REPORTS,))
    for one in coming:
        _check_state(one, (UnitState.REPORTS, UnitState.RETIRED))
        left = departure(one.changes.changes(), one.unit)
        before = left and left.of(one.unit)
        if before and before.withdrawn and before.withdrawn.confirmed is not None:
            raise ReturnNotPossible(unit=one.unit.key)


def _check_state(stores: UnitStores, allowed: Sequence[UnitState]) -> None:
    changes, unit = stores.changes.changes(), stores.unit
    state = state_of(changes, unit)
    if state not in allowed:
        other = _other(changes, unit)
        facts = {"kind": other.kind.value, "day": other.day.isoformat(), "by": other.by, "state": STATES[state]}
        raise UnitNotFree(unit=unit.key, **facts)


def _other(changes: Sequence[UnitChange], unit: ReportingUnit) -> UnitChange:
    return departure(changes, unit) or waiting_for(changes, unit)[0]
