"""The changes that can happen to a person on a day. Each returns the ids of the changed records; none if it cannot happen.

`today` is the day of registration. Only the end of a granted short stay is dated later.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from ktt.testing.synthetic.municipality import casework, status
from ktt.testing.synthetic.municipality.care_history import leave
from ktt.testing.synthetic.municipality.model import CareService, Decision, Person
from ktt.testing.synthetic.municipality.municipality import OPENING, Municipality
from ktt.testing.synthetic.municipality.numbers import kind_of

Ids = list[str]
Change = Callable[[Municipality, Person, dt.date], Ids]
_DAY = dt.timedelta(1)
LONG_STAY = "21"
APPEAL_WITHIN = 180
"""Days after a refusal within which somebody may appeal (an assumption)."""


def new_recipient(municipality: Municipality, person: Person, today: dt.date) -> Ids:
    """A new recipient: assessed, granted a service that starts today, with circumstances and a diagnosis."""
    status.diagnose(municipality, person, today - dt.timedelta(municipality.rng.randrange(300)), today)
    status.assess(municipality, person, today, municipality.rng.choice(("some", "medium")), today)
    decision = _granted(municipality, person, [_lasting(municipality, person, today) or "15"], today)
    status.renew(municipality, person, today, today)
    return [person.local_person_id, decision.decision_id]


def new_service(municipality: Municipality, person: Person, today: dt.date) -> Ids:
    """A decision about one more service, which starts today."""
    code = _lasting(municipality, person, today)
    if code is None:
        return []
    status.assess(municipality, person, today, status.need_of(person), today)
    return [_granted(municipality, person, [code], today).decision_id, person.services[-1].service_id]


def _granted(municipality: Municipality, person: Person, types: list[str], today: dt.date) -> Decision:
    applied = max(today - municipality.profile.days(municipality.rng, "application"), person.residences[0].starts_on)
    decision = casework.open_case(municipality, person, types, applied, today)
    for service in casework.grant(municipality, person, decision, today, today):
        casework.start(municipality, service, today, today)
    return decision


def _lasting(municipality: Municipality, person: Person, today: dt.date) -> str | None:
    """A lasting service type that the person neither has nor has applied for; None in a long-term stay."""
    if any(s.service_type == LONG_STAY and s.ends_on is None for s in person.services):
        return None
    asked = {line.service_type for d in person.decisions if d.decided_on is None for line in d.lines}
    chances = municipality.service_shares(person.age(today))
    offered = {
        code: chances[code]
        for code, kind in municipality.services.items()
        if kind.manner == "lasting" and code not in asked | {LONG_STAY} and kind.valid(today)
        if chances[code] > 0 and casework.free(person, code, today)
    }
    return municipality.rng.choices(list(offered), list(offered.values()))[0] if offered else None


def technology(municipality: Municipality, person: Person, today: dt.date) -> Ids:
    """A safety alarm or other aid that needs no decision, from today."""
    return _aid(municipality, person, today, today)


def late_registration(municipality: Municipality, person: Person, today: dt.date) -> Ids:
    """An aid that has been there for weeks is registered today."""
    return _aid(municipality, person, today - dt.timedelta(municipality.rng.randint(8, 40)), today)


def _aid(municipality: Municipality, person: Person, starts: dt.date, today: dt.date) -> Ids:
    kinds = [s.code for s in municipality.profile.service if s.manner == "simple" and s.valid(starts)]
    free = [code for code in kinds if casework.free(person, code, starts)]
    if not free or person.residences[0].starts_on > starts:
        return []
    return [casework.give(municipality, person, municipality.rng.choice(free), starts, today).service_id]


def extension(municipality: Municipality, person: Person, today: dt.date) -> Ids:
    """A decision is followed by another in the same chain, with new hours."""
    for decision in person.decisions:
        decided = decision.decided_on
        if decided is None or decided >= today:
            continue
        applied = max(today - municipality.profile.days(municipality.rng, "application"), decided)
        if following := casework.extend(municipality, person, decision, applied, today):
            status.assess(municipality, person, today, status.need_of(person), today)
            return [following.decision_id, *(line.service_id for line in following.lines)]
    return []


def provider_change(municipality: Municipality, person: Person, today: dt.date) -> Ids:
    """Another provider carries a service out from today."""
    return next(
        ([s.service_id] for s in _going(person, today) if casework.change_provider(municipality, s, today, today)), []
    )


def _going(person: Person, today: dt.date) -> list[CareService]:
    """Services that began before today and are open."""
    return [s for s in person.running(today) if s.ends_on is None and s.starts_on and s.starts_on < today]


def ending(municipality: Municipality, person: Person, today: dt.date) -> Ids:
    """A service ends today; the person keeps another."""
    going = _going(person, today)
    if len(going) <= 1:
        return []
    service = municipality.rng.choice(going)
    casework.end(municipality, service, today, today)
    return [service.service_id]


def pause(municipality: Municipality, person: Person, today: dt.date) -> Ids:
    """A break in a service from today."""
    return next(([s.service_id] for s in _going(person, today) if casework.pause(municipality, s, today, today)), [])


def resumption(municipality: Municipality, person: Person, today: dt.date) -> Ids:
    """The last day of a break."""
    return next(([s.service_id] for s in person.services if casework.resume(municipality, s, today, today)), [])


def review(municipality: Municipality, person: Person, today: dt.date) -> Ids:
    """A new set of circumstances from today; the old one ends yesterday."""
    if not person.circumstances or any(c.starts_on >= today for c in person.circumstances):
        return []
    return [c.circumstances_id for c in (person.circumstances[-1], status.renew(municipality, person, today, today))]


def diagnosis(municipality: Municipality, person: Person, today: dt.date) -> Ids:
    """A new diagnosis from today."""
    found = status.diagnose(municipality, person, today, today)
    return [found.diagnosis_id] if found else []


def application(municipality: Municipality, person: Person, today: dt.date) -> Ids:
    """Somebody applies for a service."""
    code = _lasting(municipality, person, today)
    return [casework.open_case(municipality, person, [code], today, today).decision_id] if code else []


def decided(municipality: Municipality, person: Person, today: dt.date) -> Ids:
    """An application is granted, and the services start today."""
    for decision in person.decisions:
        if decision.decided_on is None and decision.applied_on and decision.applied_on < today:
            status.assess(municipality, person, today, status.need_of(person), today)
            for service in casework.grant(municipality, person, decision, today, today):
                casework.start(municipality, service, today, today)
            return [decision.decision_id, *(line.service_id for line in decision.lines)]
    return []


def refusal(municipality: Municipality, person: Person, today: dt.date) -> Ids:
    """An application is refused."""
    code = _lasting(municipality, person, today)
    if code is None:
        return []
    applied = max(today - municipality.profile.days(municipality.rng, "application"), person.residences[0].starts_on)
    decision = casework.open_case(municipality, person, [code], applied, today)
    status.assess(municipality, person, today, status.need_of(person), today)
    casework.refuse(municipality, decision, today)
    return [decision.decision_id]


def appeal(municipality: Municipality, person: Person, today: dt.date) -> Ids:
    """Somebody appeals against a refusal of the last half year."""
    for decision in person.decisions:
        refused = decision.decided_on and all(line.outcome == casework.REFUSED for line in decision.lines)
        if not refused or decision.appeals or decision.decided_on is None:
            continue
        if 0 < (today - decision.decided_on).days <= APPEAL_WITHIN:
            casework.appeal(municipality, decision, today, None, today)
            return [decision.decision_id]
    return []


def answer(municipality: Municipality, person: Person, today: dt.date) -> Ids:
    """An appeal is answered."""
    for decision in person.decisions:
        for item in decision.appeals:
            if item.answered_on is None and item.received_on < today:
                item.answered_on, decision.recorded_at = today, municipality.stamp(today)
                return [decision.decision_id]
    return []


def correction_of_hours(municipality: Municipality, person: Person, today: dt.date) -> Ids:
    """Granted hours of an old decision were wrong and are put right."""
    for decision in person.decisions:
        if decision.decided_on is None or not OPENING <= decision.decided_on < today:
            continue
        for line in decision.lines:
            if line.hours_per_week is not None:
                line.hours_per_week += casework.QUARTER
                line.staff_hours_per_week = line.staff_hours_per_week and line.hours_per_week * 2
                decision.recorded_at = municipality.stamp(today)
                return [decision.decision_id]
    return []


def correction_of_start(municipality: Municipality, person: Person, today: dt.date) -> Ids:
    """A service began some days later than was registered."""
    for service in person.services:
        starts = service.starts_on
        if starts is None or starts <= OPENING or service.ends_on is not None or service.pauses:
            continue
        later = starts + dt.timedelta(municipality.rng.randint(1, 5))
        if later < today and len(service.providers) <= 1:
            service.starts_on, service.recorded_at = later, municipality.stamp(today)
            for period in service.providers:
                period.starts_on = later
            return [service.service_id]
    return []


def correction_of_score(municipality: Municipality, person: Person, today: dt.date) -> Ids:
    """A score of an old assessment was wrong: dressing is put to 3."""
    for assessment in person.assessments:
        old = next((s for s in assessment.scores if s.variable == "8" and s.score != "3"), None)
        if old and OPENING <= assessment.assessed_on < today:
            right = status.score("8", "3")
            assessment.scores = [right if s is old else s for s in assessment.scores]
            assessment.recorded_at = municipality.stamp(today)
            return [assessment.assessment_id]
    return []


def deletion_of_service(municipality: Municipality, person: Person, today: dt.date) -> Ids:
    """A service without decision was never given and is deleted."""
    del municipality
    gone = [s for s in person.running(today) if s.decision_id is None and s.starts_on and s.starts_on >= OPENING]
    if not gone or len(person.running(today)) == 1:
        return []
    person.services.remove(gone[-1])
    return [gone[-1].service_id]


def deletion_of_decision(municipality: Municipality, person: Person, today: dt.date) -> Ids:
    """A decision should never have been made: it is deleted with its services. The person keeps other services.

    Never one on a long-term stay, since what was registered because of the stay would remain.
    """
    del municipality
    extended = {d.original_decision_id for d in person.decisions}
    for decision in reversed(person.decisions):
        own = [s for s in person.services if s.decision_id == decision.decision_id]
        alone = all(s in own for s in person.running(today))
        chained = decision.decision_number > 1 or decision.decision_id in extended
        if any(s.service_type == LONG_STAY for s in own):
            continue
        if own and not alone and not chained and decision.decided_on and decision.decided_on >= OPENING:
            person.decisions.remove(decision)
            person.services = [s for s in person.services if s not in own]
            return [decision.decision_id, *(s.service_id for s in own)]
    return []


def death(municipality: Municipality, person: Person, today: dt.date) -> Ids:
    """The person dies; what is open ends today."""
    return _leave(municipality, person, today, "died")


def moving_away(municipality: Municipality, person: Person, today: dt.date) -> Ids:
    """The person moves to another municipality today and the services end."""
    return _leave(municipality, person, today, "moved")


def _leave(municipality: Municipality, person: Person, today: dt.date, how: str) -> Ids:
    open_ones = [s.service_id for s in person.running(today) if s.ends_on is None]
    waiting = any(d.decided_on is None for d in person.decisions) or any(s.starts_on is None for s in person.services)
    if waiting or not open_ones or person.residences[-1].starts_on >= today:
        return []
    leave(municipality, person, today, how, today)
    return [person.local_person_id, *open_ones]


def moving(municipality: Municipality, person: Person, today: dt.date) -> Ids:
    """The person lives in another municipality from today; services continue, and there is a new set of circumstances."""
    if person.residences[-1].starts_on >= today or any(c.starts_on >= today for c in person.circumstances):
        return []
    municipality.places.move_out(municipality.rng, person, today - _DAY)
    return [person.local_person_id, status.renew(municipality, person, today, today).circumstances_id]


def permanent_number(municipality: Municipality, person: Person, today: dt.date) -> Ids:
    """The D-number is replaced by a national number; all records carry it from now on."""
    if kind_of(person.person_number) != "d" or person.died_on or not person.running(today):
        return []
    person.person_number = municipality.numbers.national(person.born_on, person.sex)
    return [person.local_person_id]
