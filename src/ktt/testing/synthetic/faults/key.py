"""The answer key of planted faults: which rule must find what, on which days; kept in the record system's own database."""

from __future__ import annotations

import datetime as dt
import sqlite3
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any


@dataclass(frozen=True, slots=True)
class Expected:
    """One finding that must come: which rule, on which record, and from which day to which; empty is always."""

    rule: str
    local_id: str
    first: dt.date | None = None
    last: dt.date | None = None


@dataclass(slots=True)
class Key:
    """Every finding that must come, and the persons who have faults: nothing else ever happens to those."""

    expected: list[Expected] = field(default_factory=list)
    people: list[str] = field(default_factory=list)

    def on(self, day: dt.date) -> dict[str, list[str]]:
        """What must be found on a day: rule id → local ids, one for each finding."""
        found = ((each.rule, each.local_id) for each in self.expected if _within(each, day))
        return {rule: [local_id for _, local_id in group] for rule, group in groupby(sorted(found), key=itemgetter(0))}


def _within(each: Expected, day: dt.date) -> bool:
    return (each.first is None or each.first <= day) and (each.last is None or day <= each.last)


def save(connection: sqlite3.Connection, key: Key) -> None:
    """Keep the key beside the records."""
    rows = ((each.rule, each.local_id, _text(each.first), _text(each.last)) for each in key.expected)
    connection.executemany("INSERT INTO _fasit VALUES (?, ?, ?, ?)", rows)
    connection.executemany("INSERT INTO _feilbruker VALUES (?)", ((int(number),) for number in key.people))


def load(connection: sqlite3.Connection) -> Key:
    """The key as it was kept."""
    rows = connection.execute("SELECT regel, post, fra, til FROM _fasit")
    people = connection.execute("SELECT bruker_nr FROM _feilbruker ORDER BY 1")
    expected = [Expected(rule, local_id, _day(first), _day(last)) for rule, local_id, first, last in rows]
    return Key(expected, [str(number) for (number,) in people])


def _text(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def told(found: dict[str, list[str]]) -> dict[str, Any]:
    """The key for people and programs: how many findings in all, and for each rule how many, and in which records."""
    return {
        "findings": sum(map(len, found.values())),
        "rules": {rule: {"findings": len(ids), "records": sorted(set(ids))} for rule, ids in sorted(found.items())},
    }
