"""How it stands with each unit: what was last received and ingested, what it has as of two times, and whether it waits."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.domain.records import RECIPIENT, ROOTS
from ktt.registry.ingest.held_units import HeldUnit, held_units
from ktt.registry.persons.one_key import linked_keys
from ktt.registry.tables import INGESTED, INGESTED_UNIT, LAYOUTS, WAITING
from ktt.registry.two_clocks import AsOf, known_at, records_as_of
from ktt.storage.database import Database


@dataclass(frozen=True, slots=True)
class UnitState:
    """One unit. Messages and instants are of what was ingested and had been received by then; `records` by root type."""

    unit: str
    messages: int
    last_received: dt.datetime | None
    last_ingested: dt.datetime | None
    persons: int
    records: Mapping[str, int]
    waits: HeldUnit | None  # now, whatever was asked about


@dataclass(frozen=True, slots=True)
class RegistryState:
    """The whole registry, unit by unit. A message about several units counts in each, and once in `messages`."""

    units: tuple[UnitState, ...]
    messages: int
    last_received: dt.datetime | None
    last_ingested: dt.datetime | None
    persons: int  # one who is known in several units by the same number counts once
    records: Mapping[str, int]
    waiting_messages: int


def registry_state(database: Database, as_of: AsOf) -> RegistryState:
    """Every unit that anything was ingested of, or that waits, by its key; in one picture of the database."""
    with database.reading() as connection:
        held = {one.unit: one for one in held_units(connection)}
        received = _received(connection, as_of)
        counts = {kind.name: _counts(connection, kind.name, as_of) for kind in ROOTS}
        persons_of, persons = _persons(connection, as_of)
        units = [
            UnitState(
                unit=unit,
                messages=messages,
                last_received=last_received,
                last_ingested=last_ingested,
                persons=persons_of[unit],
                records={kind.name: counts[kind.name][unit] for kind in ROOTS},
                waits=held.get(unit),
            )
            for unit in sorted({*received, *held})
            for messages, last_received, last_ingested in [received.get(unit, (0, None, None))]
        ]
        messages, last_received, last_ingested = connection.execute(_journal(as_of)).one()
        waiting = connection.scalar(sa.select(sa.func.count(WAITING.c.position.distinct()))) or 0
        return RegistryState(
            units=tuple(units),
            messages=messages,
            last_received=last_received,
            last_ingested=last_ingested,
            persons=persons,
            records={kind.name: sum(counts[kind.name].values()) for kind in ROOTS},
            waiting_messages=waiting,
        )


def _journal(as_of: AsOf) -> sa.Select[*tuple[Any, ...]]:
    """How many messages, and when the last was received and ingested."""
    found = sa.select(sa.func.count(), sa.func.max(INGESTED.c.received_at), sa.func.max(INGESTED.c.ingested_at))
    return found if as_of.known_at is None else found.where(INGESTED.c.received_at <= as_of.known_at)


def _received(connection: Connection, as_of: AsOf) -> dict[str, tuple[int, dt.datetime | None, dt.datetime | None]]:
    """The same by unit."""
    of_unit = sa.join(INGESTED, INGESTED_UNIT, INGESTED_UNIT.c.position == INGESTED.c.position)
    query = _journal(as_of).select_from(of_unit).add_columns(INGESTED_UNIT.c.unit).group_by(INGESTED_UNIT.c.unit)
    return {unit: (messages, received, ingested) for messages, received, ingested, unit in connection.execute(query)}


def _counts(connection: Connection, name: str, as_of: AsOf) -> defaultdict[str, int]:
    found = records_as_of(LAYOUTS[name], as_of).subquery()
    query = sa.select(found.c.unit, sa.func.count()).group_by(found.c.unit)
    return defaultdict(int, ((unit, count) for unit, count in connection.execute(query)))


def _persons(connection: Connection, as_of: AsOf) -> tuple[defaultdict[str, int], int]:
    """By unit, and in all."""
    found = _reported(as_of).cte()
    of_units = sa.select(found.c.unit, sa.func.count(found.c.person.distinct())).group_by(found.c.unit)
    of_all = sa.select(sa.null(), sa.func.count(found.c.person.distinct()))
    counts = defaultdict(int, ((unit, count) for unit, count in connection.execute(of_units.union_all(of_all))))
    return counts, counts.pop(None)


def _reported(as_of: AsOf) -> sa.Select[Any]:
    """The local persons whom some record is about, whichever day it holds: the others no unit reports any more.

    `person` is one key for each, also of those who were linked by hand.
    """
    people = LAYOUTS[RECIPIENT.name].known
    of_records = []
    for kind in ROOTS:
        known = LAYOUTS[kind.name].known
        standing = sa.select(known.c.unit, known.c.local_person_id).distinct()  # in sets, before they are made one
        of_records.append(standing.where(~known.c.deleted, known_at(LAYOUTS[kind.name], as_of.known_at)))
    about = sa.union(*of_records).subquery()
    same = sa.and_(about.c.unit == people.c.unit, about.c.local_person_id == people.c.local_person_id)
    linked = linked_keys(as_of.known_at)
    person = sa.func.coalesce(linked.c.root, people.c.person_key).label("person")
    return (
        sa.select(people.c.unit, person)
        .join(about, same)
        .outerjoin(linked, linked.c.person_key == people.c.person_key)
        .where(~people.c.deleted, known_at(LAYOUTS[RECIPIENT.name], as_of.known_at))
    )
