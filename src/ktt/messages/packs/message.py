"""A message version that is nothing but data: its publisher's schema, a mapping if there is one, and examples."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cache, cached_property, partial
from itertools import islice
from typing import Any

import polars as pl

from ktt.core.text import Text
from ktt.domain.person_rule import AllowedPersons
from ktt.domain.records import Records
from ktt.domain.schema import RecordType
from ktt.domain.unit import ReportingUnit
from ktt.messages.automaton.fast_check import FastCheck, UnitPlaces, fast_check, obstacle
from ktt.messages.check import Checker
from ktt.messages.decoded import DecodedMessages, ParsedJson, UnitBatch
from ktt.messages.errors import MappingMissing, MessageNotJson
from ktt.messages.hundredths import hundredths_check
from ktt.messages.local_ids import LocalIdCheck
from ktt.messages.mapping.assemble import Envelope, MessageContent, assemble
from ktt.messages.mapping.compiler import compile_mapping
from ktt.messages.mapping.encode import encode_records
from ktt.messages.mapping.language import MessageEntry
from ktt.messages.mapping.places import JsonSchema, SchemaPlaces, items_at, steps_of
from ktt.messages.mapping.reader import Reader
from ktt.messages.mapping.scopes import UNIT, MessageMapping
from ktt.messages.mapping.summary import Summariser
from ktt.messages.mapping.unwritable import unwritable_records
from ktt.messages.packs import folder as pack_folder
from ktt.messages.packs.folder import PackMessage
from ktt.messages.version import EncodedRecord, Nested, SchemaViolation, UnitSummary

_WORTH_AN_AUTOMATON = 500_000
"""Bytes of messages after which making the fast check pays: it takes 10 to 100 ms, and saves 15 to 70 ms a megabyte."""


def _names(schema: Any) -> Iterator[str]:
    for keyword, inner in schema.items() if isinstance(schema, Mapping) else ():
        if keyword == "properties":
            yield from inner
        yield from _names(inner)
    for inner in schema if isinstance(schema, list) else ():
        yield from _names(inner)


class PackedMessage:
    """One message type in one version of a pack (see `messages.version.MessageVersion`)."""

    def __init__(
        self, pack: str, message: PackMessage, entry: MessageEntry | None, dropped: Collection[str] = ()
    ) -> None:
        self.pack = pack
        self.message_type = message.message_type
        self.version = message.version
        self.schema: bytes = message.schema
        self._message, self._entry, self._dropped = message, entry, dropped
        self._bytes_checked = 0

    def __repr__(self) -> str:
        return f"PackedMessage({self.pack}, {self.message_type}, {self.version})"

    @property
    def is_mapped(self) -> bool:
        """Whether the pack says where the columns stand."""
        return self._entry is not None

    @property
    def entry(self) -> MessageEntry | None:
        """The mapping as it is written."""
        return self._entry

    @cached_property
    def _whole_schema(self) -> JsonSchema:
        return self._message.self_contained()

    def prove(self) -> None:
        """Read the schema and compile the mapping; a PackError or MappingInvalid says what is wrong."""
        _ = self._whole_schema
        if self.is_mapped:
            _ = self.mapping

    @cached_property
    def beginnings(self) -> frozenset[bytes]:
        """What a message may begin with, by the schema's types of the whole."""
        types = SchemaPlaces(self._whole_schema).types("") or {"array", "object"}
        return frozenset(mark for kind, mark in (("array", b"["), ("object", b"{")) if kind in types)

    @cached_property
    def member_names(self) -> frozenset[bytes]:
        """Every name that the schema has for a member, in UTF-8."""
        return frozenset(name.encode() for name in _names(self._whole_schema))

    @cached_property
    def mapping(self) -> MessageMapping:
        """The compiled mapping; MappingMissing, MappingInvalid."""
        if self._entry is None:
            raise MappingMissing(pack=self.pack, message_type=self.message_type, version=self.version)
        return compile_mapping(self._entry, self._whole_schema, f"{self.message_type} {self.version}", self._dropped)

    @property
    def carriers(self) -> tuple[RecordType, ...]:
        """The record types that are written on their own, each once."""
        kinds = [scope.record_type for scope in self.mapping.carriers] if self.is_mapped else []
        return tuple(dict.fromkeys(kind for kind in kinds if kind is not None))

    @property
    def nested(self) -> tuple[Nested, ...]:
        """The record types that stand inside others."""
        return self.mapping.nested if self.is_mapped else ()

    @property
    def record_types(self) -> tuple[RecordType, ...]:
        """The root types that the message carries."""
        return self.mapping.record_types if self.is_mapped else ()

    @property
    def deletes(self) -> tuple[RecordType, ...]:
        """The root types whose ids can be withdrawn."""
        return self.mapping.deletes if self.is_mapped else ()

    @property
    def needed_parts(self) -> tuple[tuple[RecordType, RecordType], ...]:
        """Root types with a part of which a record must have a row."""
        return self.mapping.needed_parts if self.is_mapped else ()

    @cached_property
    def _checker(self) -> Checker:
        return Checker(self._whole_schema, hundredths_check(self.places()))

    @cached_property
    def _reader(self) -> Reader:
        return Reader(self.mapping, self._whole_schema, (self.message_type, self.version))

    @cached_property
    def _summariser(self) -> Summariser:
        return Summariser(self.mapping)

    @cached_property
    def _local_ids(self) -> LocalIdCheck | None:
        return LocalIdCheck(self.mapping) if self.is_mapped else None

    @cached_property
    def _fast_checks(self) -> Callable[[AllowedPersons], FastCheck | None]:
        if not self.is_mapped:
            return lambda _persons: None
        return cache(partial(fast_check, self._whole_schema, *self._unit_and_numbers()))

    def _unit_and_numbers(self) -> tuple[UnitPlaces, list[str]]:
        unit = {column: place for place, (owner, column) in self.places().items() if owner == UNIT and column}
        numbers = [place for place, (_owner, column) in self.places().items() if column == "person_number"]
        return UnitPlaces(**unit), numbers

    def fast_check_obstacle(self) -> str | None:
        """What in the schema no automaton can express, so that there is no fast check; None when there is one."""
        return obstacle(self._whole_schema, *self._unit_and_numbers())

    def encode(self, unit: ReportingUnit, records: Records) -> list[EncodedRecord]:
        """Each record that stands on its own as JSON, sorted by own date, then id; RecordNotEncodable."""
        return encode_records(self.mapping, unit, records)

    def unwritable(self, unit: ReportingUnit, records: Records) -> Iterator[tuple[str, str, pl.Series]]:
        """What `encode` refuses: record type or part, column, and the ids of the records."""
        return unwritable_records(self.mapping, unit, records)

    def assemble(
        self,
        unit: ReportingUnit,
        deletions: Mapping[str, Sequence[str]],
        encoded: Sequence[EncodedRecord],
        *,
        extracted_on: dt.date | None = None,
    ) -> bytes:
        """The whole message about one unit; MessageEmpty when there is nothing to say."""
        envelope = Envelope(self.message_type, self.version, extracted_on)
        return assemble(self.mapping, MessageContent(unit, deletions, encoded), envelope)

    def read(self, message: bytes, *, places: bool = False) -> list[UnitBatch]:
        """The canonical frames, one batch per unit; MessageNotJson, MessageMalformed."""
        return self._reader.read(message, places=places)

    def parse(self, message: bytes) -> ParsedJson:
        """The message, to be decoded together with others; MessageNotJson, MessageMalformed."""
        return self._reader.parse(message)

    def decode(self, messages: Sequence[ParsedJson], *, places: bool = False) -> DecodedMessages:
        """The canonical frames of several; MessageMalformed when one cannot be read, not saying which."""
        return self._reader.decode(messages, places=places)

    def summarise(self, message: bytes) -> list[UnitSummary]:
        """The units and person numbers of a message that fits its schema; none where no mapping says where they are."""
        return self._summariser.summarise(message) if self.is_mapped else []

    def check(self, message: bytes, *, at_most: int = 100) -> list[SchemaViolation]:
        """Every place where the message breaks the schema; MessageNotJson."""
        return self._checker.check(message, at_most)

    def check_local_ids(self, message: bytes, *, at_most: int = 100) -> list[SchemaViolation]:
        """What is wrong with the local ids of a message that fits its schema (ADR 0015)."""
        return [] if self._local_ids is None else list(islice(self._local_ids.violations(message), at_most))

    def beyond_rules(self, message: bytes, *, at_most: int = 100) -> list[SchemaViolation]:
        """Those of them that no rule finds."""
        return [] if self._local_ids is None else list(islice(self._local_ids.beyond_rules(message), at_most))

    def fast_check(self, message: bytes, persons: AllowedPersons = "any") -> ReportingUnit | None:
        """The message's one unit if it fits the schema for certain; None when only `check` can tell."""
        check = self._fast_checks(persons)
        return None if check is None else check(message)

    def fits(self, message: bytes) -> bool:
        """Whether it fits the schema; False also when it is not strict JSON."""
        self._bytes_checked += len(message)
        if self._bytes_checked > _WORTH_AN_AUTOMATON and self.fast_check(message) is not None:
            return True
        try:
            return not self.check(message, at_most=1)
        except MessageNotJson:
            return False

    def places(self) -> Mapping[str, tuple[str, str | None]]:
        """The record type and column that each place holds."""
        return self.mapping.places if self.is_mapped else {}

    def paths(self) -> Mapping[str, Mapping[str, str]]:
        """The way from each row of a record type, or of `unit`, to its columns."""
        return self.mapping.paths if self.is_mapped else {}

    def count_records(self, message: Any) -> int:
        """How many records a parsed message has that may break its schema."""
        if not self.is_mapped:
            return 0
        ends = [place for place, (_, column) in self.places().items() if column is None]
        roots = [scope.at for scope in self.mapping.carriers if scope.at in ends]
        return sum(1 for place in roots for _ in items_at(message, steps_of(place)))

    def expectations(self) -> dict[str, bytes]:
        """What fails in the examples that break the schema, by their names."""
        return pack_folder.expectations(self._message)

    def examples(self) -> dict[str, bytes]:
        """Named examples: N1… fit the schema, F1… break it as the file `<name>.expects.json` beside them says."""
        return pack_folder.examples(self._message)

    def example_sentences(self) -> dict[str, Text]:
        """What each example shows, by its name; of those that the pack says nothing about, nothing."""
        told = pack_folder.example_sentences(self._message)
        return {name: told[rest] for name in self.examples() if (rest := name.partition("-")[2]) in told}
