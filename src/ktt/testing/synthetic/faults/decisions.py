"""Decisions, their lines and appeals."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

from ktt.testing.synthetic.faults.definitions import MISSING, TWICE, days_ago, fault_of, field_fault
from ktt.testing.synthetic.faults.person_case import BEGINS, HOURS, OTHER, REFUSED, WAITS, PersonCase
from ktt.testing.synthetic.municipality.model import Appeal, Line

field_fault(
    "KTT-VEDTAK-05",
    "decision",
    {"decision_number": 1000, "original_decision_id": lambda case: case.municipality.ids.next("V")},
)
field_fault("KTT-VEDTAK-08", "decision", {"applied_on": None})
field_fault("KTT-LINJE-01", "line", {"outcome": None})
field_fault("KTT-LINJE-03", "line", {"hours_per_week": None})
field_fault("KTT-LINJE-05", "line", {"rotating": "1"})
field_fault("KTT-LINJE-06", "line", {"ends_on": days_ago(391)})
field_fault("KTT-LINJE-09", "line", {"service_type": "1"})
field_fault("KTT-OMFANG-01", "line", {"hours_per_week": Decimal("168.01")})
field_fault("KTT-OMFANG-02", "line", {"hours_per_week": Decimal("0.00")})
field_fault("KTT-OMFANG-03", "line", {"staff_hours_per_week": Decimal("4.99")})
field_fault("KTT-OMFANG-04", "line", {"staff_hours_per_week": Decimal("999.01")})
field_fault("KTT-KLAGE-01", "appeal", {"received_on": days_ago(401)})
field_fault("KTT-KLAGE-02", "appeal", {"answered_on": days_ago(396)})
field_fault("KTT-KLAGE-03", "appeal", {"received_on": None}, stopped_by=MISSING)
field_fault("KTT-KLAGE-07", "appeal", {"answered_on": None})


@fault_of("KTT-VEDTAK-01", stopped_by=MISSING)
def _undated(case: PersonCase) -> str:
    decision = case.pending()
    decision.applied_on = None
    case.also("KTT-VEDTAK-08", decision.decision_id)  # the service asks for an application
    return decision.decision_id


@fault_of("KTT-VEDTAK-02")
def _decided_before_application(case: PersonCase) -> str:
    return case.refusal(decided=31).decision_id


@fault_of("KTT-VEDTAK-03")
def _extension_of_nothing(case: PersonCase) -> str:
    decision = case.refusal()
    decision.decision_number = 2
    return decision.decision_id


@fault_of("KTT-VEDTAK-04")
def _extension_of_itself(case: PersonCase) -> str:
    decision = case.refusal()
    decision.decision_number, decision.original_decision_id = 2, decision.decision_id
    return decision.decision_id


@fault_of("KTT-VEDTAK-06")
def _about_nothing(case: PersonCase) -> str:
    decision = case.refusal()
    decision.lines = []
    return decision.decision_id


@fault_of("KTT-VEDTAK-07")
def _about_too_much(case: PersonCase) -> str:
    decision = case.refusal()
    more = (case.municipality.ids.next("T") for _ in range(50))  # at most 50 in all
    decision.lines += [replace(decision.lines[0], service_id=service_id) for service_id in more]
    return decision.decision_id


@fault_of("KTT-VEDTAK-09")
def _outcome_without_decision(case: PersonCase) -> str:
    return _outcome_of_pending(case, "KTT-LINJE-02")


@fault_of("KTT-LINJE-02")
def _decision_without_date(case: PersonCase) -> str:
    return _outcome_of_pending(case, "KTT-VEDTAK-09")


def _outcome_of_pending(case: PersonCase, also: str) -> str:
    # The fault breaks two rules: one on the decision, one on its line.
    decision = case.pending()
    decision.lines[0].outcome = REFUSED
    case.also(also, decision.decision_id)
    return decision.decision_id


@fault_of("KTT-VEDTAK-10")
def _waits_too_long(case: PersonCase) -> str:
    return case.pending(WAITS + 1).decision_id


@fault_of("KTT-VEDTAK-11", stopped_by=TWICE)
def _twice(case: PersonCase) -> str:
    case.person.decisions.append(replace(case.decision, lines=[], appeals=[]))
    return case.decision.decision_id


@fault_of("KTT-VEDTAK-12")
def _same_extension_twice(case: PersonCase) -> str:
    first, second = case.refusal(), case.refusal()
    for each in (first, second):
        each.decision_number, each.original_decision_id = 2, case.decision.decision_id
    case.also("KTT-VEDTAK-12", second.decision_id)
    return first.decision_id


@fault_of("KTT-LINJE-04")
def _not_told_if_rotating(case: PersonCase) -> str:
    return str(case.granted("8").decision_id)


@fault_of("KTT-LINJE-07")
def _refused_with_period(case: PersonCase) -> str:
    decision = case.refusal()
    decision.lines[0].starts_on = case.ago(10)
    return decision.decision_id


def _refuse(line: Line) -> None:
    line.outcome, line.hours_per_week, line.starts_on = REFUSED, None, None


@fault_of("KTT-LINJE-08")
def _refused_but_started(case: PersonCase) -> str:
    _refuse(case.line)
    case.also("KTT-TJENESTE-15", case.service.service_id)
    return case.decision.decision_id


@fault_of("KTT-TJENESTE-15")
def _started_but_refused(case: PersonCase) -> str:
    _refuse(case.line)
    case.also("KTT-LINJE-08", case.decision.decision_id)
    return case.service.service_id


@fault_of("KTT-LINJE-10", stopped_by=TWICE)
def _same_service_twice(case: PersonCase) -> str:
    case.decision.lines.append(replace(case.line))
    return case.decision.decision_id


@fault_of("KTT-LINJE-11")
def _needs_no_decision(case: PersonCase) -> str:
    return case.refusal(OTHER).decision_id


@fault_of("KTT-LINJE-12")
def _granted_and_not_begun(case: PersonCase) -> str:
    return case.grant(decided=BEGINS + 1).decision_id


@fault_of("KTT-OMFANG-05")
def _refused_with_hours(case: PersonCase) -> str:
    decision = case.refusal()
    decision.lines[0].hours_per_week = HOURS
    return decision.decision_id


@fault_of("KTT-OMFANG-06")
def _more_than_two_weeks(case: PersonCase) -> str:
    decision = case.grant(lines=3)
    for line in decision.lines:
        line.hours_per_week = Decimal("113.00")
    case.also("KTT-OMFANG-06", decision.decision_id, times=2)  # each of the three gives a finding
    return decision.decision_id


@fault_of("KTT-KLAGE-04")
def _appeal_too_soon(case: PersonCase) -> str:
    decision = case.pending()
    decision.appeals = [Appeal(case.ago(10), case.ago(5))]
    return decision.decision_id


@fault_of("KTT-KLAGE-05")
def _too_many_appeals(case: PersonCase) -> str:
    days = [case.appeal.received_on + dt.timedelta(n) for n in range(21)]  # at most 20
    case.decision.appeals = [Appeal(day, day) for day in days]
    case.also("KTT-KLAGE-05", case.decision.decision_id, times=20)  # each of them gives a finding
    return case.decision.decision_id
