"""A person with one faultless record of every kind, in which a fault is planted.

Days are counted from the record system's today. All of them are in the last two years, so that the person has no faults
whatever day from `FIRST_DAY` on is today, nor gets any when the record system moves forward.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from ktt.testing.synthetic.faults.answer_key import ExpectedFinding
from ktt.testing.synthetic.municipality.model import (
    Appeal,
    Assessment,
    CareService,
    Circumstances,
    Decision,
    Diagnosis,
    Line,
    Nutrition,
    Participation,
    Pause,
    Person,
    ProviderPeriod,
    Residence,
    Score,
)
from ktt.testing.synthetic.municipality.municipality import Municipality

FIRST_DAY = dt.date(2021, 1, 1)
"""The earliest today: some faults are up to four years back, and must be after the opening in 2017."""

MAIN, OTHER = "15", "6"
"""A service type that requires everything, and one that requires nothing (domain § 5)."""

GRANTED, REFUSED = "2", "1"
HOURS = Decimal("5.00")
WAITS, BEGINS = 90, 60
"""Days that an application or appeal may wait, and that a granted service may take to begin (domain § 13.1 Q28, Q30)."""

_YOUNGEST, _OLDEST = 60 * 365, 80 * 365  # days; births are spread over enough days for every person to get a number
_HOME = 35 * 365
_VARIABLES = [str(n) for n in range(1, 19)]
_SENSES = {"13", "14"}  # sight and hearing have scales of their own


@dataclass(slots=True)
class PersonCase:
    """A person in whom a fault is planted.

    `until` is the last day on which the fault is found (None: it stays), `others` are further persons that it takes, and
    `further` are the other findings that it inevitably gives.
    """

    municipality: Municipality
    today: dt.date
    person: Person
    until: dt.date | None = None
    others: list[Person] = field(default_factory=list)
    further: list[ExpectedFinding] = field(default_factory=list)

    def also(
        self, rule: str, local_id: str, *, times: int = 1, first: dt.date | None = None, last: dt.date | None = None
    ) -> None:
        """Expect `times` further findings of a rule, always or from the first day to the last."""
        self.further += [ExpectedFinding(rule, local_id, first, last)] * times

    def ago(self, days: int) -> dt.date:
        """So many days before today; negative for days to come."""
        return self.today - dt.timedelta(days)

    def tomorrow(self, rule: str = "", local_id: str = "") -> dt.date:
        """The day after today. The fault is then one only today.

        On New Year's Eve that day is in another year, which also breaks `rule`, if one is named, on the record.
        """
        day, self.until = self.ago(-1), self.today
        if rule and day.year != self.today.year:
            self.also(rule, local_id, last=self.today)
        return day

    @property
    def decision(self) -> Decision:
        """The decision about the main service."""
        return self.person.decisions[0]

    @property
    def line(self) -> Line:
        """Its only line."""
        return self.decision.lines[0]

    @property
    def appeal(self) -> Appeal:
        """Its answered appeal."""
        return self.decision.appeals[0]

    @property
    def service(self) -> CareService:
        """The main service, running, with two provider periods and a pause."""
        return self.person.services[0]

    @property
    def provider(self) -> ProviderPeriod:
        """The first of the two provider periods."""
        return self.service.providers[0]

    @property
    def pause(self) -> Pause:
        """The only pause."""
        return self.service.pauses[0]

    @property
    def circumstances(self) -> Circumstances:
        """The current set of circumstances."""
        return self.person.circumstances[0]

    @property
    def assessment(self) -> Assessment:
        """The assessment."""
        return self.person.assessments[0]

    @property
    def diagnosis(self) -> Diagnosis:
        """The diagnosis."""
        return self.person.diagnoses[0]

    def born(self, days_ago: int) -> None:
        """Set a birth day so long ago or up to a year later, and a number of that day."""
        self.person.born_on = self.ago(days_ago - self.municipality.rng.randrange(365))
        self.person.person_number = self.municipality.numbers.national(self.person.born_on, self.person.sex)

    def without_birthday(self) -> None:
        """Give the person a number that does not tell the birthday."""
        self.person.person_number = self.municipality.numbers.duf(self.today.year - 3)

    def dies(self, on: dt.date) -> None:
        """Set the day of death, and end everything that is open."""
        self.person.died_on = on
        periods: Iterable[CareService | ProviderPeriod | Circumstances | Diagnosis] = (
            self.service,
            self.service.providers[-1],
            self.circumstances,
            self.diagnosis,
        )
        for period in periods:
            period.ends_on = on

    def refusal(self, service_type: str = MAIN, *, applied: int = 30, decided: int = 20) -> Decision:
        """Add a decision that refuses the service. It never gives a finding of its own."""
        decision = self._applied(service_type, applied)
        decision.decided_on, decision.lines[0].outcome = self.ago(decided), REFUSED
        return decision

    def grant(self, service_type: str = MAIN, *, decided: int = 20, lines: int = 1) -> Decision:
        """Add a decision on services that have not begun, which gives findings of its own after `BEGINS` days."""
        decision = self._applied(service_type, decided + 10)
        decision.decided_on, (first,) = self.ago(decided), decision.lines
        first.outcome, first.hours_per_week = GRANTED, HOURS
        decision.lines += [replace(first, service_id=self.municipality.ids.next("T")) for _ in range(lines - 1)]
        if decided <= BEGINS:
            self.also("KTT-LINJE-12", decision.decision_id, times=lines, first=self.ago(decided - BEGINS - 1))
        return decision

    def pending(self, applied: int = 30) -> Decision:
        """Add an application without a decision, which gives a finding of its own after `WAITS` days."""
        decision = self._applied(MAIN, applied)
        if applied <= WAITS:
            self.also("KTT-VEDTAK-10", decision.decision_id, first=self.ago(applied - WAITS - 1))
        return decision

    def _applied(self, service_type: str, days_ago: int) -> Decision:
        ids, person = self.municipality.ids, self.person.local_person_id
        decision = Decision(ids.next("V"), person, self.municipality.stamp(self.today), ids.next("S"))
        decision.applied_on, decision.lines = self.ago(days_ago), [Line(ids.next("T"), service_type)]
        self.person.decisions.append(decision)
        return decision

    def second_service(self, days_ago: int, service_type: str = OTHER) -> CareService:
        """Add a service without a decision that has run since so many days ago."""
        service = CareService(
            self.municipality.ids.next("T"),
            self.person.local_person_id,
            self.municipality.stamp(self.today),
            service_type,
        )
        service.starts_on = self.ago(days_ago)
        self.person.services.append(service)
        return service

    def granted(self, service_type: str, *, provider: bool = True) -> CareService:
        """Add a running service with its decision, of a type that requires a decision but no hours."""
        decision = self.refusal(service_type)
        decision.lines[0].outcome = GRANTED
        service = self.second_service(10, service_type)
        service.service_id, service.decision_id = decision.lines[0].service_id, decision.decision_id
        if provider:
            service.providers = [ProviderPeriod(self.provider.provider, self.ago(10))]
        return service

    def second_circumstances(self, days_ago: int) -> Circumstances:
        """Add a set of circumstances that follows the first one."""
        self.circumstances.ends_on = self.ago(days_ago + 1)
        later = Circumstances(
            self.municipality.ids.next("O"),
            self.person.local_person_id,
            self.municipality.stamp(self.today),
            self.ago(days_ago),
        )
        self.person.circumstances.append(later)
        return later

    def neighbour(self) -> PersonCase:
        """Add another person like this one."""
        other = clean_case(self.municipality, self.today)
        self.others.append(other.person)
        return other


def clean_case(municipality: Municipality, today: dt.date) -> PersonCase:
    """A new person with one faultless record of every kind."""
    born, sex = (
        today - dt.timedelta(municipality.rng.randrange(_YOUNGEST, _OLDEST)),
        municipality.rng.choice(("1", "2")),
    )
    person = Person(municipality.ids.person(), born, sex, municipality.numbers.national(born, sex))
    person.residences = [Residence(today - dt.timedelta(_HOME), municipality.places.municipality)]
    case = PersonCase(municipality, today, person)
    _decide_and_serve(case)
    person.circumstances = [_circumstances(case)]
    _assess(case)
    person.diagnoses = [
        Diagnosis(
            municipality.ids.next("D"),
            person.local_person_id,
            municipality.stamp(case.ago(490)),
            "ICPC-2",
            "P70",
            case.ago(500),
        )
    ]
    return case


def _decide_and_serve(case: PersonCase) -> None:
    ids, person = case.municipality.ids, case.person.local_person_id
    stamp = case.municipality.stamp(case.ago(385))
    service = CareService(ids.next("T"), person, stamp, MAIN, starts_on=case.ago(390))
    decision = Decision(ids.next("V"), person, stamp, ids.next("S"), applied_on=case.ago(420), decided_on=case.ago(400))
    service.decision_id = decision.decision_id
    decision.lines = [Line(service.service_id, MAIN, GRANTED, HOURS, starts_on=case.ago(390))]
    decision.appeals = [Appeal(case.ago(395), case.ago(380))]
    provider = case.municipality.providers["hjemmetjeneste"]
    service.providers = [
        ProviderPeriod(provider[0], case.ago(390), case.ago(201)),
        ProviderPeriod(provider[1], case.ago(200)),
    ]
    service.pauses = [Pause(ids.next("P"), case.ago(300), case.ago(290))]
    case.person.decisions, case.person.services = [decision], [service]


def _circumstances(case: PersonCase) -> Circumstances:
    made = Circumstances(
        case.municipality.ids.next("O"),
        case.person.local_person_id,
        case.municipality.stamp(case.ago(385)),
        case.ago(391),
    )
    made.household, made.cares_for_children, made.suitable_dwelling, made.private_help = "1", "2", "1", "2"
    made.doctor_assessed_in = made.dentist_assessed_in = f"{case.ago(400):%Y-%m}"
    made.individual_plan, made.individual_plan_on = "1", case.ago(410)
    made.coordinator, made.coordinator_on = "1", case.ago(410)
    made.round_the_clock, made.habilitation, made.habilitation_on = "1", "1", case.ago(405)
    made.participation = [Participation("1", "1", "1"), Participation("2", "1", "1"), Participation("3", "2")]
    made.nutrition = [Nutrition("1", "1", case.ago(395)), Nutrition("2", "2"), Nutrition("3", "2")]
    return made


def _assess(case: PersonCase) -> None:
    made = Assessment(
        case.municipality.ids.next("F"),
        case.person.local_person_id,
        case.municipality.stamp(case.ago(385)),
        case.ago(392),
    )
    made.scores = [Score(variable, "2" if variable in _SENSES else "3") for variable in _VARIABLES]
    case.person.assessments = [made]
