"""The stored messages read anew beside the registry, and what differs written into it, a unit at a time.

What is written is new knowledge: it is known from now on, and what was known before stays readable. Each unit is one
transaction, so whoever is killed goes on where they were, and when it is done again nothing differs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.core.clock import Clock
from ktt.core.log.masking import masked
from ktt.messages.contract import AcceptedMessage, Inbox
from ktt.registry.columns import fetch, insert, stage, writing
from ktt.registry.ingest.held_units import HeldUnit, HeldUnits, held_units
from ktt.registry.ingest.page_parser import FindVersion, parse_page
from ktt.registry.kept_messages import KeptMessages, empty_registry
from ktt.registry.registry import Registry
from ktt.registry.reprocessing.differences import Differences, UnitMovedOn, differences, versions_of
from ktt.registry.store import write_versions
from ktt.registry.tables import (
    IDENTITY,
    INGEST_POSITION,
    INGESTED,
    INGESTED_UNIT,
    LAYOUTS,
    REPROCESSING,
    STAGED,
)
from ktt.storage.database import Database
from ktt.storage.vault import Vault

Step = Callable[[int], object]
_AT_A_TIME = 500  # values in one statement


@dataclass(frozen=True, slots=True)
class Who:
    """Who reads the messages anew, why, and by which packs; it is kept."""

    by: str
    why: str
    packs: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What messages are read anew with: the registry and its keys, the receiver's inbox, the clock, the packs' versions."""

    database: Database
    vaults: tuple[Vault, Vault]
    inbox: Inbox
    clock: Clock
    find: FindVersion


class ReadAnew:
    """The registry in `database`, beside `anew`, which has ingested what is stored of the same messages."""

    def __init__(self, given: Reading, anew: Registry, kept: KeptMessages) -> None:
        self._database, self._anew, self._given, self._kept = given.database, anew, given, kept
        self._stored = pl.Series("position", sorted(kept.seen), pl.Int64)
        with given.database.reading() as connection:
            self._newest = {str(row[0]): int(row[1]) for row in connection.execute(_newest())}
            ingested = connection.scalar(sa.select(sa.func.count()).select_from(INGESTED)) or 0
        self.stored = len(self._stored)
        self.not_stored = int(ingested) - self.stored
        self.unreadable: list[HeldUnit] = anew.held()

    @property
    def units(self) -> list[str]:
        """The units that can be compared: those of which nothing stored has become unreadable."""
        return sorted(set(self._newest) - {one.unit for one in self.unreadable})

    def of(self, unit: str) -> Differences:
        """What differs of a unit."""
        with self._database.reading() as held, self._anew.reading() as anew:
            return differences(held, anew, unit, self._stored)

    def write(self, unit: str, who: Who) -> Differences:
        """Make what differs of a unit known from now on; UnitMovedOn when newer messages of it were ingested meanwhile."""
        with writing(self._database) as connection, self._anew.reading() as anew:
            # Locks the row: an ingest waits for this transaction, or has written its page.
            connection.execute(sa.update(INGEST_POSITION).values(releases=INGEST_POSITION.c.releases))
            of_unit = sa.select(sa.func.max(INGESTED_UNIT.c.position)).where(INGESTED_UNIT.c.unit == unit)
            newest = connection.scalar(of_unit)
            if newest != self._newest[unit]:
                raise UnitMovedOn
            found = differences(connection, anew, unit, self._stored)
            if found:
                self._write(connection, anew, found, who)
            elif self._past_differs(connection, anew, unit):
                self._note(connection, unit, self._given.clock.now(), who, {"changed": 0, "deleted": 0})
        return found

    def _past_differs(self, connection: Connection, anew: Connection, unit: str) -> bool:
        """Whether a unit that is as it should be now has a past that was read in another way, and nothing tells so yet."""
        noted = sa.select(REPROCESSING.c.id).where(REPROCESSING.c.unit == unit).limit(1)
        positions = connection.scalars(sa.select(INGESTED_UNIT.c.position).where(INGESTED_UNIT.c.unit == unit))
        if connection.scalar(noted) is not None or not set(positions) <= self._kept.seen:
            return False
        return any(
            not versions_of(connection, one, unit).equals(versions_of(anew, one, unit)) for one in LAYOUTS.values()
        )

    def _write(self, connection: Connection, anew: Connection, found: Differences, who: Who) -> None:
        now = self._given.clock.now()
        counts = {"changed": 0, "deleted": 0}
        for name, rows in found.rows.items():
            _keep_numbers(connection, anew, rows)
            events = rows.drop("kind").with_columns(known_from=pl.lit(now, rows_instant(name)))
            made = write_versions(connection, LAYOUTS[name], events)
            if name != next(iter(LAYOUTS)):  # the journal does not count recipients
                for position, deleted, count in made.iter_rows():
                    column = INGESTED.c["deleted" if deleted else "changed"]
                    at = sa.update(INGESTED).where(INGESTED.c.position == position)
                    connection.execute(at.values({column: column + count}))
                    counts["deleted" if deleted else "changed"] += count
        self._note(connection, found.unit, now, who, counts)

    def _note(self, connection: Connection, unit: str, at: dt.datetime, who: Who, counts: dict[str, int]) -> None:
        row = {"unit": unit, "at": at, "who": who.by, "why": masked(who.why), "packs": who.packs, **counts}
        connection.execute(sa.insert(REPROCESSING).values(row))

    def readable_now(self) -> list[HeldUnit]:
        """The units that wait for messages all of which can be read now. Those that wait together are all here, or none."""
        with self._database.reading() as connection:
            held = {one.unit: one for one in held_units(connection)}
        reads = {at: self._can_be_read(at) for at in {one.position for one in held.values()}}
        behind = {unit: {held[name].position for name in (unit, *one.together)} for unit, one in held.items()}
        return [one for unit, one in held.items() if all(reads[at] for at in behind[unit])]

    def _can_be_read(self, position: int) -> bool:
        found: Sequence[AcceptedMessage] = self._given.inbox.after(position - 1, 1)
        return bool(found) and found[0].position == position and not parse_page(self._given.find, found, set()).aside

    def release(self, units: Sequence[str], who: Who) -> None:
        """Let these units go on at the next ingest."""
        HeldUnits(self._database, self._given.clock).release(units, who.by, who.why)


def rows_instant(name: str) -> pl.DataType:
    """The type of an instant in the rows of a record type."""
    return LAYOUTS[name].schema["known_from"]


def _newest() -> sa.Select[Any]:
    return sa.select(INGESTED_UNIT.c.unit, sa.func.max(INGESTED_UNIT.c.position)).group_by(INGESTED_UNIT.c.unit)


def _keep_numbers(connection: Connection, anew: Connection, rows: pl.DataFrame) -> None:
    """The sealed numbers of persons whom the registry does not know yet; both have the same key."""
    wanted = rows.select(local_id="person_key").drop_nulls().unique()
    stage(connection, wanted)
    known = sa.select(IDENTITY.c.person_key).join(STAGED, IDENTITY.c.person_key == STAGED.c.local_id)
    missing = wanted.join(fetch(connection, known, {"local_id": pl.String()}), on="local_id", how="anti")["local_id"]
    schema = {"person_key": pl.String(), "kind": pl.String(), "sealed": pl.Binary()}
    for begin in range(0, len(missing), _AT_A_TIME):
        some = missing[begin : begin + _AT_A_TIME].to_list()
        found = anew.execute(sa.select(IDENTITY).where(IDENTITY.c.person_key.in_(some))).all()
        insert(connection, IDENTITY, pl.DataFrame([tuple(row) for row in found], schema=schema, orient="row"))


@contextmanager
def reading_anew(given: Reading, scratch: Path | None = None, step: Step = lambda _seen: None) -> Iterator[ReadAnew]:
    """Read what is stored of the ingested messages anew, in a new folder inside the private `scratch`.

    `step` is told how many messages have been read.
    """
    with given.database.reading() as connection:
        kept = KeptMessages(given.inbox, set(connection.scalars(sa.select(INGESTED.c.position))))

    def go_on() -> bool:
        step(len(kept.seen))
        return True

    with empty_registry(scratch, given.vaults, given.clock, given.find) as anew:
        anew.ingest(kept, go_on=go_on)
        yield ReadAnew(given, anew, kept)
