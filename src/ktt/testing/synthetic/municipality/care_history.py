"""A person's years with the municipality, told day by day: what the office registered, in the order it happened."""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from ktt.testing.synthetic.municipality import casework, status
from ktt.testing.synthetic.municipality.model import CareService, Decision, Person
from ktt.testing.synthetic.municipality.office import OPENING, Office
from ktt.testing.synthetic.municipality.profile import NEEDS, Need, ServiceType

_DAY = dt.timedelta(1)
_PENSION = 67
_LONG_STAY, _HOUSING = "21", "29"
_SHORT_PER_USER = 1.33
"""Users in a year per user on a day (FACT: 397 000 against 298 000), so a yearly share is a rate of 1.33 times it."""

Happening = Callable[[dt.date], None]


@dataclass(slots=True)
class Spell:
    """From which day to which a person has services, and how it ends: died, moved, done, or still there."""

    enters: dt.date
    leaves: dt.date
    how: str


@dataclass(slots=True)
class Life:
    """One person's spell being played, up to the record system's today."""

    office: Office
    person: Person
    spell: Spell
    until: dt.date
    need: Need
    _queue: list[tuple[dt.date, int, Happening]] = field(default_factory=list)
    _turn: count[int] = field(default_factory=count)

    def play(self) -> None:
        """Everything that happens from the first day to the last."""
        self._at(self.spell.enters, self._enter)
        last = min(self.spell.leaves, self.until)
        while self._queue and self._queue[0][0] <= last:
            day, _, happening = heapq.heappop(self._queue)
            happening(day)
        if self.spell.leaves > self.until:
            self._wait()
        else:
            leave(self.office, self.person, self.spell.leaves, self.spell.how, self.spell.leaves)

    def _wait(self) -> None:
        """Some have asked for something and wait for the answer."""
        # Nobody waits for a long-term stay, or for something beside one: the answer would be a yes.
        offered = [c for c in self.office.services if c != _LONG_STAY and self._lasts(c, self.until)]
        if offered and not self._long_stay() and self.office.profile.happens(self.office.rng, "pending"):
            applied = self.until - dt.timedelta(self.office.rng.randrange(1, 45))
            code = self.office.rng.choice(offered)
            casework.open_case(self.office, self.person, [code], max(applied, self.spell.enters), applied)

    def _at(self, day: dt.date, happening: Happening) -> None:
        heapq.heappush(self._queue, (day, next(self._turn), happening))

    @property
    def _archived(self) -> bool:
        # Who left before the opening has no assessments: those were not moved into this record system. So no
        # assessment is "in force until the next one" for ever (messages § 7.5).
        return self.spell.leaves < OPENING

    # -- rounds ---------------------------------------------------------------------------------------------------

    def _enter(self, day: dt.date) -> None:
        rng = self.office.rng
        for _ in range(rng.choice((1, 1, 2))):
            status.diagnose(self.office, self.person, day - dt.timedelta(rng.randrange(1500)), day)
        chances = self.office.weigh(self.person.age(day))
        drawn = [c for c, p in chances.items() if rng.random() < p and self._offered(c, day)]
        if _LONG_STAY in drawn:
            drawn = [_LONG_STAY]
        self._assess(day)
        lasting = [c for c in drawn if self.office.services[c].manner == "lasting"]
        if not drawn:
            lasting = [rng.choices(list(chances), [p if self._lasts(c, day) else 0 for c, p in chances.items()])[0]]
        if lasting:
            self._decide(lasting, day)
        for code in drawn:
            if self.office.services[code].manner == "simple":
                self._give(code, day)
        if self.office.profile.happens(rng, "moves"):
            stays = min(self.spell.leaves, self.until) - day
            self._at(day + rng.random() * stays, self._move)
        self._after(day)

    def _move(self, day: dt.date) -> None:
        if day < min(self.spell.leaves, self.until):
            self.office.places.move_out(self.office.rng, self.person, day)

    def _offered(self, code: str, day: dt.date) -> bool:
        kind = self.office.services[code]
        if kind.manner not in {"lasting", "simple"} or not kind.valid(day):
            return False
        asked = any(d.decided_on is None and d.lines[0].service_type == code for d in self.person.decisions)
        return not asked and casework.free(self.person, code, day)

    def _lasts(self, code: str, day: dt.date) -> bool:
        return self._offered(code, day) and self.office.services[code].manner == "lasting"

    def _round(self, day: dt.date) -> None:
        rng, profile = self.office.rng, self.office.profile
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
        """Whether the person lives in an institution, or is about to."""
        return any(s.service_type == _LONG_STAY and s.ends_on is None for s in self.person.services)

    def _settled(self) -> bool:
        """Whether nothing waits to begin and no short stay is going on."""
        stays = {c for c, kind in self.office.services.items() if kind.manner == "stay"}
        open_ones = [s for s in self.person.services if s.ends_on is None]
        return not any(s.starts_on is None or s.service_type in stays for s in open_ones)

    def _after(self, day: dt.date) -> None:
        """What follows each round: circumstances, refusals, side events, and the next round."""
        office, rng, profile = self.office, self.office.rng, self.office.profile
        if not self.person.circumstances or not profile.happens(rng, "same_set"):
            status.renew(office, self.person, day, day)
        if profile.happens(rng, "refusal"):
            self._refuse(day)
        if profile.happens(rng, "another_diagnosis"):
            status.diagnose(office, self.person, day, day)
        following = day + profile.days(rng, "round")
        self._at(following, self._round)
        self._between(day, following)

    def _between(self, day: dt.date, following: dt.date) -> None:
        rng, profile = self.office.rng, self.office.profile
        side: list[tuple[str, Happening]] = [
            ("pause", self._pause), ("provider_change", self._change_provider), ("ends_one", self._end_one)
        ]  # fmt: skip
        for name, happening in side:
            if profile.happens(rng, name):
                self._at(day + rng.random() * (following - day), happening)
        chances = self.office.weigh(self.person.age(day))
        for kind in self.office.services.values():
            rate = chances[kind.code] * _SHORT_PER_USER * (following - day).days / 365
            if kind.manner in {"stay", "acute"} and rng.random() < rate:
                self._at(day + rng.random() * (following - day), self._stay(kind))

    def _assess(self, day: dt.date) -> None:
        on = day - dt.timedelta(self.office.rng.randrange(7))
        if not self._archived and on != OPENING:  # in force on the opening day, or not: never on the edge
            status.assess(self.office, self.person, on, self.need, day)

    # -- decisions ------------------------------------------------------------------------------------------------

    def _decide(self, types: list[str], day: dt.date) -> Decision:
        office = self.office
        applied = day - office.profile.days(office.rng, "application")
        decision = casework.open_case(office, self.person, types, applied, day)
        starts = min(day + office.profile.days(office.rng, "start"), self.spell.leaves)
        if day < OPENING < starts:  # a decision from before the opening is in force on that day, or not sent at all
            starts = day
        for service in casework.grant(office, self.person, decision, day, starts):
            self._at(starts, self._start(service))
        if office.rng.random() < 0.02:  # noqa: PLR2004 (mixed outcomes are rare)
            self._refuse_beside(decision, day)
        return decision

    def _refuse_beside(self, decision: Decision, day: dt.date) -> None:
        """Something more was asked for and not given, in the same decision."""
        taken = {line.service_type for line in decision.lines}
        code = self.office.rng.choice(
            [c for c in self.office.services if self._lasts(c, day) and c not in taken] or [""]
        )
        if code:
            decision.lines.append(casework.new_line(self.office, code, casework.REFUSED))

    def _start(self, service: CareService) -> Happening:
        def start(day: dt.date) -> None:
            casework.start(self.office, service, day, day)
            line = next((x for d in self.person.decisions for x in d.lines if x.service_id == service.service_id), None)
            self._limit(service, line.ends_on if line else None)

        return start

    def _give(self, code: str, day: dt.date, last: dt.date | None = None) -> CareService:
        service = casework.give(self.office, self.person, code, day, day)
        self._limit(service, last)
        return service

    def _limit(self, service: CareService, planned: dt.date | None) -> None:
        """See to it that the service ends when planned, or with its type."""
        type_ends = self.office.services[service.service_type].last
        last = min((d for d in (planned, type_ends) if d), default=None)
        if last is not None:
            self._at(last, self._finish(service, last))
        if type_ends is not None and service.service_type != "16":
            self._at(dt.date(2019, 1, 3) + dt.timedelta(self.office.rng.randrange(80)), self._rehouse)

    def _finish(self, service: CareService, last: dt.date) -> Happening:
        def finish(day: dt.date) -> None:
            if service.ends_on is None:
                casework.end(self.office, service, last, day)

        return finish

    def _rehouse(self, day: dt.date) -> None:
        if not self._long_stay() and casework.free(self.person, _HOUSING, day) and self.person.running(day):
            self._decide([_HOUSING], day)

    def _more(self, day: dt.date) -> None:
        chances = self.office.weigh(self.person.age(day))
        offered = {c: p for c, p in chances.items() if p and self._offered(c, day) and c != _LONG_STAY}
        if not offered:
            return
        code = self.office.rng.choices(list(offered), list(offered.values()))[0]
        if self.office.services[code].needs_decision:
            self._decide([code], day)
        else:
            self._give(code, day)

    def _extend(self, day: dt.date) -> bool:
        office = self.office
        chains = [d for d in self.person.decisions if self._latest(d) and d.decided_on and d.decided_on < day]
        office.rng.shuffle(chains)
        applied = day - office.profile.days(office.rng, "application")
        return any(casework.extend(office, self.person, d, max(applied, d.decided_on or applied), day) for d in chains)

    def _latest(self, decision: Decision) -> bool:
        return any(s.decision_id == decision.decision_id for s in self.person.services)

    def _move_in(self, day: dt.date) -> None:
        self._decide([_LONG_STAY], day)
        moves = self.person.services[-1]
        starts = next(x.starts_on for x in self.person.decisions[-1].lines if x.service_id == moves.service_id) or day
        self._at(max(starts - _DAY, day), self._leave_home(moves))

    def _leave_home(self, moves: CareService) -> Happening:
        return lambda day: void(casework.leave_home(self.office, self.person, moves, day, day))

    def _refuse(self, day: dt.date) -> None:
        office, rng = self.office, self.office.rng
        offered = [c for c in office.services if self._lasts(c, day)]
        if not offered:
            return
        applied = day - office.profile.days(rng, "application")
        decision = casework.open_case(office, self.person, [rng.choice(offered)], applied, day)
        casework.refuse(office, decision, day)
        if office.profile.happens(rng, "appeal"):
            received = day + dt.timedelta(rng.randint(3, 40))
            answered = received + dt.timedelta(rng.randint(7, 80))
            self._at(received, lambda on: casework.appeal(office, decision, on, None, on))
            self._at(answered, self._answer(decision))

    def _answer(self, decision: Decision) -> Happening:
        def answer(day: dt.date) -> None:
            decision.appeals[-1].answered_on, decision.recorded_at = day, self.office.stamp(day)

        return answer

    # -- beside the rounds ----------------------------------------------------------------------------------------

    def _any_running(self, day: dt.date) -> CareService | None:
        going = [s for s in self.person.running(day) if s.ends_on is None and s.starts_on and s.starts_on < day]
        return self.office.rng.choice(going) if going else None

    def _pause(self, day: dt.date) -> None:
        service = self._any_running(day)
        if service and casework.pause(self.office, service, day, day):
            self._at(day + dt.timedelta(self.office.rng.randint(2, 25)), self._resume(service))

    def _resume(self, service: CareService) -> Happening:
        return lambda day: void(casework.resume(self.office, service, day, day))

    def _change_provider(self, day: dt.date) -> None:
        if service := self._any_running(day):
            casework.change_provider(self.office, service, day, day)

    def _end_one(self, day: dt.date) -> None:
        drawn = [s for s in (self._any_running(day), self._any_running(day)) if s]
        chances = self.office.weigh(self.person.age(day))
        service = min(drawn, key=lambda s: chances[s.service_type], default=None)  # the common ones last longest
        if service and service.service_type != _LONG_STAY and len(self.person.running(day)) > 1:
            casework.end(self.office, service, day - _DAY, day)

    def _stay(self, kind: ServiceType) -> Happening:
        def stay(day: dt.date) -> None:
            if self._long_stay() or not casework.free(self.person, kind.code, day):
                return
            if kind.manner == "stay":
                self._assess(day)
                self._decide([kind.code], day)
            else:
                self._give(kind.code, day, day + dt.timedelta(self.office.rng.randint(*kind.days)))

        return stay


def void(_: object) -> None:
    """Nothing, where only what was done counts."""


def leave(office: Office, person: Person, on: dt.date, how: str, today: dt.date) -> None:
    """The person dies, moves away or needs no more: what is open ends that day (domain § 7.10 no. 12)."""
    for service in person.services:
        if service.ends_on is None or service.ends_on > on:
            casework.end(office, service, on, today)
    for decision in person.decisions:
        for item in decision.appeals:
            item.answered_on = item.answered_on or on
    status.close_circumstances(office, person, on, today)
    if how == "done":
        return
    for diagnosis in person.diagnoses:
        if diagnosis.ends_on is None:
            diagnosis.ends_on, diagnosis.recorded_at = max(on, diagnosis.starts_on), office.stamp(today)
    if how == "died":
        person.died_on = on
        person.residences[-1].ends_on = on
    else:
        office.places.move_out(office.rng, person, on)
