"""What every message version offers: its schema, the way from records to messages and back, and checks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import polars as pl

from ktt.core.text import Text
from ktt.domain.person_rule import AllowedPersons
from ktt.domain.records import Records
from ktt.domain.schema import RecordType
from ktt.domain.unit import ReportingUnit
from ktt.messages.decoded import DecodedMessages, ParsedJson, UnitBatch


@dataclass(frozen=True, slots=True)
class EncodedRecord:
    """One record as it is written in a message's list. `group` is the person that it stands under, where it does."""

    local_id: str
    own_date: dt.date
    json: bytes = field(repr=False)
    record_type: str
    group: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class UnitSummary:
    """What a message has about one unit: the person numbers in it, padded to their length."""

    unit: ReportingUnit
    person_numbers: list[str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class SchemaViolation:
    """One place where a message does not fit its schema: JSON pointer and keyword, never the value.

    `says` tells what the schema demands and what kind of value stands there. `limit` is the demand alone: a field's name,
    the codes, a number.
    """

    pointer: str
    keyword: str
    says: Text
    limit: str = ""


@dataclass(frozen=True, slots=True)
class Nested:
    """A record type that stands inside another in a message. `complete`: what is not there any more is deleted."""

    inner: RecordType
    outer: RecordType
    complete: bool


class MessageVersion(Protocol):
    """One message type in one version: schema, mapping both ways, examples.

    Without a mapping, only `check`, `fast_check` and `examples` can be used, and no type is carried; the others raise
    MappingMissing.
    """

    pack: str
    message_type: str
    version: str
    schema: bytes

    @property
    def beginnings(self) -> frozenset[bytes]:
        """What a message may begin with: `[`, `{`, or both."""
        ...

    @property
    def is_mapped(self) -> bool:
        """Whether the pack says where the columns of the record types stand."""
        ...

    @property
    def carriers(self) -> tuple[RecordType, ...]:
        """The record types that are written on their own, in the order of the message."""
        ...

    @property
    def nested(self) -> tuple[Nested, ...]:
        """The record types that stand inside others."""
        ...

    @property
    def record_types(self) -> tuple[RecordType, ...]:
        """The root types that the message carries."""
        ...

    @property
    def deletes(self) -> tuple[RecordType, ...]:
        """The root types whose ids can be withdrawn."""
        ...

    @property
    def needed_parts(self) -> tuple[tuple[RecordType, RecordType], ...]:
        """Root types with a part of which a record must have a row."""
        ...

    def encode(self, unit: ReportingUnit, records: Records) -> list[EncodedRecord]:
        """Each record that stands on its own as JSON, sorted by own date, then id: the same input always gives the same."""
        ...

    def unwritable(self, unit: ReportingUnit, records: Records) -> Iterator[tuple[str, str, pl.Series]]:
        """What `encode` refuses, so that it can be held: record type or part, column, and the ids of the records."""
        ...

    def assemble(
        self,
        unit: ReportingUnit,
        deletions: Mapping[str, Sequence[str]],
        encoded: Sequence[EncodedRecord],
        *,
        extracted_on: dt.date | None = None,
    ) -> bytes:
        """The whole message about one unit, UTF-8 without BOM. `deletions` are ids by record type."""
        ...

    def read(self, message: bytes, *, places: bool = False) -> list[UnitBatch]:
        """The canonical frames of a message that fits the schema; MessageMalformed when it does not."""
        ...

    def parse(self, message: bytes) -> ParsedJson:
        """The message as typed values, to be decoded; MessageNotJson or MessageMalformed when it does not fit."""
        ...

    def decode(self, messages: Sequence[ParsedJson], *, places: bool = False) -> DecodedMessages:
        """The canonical frames of several messages; MessageMalformed when one cannot be read, not saying which."""
        ...

    def summarise(self, message: bytes) -> list[UnitSummary]:
        """The units and person numbers of a message that fits the schema; none where no mapping says where they are."""
        ...

    def check(self, message: bytes, *, at_most: int = 100) -> list[SchemaViolation]:
        """Every place where the message breaks the schema; MessageNotJson when it is not strict JSON."""
        ...

    def check_local_ids(self, message: bytes, *, at_most: int = 100) -> list[SchemaViolation]:
        """What is wrong with the local ids of a message that fits its schema (ADR 0015)."""
        ...

    def beyond_rules(self, message: bytes, *, at_most: int = 100) -> list[SchemaViolation]:
        """Those of them that no rule of the catalogue finds."""
        ...

    def fast_check(self, message: bytes, persons: AllowedPersons = "any") -> ReportingUnit | None:
        """The message's one unit if it fits the schema for certain, and no person number tells the wrong kind.

        None leaves it open: `check` has to be used. A message in the usual form is ten times as fast here.
        """
        ...

    def fits(self, message: bytes) -> bool:
        """Whether the message fits the schema; False also when it is not strict JSON."""
        ...

    def places(self) -> Mapping[str, tuple[str, str | None]]:
        """The record type, or `unit`, and the column of each place (`[].vedtak[].vedtakId`); None is the object itself."""
        ...

    def paths(self) -> Mapping[str, Mapping[str, str]]:
        """The way from each row of a record type, or of `unit`, to its columns, as the end of a JSON pointer."""
        ...

    def count_records(self, message: Any) -> int:
        """How many records a parsed message has, which may break the schema."""
        ...

    def examples(self) -> dict[str, bytes]:
        """Named examples: N1… fit the schema, F1… do not."""
        ...
