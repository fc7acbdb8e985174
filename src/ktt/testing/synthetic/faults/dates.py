"""Days outside the years that are received, and days to come."""

from __future__ import annotations

import datetime as dt

from ktt.testing.synthetic.faults.definitions import UNREADABLE, fault_of, field_fault
from ktt.testing.synthetic.faults.person_case import WAITS, PersonCase
from ktt.testing.synthetic.municipality.model import Pause

_NEVER = dt.date(2150, 12, 31)  # reading the database stops what is later than 2200
_TOO_EARLY = dt.date(2004, 6, 1)  # 2005 is the first year

field_fault("KTT-DATO-01", "decision", {"applied_on": _TOO_EARLY})
field_fault("KTT-DATO-02", "decision", {"decided_on": _TOO_EARLY}, also=("KTT-VEDTAK-02",))
field_fault("KTT-DATO-04", "appeal", {"received_on": _TOO_EARLY}, also=("KTT-KLAGE-01",))
field_fault("KTT-DATO-05", "circumstances", {"starts_on": _TOO_EARLY})
field_fault("KTT-DATO-06", "circumstances", {"medication_review": "2", "medication_review_on": _TOO_EARLY})
field_fault("KTT-DATO-08", "assessment", {"assessed_on": _TOO_EARLY})
field_fault("KTT-DATO-11", "line", {"starts_on": _TOO_EARLY})
for _number, _record in enumerate(("decision", "service", "circumstances", "assessment", "diagnosis"), 14):
    field_fault(f"KTT-DATO-{_number}", _record, {"recorded_at": dt.datetime(2150, 6, 1, 12)})  # noqa: DTZ001 (local time)
field_fault("KTT-DATO-19", "line", {"ends_on": _NEVER})
field_fault("KTT-DATO-22", "pause", {"ends_on": _NEVER})
field_fault("KTT-DATO-23", "circumstances", {"ends_on": _NEVER})
field_fault("KTT-DATO-24", "diagnosis", {"ends_on": _NEVER})
field_fault("KTT-DATO-25", "circumstances", {"waiting_list_to": _NEVER})
field_fault("KTT-DATO-26", "appeal", {"answered_on": _NEVER})
field_fault("KTT-DIAGNOSE-07", "diagnosis", {"starts_on": lambda case: case.tomorrow()})


@fault_of("KTT-DATO-03")
def _service(case: PersonCase) -> str:
    service = case.second_service(0)
    service.starts_on = _TOO_EARLY
    return service.service_id


@fault_of("KTT-DATO-07")
def _survey(case: PersonCase) -> str:
    case.circumstances.nutrition[0].surveyed_on = _TOO_EARLY
    return case.circumstances.circumstances_id


@fault_of("KTT-DATO-09")
def _pause(case: PersonCase) -> str:
    case.service.pauses = [Pause(case.pause.pause_id, _TOO_EARLY, case.pause.ends_on)]
    case.also("KTT-STOPP-02", case.service.service_id)  # no service is that old without breaking another rule
    return case.service.service_id


@fault_of("KTT-DATO-10", stopped_by=UNREADABLE)
def _ancient_diagnosis(case: PersonCase) -> str:
    case.without_birthday()  # so that the diagnosis cannot be from before it
    case.diagnosis.starts_on = dt.date(1899, 12, 31)
    return case.diagnosis.diagnosis_id


@fault_of("KTT-DATO-12")
def _decided_tomorrow(case: PersonCase) -> str:
    decision = case.refusal()
    decision.decided_on = case.tomorrow("KTT-DATO-02", decision.decision_id)
    return decision.decision_id


@fault_of("KTT-DATO-13")
def _applied_tomorrow(case: PersonCase) -> str:
    decision = case.pending(-1)
    decision.applied_on = case.tomorrow("KTT-DATO-01", decision.decision_id)
    return decision.decision_id


@fault_of("KTT-DATO-20")
def _service_never_ends(case: PersonCase) -> str:
    service = case.second_service(10)
    service.ends_on = _NEVER
    return service.service_id


@fault_of("KTT-DATO-21")
def _provider_never_ends(case: PersonCase) -> str:
    case.service.providers[-1].ends_on = _NEVER
    return case.service.service_id


@fault_of("KTT-KLAGE-06")
def _appealed_tomorrow(case: PersonCase) -> str:
    case.appeal.received_on = case.tomorrow("KTT-DATO-04", case.decision.decision_id)
    case.appeal.answered_on = None
    case.also("KTT-KLAGE-07", case.decision.decision_id, first=case.ago(-1 - WAITS - 1))
    return case.decision.decision_id


@fault_of("KTT-FUNKSJON-06")
def _assessed_tomorrow(case: PersonCase) -> str:
    case.assessment.assessed_on = case.tomorrow("KTT-DATO-08", case.assessment.assessment_id)
    return case.assessment.assessment_id


@fault_of("KTT-STOPP-06")
def _paused_tomorrow(case: PersonCase) -> str:
    case.pause.starts_on = case.tomorrow("KTT-DATO-09", case.service.service_id)
    case.pause.ends_on = case.ago(-3)
    return case.service.service_id


@fault_of("KTT-TJENESTE-14")
def _begins_tomorrow(case: PersonCase) -> str:
    service = case.second_service(0)
    service.starts_on = case.tomorrow("KTT-DATO-03", service.service_id)
    return service.service_id
