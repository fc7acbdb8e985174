"""A person's history with the municipality, generated day by day in the order in which things were registered."""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from ktt.testing.synthetic.municipality import casework, status
from ktt.testing.synthetic.municipality.model import CareService, Decision, Person
from ktt.testing.synthetic.municipality.municipality import OPENING, Municipality
from ktt.testing.synthetic.municipality.profile import NEEDS, Need, ServiceType

_DAY = dt.timedelta(1)
_PENSION = 67
_LONG_STAY, _HOUSING = "21", "29"
_SHORT_PER_USER = 1.33
"""Users in a year per user on a day (FACT: 397 000 against 298 000), so a yearly share is a rate of 1.33 times it."""

Event = Callable[[dt.date], None]


@dataclass(slots=True)
class CarePeriod:
    """The days from which and to which a person has services, and how it ends: `died`, `moved` or `done`."""

    enters: dt.date
    leaves: dt.date
    ending: str


@dataclass(slots=True)
class CareHistory:
    """Generates the registrations of one person's care period, up to the record system's today."""

    municipality: Municipality
    person: Person
    period: CarePeriod
    until: dt.date
    need: Need
    _queue: list[tuple[dt.date, int, Event]] = field(default_factory=list)
    _turn: count[int] = field(default_factory=count)

    def generate(self) -> None:
        """Let everything happen, from the first day to the last."""
        self._at(self.period.enters, self._enter)
        last = min(self.period.leaves, self.until)
        while self._queue and self._queue[0][0] <= last:
            day, _, event = heapq.heappop(self._queue)
            event(day)
        if self.period.leaves > self.until:
            self._apply()
        else:
            leave(self.municipality, self.person, self.period.leaves, self.period.ending, self.period.leaves)

    def _apply(self) -> None:
        """Some persons have applied for a service and have no decision yet."""
        # Nobody applies for a long-term stay, or for a service beside one, since granting it would end other services.
        offered = [c for c in self.municipality.services if c != _LONG_STAY and self._lasts(c, self.until)]
        if offered and not self._long_stay() and self.municipality.profile.happens(self.municipality.rng, "pending"):
            applied = self.until - dt.timedelta(self.municipality.rng.randrange(1, 45))
            code = self.municipality.rng.choice(offered)
            casework.open_case(self.municipality, self.person, [code], max(applied, self.period.enters), applied)

    def _at(self, day: dt.date, event: Event) -> None:
        heapq.heappush(self._queue, (day, next(self._turn), event))

    @property
    def _archived(self) -> bool:
        # Persons who left before 2017 have no assessments, since one is in force until the next one (messages § 7.5), so
        # their last one would be sent although they have left.
        return self.period.leaves < OPENING

    # -- reviews --------------------------------------------------------------------------------------------------

    def _enter(self, day: dt.date) -> None:
        rng = self.municipality.rng
        for _ in range(rng.choice((1, 1, 2))):
            status.diagnose(self.municipality, self.person, day - dt.timedelta(rng.randrange(1500)), day)
        chances = self.municipality.service_shares(self.person.age(day))
        drawn = [c for c, p in chances.items() if rng.random() < p and self._offered(c, day)]
        if _LONG_STAY in drawn:
            drawn = [_LONG_STAY]
        self._assess(day)
        lasting = [c for c in drawn if self.municipality.services[c].manner == "lasting"]
        if not drawn:
            lasting = [rng.choices(list(chances), [p if self._lasts(c, day) else 0 for c, p in chances.items()])[0]]
        if lasting:
            self._decide(lasting, day)
        for code in drawn:
            if self.municipality.services[code].manner == "simple":
                self._give(code, day)
        if self.municipality.profile.happens(rng, "moves"):
            stays = min(self.period.leaves, self.until) - day
            self._at(day + rng.random() * stays, self._move)
        self._after(day)

    def _move(self, day: dt.date) -> None:
        if day < min(self.period.leaves, self.until):
            self.municipality.places.move_out(self.municipality.rng, self.person, day)

    def _offered(self, code: str, day: dt.date) -> bool:
        kind = self.municipality.services[code]
        if kind.manner not in {"lasting", "simple"} or not kind.valid(day):
            return False
        asked = any(d.decided_on is None and d.lines[0].service_type == code for d in self.person.decisions)
        return not asked and casework.free(self.person, code, day)

    def _lasts(self, code: str, day: dt.date) -> bool:
        return self._offered(code, day) and self.municipality.services[code].manner == "lasting"

    def _review(self, day: dt.date) -> None:
        rng, profile = self.municipality.rng, self.municipality.profile
        if rng.random() < 0.12 and self.need != "extensive":  # noqa: PLR2004 (needs grow)
            self.need = NEEDS[NEEDS.index(self.need) + 1]
        self._assess(day)
        frail = self.need == "extensive" and self.person.age(day) >= _PENSION
        if self._long_stay():
            self._extend(day)
        elif frail and self._settled() and profile.happens(rng, "institution"):
            self._move_in(day)
        elif not profile.happens(rng, "extension") or not self._extend(day):
            self._more(day)
        self._after(day)

    def _long_stay(self) -> bool:
        """Whether the person lives in an institution, or has been granted a stay."""
        return any(s.service_type == _LONG_STAY and s.ends_on is None for s in self.person.services)

    def _settled(self) -> bool:
        """Whether every granted service has begun and no short stay is going on."""
        stays = {c for c, kind in self.municipality.services.items() if kind.manner == "stay"}
        open_ones = [s for s in self.person.services if s.ends_on is None]
        return not any(s.starts_on is None or s.service_type in stays for s in open_ones)

    def _after(self, day: dt.date) -> None:
        """What follows each review: circumstances, refusals, other events, and the next review."""
        municipality, rng, profile = self.municipality, self.municipality.rng, self.municipality.profile
        if not self.person.circumstances or not profile.happens(rng, "same_set"):
            status.renew(municipality, self.person, day, day)
        if profile.happens(rng, "refusal"):
            self._refuse(day)
        if profile.happens(rng, "another_diagnosis"):
            status.diagnose(municipality, self.person, day, day)
        following = day + profile.days(rng, "round")
        self._at(following, self._review)
        self._between(day, following)

    def _between(self, day: dt.date, following: dt.date) -> None:
        rng, profile = self.municipality.rng, self.municipality.profile
        others: list[tuple[str, Event]] = [
            ("pause", self._pause), ("provider_change", self._change_provider), ("ends_one", self._end_one)
        ]  # fmt: skip
        for name, event in others:
            if profile.happens(rng, name):
                self._at(day + rng.random() * (following - day), event)
        chances = self.municipality.service_shares(self.person.age(day))
        for kind in self.municipality.services.values():
            rate = chances[kind.code] * _SHORT_PER_USER * (following - day).days / 365
            if kind.manner in {"stay", "acute"} and rng.random() < rate:
                self._at(day + rng.random() * (following - day), self._stay(kind))

    def _assess(self, day: dt.date) -> None:
        on = day - dt.timedelta(self.municipality.rng.randrange(7))
        if not self._archived and on != OPENING:  # so that no assessment is just on the limit of what is sent
            status.assess(self.municipality, self.person, on, self.need, day)

    # -- decisions ------------------------------------------------------------------------------------------------

    def _decide(self, types: list[str], day: dt.date) -> Decision:
        municipality = self.municipality
        applied = day - municipality.profile.days(municipality.rng, "application")
        decision = casework.open_case(municipality, self.person, types, applied, day)
        starts = min(day + municipality.profile.days(municipality.rng, "start"), self.period.leaves)
        if day < OPENING < starts:  # so that it is clear whether a decision from before 2017 is in force on that day
            starts = day
        for service in casework.grant(municipality, self.person, decision, day, starts):
            self._at(starts, self._start(service))
        if municipality.rng.random() < 0.02:  # noqa: PLR2004 (mixed outcomes are rare)
            self._refuse_beside(decision, day)
        return decision

    def _refuse_beside(self, decision: Decision, day: dt.date) -> None:
        """Refuse one more service in the same decision."""
        taken = {line.service_type for line in decision.lines}
        code = self.municipality.rng.choice(
            [c for c in self.municipality.services if self._lasts(c, day) and c not in taken] or [""]
        )
        if code:
            decision.lines.append(casework.new_line(self.municipality, code, casework.REFUSED))

    def _start(self, service: CareService) -> Event:
        def start(day: dt.date) -> None:
            casework.start(self.municipality, service, day, day)
            line = next((x for d in self.person.decisions for x in d.lines if x.service_id == service.service_id), None)
            self._limit(service, line.ends_on if line else None)

        return start

    def _give(self, code: str, day: dt.date, last: dt.date | None = None) -> CareService:
        service = casework.give(self.municipality, self.person, code, day, day)
        self._limit(service, last)
        return service

    def _limit(self, service: CareService, planned: dt.date | None) -> None:
        """Let the service end when planned, or when its type goes out of use."""
        type_ends = self.municipality.services[service.service_type].last
        last = min((d for d in (planned, type_ends) if d), default=None)
        if last is not None:
            self._at(last, self._finish(service, last))
        if type_ends is not None and service.service_type != "16":
            self._at(dt.date(2019, 1, 3) + dt.timedelta(self.municipality.rng.randrange(80)), self._rehouse)

    def _finish(self, service: CareService, last: dt.date) -> Event:
        def finish(day: dt.date) -> None:
            if service.ends_on is None:
                casework.end(self.municipality, service, last, day)

        return finish

    def _rehouse(self, day: dt.date) -> None:
        if not self._long_stay() and casework.free(self.person, _HOUSING, day) and self.person.running(day):
            self._decide([_HOUSING], day)

    def _more(self, day: dt.date) -> None:
        chances = self.municipality.service_shares(self.person.age(day))
        offered = {c: p for c, p in chances.items() if p and self._offered(c, day) and c != _LONG_STAY}
        if not offered:
            return
        code = self.municipality.rng.choices(list(offered), list(offered.values()))[0]
        if self.municipality.services[code].needs_decision:
            self._decide([code], day)
        else:
            self._give(code, day)

    def _extend(self, day: dt.date) -> bool:
        municipality = self.municipality
        chains = [d for d in self.person.decisions if self._latest(d) and d.decided_on and d.decided_on < day]
        municipality.rng.shuffle(chains)
        applied = day - municipality.profile.days(municipality.rng, "application")
        return any(
            casework.extend(municipality, self.person, d, max(applied, d.decided_on or applied), day) for d in chains
        )

    def _latest(self, decision: Decision) -> bool:
        return any(s.decision_id == decision.decision_id for s in self.person.services)

    def _move_in(self, day: dt.date) -> None:
        self._decide([_LONG_STAY], day)
        moves = self.person.services[-1]
        starts = next(x.starts_on for x in self.person.decisions[-1].lines if x.service_id == moves.service_id) or day
        self._at(max(starts - _DAY, day), self._leave_home(moves))

    def _leave_home(self, moves: CareService) -> Event:
        return lambda day: _ignored(casework.leave_home(self.municipality, self.person, moves, day, day))

    def _refuse(self, day: dt.date) -> None:
        municipality, rng = self.municipality, self.municipality.rng
        offered = [c for c in municipality.services if self._lasts(c, day)]
        if not offered:
            return
        applied = day - municipality.profile.days(rng, "application")
        decision = casework.open_case(municipality, self.person, [rng.choice(offered)], applied, day)
        casework.refuse(municipality, decision, day)
        if municipality.profile.happens(rng, "appeal"):
            received = day + dt.timedelta(rng.randint(3, 40))
            answered = received + dt.timedelta(rng.randint(7, 80))
            self._at(received, lambda on: casework.appeal(municipality, decision, on, None, on))
            self._at(answered, self._answer(decision))

    def _answer(self, decision: Decision) -> Event:
        def answer(day: dt.date) -> None:
            decision.appeals[-1].answered_on, decision.recorded_at = day, self.municipality.stamp(day)

        return answer

    # -- between reviews ------------------------------------------------------------------------------------------

    def _any_running(self, day: dt.date) -> CareService | None:
        going = [s for s in self.person.running(day) if s.ends_on is None and s.starts_on and s.starts_on < day]
        return self.municipality.rng.choice(going) if going else None

    def _pause(self, day: dt.date) -> None:
        service = self._any_running(day)
        if service and casework.pause(self.municipality, service, day, day):
            self._at(day + dt.timedelta(self.municipality.rng.randint(2, 25)), self._resume(service))

    def _resume(self, service: CareService) -> Event:
        return lambda day: _ignored(casework.resume(self.municipality, service, day, day))

    def _change_provider(self, day: dt.date) -> None:
        if service := self._any_running(day):
            casework.change_provider(self.municipality, service, day, day)

    def _end_one(self, day: dt.date) -> None:
        drawn = [s for s in (self._any_running(day), self._any_running(day)) if s]
        chances = self.municipality.service_shares(self.person.age(day))
        service = min(drawn, key=lambda s: chances[s.service_type], default=None)  # common services last longest
        if service and service.service_type != _LONG_STAY and len(self.person.running(day)) > 1:
            casework.end(self.municipality, service, day - _DAY, day)

    def _stay(self, kind: ServiceType) -> Event:
        def stay(day: dt.date) -> None:
            if self._long_stay() or not casework.free(self.person, kind.code, day):
                return
            if kind.manner == "stay":
                self._assess(day)
                self._decide([kind.code], day)
            else:
                self._give(kind.code, day, day + dt.timedelta(self.municipality.rng.randint(*kind.days)))

        return stay


def _ignored(_: object) -> None:
    """Drop a value, in a lambda that is called for its effect."""


def leave(municipality: Municipality, person: Person, on: dt.date, ending: str, today: dt.date) -> None:
    """The person dies, moves away or needs no more services: what is open ends that day (domain § 7.10 no. 12)."""
    for service in person.services:
        if service.ends_on is None or service.ends_on > on:
            casework.end(municipality, service, on, today)
    for decision in person.decisions:
        for item in decision.appeals:
            item.answered_on = item.answered_on or on
    status.close_circumstances(municipality, person, on, today)
    if ending == "done":
        return
    for diagnosis in person.diagnoses:
        if diagnosis.ends_on is None:
            diagnosis.ends_on, diagnosis.recorded_at = max(on, diagnosis.starts_on), municipality.stamp(today)
    if ending == "died":
        person.died_on = on
        person.residences[-1].ends_on = on
    else:
        municipality.places.move_out(municipality.rng, person, on)
