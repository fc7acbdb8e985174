"""Services, their providers and pauses."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from ktt.testing.synthetic.faults.definitions import TWICE, UNMAPPED, days_ago, fault_of, field_fault
from ktt.testing.synthetic.faults.person_case import OTHER, PersonCase
from ktt.testing.synthetic.municipality.model import Pause, ProviderPeriod

_OPENED = 1200  # days ago, so that hundreds of periods fit into the service

field_fault("KTT-STOPP-01", "pause", {"ends_on": days_ago(301)})
field_fault("KTT-STOPP-02", "pause", {"starts_on": days_ago(391)})
field_fault("KTT-STOPP-05", "pause", {"starts_on": days_ago(380), "ends_on": None})
field_fault("KTT-TJENESTE-03", "service", {"decision_id": "V-0"})
field_fault("KTT-TJENESTE-12", "service", {"providers": []})
field_fault("KTT-UTFORER-03", "provider", {"ends_on": days_ago(200)})
field_fault("KTT-UTFORER-04", "provider", {"ends_on": days_ago(202)})
field_fault("KTT-UTFORER-05", "provider", {"starts_on": days_ago(391)})


@fault_of("KTT-TJENESTE-01")
def _ends_first(case: PersonCase) -> str:
    service = case.second_service(100)
    service.ends_on = case.ago(101)
    return service.service_id


@fault_of("KTT-TJENESTE-02")
def _without_decision(case: PersonCase) -> str:
    service = case.second_service(10, "1")
    service.providers = [ProviderPeriod(case.provider.provider, case.ago(10))]
    return service.service_id


@fault_of("KTT-TJENESTE-04")
def _decision_of_somebody_else(case: PersonCase) -> str:
    service, other = case.granted("5"), case.neighbour()
    mine = case.person.decisions.pop()
    mine.local_person_id = other.person.local_person_id
    other.person.decisions.append(mine)
    return service.service_id


@fault_of("KTT-TJENESTE-05")
def _started_too_soon(case: PersonCase) -> str:
    service = case.granted("5", provider=False)
    service.starts_on = case.ago(21)  # decided 20 days ago
    return service.service_id


@fault_of("KTT-TJENESTE-07", stopped_by=TWICE)
def _twice(case: PersonCase) -> str:
    first = case.second_service(100)
    first.ends_on = case.ago(90)
    case.person.services.append(replace(first, starts_on=case.ago(80), ends_on=None))
    return first.service_id


@fault_of("KTT-TJENESTE-08")
def _two_of_a_kind(case: PersonCase) -> str:
    case.second_service(100)
    return case.second_service(50).service_id


@fault_of("KTT-TJENESTE-09")
def _at_home_and_away(case: PersonCase) -> str:
    case.granted("21")
    return case.service.service_id


@fault_of("KTT-TJENESTE-10")
def _never_assessed(case: PersonCase) -> str:
    case.person.assessments = []
    return case.service.service_id


@fault_of("KTT-TJENESTE-11", stopped_by=UNMAPPED)
def _coercion(case: PersonCase) -> str:
    service = case.second_service(10, "14")
    case.also("KTT-TJENESTE-02", service.service_id)  # the type asked for a decision
    return service.service_id


@fault_of("KTT-TJENESTE-13")
def _housing_with_provider(case: PersonCase) -> str:
    return case.granted("29").service_id


@fault_of("KTT-TJENESTE-16")
def _not_in_the_decision(case: PersonCase) -> str:
    service = case.second_service(10, "5")
    service.decision_id = case.decision.decision_id
    return service.service_id


@fault_of("KTT-UTFORER-01")
def _provider_check_digit(case: PersonCase) -> str:
    number = case.provider.provider
    case.provider.provider = number[:-1] + str((int(number[-1]) + 1) % 10)
    return case.service.service_id


@fault_of("KTT-UTFORER-02")
def _provider_ends_first(case: PersonCase) -> str:
    case.service.providers = [ProviderPeriod(case.provider.provider, case.ago(300), case.ago(301))]
    return case.service.service_id


@fault_of("KTT-UTFORER-06", production=True)
def _test_provider(case: PersonCase) -> str:
    case.also("KTT-UTFORER-06", case.service.service_id)  # both periods
    return case.service.service_id


@fault_of("KTT-UTFORER-07")
def _too_many_providers(case: PersonCase) -> str:
    service = case.second_service(_OPENED)
    days = [case.ago(_OPENED - n) for n in range(201)]  # at most 200
    service.providers = [ProviderPeriod(case.provider.provider, day, day) for day in days]
    case.also("KTT-UTFORER-07", service.service_id, times=200)  # each of them gives a finding
    return service.service_id


@fault_of("KTT-STOPP-03")
def _pauses_overlap(case: PersonCase) -> str:
    case.service.pauses.append(Pause(case.municipality.ids.next("P"), case.ago(290), case.ago(280)))
    return case.service.service_id


@fault_of("KTT-STOPP-04", stopped_by=TWICE)
def _same_pause_twice(case: PersonCase) -> str:
    case.service.pauses.append(replace(case.pause, starts_on=case.ago(200), ends_on=case.ago(190)))
    return case.service.service_id


@fault_of("KTT-STOPP-07")
def _too_many_pauses(case: PersonCase) -> str:
    service = case.second_service(_OPENED, OTHER)
    days = [case.ago(_OPENED) + dt.timedelta(2 * n) for n in range(501)]  # at most 500
    service.pauses = [Pause(case.municipality.ids.next("P"), day, day) for day in days]
    case.also("KTT-STOPP-07", service.service_id, times=500)  # each of them gives a finding
    return service.service_id
