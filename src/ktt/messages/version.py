"""What every message version offers: its schema, the way from records to messages and back, and checks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import polars as pl

from ktt.domain.person_rule import AllowedPersons
from ktt.domain.records import Records
from ktt.domain.schema import RecordType
from ktt.domain.unit import ReportingUnit
from ktt.messages.table import MessageTable


@dataclass(frozen=True, slots=True)
class EncodedRecord:
    """One record as it is written in a message's list."""

    local_id: str
    own_date: dt.date
    json: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class UnitBatch:
    """What one message says about one reporting unit: deletions take effect before the records."""

    unit: ReportingUnit
    deletions: tuple[str, ...]
    records: Records = field(repr=False)


@dataclass(frozen=True, slots=True)
class SchemaViolation:
    """One place where a message does not fit its schema: JSON pointer and keyword, never the value.

    `limit` is what the schema demands there: a field's name, the codes, a number.
    """

    pointer: str
    keyword: str
    says: str
    limit: str = ""


class MessageVersion(Protocol):
    """One message type in one version: schema, mapping both ways, examples."""

    pack: str
    message_type: str
    version: str
    record_type: RecordType
    table: MessageTable
    schema: bytes

    def encode(self, unit: ReportingUnit, records: Records) -> list[EncodedRecord]:
        """Each root record as JSON, sorted by own date, then id: the same input always gives the same parts."""
        ...

    def unwritable(self, unit: ReportingUnit, records: Records) -> Iterator[tuple[str, str, pl.Series]]:
        """What `encode` refuses, so that it can be held: record type or part, column, and the root records' ids."""
        ...

    def assemble(self, unit: ReportingUnit, deletions: Sequence[str], encoded: Sequence[EncodedRecord]) -> bytes:
        """The whole message, UTF-8 without BOM, one array with one unit."""
        ...

    def read(self, message: bytes) -> list[UnitBatch]:
        """The canonical frames of a message that fits the schema; MessageMalformed when it does not."""
        ...

    def check(self, message: bytes, *, at_most: int = 100) -> list[SchemaViolation]:
        """Every place where the message breaks the schema; MessageNotJson when it is not strict JSON."""
        ...

    def fast_check(self, message: bytes, persons: AllowedPersons = "any") -> ReportingUnit | None:
        """The message's one unit if it fits the schema for certain, and no person number tells the wrong kind.

        None leaves it open: `check` has to be used. A message in the usual form is ten times as fast here.
        """
        ...

    def examples(self) -> dict[str, bytes]:
        """Named examples: N1… fit the schema, F1… do not."""
        ...
