"""Records told from a few plain facts, as a message and as the reference is told of it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from ktt.domain.records import Records
from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import AcceptedMessage
from ktt.registry import Registry
from support.naive_clocks import NaiveClocks
from support.registry_inbox import START, frames, message, minute, recipient

KEYS = {"care_service": "service_id", "assessment": "assessment_id", "diagnosis": "diagnosis_id"}

Facts = tuple[str, dt.date, dt.date | None, str]
"""Local person, first day, last day, kind of care."""
About = Mapping[ReportingUnit, tuple[Mapping[str, Facts], Iterable[str]]]
"""What a message says of each unit: records by id, and ids that are deleted."""
Numbers = Mapping[str, str | None]
"""The number of each local person."""


def score(name: str) -> dict[str, object]:
    """One score of an assessment."""
    return {"assessment_id": name, "variable": "1", "score": "2"}


def content_of(
    record_type: str, person: str, begins: dt.date | None, ends: dt.date | None, kind: str
) -> dict[str, Any]:
    """A record of each type from the same four facts."""
    common = {"local_person_id": person, "recorded_at": START}
    if record_type == "assessment":
        return {**common, "assessed_on": begins}
    more = {"service_type": kind} if record_type == "care_service" else {"code_system": "7170", "code": f"A{kind}"}
    return {**common, "starts_on": begins, "ends_on": ends, **more}


def records_of(record_type: str, upserts: Mapping[str, Facts], numbers: Numbers) -> Records:
    """The frames of a message about one unit."""
    rows = [{KEYS[record_type]: name, **content_of(record_type, *facts)} for name, facts in upserts.items()]
    people = [recipient(name, numbers[name]) for name in sorted({facts[0] for facts in upserts.values()})]
    parts = {"score": [score(name) for name in upserts]} if record_type == "assessment" else {}
    return frames(recipient=people, **{record_type: rows}, **parts)


def sent(position: int, record_type: str, about: About, at: int, numbers: Numbers) -> AcceptedMessage:
    """The message, about one unit or several, received so many minutes after START."""
    each = [
        message(
            position,
            records_of(record_type, upserts, numbers) if upserts else None,
            sorted(gone),
            record_type=record_type,
            unit=unit,
            at=minute(at),
        )
        for unit, (upserts, gone) in about.items()
    ]
    items = [item for one in each for item in json.loads(one.payload)]
    return dataclasses.replace(each[0], units=tuple(about), payload=json.dumps(items).encode())


def tell(naive: NaiveClocks, record_type: str, about: About, at: int, numbers: Numbers) -> None:
    """Tell the reference the same."""
    for unit, (upserts, gone) in about.items():
        for person in {facts[0] for facts in upserts.values()}:
            content = {"local_person_id": person, "identity": identity(unit, person, numbers)}
            naive.tell(unit.key, "recipient", person, minute(at), content)
        for name in set(gone) - set(upserts):
            naive.tell(unit.key, record_type, name, minute(at), None)
        for name, facts in upserts.items():
            content = content_of(record_type, *facts) | {"identity": identity(unit, facts[0], numbers)}
            naive.tell(unit.key, record_type, name, minute(at), content)


def identity(unit: ReportingUnit, person: str, numbers: Numbers) -> str:
    """Who a local person is: the number, or unit and local id where there is none."""
    return numbers[person] or f"{unit.key} {person}"


def pseudonyms_of(
    registry: Registry, units: Iterable[ReportingUnit], people: Mapping[str, Iterable[str | None]]
) -> dict[str, str]:
    """Identity → person key, for every number that a local person may have in these units."""
    rows = [
        {"unit": unit.key, "local_person_id": name, "person_number": number}
        for unit in units
        for name, numbers in people.items()
        for number in numbers
    ]
    keyed = registry.identities.with_keys(pl.DataFrame(rows)).to_dicts()
    return {one["person_number"] or f"{one['unit']} {one['local_person_id']}": one["person_key"] for one in keyed}


def facts_of(record_type: str) -> list[str]:
    """The columns that the reference knows, `person_key` for its identity."""
    stated = [] if record_type == "recipient" else content_of(record_type, "", None, None, "")
    return [*(name for name in stated if name != "recorded_at"), "person_key"]


def by_reference(
    record_type: str, contents: Mapping[str, dict[str, Any]], pseudonyms: Mapping[str, str]
) -> dict[str, list[Any]]:
    """What is expected of the registry's rows, by name."""
    keyed = {name: {**one, "person_key": pseudonyms[one["identity"]]} for name, one in contents.items()}
    return {name: [one[fact] for fact in facts_of(record_type)] for name, one in keyed.items()}
