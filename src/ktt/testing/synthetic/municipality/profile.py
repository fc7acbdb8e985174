"""The distributions in `data/profile.toml`, and the ways to draw from them."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from random import Random
from typing import Literal

import msgspec

Manner = Literal["lasting", "stay", "simple", "acute"]
Need = Literal["some", "medium", "extensive"]
NEEDS: tuple[Need, ...] = ("some", "medium", "extensive")


class AgeGroup(msgspec.Struct, frozen=True):
    """An age group: its users, years of stay, share that dies, and hours a week by need."""

    first: int = msgspec.field(name="from")
    last: int = msgspec.field(name="to")
    users: int
    years: float
    death: float
    hours: Mapping[Need, float]


class ServiceType(msgspec.Struct, frozen=True):
    """One service type: what it requires, its share of all users, and its weight in each age group."""

    code: str
    local: str
    note: str
    manner: Manner
    provider: Literal["required", "optional", "none"]
    share: float
    by_age: tuple[float, ...]
    place: str | None = None
    hours: Literal["home"] | tuple[float, float] | None = None
    days: tuple[int, int] = (0, 0)
    rotating: bool = False
    first: dt.date | None = msgspec.field(name="from", default=None)
    last: dt.date | None = msgspec.field(name="to", default=None)

    @property
    def needs_decision(self) -> bool:
        """Whether the type asks for application, decision and outcome (domain § 5)."""
        return self.manner in {"lasting", "stay"}

    def valid(self, on: dt.date) -> bool:
        """Whether the type is in use on a day."""
        return (self.first is None or self.first <= on) and (self.last is None or on <= self.last)


class Profile(msgspec.Struct, frozen=True):
    """All distributions."""

    age: tuple[AgeGroup, ...]
    women: tuple[float, ...]
    need: Mapping[Need, float]
    chance: Mapping[str, float]
    rhythm: Mapping[str, tuple[int, int]]
    service: tuple[ServiceType, ...]
    diagnosis: Mapping[str, tuple[str, ...]]
    icpc: float

    def group_of(self, age: int) -> int:
        """The index of the age group of an age in years."""
        return next((i for i, g in enumerate(self.age) if age <= g.last), len(self.age) - 1)

    def service_shares(self) -> list[dict[str, float]]:
        """For each age group, the share of its users with each service type in a year."""
        total = sum(g.users for g in self.age)
        mean = {s.code: sum(g.users / total * w for g, w in zip(self.age, s.by_age, strict=True)) for s in self.service}
        return [
            {s.code: min(0.95, s.share * s.by_age[i] / mean[s.code]) for s in self.service}
            for i in range(len(self.age))
        ]

    def happens(self, rng: Random, what: str) -> bool:
        """Whether something of that chance happens; draws once."""
        return rng.random() < self.chance[what]

    def days(self, rng: Random, what: str) -> dt.timedelta:
        """Draw a number of days from the range of that name."""
        return dt.timedelta(rng.randint(*self.rhythm[what]))


@cache
def load_profile() -> Profile:
    """The profile that comes with the project."""
    text = resources.files(__package__).joinpath("data/profile.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), Profile)
