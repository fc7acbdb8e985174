"""One person with one faultless record of every kind: what a fault is planted in.

Days are told from the record system's today. Everything lies in the last two years, so that the same person is clean
on any day from `FIRST_DAY` on, and stays clean however long the record system moves forward.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from ktt.testing.synthetic.faults.key import Expected
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
from ktt.testing.synthetic.municipality.office import Office

FIRST_DAY = dt.date(2021, 1, 1)
"""The earliest today: some faults lie up to four years back, and those must be after the opening of 2017."""

MAIN, OTHER = "15", "6"
"""The service of the template, which asks for everything, and one that asks for nothing (obligation matrix)."""

GRANTED, REFUSED = "2", "1"
HOURS = Decimal("5.00")
WAITS, BEGINS = 90, 60
"""Days an application or an appeal may wait, and days in which a granted service begins (domain § 13.1 Q28, Q30)."""

_YOUNGEST, _OLDEST = 60 * 365, 80 * 365  # spread over so many days that there are numbers for all
_HOME = 35 * 365
_VARIABLES = [str(n) for n in range(1, 19)]
_SENSES = {"13", "14"}  # sight and hearing have scales of their own


@dataclass(slots=True)
class Case:
    """The person, the last day on which the fault is one (empty: it stays), and what else is found because of it."""

    office: Office
    today: dt.date
    person: Person
    until: dt.date | None = None
    others: list[Person] = field(default_factory=list)
    further: list[Expected] = field(default_factory=list)

    def also(
        self, rule: str, local_id: str, *, times: int = 1, first: dt.date | None = None, last: dt.date | None = None
    ) -> None:
        """Say that the fault inevitably breaks this rule too (in so many parts of the record), always or on those days."""
        self.further += [Expected(rule, local_id, first, last)] * times

    def ago(self, days: int) -> dt.date:
        """So many days before today; negative for days to come."""
        return self.today - dt.timedelta(days)

    def tomorrow(self, rule: str = "", local_id: str = "") -> dt.date:
        """The first day of the future: a fault only today.

        On New Year's Eve it is in another year, which breaks `rule`, if one is named, on the record as well.
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
        """Let the person be born so long ago or up to a year later, with a number that says so."""
        self.person.born_on = self.ago(days_ago - self.office.rng.randrange(365))
        self.person.person_number = self.office.numbers.national(self.person.born_on, self.person.sex)

    def without_birthday(self) -> None:
        """Let the person have a number that tells no birthday."""
        self.person.person_number = self.office.numbers.duf(self.today.year - 3)

    def dies(self, on: dt.date) -> None:
        """Let the person die, and close everything that is open."""
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
        """A second decision, which says no. It asks for nothing more, however long ago it was."""
        decision = self._applied(service_type, applied)
        decision.decided_on, decision.lines[0].outcome = self.ago(decided), REFUSED
        return decision

    def grant(self, service_type: str = MAIN, *, decided: int = 20, lines: int = 1) -> Decision:
        """A second decision, about services that have not begun: a fault of its own once `BEGINS` days have gone."""
        decision = self._applied(service_type, decided + 10)
        decision.decided_on, (first,) = self.ago(decided), decision.lines
        first.outcome, first.hours_per_week = GRANTED, HOURS
        decision.lines += [replace(first, service_id=self.office.ids.next("T")) for _ in range(lines - 1)]
        if decided <= BEGINS:
            self.also("KTT-LINJE-12", decision.decision_id, times=lines, first=self.ago(decided - BEGINS - 1))
        return decision

    def pending(self, applied: int = 30) -> Decision:
        """An application that waits: a fault of its own once it has waited `WAITS` days."""
        decision = self._applied(MAIN, applied)
        if applied <= WAITS:
            self.also("KTT-VEDTAK-10", decision.decision_id, first=self.ago(applied - WAITS - 1))
        return decision

    def _applied(self, service_type: str, days_ago: int) -> Decision:
        ids, person = self.office.ids, self.person.local_person_id
        decision = Decision(ids.next("V"), person, self.office.stamp(self.today), ids.next("S"))
        decision.applied_on, decision.lines = self.ago(days_ago), [Line(ids.next("T"), service_type)]
        self.person.decisions.append(decision)
        return decision

    def second_service(self, days_ago: int, service_type: str = OTHER) -> CareService:
        """A service that rests on no decision, running since so many days ago."""
        service = CareService(
            self.office.ids.next("T"), self.person.local_person_id, self.office.stamp(self.today), service_type
        )
        service.starts_on = self.ago(days_ago)
        self.person.services.append(service)
        return service

    def granted(self, service_type: str, *, provider: bool = True) -> CareService:
        """A running service of a type that asks for a decision but not for hours, with its decision."""
        decision = self.refusal(service_type)
        decision.lines[0].outcome = GRANTED
        service = self.second_service(10, service_type)
        service.service_id, service.decision_id = decision.lines[0].service_id, decision.decision_id
        if provider:
            service.providers = [ProviderPeriod(self.provider.provider, self.ago(10))]
        return service

    def second_circumstances(self, days_ago: int) -> Circumstances:
        """A set that takes over from the first one."""
        self.circumstances.ends_on = self.ago(days_ago + 1)
        later = Circumstances(
            self.office.ids.next("O"), self.person.local_person_id, self.office.stamp(self.today), self.ago(days_ago)
        )
        self.person.circumstances.append(later)
        return later

    def neighbour(self) -> Case:
        """Another person of the same kind."""
        other = clean_case(self.office, self.today)
        self.others.append(other.person)
        return other


def clean_case(office: Office, today: dt.date) -> Case:
    """A new person with one faultless record of every kind."""
    born, sex = today - dt.timedelta(office.rng.randrange(_YOUNGEST, _OLDEST)), office.rng.choice(("1", "2"))
    person = Person(office.ids.person(), born, sex, office.numbers.national(born, sex))
    person.residences = [Residence(today - dt.timedelta(_HOME), office.places.municipality)]
    case = Case(office, today, person)
    _decide_and_serve(case)
    person.circumstances = [_circumstances(case)]
    _assess(case)
    person.diagnoses = [
        Diagnosis(
            office.ids.next("D"), person.local_person_id, office.stamp(case.ago(490)), "ICPC-2", "P70", case.ago(500)
        )
    ]
    return case


def _decide_and_serve(case: Case) -> None:
    ids, person = case.office.ids, case.person.local_person_id
    stamp = case.office.stamp(case.ago(385))
    service = CareService(ids.next("T"), person, stamp, MAIN, starts_on=case.ago(390))
    decision = Decision(ids.next("V"), person, stamp, ids.next("S"), applied_on=case.ago(420), decided_on=case.ago(400))
    service.decision_id = decision.decision_id
    decision.lines = [Line(service.service_id, MAIN, GRANTED, HOURS, starts_on=case.ago(390))]
    decision.appeals = [Appeal(case.ago(395), case.ago(380))]
    provider = case.office.providers["hjemmetjeneste"]
    service.providers = [
        ProviderPeriod(provider[0], case.ago(390), case.ago(201)),
        ProviderPeriod(provider[1], case.ago(200)),
    ]
    service.pauses = [Pause(ids.next("P"), case.ago(300), case.ago(290))]
    case.person.decisions, case.person.services = [decision], [service]


def _circumstances(case: Case) -> Circumstances:
    made = Circumstances(
        case.office.ids.next("O"), case.person.local_person_id, case.office.stamp(case.ago(385)), case.ago(391)
    )
    made.household, made.cares_for_children, made.suitable_dwelling, made.private_help = "1", "2", "1", "2"
    made.doctor_assessed_in = made.dentist_assessed_in = f"{case.ago(400):%Y-%m}"
    made.individual_plan, made.individual_plan_on = "1", case.ago(410)
    made.coordinator, made.coordinator_on = "1", case.ago(410)
    made.round_the_clock, made.habilitation, made.habilitation_on = "1", "1", case.ago(405)
    made.participation = [Participation("1", "1", "1"), Participation("2", "1", "1"), Participation("3", "2")]
    made.nutrition = [Nutrition("1", "1", case.ago(395)), Nutrition("2", "2"), Nutrition("3", "2")]
    return made


def _assess(case: Case) -> None:
    made = Assessment(
        case.office.ids.next("F"), case.person.local_person_id, case.office.stamp(case.ago(385)), case.ago(392)
    )
    made.scores = [Score(variable, "2" if variable in _SENSES else "3") for variable in _VARIABLES]
    case.person.assessments = [made]
