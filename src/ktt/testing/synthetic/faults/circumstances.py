"""Sets of circumstances, participation and nutrition."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from ktt.testing.synthetic.faults.definitions import TWICE, UNREADABLE, days_ago, fault_of, field_fault
from ktt.testing.synthetic.faults.person_case import PersonCase
from ktt.testing.synthetic.municipality.model import Nutrition, Participation

_LATE = days_ago(380)  # the set was registered 385 days ago
_SET = "circumstances"


def _coming_month(case: PersonCase) -> str:
    month = case.ago(-40).replace(day=1)
    case.until = month - dt.timedelta(1)
    return f"{month:%Y-%m}"


def _month_of_long_ago(case: PersonCase) -> str:
    return f"{case.ago(391 + 400):%Y-%m}"  # the set is from 391 days ago


for _rule, _month in (("LEGE", "doctor_assessed_in"), ("TANN", "dentist_assessed_in")):
    field_fault(f"KTT-{_rule}-01", _SET, {_month: "2024-13"}, stopped_by=UNREADABLE)
    field_fault(f"KTT-{_rule}-02", _SET, {_month: _coming_month})
    field_fault(f"KTT-{_rule}-03", _SET, {_month: _month_of_long_ago})

field_fault("KTT-PERSONOPPL-01", _SET, {"ends_on": days_ago(392)})
field_fault("KTT-PERSONOPPL-04", _SET, {"round_the_clock": "2"})
field_fault("KTT-PERSONOPPL-05", _SET, {"medication_review": "1", "medication_review_on": days_ago(395)})
field_fault("KTT-PERSONOPPL-06", _SET, {"medication_review": "1"}, also=("KTT-PERSONOPPL-05",))
field_fault(
    "KTT-PERSONOPPL-07",
    _SET,
    {"waiting_list": "2", "waiting_list_from": days_ago(400), "waiting_list_to": days_ago(401)},
)
field_fault(
    "KTT-PERSONOPPL-08",
    _SET,
    {"waiting_list": "1", "waiting_list_from": days_ago(400), "waiting_list_to": days_ago(395)},
)
field_fault("KTT-PERSONOPPL-09", _SET, {"waiting_list": "1"})
field_fault("KTT-PERSONOPPL-10", _SET, {"coordinator": "2"})
field_fault("KTT-PERSONOPPL-12", _SET, {"household": "3"})
field_fault("KTT-PERSONOPPL-13", _SET, {"individual_plan": None})
field_fault("KTT-PERSONOPPL-14", _SET, {"coordinator": None})
field_fault("KTT-PERSONOPPL-15", _SET, {"medication_review_on": days_ago(395)})
field_fault("KTT-PERSONOPPL-16", _SET, {"waiting_list_from": days_ago(400)})
field_fault("KTT-PERSONOPPL-17", _SET, {"habilitation": None})
field_fault("KTT-PERSONOPPL-18", _SET, {"medication_review": "2", "medication_review_on": _LATE})
field_fault("KTT-PERSONOPPL-19", _SET, {"individual_plan_on": _LATE})
field_fault("KTT-PERSONOPPL-20", _SET, {"coordinator_on": _LATE})

field_fault("KTT-DELTAKELSE-01", _SET, {"participation": [Participation("1", "2", "1")]})
field_fault("KTT-DELTAKELSE-02", _SET, {"participation": [Participation("1", "1")]})
field_fault(
    "KTT-DELTAKELSE-03",
    _SET,
    {"participation": [Participation("1", "1", "1"), Participation("1", "2")]},
    stopped_by=TWICE,
)
field_fault("KTT-ERNAERING-01", _SET, {"nutrition": [Nutrition("1", "2"), Nutrition("1", "2")]}, stopped_by=TWICE)


@fault_of("KTT-ERNAERING-02")
def _risk_not_surveyed(case: PersonCase) -> str:
    survey, risk, _ = case.circumstances.nutrition
    survey.result, risk.result, risk.surveyed_on = "2", "1", survey.surveyed_on
    return case.circumstances.circumstances_id


@fault_of("KTT-ERNAERING-03")
def _survey_undated(case: PersonCase) -> str:
    case.circumstances.nutrition[0].surveyed_on = None
    return case.circumstances.circumstances_id


@fault_of("KTT-ERNAERING-04")
def _survey_after_registration(case: PersonCase) -> str:
    case.circumstances.nutrition[0].surveyed_on = case.ago(380)
    return case.circumstances.circumstances_id


@fault_of("KTT-PERSONOPPL-02")
def _two_sets_at_once(case: PersonCase) -> str:
    later = case.second_circumstances(100)
    case.circumstances.ends_on = None
    return later.circumstances_id


@fault_of("KTT-PERSONOPPL-03", stopped_by=TWICE)
def _twice(case: PersonCase) -> str:
    first = case.circumstances
    first.ends_on = case.ago(101)
    again = replace(first, starts_on=case.ago(100), ends_on=None, participation=[], nutrition=[])
    case.person.circumstances.append(again)
    return first.circumstances_id
