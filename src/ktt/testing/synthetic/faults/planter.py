"""How a fault is planted: one small function for each rule, found by the rule's id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from ktt.testing.synthetic.faults.case import Case

Plant = Callable[[Case], str]
"""Spoils the case; returns the local id of the record that must be found."""


UNMAPPED, UNREADABLE, MISSING, MALFORMED = "KTT-SRC-F01", "KTT-SRC-F02", "KTT-SRC-F03", "KTT-SRC-F04"
REAL_PERSON, TWICE, OTHER_NUMBER = "KTT-SRC-F05", "KTT-SRC-F07", "KTT-SRC-F14"
"""What the reading finds instead of a rule, where it stops the fault (`ktt.sender.extract.findings`; a test compares)."""


class Road(Enum):
    """Where a fault can come into being."""

    RECORD_SYSTEM = "record system"  # somebody can register it, and it passes the reading
    FRAMES = "frames"  # the reading stops it: planted in the records themselves
    PRODUCTION = "production"  # only a fault in production: planted in the records, judged as production


@dataclass(frozen=True, slots=True)
class Planter:
    """The fault of one rule. `stopped_by` is the code of what the reading finds instead, where it stops the fault."""

    rule: str
    road: Road
    plant: Plant
    stopped_by: str | None = None


PLANTERS: dict[str, Planter] = {}
"""The fault of every rule but those on the reporting unit itself, by rule id."""

_OWNER = {
    "person": "local_person_id",
    "decision": "decision_id",
    "service": "service_id",
    "circumstances": "circumstances_id",
    "assessment": "assessment_id",
    "diagnosis": "diagnosis_id",
}
_PARTS = {"line": "decision", "appeal": "decision", "provider": "service", "pause": "service"}

Value = object | Callable[[Case], object]


def plants(rule: str, *, stopped_by: str | None = None, production: bool = False) -> Callable[[Plant], Plant]:
    """Let a function be the fault of a rule."""
    road = Road.PRODUCTION if production else Road.FRAMES if stopped_by else Road.RECORD_SYSTEM

    def register(plant: Plant) -> Plant:
        if rule in PLANTERS:
            raise ValueError(f"{rule} is planted twice")
        PLANTERS[rule] = Planter(rule, road, plant, stopped_by)
        return plant

    return register


def days_ago(days: int) -> Callable[[Case], object]:
    """The day so many days before today, as a value of `sets`."""
    return lambda case: case.ago(days)


def sets(
    rule: str, where: str, changes: Mapping[str, Value], *, also: tuple[str, ...] = (), stopped_by: str | None = None
) -> None:
    """The fault of a rule is that some fields of one record, or of a part of it, have these values.

    `also` are rules that the same record then breaks too.
    """

    def plant(case: Case) -> str:
        spoilt = getattr(case, where)
        for name, value in changes.items():
            setattr(spoilt, name, value(case) if callable(value) else value)
        root = _PARTS.get(where, where)
        local_id = str(getattr(getattr(case, root), _OWNER[root]))
        for other in also:
            case.also(other, local_id)
        return local_id

    plants(rule, stopped_by=stopped_by)(plant)
