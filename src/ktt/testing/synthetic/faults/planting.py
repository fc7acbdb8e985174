"""Plants the faults: as persons for a record system, among canonical records, or in the unit that reports."""

from __future__ import annotations

import datetime as dt
import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache

import polars as pl

import ktt.testing.synthetic.faults as package
from ktt.domain.records import ALL_TYPES, Records, frame_of
from ktt.domain.unit import ReportingUnit
from ktt.testing.synthetic.faults.answer_key import AnswerKey, ExpectedFinding
from ktt.testing.synthetic.faults.definitions import DEFINITIONS, TWICE, FaultDefinition, Origin
from ktt.testing.synthetic.faults.frames import records_of
from ktt.testing.synthetic.faults.person_case import PersonCase, clean_case
from ktt.testing.synthetic.municipality.model import Person
from ktt.testing.synthetic.municipality.municipality import Municipality

_REAL = "974760673"  # of Enhetsregisteret itself: a real organisation number, as production demands
_GONE, _DISTRICT = "1601", "01"

UNIT_FAULTS: Mapping[str, ReportingUnit] = {
    "KTT-ENHET-01": ReportingUnit("312000009", "1114"),
    "KTT-ENHET-02": ReportingUnit("312000008", "1114"),  # a fault in production
    "KTT-ENHET-03": ReportingUnit("312000008", _GONE),
    "KTT-ENHET-04": ReportingUnit("312000008", "1114", _DISTRICT),
}
"""For each rule on the reporting unit, a unit that breaks it and no other."""


@cache
def definitions_of(origin: Origin) -> tuple[FaultDefinition, ...]:
    """The definitions of one origin, sorted by rule id."""
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    return tuple(DEFINITIONS[rule] for rule in sorted(DEFINITIONS) if DEFINITIONS[rule].origin is origin)


def planted_elsewhere() -> dict[str, str]:
    """The rules that a record system's content cannot break, and why: the finding that stops it, `production`, or `unit`."""
    stopped = {definition.rule: str(definition.stopped_by) for definition in definitions_of(Origin.RECORDS)}
    only = {definition.rule: Origin.PRODUCTION.value for definition in definitions_of(Origin.PRODUCTION)}
    return dict(sorted({**stopped, **only, **dict.fromkeys(UNIT_FAULTS, "unit")}.items()))


def faulty_people(
    municipality: Municipality, today: dt.date, count: int, key: AnswerKey, origin: Origin
) -> Iterator[Person]:
    """Persons with `count` faults of each rule of an origin, one in each. Their expected findings are added to `key`."""
    for definition in definitions_of(origin):
        for _ in range(count):
            case = clean_case(municipality, today)
            if origin is Origin.PRODUCTION:
                _as_in_production(case, definition)
            local_id = definition.plant(case)
            places = (
                2 if definition.stopped_by == TWICE else 1
            )  # a record that occurs twice gives a finding at both places
            key.expected += [ExpectedFinding(definition.rule, local_id, last=case.until)] * places + case.further
            key.people += [person.local_person_id for person in (case.person, *case.others)]
            yield case.person
            yield from case.others


def _as_in_production(case: PersonCase, definition: FaultDefinition) -> None:
    """Make everything but the fault fit for production: a DUF number, which does not tell, and a real organisation."""
    if definition.rule != "KTT-PERSON-04":
        case.without_birthday()
    if definition.rule != "KTT-UTFORER-06":
        for period in case.service.providers:
            period.provider = _REAL


def faulty_records(
    clean: Records, municipality: Municipality, today: dt.date, count: int, origin: Origin
) -> tuple[Records, AnswerKey]:
    """Clean records together with the faults of an origin, and the answer key."""
    key = AnswerKey()
    faulty = records_of(list(faulty_people(municipality, today, count, key, origin)))
    return {name: pl.concat([frame_of(clean, kind), faulty[name]]) for name, kind in ALL_TYPES.items()}, key
