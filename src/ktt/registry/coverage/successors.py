"""Which units have ended, and which took over: by municipality reforms and by units of the same place that came later."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping

from ktt.domain import places
from ktt.domain.unit import ReportingUnit

Place = tuple[str, str | None]
"""Municipality and district."""


def ended(heard: Mapping[str, tuple[dt.date, dt.date]], on: dt.date) -> dict[str, tuple[str, ...]]:
    """The units that are not expected any more on a day, and the units that took over from each.

    `heard` has each unit's first and last day. A unit has ended when its municipality number is not in use, or when
    another unit of the same place was heard of first after this one was heard of last.
    """
    by_place: dict[Place, list[str]] = {}
    for unit in sorted(heard):
        by_place.setdefault(_place(unit), []).append(unit)
    found = {}
    for unit in heard:
        number, district = _place(unit)
        if places.municipality(number, on) is None:
            today = places.successors(number)
            found[unit] = tuple(one for new in today for one in _of(by_place, new))
        else:
            later = [one for one in by_place[number, district] if heard[one][0] > heard[unit][1]]
            if later:
                found[unit] = tuple(later)
    return found


def never_heard(units: Collection[str], granted: Collection[str], on: dt.date) -> list[str]:
    """Who is known and was never heard of: units that may send, and else the number of a municipality without any unit.

    Of a city whose units are districts, the districts without a unit: `0301-03`.
    """
    waiting = sorted(set(granted) - set(units))
    covered = {_place(unit) for unit in (*units, *granted)}
    whole = {number for number, district in covered if district is None}
    divided = {number for number, _ in covered} - whole
    missing = [number for number in _municipalities(on) if number not in whole | divided]
    missing += [f"{n}-{d}" for n, d in _districts(on) if n in divided and (n, d) not in covered]
    return [*waiting, *sorted(missing)]


def _municipalities(on: dt.date) -> list[str]:
    frame = places.municipality_frame()
    valid = frame.filter((frame["valid_from"] <= on) & (frame["valid_to"] >= on))
    return [number for number in valid["municipality"] if number not in places.SPECIAL_MUNICIPALITIES]


def _districts(on: dt.date) -> list[tuple[str, str]]:
    frame = places.district_frame()
    valid = frame.filter((frame["valid_from"] <= on) & (frame["valid_to"] >= on) & frame["own_administration"])
    return list(valid.select("municipality", "district").iter_rows())


def _place(unit: str) -> Place:
    who = ReportingUnit.from_key(unit)
    return who.municipality, who.district


def _of(by_place: Mapping[Place, list[str]], municipality: str) -> list[str]:
    return [unit for (number, _), units in by_place.items() if number == municipality for unit in units]
