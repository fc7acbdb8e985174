"""Faults in a whole town: planted in a record system, in records, or in the unit that reports."""

from __future__ import annotations

import datetime as dt
import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache

import polars as pl

import ktt.testing.synthetic.faults as themes
from ktt.domain.records import ALL_TYPES, Records, frame_of
from ktt.domain.unit import ReportingUnit
from ktt.testing.synthetic.faults.case import Case, clean_case
from ktt.testing.synthetic.faults.frames import records_of
from ktt.testing.synthetic.faults.key import Expected, Key
from ktt.testing.synthetic.faults.planter import PLANTERS, TWICE, Planter, Road
from ktt.testing.synthetic.municipality.model import Person
from ktt.testing.synthetic.municipality.office import Office

_REAL = "974760673"  # Enhetsregisteret itself: a real organisation number, which production asks for
_GONE, _DISTRICT = "1601", "01"

UNIT_FAULTS: Mapping[str, ReportingUnit] = {
    "KTT-ENHET-01": ReportingUnit("312000009", "1114"),
    "KTT-ENHET-02": ReportingUnit("312000008", "1114"),  # a fault in production
    "KTT-ENHET-03": ReportingUnit("312000008", _GONE),
    "KTT-ENHET-04": ReportingUnit("312000008", "1114", _DISTRICT),
}
"""For each rule on the reporting unit, a unit that breaks it and no other."""


@cache
def planters(road: Road) -> tuple[Planter, ...]:
    """The faults of a road, by rule id."""
    for module in pkgutil.iter_modules(themes.__path__):
        importlib.import_module(f"{themes.__name__}.{module.name}")
    return tuple(PLANTERS[rule] for rule in sorted(PLANTERS) if PLANTERS[rule].road is road)


def planted_elsewhere() -> dict[str, str]:
    """The rules that no record system's content can break, and why: what stops the fault, production, or the unit."""
    stopped = {planter.rule: str(planter.stopped_by) for planter in planters(Road.FRAMES)}
    only = {planter.rule: Road.PRODUCTION.value for planter in planters(Road.PRODUCTION)}
    return dict(sorted({**stopped, **only, **dict.fromkeys(UNIT_FAULTS, "unit")}.items()))


def faulty_people(office: Office, today: dt.date, count: int, key: Key, road: Road) -> Iterator[Person]:
    """For each rule of a road so many faults, each in a person of its own. `key` is filled as they come."""
    for planter in planters(road):
        for _ in range(count):
            case = clean_case(office, today)
            if road is Road.PRODUCTION:
                _as_in_production(case, planter)
            local_id = planter.plant(case)
            places = 2 if planter.stopped_by == TWICE else 1  # what stands twice is told at both places
            key.expected += [Expected(planter.rule, local_id, last=case.until)] * places + case.further
            key.people += [person.local_person_id for person in (case.person, *case.others)]
            yield case.person
            yield from case.others


def _as_in_production(case: Case, planter: Planter) -> None:
    """Only what the fault is about is synthetic: a DUF number does not tell, and the register's own number is real."""
    if planter.rule != "KTT-PERSON-04":
        case.without_birthday()
    if planter.rule != "KTT-UTFORER-06":
        for period in case.service.providers:
            period.provider = _REAL


def spoilt_records(clean: Records, office: Office, today: dt.date, count: int, road: Road) -> tuple[Records, Key]:
    """Clean records with the faults of a road among them, and the answer key."""
    key = Key()
    faulty = records_of(list(faulty_people(office, today, count, key, road)))
    return {name: pl.concat([frame_of(clean, kind), faulty[name]]) for name, kind in ALL_TYPES.items()}, key
