"""Assessments and diagnoses."""

from __future__ import annotations

from dataclasses import replace

from ktt.testing.synthetic.faults.definitions import TWICE, UNMAPPED, days_ago, fault_of, field_fault
from ktt.testing.synthetic.faults.person_case import PersonCase
from ktt.testing.synthetic.municipality.model import Score

field_fault("KTT-FUNKSJON-03", "assessment", {"scores": []})
field_fault("KTT-DIAGNOSE-01", "diagnosis", {"ends_on": days_ago(501)})
field_fault("KTT-DIAGNOSE-02", "diagnosis", {"code_system": "ICD-9"}, stopped_by=UNMAPPED)
field_fault("KTT-DIAGNOSE-03", "diagnosis", {"code": "P7"})
field_fault("KTT-DIAGNOSE-04", "diagnosis", {"code_system": "ICD-10", "code": "F00.1"})


@fault_of("KTT-FUNKSJON-01")
def _two_on_a_day(case: PersonCase) -> str:
    second = replace(case.assessment, assessment_id=case.municipality.ids.next("F"))
    case.person.assessments.append(second)
    case.also("KTT-FUNKSJON-01", second.assessment_id)
    return case.assessment.assessment_id


@fault_of("KTT-FUNKSJON-02", stopped_by=TWICE)
def _twice(case: PersonCase) -> str:
    case.person.assessments.append(replace(case.assessment, assessed_on=case.ago(100), scores=[]))
    return case.assessment.assessment_id


@fault_of("KTT-FUNKSJON-04")
def _variable_missing(case: PersonCase) -> str:
    case.assessment.scores.pop()
    return case.assessment.assessment_id


@fault_of("KTT-FUNKSJON-05")
def _needs_nothing(case: PersonCase) -> str:
    case.assessment.scores = [replace(score, score="1") for score in case.assessment.scores]
    return case.assessment.assessment_id


@fault_of("KTT-FUNKSJON-08", stopped_by=TWICE)
def _variable_twice(case: PersonCase) -> str:
    case.assessment.scores.append(case.assessment.scores[0])
    return case.assessment.assessment_id


@fault_of("KTT-FUNKSJON-12")
def _nothing_relevant(case: PersonCase) -> str:
    case.assessment.scores = [replace(score, score="9") for score in case.assessment.scores]
    case.also("KTT-FUNKSJON-05", case.assessment.assessment_id)
    case.also("KTT-FUNKSJON-12", case.assessment.assessment_id, times=17)  # each of the 18 scores gives a finding
    return case.assessment.assessment_id


def _score(rule: str, variable: int, value: str) -> None:
    def plant(case: PersonCase) -> str:
        case.assessment.scores[variable - 1] = Score(str(variable), value)
        return case.assessment.assessment_id

    fault_of(rule, stopped_by=UNMAPPED)(plant)


_score("KTT-FUNKSJON-09", 1, "6")
_score("KTT-FUNKSJON-10", 13, "7")
_score("KTT-FUNKSJON-11", 14, "8")


@fault_of("KTT-DIAGNOSE-05", stopped_by=TWICE)
def _diagnosis_twice(case: PersonCase) -> str:
    case.person.diagnoses.append(replace(case.diagnosis, code="P71"))
    return case.diagnosis.diagnosis_id


@fault_of("KTT-DIAGNOSE-08")
def _same_diagnosis_again(case: PersonCase) -> str:
    again = replace(case.diagnosis, diagnosis_id=case.municipality.ids.next("D"))
    case.person.diagnoses.append(again)
    case.also("KTT-DIAGNOSE-08", again.diagnosis_id)
    return case.diagnosis.diagnosis_id
