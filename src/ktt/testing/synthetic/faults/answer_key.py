"""The answer key of planted faults: which rule must find what on which days. It is kept in the record system's database."""

from __future__ import annotations

import datetime as dt
import sqlite3
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any


@dataclass(frozen=True, slots=True)
class ExpectedFinding:
    """A finding of a rule on a record that must come from the first day to the last; None is without limit."""

    rule: str
    local_id: str
    first: dt.date | None = None
    last: dt.date | None = None


@dataclass(slots=True)
class AnswerKey:
    """The expected findings, and the persons who have faults, in whom nothing else changes."""

    expected: list[ExpectedFinding] = field(default_factory=list)
    people: list[str] = field(default_factory=list)

    def on(self, day: dt.date) -> dict[str, list[str]]:
        """What must be found on a day: by rule id the local ids, one for each finding."""
        found = ((each.rule, each.local_id) for each in self.expected if _within(each, day))
        return {rule: [local_id for _, local_id in group] for rule, group in groupby(sorted(found), key=itemgetter(0))}


def _within(each: ExpectedFinding, day: dt.date) -> bool:
    return (each.first is None or each.first <= day) and (each.last is None or day <= each.last)


def save_key(connection: sqlite3.Connection, key: AnswerKey) -> None:
    """Write the key into the database."""
    rows = ((each.rule, each.local_id, _text(each.first), _text(each.last)) for each in key.expected)
    connection.executemany("INSERT INTO _fasit VALUES (?, ?, ?, ?)", rows)
    connection.executemany("INSERT INTO _feilbruker VALUES (?)", ((int(number),) for number in key.people))


def load_key(connection: sqlite3.Connection) -> AnswerKey:
    """The key in the database."""
    rows = connection.execute("SELECT regel, post, fra, til FROM _fasit")
    people = connection.execute("SELECT bruker_nr FROM _feilbruker ORDER BY 1")
    expected = [ExpectedFinding(rule, local_id, _day(first), _day(last)) for rule, local_id, first, last in rows]
    return AnswerKey(expected, [str(number) for (number,) in people])


def _text(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def summary(found: dict[str, list[str]]) -> dict[str, Any]:
    """The key as it is shown: the number of findings in all, and for each rule the number and the records."""
    return {
        "findings": sum(map(len, found.values())),
        "rules": {rule: {"findings": len(ids), "records": sorted(set(ids))} for rule, ids in sorted(found.items())},
    }
