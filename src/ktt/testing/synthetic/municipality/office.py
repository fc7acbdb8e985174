"""The municipality's office: what every registration draws on, and nothing about any person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from ktt.testing.synthetic.municipality.numbers import PersonNumbers, organisation_numbers
from ktt.testing.synthetic.municipality.places import Places
from ktt.testing.synthetic.municipality.profile import Profile, ServiceType

OPENING = dt.date(2017, 1, 1)
"""First day of the duty to report; what ended before is never sent (messages § 7.5)."""

_SHARED_BY = 120
"""About so many recipients share one provider of a kind (ours)."""


class Ids:
    """Running local ids, never reused, also not after a deletion."""

    def __init__(self, last: Mapping[str, int] | None = None) -> None:
        self.last = dict(last or {})

    def next(self, letter: str) -> str:
        """The next id of a kind: `V-0000042`."""
        self.last[letter] = self.last.get(letter, 0) + 1
        return f"{letter}-{self.last[letter]:07d}"

    def person(self) -> str:
        """The next local person number."""
        self.last["person"] = self.last.get("person", 100_000) + 1
        return str(self.last["person"])


@dataclass(slots=True)
class Office:
    """Randomness, ids, distributions, providers, numbers and places of one municipality."""

    rng: Random
    ids: Ids
    profile: Profile
    numbers: PersonNumbers
    places: Places
    providers: Mapping[str, list[str]]
    services: Mapping[str, ServiceType]
    likely: list[dict[str, float]]

    def stamp(self, day: dt.date) -> dt.datetime:
        """A moment in the office hours of a day, local time (never near the hour that happens twice)."""
        minute, second = divmod(int(self.rng.random() * 9 * 3600), 60)
        return dt.datetime(day.year, day.month, day.day, 7 + minute // 60, minute % 60, second)  # noqa: DTZ001 (local time, as the record system stores it)

    def weigh(self, age: int) -> dict[str, float]:
        """The yearly share of each service type at an age."""
        return self.likely[self.profile.group_of(age)]


def open_office(municipality: str, recipients: int, rng: Random, profile: Profile, ids: Ids) -> Office:
    """The office of a municipality; the same municipality and size always has the same providers."""
    kinds = sorted({s.place for s in profile.service if s.place})
    count = 2 + recipients // _SHARED_BY
    numbers = organisation_numbers(4_000_000 + int(municipality) * 500)
    providers = {kind: [next(numbers) for _ in range(count)] for kind in kinds}
    services = {s.code: s for s in profile.service}
    return Office(rng, ids, profile, PersonNumbers(rng), Places(municipality), providers, services, profile.likely())


def owner(municipality: str) -> str:
    """The synthetic organisation number of a municipality."""
    return next(organisation_numbers(1_200_000 + int(municipality) * 10))
