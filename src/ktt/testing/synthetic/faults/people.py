"""Persons: their numbers, births and deaths, and ids and homes that are not allowed."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import partial

from ktt.domain.places import UNKNOWN_MUNICIPALITY
from ktt.testing.synthetic.faults.definitions import MALFORMED, OTHER_NUMBER, REAL_PERSON, TWICE, fault_of, field_fault
from ktt.testing.synthetic.faults.person_case import PersonCase
from ktt.testing.synthetic.municipality.model import Person, Residence
from ktt.testing.synthetic.record_system.tables import RECORDS

_GONE = "1601"  # Trondheim until 2017
_WITH_NUMBER = "{}-{:011d}"  # eleven digits have the form of a number; it is nobody's, since no month is 00
_YOUNG = 1000  # days since the birth of a child; the fault is dated a hundred days before it

field_fault("KTT-PERSON-02", "person", {"person_number": None})
field_fault(
    "KTT-PERSON-03",
    "person",
    {"person_number": lambda case: case.municipality.numbers.emergency()},
    stopped_by=OTHER_NUMBER,
)
fault_of("KTT-PERSON-04", production=True)(lambda case: case.person.local_person_id)


@fault_of("KTT-PERSON-01", stopped_by=MALFORMED)
def _check_digit(case: PersonCase) -> str:
    number = str(case.person.person_number)
    case.person.person_number = number[:-1] + str((int(number[-1]) + 1) % 10)
    return case.person.local_person_id


def _only_a_refusal(case: PersonCase) -> None:
    """Leave nothing but a refused application, which is from before the birth day that the number tells."""
    person = case.person
    person.services, person.circumstances, person.assessments, person.diagnoses = [], [], [], []
    person.decisions = [case.refusal()]
    case.also("KTT-VEDTAK-13", case.decision.decision_id)


@fault_of("KTT-PERSON-05", stopped_by=REAL_PERSON)
def _not_synthetic(case: PersonCase) -> str:
    _only_a_refusal(case)
    case.person.person_number = case.municipality.numbers.not_yet_issued()
    return case.person.local_person_id


@fault_of("KTT-PERSON-06")
def _same_number(case: PersonCase) -> str:
    other = case.neighbour().person
    other.person_number = case.person.person_number
    case.also("KTT-PERSON-06", other.local_person_id)
    return case.person.local_person_id


@fault_of("KTT-PERSON-07", stopped_by=TWICE)
def _same_person_differing(case: PersonCase) -> str:
    born = case.person.born_on
    number = case.municipality.numbers.national(born, case.person.sex)
    case.others.append(Person(case.person.local_person_id, born, case.person.sex, number))
    return case.person.local_person_id


@fault_of("KTT-PERSON-08")
def _dies_tomorrow(case: PersonCase) -> str:
    case.dies(case.tomorrow())
    return case.person.local_person_id


@fault_of("KTT-PERSON-09")
def _died_before_birth(case: PersonCase) -> str:
    case.born(_YOUNG)
    _only_a_refusal(case)
    case.decision.applied_on, case.decision.decided_on = case.ago(_YOUNG + 200), case.ago(_YOUNG + 150)
    case.person.died_on = case.ago(_YOUNG + 100)
    return case.person.local_person_id


@fault_of("KTT-PERSON-10")
def _very_old(case: PersonCase) -> str:
    case.born(117 * 366)  # or a year later
    return case.person.local_person_id


@fault_of("KTT-PERSON-11", stopped_by=MALFORMED)
def _implausible_duf(case: PersonCase) -> str:
    case.person.person_number = case.municipality.numbers.duf(1023)
    return case.person.local_person_id


@fault_of("KTT-VEDTAK-13")
def _applied_unborn(case: PersonCase) -> str:
    case.born(_YOUNG)
    case.decision.applied_on = case.ago(_YOUNG + 100)
    return case.decision.decision_id


@fault_of("KTT-TJENESTE-06")
def _served_unborn(case: PersonCase) -> str:
    case.born(_YOUNG)
    return case.second_service(_YOUNG + 100).service_id


@fault_of("KTT-PERSONOPPL-11")
def _circumstances_unborn(case: PersonCase) -> str:
    case.born(_YOUNG)
    case.circumstances.starts_on = case.ago(_YOUNG + 100)
    return case.circumstances.circumstances_id


@fault_of("KTT-FUNKSJON-07")
def _assessed_unborn(case: PersonCase) -> str:
    case.born(_YOUNG)
    case.assessment.assessed_on = case.ago(_YOUNG + 100)
    return case.assessment.assessment_id


@fault_of("KTT-DIAGNOSE-06")
def _ill_unborn(case: PersonCase) -> str:
    case.born(_YOUNG)
    case.diagnosis.starts_on = case.ago(_YOUNG + 100)
    return case.diagnosis.diagnosis_id


_DIED = 10  # days ago


@fault_of("KTT-DOD-01")
def _service_open(case: PersonCase) -> str:
    case.dies(case.ago(_DIED))
    case.service.ends_on = None
    return case.service.service_id


@fault_of("KTT-DOD-02")
def _circumstances_open(case: PersonCase) -> str:
    case.dies(case.ago(_DIED))
    case.circumstances.ends_on = None
    return case.circumstances.circumstances_id


@fault_of("KTT-DOD-03")
def _diagnosis_open(case: PersonCase) -> str:
    case.dies(case.ago(_DIED))
    case.diagnosis.ends_on = None
    return case.diagnosis.diagnosis_id


@fault_of("KTT-DOD-04")
def _service_after(case: PersonCase) -> str:
    case.dies(case.ago(_DIED))
    service = case.second_service(_DIED - 1)
    service.ends_on = service.starts_on
    case.also("KTT-DOD-01", service.service_id)
    return service.service_id


@fault_of("KTT-DOD-05")
def _assessed_after(case: PersonCase) -> str:
    case.dies(case.ago(_DIED))
    case.assessment.assessed_on = case.ago(_DIED - 1)
    return case.assessment.assessment_id


@fault_of("KTT-DOD-06")
def _applied_after(case: PersonCase) -> str:
    case.dies(case.ago(_DIED))
    return case.pending(_DIED - 1).decision_id


@fault_of("KTT-DOD-07")
def _decided_after(case: PersonCase) -> str:
    case.dies(case.ago(_DIED))
    return case.refusal(decided=_DIED - 1).decision_id


@fault_of("KTT-DOD-08")
def _circumstances_after(case: PersonCase) -> str:
    case.dies(case.ago(_DIED))
    later = case.second_circumstances(_DIED - 1)
    later.ends_on = later.starts_on
    case.also("KTT-DOD-02", later.circumstances_id)
    return later.circumstances_id


@fault_of("KTT-DOD-09")
def _ill_after(case: PersonCase) -> str:
    case.dies(case.ago(_DIED))
    case.diagnosis.starts_on = case.diagnosis.ends_on = case.ago(_DIED - 1)
    case.also("KTT-DOD-03", case.diagnosis.diagnosis_id)
    return case.diagnosis.diagnosis_id


def _elsewhere_on(case: PersonCase, day: dt.date | None, local_id: str, municipality: str = _GONE) -> str:
    """Let the person live for one day in a municipality that no longer exists, or in another one."""
    assert day is not None  # the template has all its days
    (home,) = case.person.residences
    after = replace(home, starts_on=day + dt.timedelta(1))
    home.ends_on = day - dt.timedelta(1)
    case.person.residences += [Residence(day, municipality, ends_on=day), after]
    return local_id


@fault_of("KTT-BOSTED-01")
def _home_of_decision(case: PersonCase) -> str:
    return _elsewhere_on(case, case.decision.decided_on, case.decision.decision_id)


@fault_of("KTT-BOSTED-02")
def _home_of_service(case: PersonCase) -> str:
    return _elsewhere_on(case, case.service.starts_on, case.service.service_id)


@fault_of("KTT-BOSTED-03")
def _home_of_circumstances(case: PersonCase) -> str:
    return _elsewhere_on(case, case.circumstances.starts_on, case.circumstances.circumstances_id)


@fault_of("KTT-BOSTED-04")
def _home_of_assessment(case: PersonCase) -> str:
    return _elsewhere_on(case, case.assessment.assessed_on, case.assessment.assessment_id)


@fault_of("KTT-BOSTED-05")
def _home_of_diagnosis(case: PersonCase) -> str:
    return _elsewhere_on(case, case.diagnosis.starts_on, case.diagnosis.diagnosis_id)


def _home_unknown(case: PersonCase, record: str, day: str) -> str:
    found = getattr(case, record)
    return _elsewhere_on(case, getattr(found, day), str(getattr(found, f"{record}_id")), UNKNOWN_MUNICIPALITY)


for _rule, _record, _day in (
    ("KTT-BOSTED-06", "decision", "decided_on"),
    ("KTT-BOSTED-07", "service", "starts_on"),
    ("KTT-BOSTED-08", "circumstances", "starts_on"),
    ("KTT-BOSTED-09", "assessment", "assessed_on"),
    ("KTT-BOSTED-10", "diagnosis", "starts_on"),
):
    fault_of(_rule)(partial(_home_unknown, record=_record, day=_day))


@fault_of("KTT-ID-01")
def _person_id(case: PersonCase) -> str:
    local = f"1{int(case.person.local_person_id):010d}"
    case.person.local_person_id = local
    for table in RECORDS:
        for record in getattr(case.person, table.attribute):
            record.local_person_id = local
    return local


@fault_of("KTT-ID-02")
def _decision_id(case: PersonCase) -> str:
    case.decision.decision_id = case.service.decision_id = _numbered(case.decision.decision_id)
    case.also("KTT-ID-10", case.service.service_id)
    return case.decision.decision_id


@fault_of("KTT-ID-03")
def _service_id(case: PersonCase) -> str:
    case.service.service_id = case.line.service_id = _numbered(case.service.service_id)
    case.also("KTT-ID-09", case.decision.decision_id)
    return case.service.service_id


@fault_of("KTT-ID-04")
def _circumstances_id(case: PersonCase) -> str:
    case.circumstances.circumstances_id = _numbered(case.circumstances.circumstances_id)
    return case.circumstances.circumstances_id


@fault_of("KTT-ID-05")
def _assessment_id(case: PersonCase) -> str:
    case.assessment.assessment_id = _numbered(case.assessment.assessment_id)
    return case.assessment.assessment_id


@fault_of("KTT-ID-06")
def _diagnosis_id(case: PersonCase) -> str:
    case.diagnosis.diagnosis_id = _numbered(case.diagnosis.diagnosis_id)
    return case.diagnosis.diagnosis_id


@fault_of("KTT-ID-07")
def _original_decision_id(case: PersonCase) -> str:
    decision = case.refusal()
    decision.decision_number, decision.original_decision_id = 2, _numbered(case.municipality.ids.next("V"))
    return decision.decision_id


@fault_of("KTT-ID-08")
def _case_id(case: PersonCase) -> str:
    case.decision.case_id = _numbered(case.decision.case_id)
    return case.decision.decision_id


@fault_of("KTT-ID-09")
def _service_id_in_decision(case: PersonCase) -> str:
    decision = case.refusal()
    decision.lines[0].service_id = _numbered(decision.lines[0].service_id)
    return decision.decision_id


@fault_of("KTT-ID-10")
def _decision_id_of_service(case: PersonCase) -> str:
    service = case.second_service(10)
    service.decision_id = _numbered(case.municipality.ids.next("V"))
    case.also("KTT-TJENESTE-03", service.service_id)
    return service.service_id


@fault_of("KTT-ID-11")
def _pause_id(case: PersonCase) -> str:
    case.pause.pause_id = _numbered(case.pause.pause_id)
    return case.service.service_id


def _numbered(local_id: str) -> str:
    letter, number = local_id.split("-")
    return _WITH_NUMBER.format(letter, int(number))
