"""What one synthetic municipality needs to generate persons and registrations."""

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
    """Running local ids. None is used again, not even after a deletion."""

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
class Municipality:
    """The random generator, ids, distributions, providers, numbers and places of one municipality.

    `shares` holds for each age group the yearly share of each service type.
    """

    rng: Random
    ids: Ids
    profile: Profile
    numbers: PersonNumbers
    places: Places
    providers: Mapping[str, list[str]]
    services: Mapping[str, ServiceType]
    shares: list[dict[str, float]]

    def stamp(self, day: dt.date) -> dt.datetime:
        """An instant in the working hours of a day, local time; never near the hour that occurs twice in autumn."""
        minute, second = divmod(int(self.rng.random() * 9 * 3600), 60)
        return dt.datetime(day.year, day.month, day.day, 7 + minute // 60, minute % 60, second)  # noqa: DTZ001 (local time, as the record system stores it)

    def service_shares(self, age: int) -> dict[str, float]:
        """The yearly share of each service type at an age."""
        return self.shares[self.profile.group_of(age)]


def create_municipality(number: str, recipients: int, rng: Random, profile: Profile, ids: Ids) -> Municipality:
    """The municipality of a number; the same number and size always gives the same providers."""
    kinds = sorted({s.place for s in profile.service if s.place})
    count = 2 + recipients // _SHARED_BY
    organisations = organisation_numbers(4_000_000 + int(number) * 500)
    providers = {kind: [next(organisations) for _ in range(count)] for kind in kinds}
    services = {s.code: s for s in profile.service}
    return Municipality(
        rng, ids, profile, PersonNumbers(rng), Places(number), providers, services, profile.service_shares()
    )


def owner(municipality: str) -> str:
    """The synthetic organisation number of a municipality."""
    return next(organisation_numbers(1_200_000 + int(municipality) * 10))
