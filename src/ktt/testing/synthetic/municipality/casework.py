"""What a caseworker registers: applications, decisions, services, pauses. Each function keeps to domain § 7.10.

`today` is the day of registration; every other day says when something holds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal

from ktt.testing.synthetic.municipality.model import Appeal, CareService, Decision, Line, Pause, Person, ProviderPeriod
from ktt.testing.synthetic.municipality.municipality import OPENING, Municipality
from ktt.testing.synthetic.municipality.status import need_of

REFUSED, GRANTED = "1", "2"
_DAY = dt.timedelta(1)
QUARTER = Decimal("0.25")
"""Hours are granted in quarters."""
_HOME_WEIGHT = {"15": 1.0, "1": 0.8, "2": 1.2, "3": 4.0}
_HOME_MOST = 100.0  # hours a week in one service; the law's own limit is 168


def open_case(
    municipality: Municipality, person: Person, types: Iterable[str], applied_on: dt.date, today: dt.date
) -> Decision:
    """Register an application for services of these types; the decision is pending."""
    ids = municipality.ids
    decision = Decision(
        ids.next("V"), person.local_person_id, municipality.stamp(today), case_id=ids.next("S"), applied_on=applied_on
    )
    decision.lines = [new_line(municipality, code) for code in types]
    person.decisions.append(decision)
    return decision


def new_line(municipality: Municipality, code: str, outcome: str | None = None) -> Line:
    """A line for a service that is applied for. Respite in institution also says whether it rotates."""
    rotating = municipality.rng.choice("12") if municipality.services[code].rotating else None
    return Line(municipality.ids.next("T"), code, outcome, rotating=rotating)


def refuse(municipality: Municipality, decision: Decision, decided_on: dt.date) -> None:
    """Refuse all services of the decision."""
    decision.decided_on, decision.recorded_at = decided_on, municipality.stamp(decided_on)
    for line in decision.lines:
        line.outcome = REFUSED


def grant(
    municipality: Municipality, person: Person, decision: Decision, decided_on: dt.date, starts_on: dt.date
) -> list[CareService]:
    """Grant the services from a day; none has begun until `start` is called for it."""
    decision.decided_on, decision.recorded_at = decided_on, municipality.stamp(decided_on)
    services = []
    for line in decision.lines:
        kind = municipality.services[line.service_type]
        line.outcome, line.starts_on = GRANTED, starts_on
        line.ends_on = starts_on + dt.timedelta(municipality.rng.randint(*kind.days)) if kind.manner == "stay" else None
        services.append(_not_begun(person, line, decision))
    _set_hours(municipality, person, decision)
    return services


def _not_begun(person: Person, line: Line, decision: Decision) -> CareService:
    """A granted service that has not begun."""
    service = CareService(
        line.service_id, person.local_person_id, decision.recorded_at, line.service_type, decision.decision_id
    )
    person.services.append(service)
    return service


def give(municipality: Municipality, person: Person, code: str, starts_on: dt.date, today: dt.date) -> CareService:
    """Add a service of a type that needs no decision, and begin it."""
    service = CareService(municipality.ids.next("T"), person.local_person_id, municipality.stamp(today), code)
    person.services.append(service)
    start(municipality, service, starts_on, today)
    return service


def start(municipality: Municipality, service: CareService, on: dt.date, today: dt.date) -> None:
    """Begin a service, with a provider where the type has one."""
    service.starts_on, service.recorded_at = on, municipality.stamp(today)
    kind = municipality.services[service.service_type]
    wanted = kind.provider == "required" or (kind.provider == "optional" and municipality.rng.random() < 0.5)  # noqa: PLR2004 (optional: every other)
    if kind.place and wanted:
        service.providers.append(ProviderPeriod(municipality.rng.choice(municipality.providers[kind.place]), on))


def _set_hours(municipality: Municipality, person: Person, decision: Decision) -> None:
    on = decision.decided_on or OPENING
    home = {c for c in _HOME_WEIGHT if any(s.service_type == c for s in person.running(on))}
    home |= {line.service_type for line in decision.lines} & _HOME_WEIGHT.keys()
    group = municipality.profile.age[municipality.profile.group_of(person.age(on))]
    # Lognormal with mean 1, since SSB publishes means only, and the distribution of hours is skewed.
    total = group.hours[need_of(person)] * municipality.rng.lognormvariate(-0.18, 0.6)
    share = total / (sum(_HOME_WEIGHT[c] for c in home) or 1)
    for line in decision.lines:
        line.hours_per_week = _hours(municipality, line.service_type, share)
        if line.hours_per_week and municipality.profile.happens(municipality.rng, "staff_hours"):
            line.staff_hours_per_week = line.hours_per_week * 2


def _hours(municipality: Municipality, code: str, share: float) -> Decimal | None:
    wanted = municipality.services[code].hours
    if wanted is None:
        return None
    hours = min(share * _HOME_WEIGHT[code], _HOME_MOST) if wanted == "home" else municipality.rng.uniform(*wanted)
    return max(round(hours * 4), 1) * QUARTER


def extend(
    municipality: Municipality, person: Person, latest: Decision, applied_on: dt.date, decided_on: dt.date
) -> Decision | None:
    """Add a decision that extends the services of the latest one that are still running; None when there are none."""
    going = [s for s in person.running(decided_on) if s.decision_id == latest.decision_id and s.ends_on is None]
    if not going:
        return None
    decision = Decision(
        municipality.ids.next("V"),
        person.local_person_id,
        municipality.stamp(decided_on),
        case_id=latest.case_id,
        decision_number=latest.decision_number + 1,
        original_decision_id=latest.original_decision_id or latest.decision_id,
        applied_on=applied_on,
        decided_on=decided_on,
    )
    old = {line.service_id: line for line in latest.lines}
    for service in going:
        rotating = old[service.service_id].rotating
        decision.lines.append(
            Line(service.service_id, service.service_type, GRANTED, rotating=rotating, starts_on=decided_on)
        )
        service.decision_id, service.recorded_at = decision.decision_id, decision.recorded_at
    _set_hours(municipality, person, decision)
    person.decisions.append(decision)
    return decision


def appeal(
    municipality: Municipality, decision: Decision, received_on: dt.date, answered_on: dt.date | None, today: dt.date
) -> None:
    """Add an appeal, with its answer when there is one."""
    decision.appeals.append(Appeal(received_on, answered_on))
    decision.recorded_at = municipality.stamp(today)


def end(municipality: Municipality, service: CareService, on: dt.date, today: dt.date) -> None:
    """End a service, on its first day at the earliest; its provider periods and pauses end with it."""
    first = service.starts_on or on
    service.ends_on = on = max(on, first)
    service.providers = [p for p in service.providers if p.starts_on <= on]
    service.pauses = [p for p in service.pauses if p.starts_on <= on]
    periods: Sequence[ProviderPeriod | Pause] = [*service.providers, *service.pauses]
    for period in periods:
        if period.ends_on is None or period.ends_on > on:
            period.ends_on = on
    service.recorded_at = municipality.stamp(today)


def leave_home(
    municipality: Municipality, person: Person, moves: CareService, on: dt.date, today: dt.date
) -> list[str]:
    """End every other service, since the person moves into an institution. Returns their ids."""
    others = [s for s in person.running(on) if s is not moves and s.ends_on is None]
    for service in others:
        end(municipality, service, on, today)
    return [s.service_id for s in others]


def change_provider(municipality: Municipality, service: CareService, on: dt.date, today: dt.date) -> bool:
    """Change the provider from a day on; False when the service has no open provider period that began earlier."""
    if not service.providers or service.providers[-1].starts_on >= on or service.providers[-1].ends_on is not None:
        return False
    now = service.providers[-1]
    others = [
        n for n in municipality.providers[municipality.services[service.service_type].place or ""] if n != now.provider
    ]
    now.ends_on = on - _DAY
    service.providers.append(ProviderPeriod(municipality.rng.choice(others), on))
    service.recorded_at = municipality.stamp(today)
    return True


def pause(municipality: Municipality, service: CareService, on: dt.date, today: dt.date) -> bool:
    """Begin a pause; False when there is one already, or the service does not run."""
    busy = any(p.ends_on is None or p.ends_on >= on for p in service.pauses)
    if busy or not service.runs(on) or service.ends_on is not None:
        return False
    service.pauses.append(Pause(municipality.ids.next("P"), on))
    service.recorded_at = municipality.stamp(today)
    return True


def resume(municipality: Municipality, service: CareService, last: dt.date, today: dt.date) -> bool:
    """End the open pause; False when there is none."""
    for item in service.pauses:
        if item.ends_on is None:
            item.ends_on = max(last, item.starts_on)
            service.recorded_at = municipality.stamp(today)
            return True
    return False


def free(person: Person, code: str, on: dt.date) -> bool:
    """Whether a service of the type may begin on a day without overlapping another of the same type."""
    return all(s.ends_on is not None and s.ends_on < on for s in person.services if s.service_type == code)
