"""A message version that is nothing but data: a table, the schema made from it, and named examples."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from functools import cache, cached_property, partial
from importlib.resources import files

import polars as pl

from ktt.domain.person_rule import AllowedPersons
from ktt.domain.records import Records
from ktt.domain.schema import RecordType
from ktt.domain.unit import ReportingUnit
from ktt.messages.automaton.fast_check import FastCheck, fast_check
from ktt.messages.check import Checker
from ktt.messages.decode import Reader
from ktt.messages.encode import assemble_message, encode_records, unwritable_records
from ktt.messages.hundredths import hundredths_check
from ktt.messages.json_schema import message_schema
from ktt.messages.settings import PackSettings
from ktt.messages.table import MessageTable
from ktt.messages.version import EncodedRecord, SchemaViolation, UnitBatch


def schema_text(table: MessageTable, settings: PackSettings) -> bytes:
    """The JSON Schema as it stands in a pack's `schema` folder, UTF-8."""
    return (json.dumps(message_schema(table, settings), ensure_ascii=False, indent=1) + "\n").encode()


class PackedMessage:
    """One message type in one version, driven by its table (see `messages.version.MessageVersion`)."""

    def __init__(self, package: str, table: MessageTable, settings: PackSettings) -> None:
        self.pack = table.pack
        self.message_type = table.message_type
        self.version = table.version
        self.record_type: RecordType = table.body.record_type
        self.table = table
        self.settings = settings
        self.schema: bytes = schema_text(table, settings)
        self._package = package

    def __repr__(self) -> str:
        return f"PackedMessage({self.pack}, {self.message_type}, {self.version})"

    @cached_property
    def _checker(self) -> Checker:
        return Checker(json.loads(self.schema), hundredths_check(self.table))

    @cached_property
    def _reader(self) -> Reader:
        return Reader(self.table, self.settings)

    @cached_property
    def _fast_checks(self) -> Callable[[AllowedPersons], FastCheck | None]:
        return cache(partial(fast_check, self.table, self.settings))

    def encode(self, unit: ReportingUnit, records: Records) -> list[EncodedRecord]:
        """Each root record as JSON, sorted by own date, then id; RecordNotEncodable."""
        return encode_records(self.table, self.settings, unit, records)

    def unwritable(self, unit: ReportingUnit, records: Records) -> Iterator[tuple[str, str, pl.Series]]:
        """What `encode` refuses: record type or part, column, and the root records' ids."""
        return unwritable_records(self.table, self.settings, unit, records)

    def assemble(self, unit: ReportingUnit, deletions: Sequence[str], encoded: Sequence[EncodedRecord]) -> bytes:
        """The whole message with one unit; MessageEmpty when there is nothing to say."""
        return assemble_message(self.table, self.settings, unit, deletions, encoded)

    def read(self, message: bytes) -> list[UnitBatch]:
        """The canonical frames, one batch per unit; MessageNotJson, MessageMalformed."""
        return self._reader.read(message)

    def check(self, message: bytes, *, at_most: int = 100) -> list[SchemaViolation]:
        """Every place where the message breaks the schema; MessageNotJson."""
        return self._checker.check(message, at_most)

    def fast_check(self, message: bytes, persons: AllowedPersons = "any") -> ReportingUnit | None:
        """The message's one unit if it fits the schema for certain; None when only `check` can tell."""
        check = self._fast_checks(persons)
        return None if check is None else check(message)

    def examples(self) -> dict[str, bytes]:
        """Named examples: N1… fit the schema, F1… break it as the file `<name>.expects.json` beside them says."""
        folder = files(self._package) / "examples" / self.message_type
        entries = sorted(folder.iterdir(), key=lambda entry: entry.name) if folder.is_dir() else []
        names = [entry for entry in entries if entry.name.endswith(".json") and ".expects." not in entry.name]
        return {entry.name.removesuffix(".json"): entry.read_bytes() for entry in names}
