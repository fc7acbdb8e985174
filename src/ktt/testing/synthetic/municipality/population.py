"""The persons of a municipality: a number of recipients at any time, drawn from the published distributions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from ktt.testing.synthetic.municipality.care_history import CareHistory, CarePeriod
from ktt.testing.synthetic.municipality.model import Person
from ktt.testing.synthetic.municipality.municipality import OPENING, Municipality
from ktt.testing.synthetic.municipality.profile import NEEDS, AgeGroup

_YEAR = 365.25
_SHORTEST, _LONGEST_BEFORE = 20, 4 * 365  # days
_PAST = 0.08  # share of persons who had left before 2017 (an assumption)
_VERY_OLD = 90


@dataclass(frozen=True, slots=True)
class Population:
    """Generates persons up to the record system's today. `unidentified` is the share without any national number."""

    municipality: Municipality
    until: dt.date
    unidentified: float

    def people(self, recipients: int, first: dt.date) -> Iterator[Person]:
        """Everyone who has ever been a recipient, with all records; `recipients` of them at any time from `first`."""
        for _ in range(recipients):
            if self.municipality.rng.random() < _PAST:
                yield self._left_before(min(first, OPENING))
            yield from self._successive(first)

    def _successive(self, first: dt.date) -> Iterator[Person]:
        """Persons who follow each other, so that there is always one of them."""
        rng = self.municipality.rng
        group = _group(self.municipality, entering=False)
        enters = first - dt.timedelta(min(_stay(rng, group), _LONGEST_BEFORE))
        leaves = first + dt.timedelta(_stay(rng, group))
        while enters <= self.until:
            yield self._with_history(group, enters, leaves)
            enters = leaves + self.municipality.profile.days(rng, "gap")
            group = _group(self.municipality, entering=True)
            leaves = enters + dt.timedelta(_stay(rng, group))

    def _left_before(self, day: dt.date) -> Person:
        rng = self.municipality.rng
        leaves = day - dt.timedelta(rng.randint(10, 1200))
        enters = leaves - dt.timedelta(rng.randint(_SHORTEST, 900))
        return self._with_history(_group(self.municipality, entering=True), enters, leaves)

    def _with_history(self, group: AgeGroup, enters: dt.date, leaves: dt.date) -> Person:
        person = self.newcomer(group, enters, leaves)
        need = self.municipality.rng.choices(NEEDS, [self.municipality.profile.need[n] for n in NEEDS])[0]
        period = CarePeriod(enters, leaves, _ending(self.municipality, group))
        CareHistory(self.municipality, person, period, self.until, need).generate()
        return person

    def newcomer(self, group: AgeGroup, enters: dt.date, leaves: dt.date, kind: str | None = None) -> Person:
        """A person who is in the age group in the middle of the stay, with sex, number and residence, but no records."""
        municipality, rng = self.municipality, self.municipality.rng
        born = _birth(rng, group, enters, leaves)
        sex = "2" if rng.random() < municipality.profile.women[municipality.profile.age.index(group)] else "1"
        person = Person(municipality.ids.person(), born, sex)
        person.person_number = _number(municipality, person, enters, kind or self._kind())
        since = max(born, enters - dt.timedelta(rng.randrange(1700, 9000)))
        elsewhere = municipality.profile.happens(rng, "elsewhere")
        person.residences = (
            [municipality.places.elsewhere(rng, since)] if elsewhere else municipality.places.at_home(rng, since)
        )
        return person

    def _kind(self) -> str:
        chance = self.municipality.profile.chance
        shares = {"none": self.unidentified, "d": chance["d_number"], "duf": chance["duf_number"]}
        drawn = self.municipality.rng.random()
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


def _group(municipality: Municipality, *, entering: bool) -> AgeGroup:
    # The published ages are of people_over_time in a year; who comes is weighed down by how long that age stays.
    groups = municipality.profile.age
    return municipality.rng.choices(groups, [g.users / (g.years if entering else 1) for g in groups])[0]


def _stay(rng: Random, group: AgeGroup) -> int:
    return _SHORTEST + int(rng.expovariate(1 / (group.years * _YEAR)))


def _ending(municipality: Municipality, group: AgeGroup) -> str:
    if municipality.rng.random() < group.death:
        return "died"
    return "moved" if municipality.profile.happens(municipality.rng, "moves_away") else "done"


def _number(municipality: Municipality, person: Person, enters: dt.date, kind: str) -> str | None:
    if kind == "none":
        return None
    if kind == "duf":
        return municipality.numbers.duf(max(enters.year, 2010))
    give = municipality.numbers.d_number if kind == "d" else municipality.numbers.national
    return give(person.born_on, person.sex)
