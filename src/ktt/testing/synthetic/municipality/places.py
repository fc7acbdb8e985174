"""Where persons live: in the reporting municipality, under the numbers it has had, or in a neighbouring one."""

from __future__ import annotations

import datetime as dt
from random import Random

import polars as pl

from ktt.domain.places import (
    FIRST_DAY,
    LAST_DAY,
    SPECIAL_MUNICIPALITIES,
    district_frame,
    municipality_frame,
    successors,
)
from ktt.testing.synthetic.municipality.model import Person, Residence

_DAY = dt.timedelta(1)
_NEIGHBOURS = 6
_CAPITAL = "0301"


class Places:
    """The numbers that one municipality has had, and the other municipalities that persons live in."""

    def __init__(self, municipality: str) -> None:
        self.municipality = municipality
        valid = {
            row[0]: (row[1], row[2])
            for row in municipality_frame().select("municipality", "valid_from", "valid_to").iter_rows()
            if row[0] not in SPECIAL_MUNICIPALITIES
        }
        own = [(number, *days) for number, days in valid.items() if municipality in successors(number)]
        if (known := min(first for _, first, _ in own)) > FIRST_DAY:
            # Numbers that ended before 2017 are not known. Today's number is used instead, so no home is reported.
            own.append((municipality, FIRST_DAY, known - _DAY))
        self._own = sorted(own, key=lambda row: (row[1], row[0]))
        others = {number for number, days in valid.items() if days == (FIRST_DAY, LAST_DAY)} - {municipality}
        near = sorted(others - {_CAPITAL}, key=lambda n: (abs(int(n) - int(municipality)), n))[:_NEIGHBOURS]
        self._others = [*near, *({_CAPITAL} & others)]
        self._districts = _districts()

    def at_home(self, rng: Random, since: dt.date) -> list[Residence]:
        """A residence in the reporting municipality from a day on: a row for each number it has had."""
        rows: list[Residence] = []
        while not rows or rows[-1].ends_on is not None:
            starts = rows[-1].ends_on + _DAY if rows and rows[-1].ends_on else since
            valid = [(number, last) for number, first, last in self._own if first <= starts <= last]
            number, last = rng.choice(valid)
            rows.append(self._residence(rng, number, starts, None if last == LAST_DAY else last))
        return rows

    def elsewhere(self, rng: Random, since: dt.date, but: str | None = None) -> Residence:
        """A residence in another municipality, and not in `but`."""
        return self._residence(rng, rng.choice([n for n in self._others if n != but]), since, None)

    def move_out(self, rng: Random, person: Person, last: dt.date) -> None:
        """Let the person move to another municipality; `last` is the last day at the old address."""
        kept = [r for r in person.residences if r.starts_on <= last]
        kept[-1].ends_on = last
        person.residences = [*kept, self.elsewhere(rng, last + _DAY, kept[-1].municipality)]

    def _residence(self, rng: Random, number: str, starts: dt.date, ends: dt.date | None) -> Residence:
        districts = self._districts.get(number)
        return Residence(starts, number, rng.choice(districts) if districts else None, ends)


def _districts() -> dict[str, list[str]]:
    # Only districts as old as their city's number, so that none is used before it existed.
    cities = municipality_frame().select("municipality", city_from="valid_from")
    lasting = pl.col("own_administration") & (pl.col("valid_from") == pl.col("city_from"))
    rows = district_frame().join(cities, on="municipality").filter(lasting).sort("district")
    found: dict[str, list[str]] = {}
    for city, number in rows.select("municipality", "district").iter_rows():
        found.setdefault(city, []).append(number)
    return found
