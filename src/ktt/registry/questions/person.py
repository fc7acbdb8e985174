"""The story of one person: every version of every record, with both clocks; or what held on a day as it was known.

A person is a unit's local person, or whoever has a number. The two are never led from one to the other: a unit may have
corrected a number that belongs to somebody else. Every look is written down before anything is read.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.domain.records import RECIPIENT
from ktt.domain.unit import ReportingUnit
from ktt.registry.errors import PersonUnknown
from ktt.registry.identity.identities import Identities
from ktt.registry.persons.whom import LocalPerson, NumberedPerson, Whom, keys_of
from ktt.registry.tables import LAYOUTS, Layout
from ktt.registry.two_clocks import NOW, AsOf, Condition, records_as_of
from ktt.storage.database import Database

_ADMINISTRATIVE = frozenset(
    {"municipality", "unit", "person_key", "fingerprint", "deleted", "position", "known_from", "known_to"}
    | {"version", "newest"}
)
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StoryLine:
    """One version of one record. It was known in [known_from, known_to) and holds from its first to its last day."""

    record_type: str
    unit: str
    local_id: str = field(repr=False)
    version: int
    holds_from: dt.date | None
    holds_to: dt.date | None
    known_from: dt.datetime
    known_to: dt.datetime | None
    deleted: bool
    position: int
    content: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Story:
    """The lines by record type, unit, id and version."""

    lines: tuple[StoryLine, ...]

    @property
    def units(self) -> tuple[str, ...]:
        """Those that know the person."""
        return tuple(sorted({line.unit for line in self.lines}))


class Stories:
    """Tells them, from the registry in `database`."""

    def __init__(self, database: Database, identities: Identities) -> None:
        self._database, self._identities = database, identities

    def of(self, whom: Whom, who: str, why: str, as_of: AsOf = NOW) -> Story:
        """The story of a person, however named; PersonUnknown, ReasonMissing."""
        if isinstance(whom, LocalPerson):
            return self.of_local(whom.unit, whom.local_id, who, why, as_of)
        return self.of_number(whom.number, who, why, as_of)

    def of_local(self, unit: ReportingUnit, local_id: str, who: str, why: str, as_of: AsOf = NOW) -> Story:
        """What a unit has told of its local person, whichever numbers the person had; PersonUnknown, ReasonMissing."""
        known = LAYOUTS[RECIPIENT.name].known.c
        own = (known.municipality == unit.municipality, known.unit == unit.key, known.local_person_id == local_id)
        with self._database.reading() as connection:
            keys = sorted(connection.scalars(sa.select(known.person_key).where(*own).distinct()))
        self._identities.note_looks(keys or [self._identities.local_key(unit, local_id)], who, why)
        return self._story(keys, as_of, unit.key, local_id)

    def of_number(self, number: str, who: str, why: str, as_of: AsOf = NOW) -> Story:
        """What all units have told of whoever has the number, which is in plain form, also under an earlier one."""
        with self._database.reading() as connection:
            keys = keys_of(connection, self._identities, NumberedPerson(number))
        self._identities.note_looks(keys, who, why)
        return self._story(keys, as_of)

    def _story(self, keys: Sequence[str], as_of: AsOf, unit: str | None = None, local_id: str | None = None) -> Story:
        with self._database.reading() as connection:
            lines = story_lines(connection, keys, as_of, unit, local_id)
        if not lines and as_of == NOW:
            raise PersonUnknown
        return Story(tuple(lines))


def story_lines(
    connection: Connection,
    keys: Sequence[str],
    as_of: AsOf = NOW,
    unit: str | None = None,
    local_id: str | None = None,
) -> list[StoryLine]:
    """What the registry has about these keys, or of them about one unit's local person. Whoever asks has written it down."""
    return [
        line
        for layout in LAYOUTS.values()
        for line in _lines(connection, layout, as_of, _about(layout, keys, unit, local_id))
    ]


def _about(layout: Layout, keys: Sequence[str], unit: str | None, local_id: str | None) -> list[Condition]:
    known = layout.known.c
    mine: list[Condition] = [known.person_key.in_(keys)]
    return mine if unit is None else [*mine, known.unit == unit, known.local_person_id == local_id]


def _lines(connection: Connection, layout: Layout, as_of: AsOf, about: list[Condition]) -> Iterator[StoryLine]:
    query = records_as_of(layout, as_of, *about) if as_of != NOW else sa.select(layout.known).where(*about)
    rows: list[Row] = [dict(row) for row in connection.execute(query).mappings()]
    if as_of == NOW:
        rows += _deletions(connection, layout, rows)
    for row in sorted(rows, key=lambda row: (row["unit"], row[layout.key], row["version"])):
        yield _line(layout, row)


def _deletions(connection: Connection, layout: Layout, rows: Sequence[Row]) -> Iterator[Row]:
    """The deletions that follow these versions. A deletion has no content, so nothing else tells whom it is about."""
    known = layout.known.c
    ended = {(row["municipality"], row["unit"], row[layout.key], row["version"] + 1) for row in rows if row["known_to"]}
    ended -= {(row["municipality"], row["unit"], row[layout.key], row["version"]) for row in rows}
    for (municipality, unit), each in groupby(sorted(ended), lambda one: one[:2]):
        after = {one[2:] for one in each}
        of_unit = (known.municipality == municipality, known.unit == unit, known.deleted)
        query = sa.select(layout.known).where(*of_unit, known[layout.key].in_({name for name, _ in after}))
        found = connection.execute(query).mappings()
        yield from (dict(row) for row in found if (row[layout.key], row["version"]) in after)


def _line(layout: Layout, row: Row) -> StoryLine:
    dates = (row[name] for name in layout.record_type.own_date)
    stated = {name: value for name, value in row.items() if name not in _ADMINISTRATIVE and value is not None}
    stated |= {part.name: json.loads(stated[part.name]) for part in layout.parts if part.name in stated}
    return StoryLine(
        record_type=layout.record_type.name,
        unit=row["unit"],
        local_id=row[layout.key],
        version=row["version"],
        holds_from=next((day for day in dates if day is not None), None),
        holds_to=row.get("ends_on"),
        known_from=row["known_from"],
        known_to=row["known_to"],
        deleted=row["deleted"],
        position=row["position"],
        content={name: value for name, value in stated.items() if name != layout.key},
    )
