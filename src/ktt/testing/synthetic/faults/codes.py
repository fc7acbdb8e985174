"""Codes that are in no list. Reading a record system stops them, so they are planted in the canonical records."""

from __future__ import annotations

import datetime as dt

from ktt.testing.synthetic.faults.definitions import UNMAPPED, fault_of, field_fault
from ktt.testing.synthetic.faults.person_case import PersonCase
from ktt.testing.synthetic.municipality.model import Nutrition, Participation, Score

_SET, _NO_CODE = "circumstances", "7"  # 7 is in none of the short lists; the service types have no 99

for _rule, _field in {
    "KTT-KODE-05": "household",
    "KTT-KODE-06": "cares_for_children",
    "KTT-KODE-07": "suitable_dwelling",
    "KTT-KODE-08": "private_help",
    "KTT-KODE-09": "individual_plan",
    "KTT-KODE-10": "coordinator",
    "KTT-KODE-11": "medication_review",
    "KTT-KODE-12": "waiting_list",
    "KTT-KODE-13": "habilitation",
}.items():
    field_fault(_rule, _SET, {_field: _NO_CODE}, stopped_by=UNMAPPED)

field_fault("KTT-KODE-03", "line", {"outcome": _NO_CODE}, stopped_by=UNMAPPED)
field_fault("KTT-KODE-14", _SET, {"participation": [Participation(_NO_CODE, "2")]}, stopped_by=UNMAPPED)
field_fault("KTT-KODE-15", _SET, {"participation": [Participation("1", _NO_CODE)]}, stopped_by=UNMAPPED)
field_fault("KTT-KODE-16", _SET, {"nutrition": [Nutrition(_NO_CODE, "2")]}, stopped_by=UNMAPPED)
field_fault("KTT-KODE-17", _SET, {"nutrition": [Nutrition("1", _NO_CODE)]}, stopped_by=UNMAPPED)
field_fault("KTT-KODE-19", _SET, {"participation": [Participation("1", "1", _NO_CODE)]}, stopped_by=UNMAPPED)
field_fault("KTT-KODE-20", _SET, {"participation": [Participation("2", "1", _NO_CODE)]}, stopped_by=UNMAPPED)


@fault_of("KTT-KODE-01", stopped_by=UNMAPPED)
def _service_type(case: PersonCase) -> str:
    return case.second_service(10, "99").service_id


@fault_of("KTT-KODE-02", stopped_by=UNMAPPED)
def _decided_service_type(case: PersonCase) -> str:
    return case.refusal("99").decision_id


@fault_of("KTT-KODE-04", stopped_by=UNMAPPED)
def _rotating(case: PersonCase) -> str:
    decision = case.refusal("8")
    decision.lines[0].rotating = _NO_CODE
    return decision.decision_id


@fault_of("KTT-KODE-18", stopped_by=UNMAPPED)
def _variable(case: PersonCase) -> str:
    case.assessment.scores[0] = Score("99", "3")
    return case.assessment.assessment_id


@fault_of("KTT-KODE-21", stopped_by=UNMAPPED)
def _type_that_ended(case: PersonCase) -> str:
    return case.second_service(10, "16").service_id


@fault_of("KTT-KODE-22", stopped_by=UNMAPPED)
def _type_before_its_time(case: PersonCase) -> str:
    service = case.second_service(0, "27")
    service.starts_on = dt.date(2018, 12, 31)
    return service.service_id


@fault_of("KTT-KODE-23", stopped_by=UNMAPPED)
def _decided_after_its_end(case: PersonCase) -> str:
    return case.refusal("16").decision_id
