"""The people of a municipality: so many at any time, one following another, drawn from the published distributions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from ktt.testing.synthetic.municipality.care_history import Life, Spell
from ktt.testing.synthetic.municipality.model import Person
from ktt.testing.synthetic.municipality.office import OPENING, Office
from ktt.testing.synthetic.municipality.profile import NEEDS, AgeGroup

_YEAR = 365.25
_SHORTEST, _LONGEST_BEFORE = 20, 4 * 365  # days
_PAST = 0.08  # of the places: somebody who had left before the opening (ours)
_VERY_OLD = 90


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Who comes to the office, up to the record system's today; `unidentified` is the share without any number."""

    office: Office
    until: dt.date
    unidentified: float

    def everyone(self, recipients: int, first: dt.date) -> Iterator[Person]:
        """Everyone who has ever been a recipient, with all records: `recipients` of them at any time from `first`."""
        for _ in range(recipients):
            if self.office.rng.random() < _PAST:
                yield self._left_before(min(first, OPENING))
            yield from self._place(first)

    def _place(self, first: dt.date) -> Iterator[Person]:
        """Those who fill one place in the register, one after another."""
        rng = self.office.rng
        group = _group(self.office, entering=False)
        enters = first - dt.timedelta(min(_stay(rng, group), _LONGEST_BEFORE))
        leaves = first + dt.timedelta(_stay(rng, group))
        while enters <= self.until:
            yield self._live(group, enters, leaves)
            enters = leaves + self.office.profile.days(rng, "gap")
            group = _group(self.office, entering=True)
            leaves = enters + dt.timedelta(_stay(rng, group))

    def _left_before(self, day: dt.date) -> Person:
        rng = self.office.rng
        leaves = day - dt.timedelta(rng.randint(10, 1200))
        enters = leaves - dt.timedelta(rng.randint(_SHORTEST, 900))
        return self._live(_group(self.office, entering=True), enters, leaves)

    def _live(self, group: AgeGroup, enters: dt.date, leaves: dt.date) -> Person:
        person = self.newcomer(group, enters, leaves)
        need = self.office.rng.choices(NEEDS, [self.office.profile.need[n] for n in NEEDS])[0]
        Life(self.office, person, Spell(enters, leaves, _how(self.office, group)), self.until, need).play()
        return person

    def newcomer(self, group: AgeGroup, enters: dt.date, leaves: dt.date, kind: str | None = None) -> Person:
        """A person of an age group around the middle of the stay, with sex, number and residence, and no records."""
        office, rng = self.office, self.office.rng
        born = _birth(rng, group, enters, leaves)
        sex = "2" if rng.random() < office.profile.women[office.profile.age.index(group)] else "1"
        person = Person(office.ids.person(), born, sex)
        person.person_number = _number(office, person, enters, kind or self._kind())
        since = max(born, enters - dt.timedelta(rng.randrange(1700, 9000)))
        elsewhere = office.profile.happens(rng, "elsewhere")
        person.residences = [office.places.elsewhere(rng, since)] if elsewhere else office.places.at_home(rng, since)
        return person

    def _kind(self) -> str:
        chance = self.office.profile.chance
        shares = {"none": self.unidentified, "d": chance["d_number"], "duf": chance["duf_number"]}
        drawn = self.office.rng.random()
        for kind, share in shares.items():
            if drawn < share:
                return kind
            drawn -= share
        return "national"


def _birth(rng: Random, group: AgeGroup, enters: dt.date, leaves: dt.date) -> dt.date:
    age = rng.randint(group.first, group.last)
    if group.first >= _VERY_OLD:  # few are far above
        age = min(age, rng.randint(group.first, group.last))
    middle = enters + (leaves - enters) / 2
    # At least a month old when the first application comes.
    return min(
        middle - dt.timedelta(int(age * _YEAR) + rng.randrange(365)), enters - dt.timedelta(rng.randint(70, 400))
    )


def _group(office: Office, *, entering: bool) -> AgeGroup:
    # The published ages are of everyone in a year; who comes is weighed down by how long that age stays.
    groups = office.profile.age
    return office.rng.choices(groups, [g.users / (g.years if entering else 1) for g in groups])[0]


def _stay(rng: Random, group: AgeGroup) -> int:
    return _SHORTEST + int(rng.expovariate(1 / (group.years * _YEAR)))


def _how(office: Office, group: AgeGroup) -> str:
    if office.rng.random() < group.death:
        return "died"
    return "moved" if office.profile.happens(office.rng, "moves_away") else "done"


def _number(office: Office, person: Person, enters: dt.date, kind: str) -> str | None:
    if kind == "none":
        return None
    if kind == "duf":
        return office.numbers.duf(max(enters.year, 2010))
    give = office.numbers.d_number if kind == "d" else office.numbers.national
    return give(person.born_on, person.sex)
