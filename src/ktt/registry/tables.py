"""The registry's tables, made from the record types: a current and a history table for each root type.

Every key starts with the municipality. The parts of a record (a decision's lines, a service's pauses) are one JSON text
column of their root, since a record is always sent whole. A deletion is a version without content. National numbers are
in the table `identity` alone, sealed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import sqlalchemy as sa

from ktt.domain.records import RECIPIENT, ROOTS
from ktt.domain.schema import DTYPES, Column, Kind, RecordType
from ktt.storage.column_types import Instant, columns, counts, instants
from ktt.storage.database import Schema

METADATA = sa.MetaData()
SCHEMA = Schema("registry", Path(__file__).parent / "migrations", "0007")

# Sorted by bytes and not by a language: the same on every machine, and half the cost of an index on PostgreSQL.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_texts = partial(columns, TEXT)
_SQL: Mapping[Kind, sa.types.TypeEngine[Any]] = {
    "day": sa.Date(),
    "instant": Instant(),
    "hours": sa.Numeric(7, 2),
    "count": sa.BigInteger(),
}
_HIDDEN = frozenset({"person_number", "person_number_kind"})  # in `identity` alone


@dataclass(frozen=True, slots=True)
class Layout:
    """The two tables of a record type, the view of both together, and the frame schema of their rows."""

    record_type: RecordType
    current: sa.Table
    history: sa.Table
    known: sa.TableClause  # every version, with `known_to` (empty for the newest) and `newest`

    @property
    def key(self) -> str:
        """The name of the local id column."""
        return self.record_type.key

    @property
    def parts(self) -> tuple[RecordType, ...]:
        """The parts that are stored as JSON."""
        return tuple(part for part in self.record_type.parts if not part.source_only)

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Column name → Polars type of a row of the current table."""
        kinds: dict[str, pl.DataType] = {c.name: DTYPES[c.kind] for c in self.record_type.columns}
        kinds |= {"position": pl.Int64(), "version": pl.Int64(), "deleted": pl.Boolean()}
        kinds["known_from"] = DTYPES["instant"]
        return {column.name: kinds.get(column.name, pl.String()) for column in self.current.columns}

    @property
    def known_schema(self) -> dict[str, pl.DataType]:
        """The same of a row of the view."""
        return self.schema | {"known_to": DTYPES["instant"], "newest": pl.Boolean()}

    @property
    def row(self) -> pl.DataFrame:
        """A frame of that schema without rows."""
        return pl.DataFrame(schema=self.schema)


def _content(record_type: RecordType) -> Iterator[Column]:
    return (c for c in record_type.columns if c.name != record_type.key and c.name not in _HIDDEN)


def _columns(record_type: RecordType) -> Iterator[sa.Column[Any]]:
    yield from _texts("municipality", "unit", record_type.key, key=True)
    yield from _texts("person_key", nullable=True)
    for column in _content(record_type):
        yield from columns(_SQL.get(column.kind, TEXT), column.name, nullable=True)
    yield from _texts(*(part.name for part in record_type.parts if not part.source_only), nullable=True)
    yield from _texts("fingerprint", nullable=True)
    yield from columns(sa.Boolean, "deleted")
    yield from counts("position")  # the message that brought this version
    yield from instants("known_from")  # when the registry received it


def _deletion_is_empty() -> sa.CheckConstraint:
    return sa.CheckConstraint("deleted = (fingerprint IS NULL)")  # a record without fingerprint would look deleted


def _layout(record_type: RecordType) -> Layout:
    name = record_type.name
    current = sa.Table(
        f"{name}_current",
        METADATA,
        *_columns(record_type),
        *columns(sa.Integer, "version"),
        _deletion_is_empty(),
    )
    history = sa.Table(
        f"{name}_history",
        METADATA,
        *_columns(record_type),
        *columns(sa.Integer, "version", key=True),
        *instants("known_to"),
        _deletion_is_empty(),
    )
    for table in (current, history):
        sa.Index(f"{table.name}_person", table.c.person_key)
    return Layout(record_type, current, history, _known(name, current))


def _known(name: str, current: sa.Table) -> sa.TableClause:
    """Every version that ever was. A condition on `newest` is known before a row is read, so the past is not touched."""
    own = (sa.column(column.name, column.type) for column in current.columns)
    return sa.table(f"{name}_known", *own, sa.column("known_to", Instant()), sa.column("newest", sa.Boolean()))


LAYOUTS: Mapping[str, Layout] = {t.name: _layout(t) for t in (RECIPIENT, *ROOTS)}
"""Layout by record type name, in the order they are written."""

IDENTITY = sa.Table(
    "identity", METADATA, *_texts("person_key", key=True), *_texts("kind"), *columns(sa.LargeBinary, "sealed")
)
AUDIT = sa.Table(
    "audit_entry",
    METADATA,
    *counts("number", key=True),
    *instants("at"),
    *_texts("who", "act", "why"),
    *_texts("unit", "detail", nullable=True),
    *_texts("hash"),
)
"""Who did what with persons, when and why. Each entry's hash covers the entry before it."""
AUDIT_ABOUT = sa.Table("audit_about", METADATA, *counts("number", key=True), *_texts("subject", key=True))
"""Whom an entry is about, by a name that is chance and stands nowhere else than in the next table."""
AUDIT_SUBJECT = sa.Table(
    "audit_subject",
    METADATA,
    *_texts("subject", key=True),
    sa.Column("person_key", TEXT, nullable=False, unique=True),
)
"""The one road from a subject of the audit log to a person. It is removed with the person."""
AUDIT_HEAD = sa.Table(
    "audit_head", METADATA, *counts("number"), *_texts("hash"), *columns(sa.LargeBinary, "sealed", nullable=True)
)
"""One row: the newest entry, and its hash sealed, so that nobody without the key can write the log anew."""
PERSON_LINK = sa.Table(
    "person_link",
    METADATA,
    *_texts("person_key", key=True),
    *_texts("same_as"),
    *instants("linked_at"),
    *counts("position", nullable=True),  # the message that told it
    *counts("entry", nullable=True),  # or the audit entry of the person who decided it
)
"""Keys that are one person with another key: a local id that got a number, a D-number that became permanent, a merger."""
VAULT_CHECK = sa.Table("vault_check", METADATA, *_texts("vault", key=True), *_texts("value"))
"""What tells whether a vault is the one whose keys are in use here."""
INGEST_POSITION = sa.Table("ingest_position", METADATA, *counts("position", "releases"))
"""One row: how far the inbox has been read, and how often units were released, which moves the position back."""
INGESTED = sa.Table(
    "ingested_message",
    METADATA,
    *counts("position", key=True),
    *_texts("municipality", "unit", "message_type", "message_version", "correlation_id"),
    *instants("received_at", "ingested_at"),
    *columns(sa.Integer, "records"),  # in the message
    *columns(sa.Integer, "changed"),  # new versions with content
    *columns(sa.Integer, "deleted"),  # new versions without
)
INGESTED_UNIT = sa.Table("ingested_unit", METADATA, *_texts("unit", key=True), *counts("position", key=True))
"""The units that each ingested message is about."""
QUARANTINE = sa.Table(
    "quarantine",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    *_texts("municipality", "unit"),
    *counts("position"),
    *_texts("message_type", "correlation_id"),
    *instants("received_at", "set_aside_at"),
    *_texts("code", "reason"),
    *instants("released_at", nullable=True),  # empty: the unit waits
    *_texts("released_by", "released_why", nullable=True),
    *_texts("reason_nb", nullable=True),  # `reason` is English; empty before revision 0002
)
WAITING = sa.Table("waiting_message", METADATA, *counts("position", key=True), *_texts("unit", key=True))
"""The messages that were not ingested because a unit of theirs waits, a row for each of their units."""
MONTH_RECORDS = sa.Table(
    "month_records", METADATA, *_texts("unit", "record_type", "month", key=True), *counts("records")
)
"""How many records there are now, by the month of their own date (`2017-01`); kept by the ingest (ADR 0020)."""
DECLARATION = sa.Table(
    "coverage_declaration",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    *_texts("unit", "first_month", "last_month", "reason"),
    *instants("declared_at"),
    *_texts("declared_by"),
    *instants("undone_at", nullable=True),  # empty: it holds
    *_texts("undone_by", "undone_why", nullable=True),
)
"""Months of which a unit has said that it has nothing to send, with its reason."""
SILENCE = sa.Table(
    "silence_alarm",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    *_texts("unit", "state"),
    *instants("began_at"),
    *instants("ended_at", nullable=True),  # empty: it goes on
    *columns(sa.Date, "heard_on"),
)
"""Alarms of silence (or of a queue that stands at a rejected message): one row from when it began to when it ended."""
CASE = sa.Table(
    "follow_up_case",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True),
    *_texts("unit", "cause"),
    *columns(sa.Date, "since", "latest", "deadline"),
    *_texts("figures"),  # plain values as JSON
    *instants("opened_at"),
    *_texts("assigned_to", nullable=True),
    *instants("closed_at", nullable=True),  # empty: it is open
    *_texts("closed_by", nullable=True),  # empty: it closed itself
)
"""Follow-up cases as they are now. A unit has at most one open case of each cause."""
CASE_EVENT = sa.Table(
    "follow_up_event",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
    *instants("at"),
    *_texts("who", nullable=True),  # empty: the registry itself
    *_texts("act"),
    *_texts("detail", nullable=True),
)
"""What was done with each case. Rows are only ever added."""
REPROCESSING = sa.Table(
    "reprocessing",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    *_texts("unit"),
    *instants("at"),  # from when the versions that it made are known
    *_texts("who", "why", "packs"),
    *counts("changed", "deleted"),  # versions with content, and without
)
"""When messages of a unit that were ingested before were read anew, and made other versions: now, or only in its past."""
STAGED = sa.Table(
    "staged_key",
    METADATA,
    *_texts("municipality", "unit", "local_id", nullable=True),
    *instants("known_to", nullable=True),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DELETE ROWS",  # nobody else cleans up a temporary table, and each scan reads what was deleted
)
"""Keys of one set operation, on this connection only; never part of the stored schema."""
