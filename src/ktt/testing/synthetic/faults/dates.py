"""Days outside the years that are received, and days to come."""

from __future__ import annotations

import datetime as dt

from ktt.testing.synthetic.faults.case import WAITS, Case
from ktt.testing.synthetic.faults.planter import UNREADABLE, plants, sets
from ktt.testing.synthetic.municipality.model import Pause

_TOO_EARLY = dt.date(2004, 6, 1)  # 2005 is the first year

sets("KTT-DATO-01", "decision", {"applied_on": _TOO_EARLY})
sets("KTT-DATO-02", "decision", {"decided_on": _TOO_EARLY}, also=("KTT-VEDTAK-02",))
sets("KTT-DATO-04", "appeal", {"received_on": _TOO_EARLY}, also=("KTT-KLAGE-01",))
sets("KTT-DATO-05", "circumstances", {"starts_on": _TOO_EARLY})
sets("KTT-DATO-06", "circumstances", {"medication_review": "2", "medication_review_on": _TOO_EARLY})
sets("KTT-DATO-08", "assessment", {"assessed_on": _TOO_EARLY})
sets("KTT-DATO-11", "line", {"starts_on": _TOO_EARLY})
sets("KTT-DIAGNOSE-07", "diagnosis", {"starts_on": lambda case: case.tomorrow()})


@plants("KTT-DATO-03")
def _service(case: Case) -> str:
    service = case.second_service(0)
    service.starts_on = _TOO_EARLY
    return service.service_id


@plants("KTT-DATO-07")
def _survey(case: Case) -> str:
    case.circumstances.nutrition[0].surveyed_on = _TOO_EARLY
    return case.circumstances.circumstances_id


@plants("KTT-DATO-09")
def _pause(case: Case) -> str:
    case.service.pauses = [Pause(case.pause.pause_id, _TOO_EARLY, case.pause.ends_on)]
    case.also("KTT-STOPP-02", case.service.service_id)  # no service is that old without breaking another rule
    return case.service.service_id


@plants("KTT-DATO-10", stopped_by=UNREADABLE)
def _ancient_diagnosis(case: Case) -> str:
    case.without_birthday()  # so that the diagnosis cannot be from before it
    case.diagnosis.starts_on = dt.date(1899, 12, 31)
    return case.diagnosis.diagnosis_id


@plants("KTT-DATO-12")
def _decided_tomorrow(case: Case) -> str:
    decision = case.refusal()
    decision.decided_on = case.tomorrow("KTT-DATO-02", decision.decision_id)
    return decision.decision_id


@plants("KTT-DATO-13")
def _applied_tomorrow(case: Case) -> str:
    decision = case.pending(-1)
    decision.applied_on = case.tomorrow("KTT-DATO-01", decision.decision_id)
    return decision.decision_id


@plants("KTT-KLAGE-06")
def _appealed_tomorrow(case: Case) -> str:
    case.appeal.received_on = case.tomorrow("KTT-DATO-04", case.decision.decision_id)
    case.appeal.answered_on = None
    case.also("KTT-KLAGE-07", case.decision.decision_id, first=case.ago(-1 - WAITS - 1))
    return case.decision.decision_id


@plants("KTT-FUNKSJON-06")
def _assessed_tomorrow(case: Case) -> str:
    case.assessment.assessed_on = case.tomorrow("KTT-DATO-08", case.assessment.assessment_id)
    return case.assessment.assessment_id


@plants("KTT-STOPP-06")
def _paused_tomorrow(case: Case) -> str:
    case.pause.starts_on = case.tomorrow("KTT-DATO-09", case.service.service_id)
    case.pause.ends_on = case.ago(-3)
    return case.service.service_id


@plants("KTT-TJENESTE-14")
def _begins_tomorrow(case: Case) -> str:
    service = case.second_service(0)
    service.starts_on = case.tomorrow("KTT-DATO-03", service.service_id)
    return service.service_id
