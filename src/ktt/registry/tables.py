"""The registry's tables, drawn from the record types: a current and a history table for each root type.

Every key starts with the municipality. A part (a decision's lines, a service's pauses) is one JSON text column of its
root, since a record is always sent whole. A deletion is a version without content. No table here but `identity` can
lead to a national number, and that one holds it sealed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from ktt.domain.records import RECIPIENT, ROOTS
from ktt.domain.schema import DTYPES, Column, Kind, RecordType
from ktt.storage.database import Schema

METADATA = sa.MetaData()
SCHEMA = Schema("registry", Path(__file__).parent / "migrations", "0001")


class Instant(sa.TypeDecorator[dt.datetime]):
    """An aware UTC instant; SQLite keeps it as text without zone, which sorts as time does."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """The instant as the database wants it."""
        if value is None or dialect.name != "sqlite":
            return value
        return value.astimezone(dt.UTC).replace(tzinfo=None)

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """The instant as we want it."""
        if value is None or dialect.name != "sqlite":
            return value and value.astimezone(dt.UTC)
        return value.replace(tzinfo=dt.UTC)


# Byte order instead of a language's: equal on every machine, and half the cost of an index on PostgreSQL.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_SQL: Mapping[Kind, sa.types.TypeEngine[Any]] = {
    "day": sa.Date(),
    "instant": Instant(),
    "hours": sa.Numeric(7, 2),
    "count": sa.BigInteger(),
}
_HIDDEN = frozenset({"person_number", "person_number_kind"})  # these live in `identity` alone


@dataclass(frozen=True, slots=True)
class Layout:
    """Where one record type is kept, and the frame schema of a row there."""

    record_type: RecordType
    current: sa.Table
    history: sa.Table

    @property
    def key(self) -> str:
        """The name of the local id column."""
        return self.record_type.key

    @property
    def parts(self) -> tuple[RecordType, ...]:
        """The parts that are kept as JSON."""
        return tuple(part for part in self.record_type.parts if not part.source_only)

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Column name → Polars type of a row of the current table."""
        kinds: dict[str, pl.DataType] = {c.name: DTYPES[c.kind] for c in self.record_type.columns}
        kinds |= {"position": pl.Int64(), "version": pl.Int64(), "deleted": pl.Boolean()}
        kinds["known_from"] = DTYPES["instant"]
        return {column.name: kinds.get(column.name, pl.String()) for column in self.current.columns}

    @property
    def row(self) -> pl.DataFrame:
        """A frame of that schema without rows."""
        return pl.DataFrame(schema=self.schema)


def _content(record_type: RecordType) -> Iterator[Column]:
    return (c for c in record_type.columns if c.name != record_type.key and c.name not in _HIDDEN)


def _columns(record_type: RecordType) -> Iterator[sa.Column[Any]]:
    yield sa.Column("municipality", TEXT, primary_key=True)
    yield sa.Column("unit", TEXT, primary_key=True)
    yield sa.Column(record_type.key, TEXT, primary_key=True)
    yield sa.Column("person_key", TEXT)
    for column in _content(record_type):
        yield sa.Column(column.name, _SQL.get(column.kind, TEXT))
    for part in record_type.parts:
        if not part.source_only:
            yield sa.Column(part.name, TEXT)
    yield sa.Column("fingerprint", TEXT)
    yield sa.Column("deleted", sa.Boolean(), nullable=False)
    yield sa.Column("position", sa.BigInteger(), nullable=False)  # the message that brought this version
    yield sa.Column("known_from", Instant(), nullable=False)  # when the registry received it


def _whole() -> sa.CheckConstraint:
    return sa.CheckConstraint("deleted = (fingerprint IS NULL)")  # content without fingerprint would look deleted


def _layout(record_type: RecordType) -> Layout:
    name = record_type.name
    current = sa.Table(
        f"{name}_current",
        METADATA,
        *_columns(record_type),
        sa.Column("version", sa.Integer(), nullable=False),
        _whole(),
    )
    history = sa.Table(
        f"{name}_history",
        METADATA,
        *_columns(record_type),
        sa.Column("version", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("known_to", Instant(), nullable=False),
        _whole(),
    )
    return Layout(record_type, current, history)


LAYOUTS: Mapping[str, Layout] = {t.name: _layout(t) for t in (RECIPIENT, *ROOTS)}
"""Layout by record type name, in the order they are written."""

IDENTITY = sa.Table(
    "identity",
    METADATA,
    sa.Column("person_key", TEXT, primary_key=True),
    sa.Column("kind", TEXT, nullable=False),
    sa.Column("sealed", sa.LargeBinary(), nullable=False),
)
IDENTITY_LOOK = sa.Table(
    "identity_look",
    METADATA,
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("looked_at", Instant(), nullable=False),
    sa.Column("who", TEXT, nullable=False),
    sa.Column("why", TEXT, nullable=False),
    sa.Column("person_key", TEXT, nullable=False),
)
INGEST_POSITION = sa.Table(
    "ingest_position",
    METADATA,
    sa.Column("position", sa.BigInteger(), nullable=False),  # one row
)
INGESTED = sa.Table(
    "ingested_message",
    METADATA,
    sa.Column("position", sa.BigInteger(), primary_key=True, autoincrement=False),
    sa.Column("municipality", TEXT, nullable=False),
    sa.Column("unit", TEXT, nullable=False),
    sa.Column("message_type", TEXT, nullable=False),
    sa.Column("message_version", TEXT, nullable=False),
    sa.Column("correlation_id", TEXT, nullable=False),
    sa.Column("received_at", Instant(), nullable=False),
    sa.Column("ingested_at", Instant(), nullable=False),
    sa.Column("records", sa.Integer(), nullable=False),  # said by the message
    sa.Column("changed", sa.Integer(), nullable=False),  # new versions with content
    sa.Column("deleted", sa.Integer(), nullable=False),  # new versions without
)
QUARANTINE = sa.Table(
    "quarantine",
    METADATA,
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("municipality", TEXT, nullable=False),
    sa.Column("unit", TEXT, nullable=False),
    sa.Column("position", sa.BigInteger(), nullable=False),
    sa.Column("message_type", TEXT, nullable=False),
    sa.Column("correlation_id", TEXT, nullable=False),
    sa.Column("received_at", Instant(), nullable=False),
    sa.Column("set_aside_at", Instant(), nullable=False),
    sa.Column("code", TEXT, nullable=False),
    sa.Column("reason", TEXT, nullable=False),
    sa.Column("released_at", Instant()),  # empty: the unit waits
    sa.Column("released_by", TEXT),
    sa.Column("released_why", TEXT),
)
STAGED = sa.Table(
    "staged_key",
    METADATA,
    sa.Column("municipality", TEXT),
    sa.Column("unit", TEXT),
    sa.Column("local_id", TEXT),
    sa.Column("known_to", Instant()),
    prefixes=["TEMPORARY"],
)
"""Keys of one set operation, on this connection only; never part of the stored schema."""
