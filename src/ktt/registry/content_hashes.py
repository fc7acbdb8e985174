"""The registry's state as one hash for each record type, taken from plain database rows.

No frames, messages or fingerprints are used here, so that the comparison with the record system's own state would show
a fault in any of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.domain.content import content_hash
from ktt.domain.records import RECIPIENT, ROOTS
from ktt.domain.schema import RecordType
from ktt.domain.unit import ReportingUnit
from ktt.registry.identity.identities import Identities, Identity
from ktt.registry.tables import LAYOUTS
from ktt.storage.database import Database

Row = Mapping[str, Any]


def content_hashes(
    database: Database, identities: Identities, unit: ReportingUnit, who: str, why: str
) -> dict[str, str]:
    """Content hash by record type name. Recipients are those whom at least one current record is about."""
    identities.note_listing(unit, who, why)
    with database.reading() as connection:
        roots = {t.name: [_record(t, row) for row in _rows(connection, t, unit)] for t in ROOTS}
        people = list(_rows(connection, RECIPIENT, unit))
        opened = identities.opened(connection, _keys_of(unit))
    known = {key: Identity(number, kind) for key, number, kind in opened.iter_rows()}
    concerned = {row["local_person_id"] for records in roots.values() for row in records}
    recipients = [
        _recipient(row, known.get(str(row["person_key"]))) for row in people if row["local_person_id"] in concerned
    ]
    return {RECIPIENT.name: content_hash(recipients), **{name: content_hash(rows) for name, rows in roots.items()}}


def _keys_of(unit: ReportingUnit) -> sa.Select[tuple[str]]:
    people = LAYOUTS[RECIPIENT.name].current.c
    return sa.select(people.person_key).where(people.municipality == unit.municipality, people.unit == unit.key)


def _rows(connection: Connection, record_type: RecordType, unit: ReportingUnit) -> Iterator[Row]:
    table = LAYOUTS[record_type.name].current
    where = (table.c.municipality == unit.municipality, table.c.unit == unit.key, ~table.c.deleted)
    for row in connection.execute(sa.select(table).where(*where)).mappings().yield_per(10_000):
        yield dict(row)


def _record(record_type: RecordType, row: Row) -> Row:
    columns = {column.name: row[column.name] for column in record_type.columns}
    parts = {part.name: row[part.name] for part in LAYOUTS[record_type.name].parts}
    return columns | {name: json.loads(str(text)) if text else [] for name, text in parts.items()}


def _recipient(row: Row, identity: Identity | None) -> Row:
    return {
        "local_person_id": row["local_person_id"],
        "person_number": identity and identity.number,
        "person_number_kind": identity and identity.kind,
        "died_on": row["died_on"],
    }
