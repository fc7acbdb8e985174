"""The model of the generated data: a person with everything that the municipality has registered.

Field names are those of `ktt.domain.records`, so that a record can be compared with canonical records field by field. Days are Norwegian days;
`recorded_at` is local time without zone, as the record system stores it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

Day = dt.date
MaybeDay = dt.date | None


@dataclass(slots=True)
class Residence:
    """Where a person lived, and when."""

    starts_on: Day
    municipality: str
    district: str | None = None
    ends_on: MaybeDay = None


@dataclass(slots=True)
class Line:
    """One service in a decision."""

    service_id: str
    service_type: str
    outcome: str | None = None
    hours_per_week: Decimal | None = None
    staff_hours_per_week: Decimal | None = None
    rotating: str | None = None
    starts_on: MaybeDay = None
    ends_on: MaybeDay = None


@dataclass(slots=True)
class Appeal:
    """An appeal against a decision."""

    received_on: Day
    answered_on: MaybeDay = None


@dataclass(slots=True)
class Decision:
    """A decision, or an application that waits for one."""

    decision_id: str
    local_person_id: str
    recorded_at: dt.datetime
    case_id: str
    decision_number: int = 1
    original_decision_id: str | None = None
    applied_on: MaybeDay = None
    decided_on: MaybeDay = None
    lines: list[Line] = field(default_factory=list)
    appeals: list[Appeal] = field(default_factory=list)


@dataclass(slots=True)
class ProviderPeriod:
    """Who carries a service out, and when."""

    provider: str
    starts_on: Day
    ends_on: MaybeDay = None


@dataclass(slots=True)
class Pause:
    """A break in a running service."""

    pause_id: str
    starts_on: Day
    ends_on: MaybeDay = None


@dataclass(slots=True)
class CareService:
    """A service; without `starts_on` it is granted and has not begun."""

    service_id: str
    local_person_id: str
    recorded_at: dt.datetime
    service_type: str
    decision_id: str | None = None
    starts_on: MaybeDay = None
    ends_on: MaybeDay = None
    providers: list[ProviderPeriod] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)

    def runs(self, on: Day) -> bool:
        """Whether the service has begun and not ended on a day."""
        return self.starts_on is not None and self.starts_on <= on and (self.ends_on is None or self.ends_on >= on)


@dataclass(slots=True)
class Participation:
    """Need of, and receipt of, assistance to take part."""

    participation_type: str
    need: str
    receives: str | None = None


@dataclass(slots=True)
class Nutrition:
    """One answer of a nutrition survey."""

    nutrition_type: str
    result: str
    surveyed_on: MaybeDay = None


@dataclass(slots=True)
class Circumstances:
    """A dated set of circumstances, plans and surveys."""

    circumstances_id: str
    local_person_id: str
    recorded_at: dt.datetime
    starts_on: Day
    ends_on: MaybeDay = None
    household: str | None = None
    cares_for_children: str | None = None
    suitable_dwelling: str | None = None
    private_help: str | None = None
    doctor_assessed_in: str | None = None
    dentist_assessed_in: str | None = None
    individual_plan: str | None = None
    individual_plan_on: MaybeDay = None
    coordinator: str | None = None
    coordinator_on: MaybeDay = None
    medication_review: str | None = None
    medication_review_on: MaybeDay = None
    waiting_list: str | None = None
    waiting_list_from: MaybeDay = None
    waiting_list_to: MaybeDay = None
    round_the_clock: str | None = None
    habilitation: str | None = None
    habilitation_on: MaybeDay = None
    participation: list[Participation] = field(default_factory=list)
    nutrition: list[Nutrition] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Score:
    """The score of one function variable; frozen, since assessments share the objects."""

    variable: str
    score: str


@dataclass(slots=True)
class Assessment:
    """One assessment of all function variables."""

    assessment_id: str
    local_person_id: str
    recorded_at: dt.datetime
    assessed_on: Day
    scores: list[Score] = field(default_factory=list)


@dataclass(slots=True)
class Diagnosis:
    """One diagnosis."""

    diagnosis_id: str
    local_person_id: str
    recorded_at: dt.datetime
    code_system: str
    code: str
    starts_on: Day
    ends_on: MaybeDay = None


@dataclass(slots=True)
class Person:
    """A recipient with all records. `person_number` never shows in a `repr`."""

    local_person_id: str
    born_on: Day
    sex: str
    person_number: str | None = field(default=None, repr=False)
    died_on: MaybeDay = None
    residences: list[Residence] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    services: list[CareService] = field(default_factory=list)
    circumstances: list[Circumstances] = field(default_factory=list)
    assessments: list[Assessment] = field(default_factory=list)
    diagnoses: list[Diagnosis] = field(default_factory=list)

    def age(self, on: Day) -> int:
        """Whole years on a day."""
        return on.year - self.born_on.year - ((on.month, on.day) < (self.born_on.month, self.born_on.day))

    def running(self, on: Day) -> list[CareService]:
        """The services that run on a day."""
        return [s for s in self.services if s.runs(on)]

    def decision(self, decision_id: str | None) -> Decision | None:
        """The decision of that id."""
        return next((d for d in self.decisions if d.decision_id == decision_id), None)
