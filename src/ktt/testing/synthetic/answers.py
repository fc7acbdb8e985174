"""The answer key: what must be sent of the record system's content, found without any of the program's own code for it.

Which records are to be sent is messages § 7.5: own date in 2017 or later, or still in force on 1 January 2017.
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ktt.domain.content import content_hash
from ktt.testing.synthetic.faults.answer_key import load_key, summary
from ktt.testing.synthetic.faults.planting import planted_elsewhere
from ktt.testing.synthetic.municipality.municipality import OPENING
from ktt.testing.synthetic.municipality.numbers import kind_of
from ktt.testing.synthetic.record_system.reader import Row, flat, read, unreadable
from ktt.testing.synthetic.record_system.tables import ASSESSMENTS, DECISIONS, PEOPLE, RECORDS, SERVICES, Table

NOT_STARTED, BEFORE_OPENING = "no start date", "ended before 2017"
UNREAD = "cannot be read"
"""Why a record is not sent: it holds something that the record system itself would never write."""
_NO_NUMBER = "KTT-PERSON-02"
_OWN_DATE = {
    "decision": ("decided_on", "applied_on"),
    "care_service": ("starts_on",),
    "circumstances": ("starts_on",),
    "assessment": ("assessed_on",),
    "diagnosis": ("starts_on",),
}


@dataclass(slots=True)
class _Account:
    """What is needed to decide whether a record is sent, and what was found."""

    municipality: str
    homes: dict[str, list[Row]]
    in_force: set[str]
    valid_assessment: dict[str, dt.date]
    concerned: set[str] = field(default_factory=set)
    nameless: list[str] = field(default_factory=list)
    sent: Counter[str] = field(default_factory=Counter)
    excluded: dict[str, Counter[str]] = field(default_factory=dict)


def describe(connection: sqlite3.Connection) -> dict[str, Any]:
    """The answer key as plain data: unit, day, counts and content hashes of what is sent, faults, and the log of days."""
    organisation, municipality = connection.execute("SELECT orgnr, kommunenr FROM installasjon").fetchone()
    account = _Account(
        municipality, _homes(connection), _decisions_in_force(connection), _valid_assessments(connection)
    )
    content = {table.record: content_hash(_sendable(connection, table, account)) for table in RECORDS}
    content[PEOPLE.record] = content_hash(_recipients(connection, account))
    (as_of,) = connection.execute("SELECT max(dato) FROM eksport_logg").fetchone()
    return {
        "unit": {"organisation": organisation, "municipality": municipality, "district": None},
        "as_of": as_of,
        "counts": dict(sorted(account.sent.items())),
        "content": dict(sorted(content.items())),
        "excluded": {record: dict(sorted(why.items())) for record, why in sorted(account.excluded.items())},
        "faults": _faults(connection, dt.date.fromisoformat(as_of), account.nameless),
        "days": _days(connection),
    }


def _homes(connection: sqlite3.Connection) -> dict[str, list[Row]]:
    return {str(row["local_person_id"]): row["residence"] for row in read(connection, PEOPLE)}  # type: ignore[misc]


def _decisions_in_force(connection: sqlite3.Connection) -> set[str]:
    """The decisions that a service which is sent refers to."""
    rows = flat(connection, SERVICES)
    return {str(row["decision_id"]) for row in rows if row["decision_id"] and not _why_service_not(row)}


def _valid_assessments(connection: sqlite3.Connection) -> dict[str, dt.date]:
    """For each person, the day of the assessment that was valid on the opening day."""
    latest: dict[str, dt.date] = {}
    for row in flat(connection, ASSESSMENTS):
        person, on = str(row["local_person_id"]), row["assessed_on"]
        if isinstance(on, dt.date) and on <= OPENING:
            latest[person] = max(on, latest.get(person, on))
    return latest


def _sendable(connection: sqlite3.Connection, table: Table, account: _Account) -> Iterator[Row]:
    for row in read(connection, table):
        if why := _why_not(table, row, account):
            account.excluded.setdefault(table.record, Counter())[why] += 1
            continue
        person = str(row["local_person_id"])
        account.concerned.add(person)
        account.sent[table.record] += 1
        yield row | _home(account, person, _own_date(table, row))


def _own_date(table: Table, row: Row) -> dt.date:
    return next(day for name in _OWN_DATE[table.record] if isinstance(day := row[name], dt.date))


def _dated(table: Table, row: Row) -> bool:
    return any(isinstance(row[name], dt.date) for name in _OWN_DATE[table.record])


def _why_not(table: Table, row: Row, account: _Account) -> str | None:
    if table is SERVICES and not unreadable(row):
        return _why_service_not(row)
    if unreadable(row) or not _dated(table, row):
        return UNREAD
    own = _own_date(table, row)
    if own >= OPENING:
        return None
    if table is DECISIONS:
        stays = row["decision_id"] in account.in_force
    elif table is ASSESSMENTS:
        stays = account.valid_assessment[str(row["local_person_id"])] == own
    else:
        stays = _still_in_force(row)
    return None if stays else BEFORE_OPENING


def _why_service_not(row: Row) -> str | None:
    if not isinstance(row["starts_on"], dt.date):
        return NOT_STARTED
    return None if _still_in_force(row) else BEFORE_OPENING


def _still_in_force(row: Row) -> bool:
    return not (isinstance(ends := row["ends_on"], dt.date) and ends < OPENING)


def _home(account: _Account, person: str, on: dt.date) -> Row:
    for home in account.homes[person]:
        starts, ends = home["starts_on"], home["ends_on"]
        if isinstance(starts, dt.date) and starts <= on and not (isinstance(ends, dt.date) and ends < on):
            own = home["municipality"] == account.municipality
            return {"home_municipality": None if own else home["municipality"], "home_district": home["district"]}
    return {}


def _recipients(connection: sqlite3.Connection, account: _Account) -> Iterator[Row]:
    for row in flat(connection, PEOPLE):
        if why := UNREAD if unreadable(row) else _why_person_not(row, account):
            account.excluded.setdefault(PEOPLE.record, Counter())[why] += 1
            continue
        account.sent[PEOPLE.record] += 1
        number = row["person_number"]
        if not number:
            account.nameless.append(str(row["local_person_id"]))
        yield {
            "local_person_id": row["local_person_id"],
            "person_number": number,
            "person_number_kind": kind_of(str(number) if number else None),
            "died_on": row["died_on"],
        }


def _why_person_not(row: Row, account: _Account) -> str | None:
    return None if row["local_person_id"] in account.concerned else "no record to be sent"


def _faults(connection: sqlite3.Connection, day: dt.date, nameless: list[str]) -> dict[str, Any]:
    """All that the rules must find on that day: the planted faults, and the persons who have no number."""
    key = load_key(connection)
    unplanted = {_NO_NUMBER: nameless} if nameless else {}
    return summary(key.on(day) | unplanted) | ({"planted_elsewhere": planted_elsewhere()} if key.people else {})


def _days(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    days: dict[str, list[dict[str, Any]]] = {}
    for day, kind, records in connection.execute("SELECT dato, art, poster FROM _dagbok ORDER BY nr"):
        days.setdefault(day, []).append({"kind": kind, "records": json.loads(records)})
    return [{"day": day, "done": done} for day, done in days.items()]
