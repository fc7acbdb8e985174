"""The definition of a fault: one small function for each rule, registered under the rule's id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from ktt.testing.synthetic.faults.person_case import PersonCase

PlantFunction = Callable[[PersonCase], str]
"""Changes the records of a faultless person so that the rule is broken; returns the local id of the record to be found."""


UNMAPPED, UNREADABLE, MISSING, MALFORMED = "KTT-SRC-F01", "KTT-SRC-F02", "KTT-SRC-F03", "KTT-SRC-F04"
REAL_PERSON, TWICE, OTHER_NUMBER = "KTT-SRC-F05", "KTT-SRC-F07", "KTT-SRC-F14"
"""What reading the record system finds instead, where it stops the fault (`ktt.sender.extract.findings`; a test compares)."""


class Origin(Enum):
    """Where a fault can be planted so that a rule finds it."""

    RECORD_SYSTEM = "record system"  # in the database: it can be registered there, and it is read without a finding
    RECORDS = "records"  # only in the canonical records, since reading the database stops it
    PRODUCTION = "production"  # in the canonical records, checked as in production, where alone it is a fault


@dataclass(frozen=True, slots=True)
class FaultDefinition:
    """The fault of one rule. `stopped_by` is the code of the finding when reading stops the fault."""

    rule: str
    origin: Origin
    plant: PlantFunction
    stopped_by: str | None = None


DEFINITIONS: dict[str, FaultDefinition] = {}
"""By rule id, the fault of every rule except those about the reporting unit itself."""

_OWNER = {
    "person": "local_person_id",
    "decision": "decision_id",
    "service": "service_id",
    "circumstances": "circumstances_id",
    "assessment": "assessment_id",
    "diagnosis": "diagnosis_id",
}
_PARTS = {"line": "decision", "appeal": "decision", "provider": "service", "pause": "service"}

Value = object | Callable[[PersonCase], object]


def fault_of(
    rule: str, *, stopped_by: str | None = None, production: bool = False
) -> Callable[[PlantFunction], PlantFunction]:
    """Register the decorated function as the fault of a rule."""
    origin = Origin.PRODUCTION if production else Origin.RECORDS if stopped_by else Origin.RECORD_SYSTEM

    def register(plant: PlantFunction) -> PlantFunction:
        if rule in DEFINITIONS:
            raise ValueError(f"{rule} is planted twice")
        DEFINITIONS[rule] = FaultDefinition(rule, origin, plant, stopped_by)
        return plant

    return register


def days_ago(days: int) -> Callable[[PersonCase], object]:
    """The day so many days before today, as a value for `field_fault`."""
    return lambda case: case.ago(days)


def field_fault(
    rule: str, where: str, changes: Mapping[str, Value], *, also: tuple[str, ...] = (), stopped_by: str | None = None
) -> None:
    """Register as the fault of a rule that fields of one record, or of a part of it, have these values.

    `where` is the property of `PersonCase`; `also` are rules that the same record then breaks too.
    """

    def plant(case: PersonCase) -> str:
        record = getattr(case, where)
        for name, value in changes.items():
            setattr(record, name, value(case) if callable(value) else value)
        root = _PARTS.get(where, where)
        local_id = str(getattr(getattr(case, root), _OWNER[root]))
        for other in also:
            case.also(other, local_id)
        return local_id

    fault_of(rule, stopped_by=stopped_by)(plant)
