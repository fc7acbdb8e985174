"""A unit's inventory: which records the registry holds now, each with a keyed hash of its whole content (ADR 0017).

The hashes are made from the stored rows, with each record's own person and all its parts, under a salt that is new for
every listing. So a sender can tell whether the registry holds what it would send, and a listing that leaks says nothing
that could be looked up. National numbers are opened in memory, and one row in the log of looks tells of the listing.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
import secrets
from dataclasses import dataclass, field, replace

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.core.clock import Clock
from ktt.domain.fingerprint import digest, fingerprint, recipient_fingerprint
from ktt.domain.records import RECIPIENT, ROOTS
from ktt.domain.unit import ReportingUnit
from ktt.messages.errors import CursorUnknown
from ktt.messages.inventory import RECORD, Digest, InventoryDigests, InventoryPage, RegistryProgress
from ktt.registry import state
from ktt.registry.columns import Query, fetch
from ktt.registry.identity.identities import Identities
from ktt.registry.tables import INGEST_POSITION, LAYOUTS, WAITING, Layout
from ktt.storage.database import Database
from ktt.storage.errors import SealBroken
from ktt.storage.vault import Vault

_ORDER = [LAYOUTS[record_type.name] for record_type in (RECIPIENT, *ROOTS)]
_BLOCK = 100_000
"""Records hashed at a time for the digests: bounds what is in memory."""
_CURSOR_LASTS = dt.timedelta(hours=24)
_HASHES = {"local_id": pl.String(), "fingerprint": pl.String()}


@dataclass(frozen=True, slots=True)
class _Cursor:
    """Where a listing has come to: the record type's place in the order, and the last id of it (empty: none yet)."""

    salt: str = field(repr=False)
    begun: dt.datetime
    nth: int = 0
    local_id: str = ""


class RegistryInventory:
    """The inventory of each unit; keeps the promises of `messages.inventory.Inventory`."""

    def __init__(self, database: Database, vault: Vault, identities: Identities, clock: Clock) -> None:
        self._database, self._vault, self._identities, self._clock = database, vault, identities, clock

    def page(self, unit: ReportingUnit, who: str, after: str | None, limit: int) -> InventoryPage:
        """See `Inventory`."""
        cursor = self._begun(unit, who) if after is None else self._opened(unit, after)
        with self._database.reading() as connection:
            hashes = _Hashes(connection, self._identities, unit, bytes.fromhex(cursor.salt))
            records, last = _page(hashes, cursor, limit)
            progress = _progress(connection, unit)
        return InventoryPage(cursor.salt, progress, records, None if last is None else self._sealed(unit, last))

    def digests(self, unit: ReportingUnit, who: str) -> InventoryDigests:
        """See `Inventory`."""
        cursor = self._begun(unit, who)
        with self._database.reading() as connection:
            hashes = _Hashes(connection, self._identities, unit, bytes.fromhex(cursor.salt))
            whole = {layout.record_type.name: hashes.all(layout) for layout in _ORDER}
            progress = _progress(connection, unit)
        digests = {name: Digest(found.height, digest(found)) for name, found in whole.items() if not found.is_empty()}
        return InventoryDigests(cursor.salt, progress, digests)

    def progress(self, unit: ReportingUnit) -> RegistryProgress:
        """See `Inventory`."""
        with self._database.reading() as connection:
            return _progress(connection, unit)

    def _begun(self, unit: ReportingUnit, who: str) -> _Cursor:
        """A new listing. It is written down before anything is opened."""
        self._identities.note_listing(unit, who, "inventory")
        return _Cursor(secrets.token_hex(32), self._clock.now())

    def _sealed(self, unit: ReportingUnit, cursor: _Cursor) -> str:
        """The cursor as text. It is sealed, so nobody can begin in the middle of a listing that was not written down."""
        text = json.dumps([cursor.salt, cursor.begun.isoformat(), cursor.nth, cursor.local_id])
        return base64.urlsafe_b64encode(self._vault.seal(text.encode(), _context(unit))).decode().rstrip("=")

    def _opened(self, unit: ReportingUnit, after: str) -> _Cursor:
        try:
            sealed = base64.b64decode(after + "=" * (-len(after) % 4), altchars=b"-_", validate=True)
            salt, begun, nth, local_id = json.loads(self._vault.open(sealed, _context(unit)))
        except (SealBroken, binascii.Error, ValueError) as fault:
            raise CursorUnknown from fault
        cursor = _Cursor(salt, dt.datetime.fromisoformat(begun), nth, local_id)
        if self._clock.now() - cursor.begun > _CURSOR_LASTS:
            raise CursorUnknown
        return cursor


@dataclass(frozen=True, slots=True)
class _Hashes:
    """The hashes of one unit's records in one picture of the database, under the salt of one listing."""

    connection: Connection
    identities: Identities
    unit: ReportingUnit
    salt: bytes = field(repr=False)

    def all(self, layout: Layout) -> pl.DataFrame:
        """`local_id` and `fingerprint` of every record of a type."""
        blocks = [self.block(layout, "", _BLOCK)]
        while blocks[-1].height == _BLOCK:
            blocks.append(self.block(layout, _last_id(blocks[-1]), _BLOCK))
        return pl.concat(blocks)

    def block(self, layout: Layout, after: str, limit: int) -> pl.DataFrame:
        """The same of the next records, in key order."""
        query = _next(self.unit, layout, after).limit(limit)
        rows = fetch(self.connection, query, layout.schema)
        if rows.is_empty():
            return pl.DataFrame(schema=_HASHES)
        people = self.identities.opened(self.connection, sa.select(query.subquery().c.person_key))
        kind = layout.record_type
        if kind is RECIPIENT:
            return recipient_fingerprint(rows.join(people, on="person_key", how="left"), self.salt).sort("local_id")
        records = {kind.name: rows.select(*kind.schema, "person_key"), RECIPIENT.name: people}
        hashes = fingerprint(records | state.parts(rows, kind), kind, self.salt, person="person_key")
        return hashes.select(list(_HASHES)).sort("local_id")


def _page(hashes: _Hashes, cursor: _Cursor, limit: int) -> tuple[pl.DataFrame, _Cursor | None]:
    """The records of a page, and where the next one begins; None when there is none."""
    found = [pl.DataFrame(schema=RECORD)]
    at = cursor
    for nth, layout in enumerate(_ORDER[cursor.nth :], cursor.nth):
        block = hashes.block(layout, at.local_id if nth == at.nth else "", limit + 1)
        if not block.is_empty() and limit:
            found.append(_named(layout, block.head(limit)))
            at = replace(at, nth=nth, local_id=_last_id(block.head(limit)))
        if block.height > limit:
            return pl.concat(found), at
        limit -= block.height
    return pl.concat(found), None


def _last_id(block: pl.DataFrame) -> str:
    return "" if block.is_empty() else str(block["local_id"][-1])


def _context(unit: ReportingUnit) -> str:
    return f"registry/inventory/{unit.key}"


def _progress(connection: Connection, unit: ReportingUnit) -> RegistryProgress:
    held = sa.select(sa.func.count()).select_from(WAITING).where(WAITING.c.unit == unit.key)
    position = connection.scalars(sa.select(INGEST_POSITION.c.position)).one()
    return RegistryProgress(int(position), int(connection.scalar(held) or 0))


def _named(layout: Layout, block: pl.DataFrame) -> pl.DataFrame:
    return block.select(pl.lit(layout.record_type.name).alias("record_type"), "local_id", hash="fingerprint")


def _of_unit(unit: ReportingUnit, layout: Layout) -> sa.ColumnElement[bool]:
    current = layout.current.c
    return sa.and_(current.municipality == unit.municipality, current.unit == unit.key, ~current.deleted)


def _next(unit: ReportingUnit, layout: Layout, after: str) -> sa.Select[tuple[object, ...]]:
    """The records with a later key. Of the recipients, those whom a record is about: the others have left the registry."""
    key = layout.current.c[layout.key]
    query = sa.select(layout.current).where(_of_unit(unit, layout), key > after).order_by(key)
    if layout.record_type is RECIPIENT:
        roots = (LAYOUTS[kind.name] for kind in ROOTS)
        concerned: Query = sa.union_all(
            *(sa.select(root.current.c.local_person_id).where(_of_unit(unit, root)) for root in roots)
        )
        query = query.where(key.in_(concerned))
    return query
