"""Records that their message version's schema would refuse, found before messages are made, so that they alone are held.

The registry refuses a whole message for one such record, and the sender's queue waits behind a refused message.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from ktt.domain.records import Records, subset
from ktt.domain.unit import ReportingUnit
from ktt.messages.errors import MessageMalformed, MessageNotJson, RecordNotEncodable
from ktt.messages.table import Part
from ktt.messages.version import EncodedRecord, MessageVersion, SchemaViolation

_ENCODED_TOGETHER = 50_000
"""Records that are encoded together, some 10 MB of JSON: choosing them takes a pass over all records."""

_CHECKED_TOGETHER = 10_000
"""Records that are checked together: when one of them breaks the schema, all of them are checked one by one."""

_EVERY_ONE = 10_000_000
"""Violations that are listed of one block: all."""

_BOUNDS = frozenset({"minimum", "maximum"})
_SHORT = _BOUNDS | {"minLength", "maxLength", "minItems", "maxItems", "format", "type"}
"""Keywords whose limit is a word or a number; that of the others is long, or shows in the place already."""

_NOT_DIGITS = "digits"
"""The keyword of a code or number that is not digits: it cannot be written, so no schema sees it."""

_Columns = Mapping[str, tuple[str, str | None]]
"""The record type or part and the column of each place."""


@dataclass(frozen=True, slots=True)
class RecordViolation:
    """One place where a record breaks its schema: never the value.

    `record_type` is the part when the value is in a part; `column` is empty when no single column is wrong.
    `place` is the path in the message, `vedtak[].tjenester[].timerUke`, and `limit` what the schema demands there.
    """

    record_type: str
    local_id: str
    column: str | None
    keyword: str
    place: str
    limit: str

    @property
    def says(self) -> str:
        """The place and what the schema demands there: `vedtak[].tjenester[].timerUke: maximum 168`."""
        keyword = "characters" if self.keyword == "not" else self.keyword  # `not` a character that is not allowed
        return f"{self.place}: {keyword}{f' {self.limit}' if self.keyword in _SHORT else ''}"

    @property
    def out_of_bounds(self) -> bool:
        """Whether a number is smaller or larger than the schema allows: the value is wrong, not how it is written."""
        return self.keyword in _BOUNDS


def encode_and_check(
    records: Records, version: MessageVersion, unit: ReportingUnit, ids: pl.Series
) -> Iterator[tuple[list[EncodedRecord], list[RecordViolation]]]:
    """The records with these ids as JSON, and every violation of them, each once; some thousands of records at a time.

    A record whose values have no place in JSON is not among the encoded. A block is first checked as one message, and
    only if that does not fit, the violations are looked for. MessageMalformed when it is the unit that does not fit, for
    then no message of it can.
    """
    for start in range(0, len(ids), _ENCODED_TOGETHER):
        chosen = subset(records, version.record_type, ids.slice(start, _ENCODED_TOGETHER))
        encoded, violations = _encoded(version, unit, chosen)
        for first in range(0, len(encoded), _CHECKED_TOGETHER):
            block = encoded[first : first + _CHECKED_TOGETHER]
            if version.fast_check(version.assemble(unit, (), block)) is None:
                violations += dict.fromkeys(_violations(version, unit, block))
        yield encoded, violations


def _encoded(
    version: MessageVersion, unit: ReportingUnit, records: Records
) -> tuple[list[EncodedRecord], list[RecordViolation]]:
    """The records as JSON, and those that have no place there."""
    try:
        return version.encode(unit, records), []
    except RecordNotEncodable:
        kind, places = version.record_type, {where: place for place, where in _columns(version).items()}
        wrong = [
            RecordViolation(name, local_id, column, _NOT_DIGITS, places.get((name, column), ""), "")
            for name, column, ids in version.unwritable(unit, records)
            for local_id in ids.drop_nulls()
        ]
        names = pl.Series([one.local_id for one in wrong], dtype=pl.String)
        rest = records[kind.name][kind.key].drop_nulls()
        return version.encode(unit, subset(records, kind, rest.filter(~rest.is_in(names.implode())))), wrong


def _violations(
    version: MessageVersion, unit: ReportingUnit, encoded: Sequence[EncodedRecord]
) -> Iterator[RecordViolation]:
    try:
        violations = version.check(version.assemble(unit, (), encoded), at_most=_EVERY_ONE)
    except MessageNotJson as fault:  # a control character, a number too long to read: found by halves
        half = len(encoded) // 2
        if half == 0:
            kind, place = version.record_type, f"{version.table.list_name}[]"
            yield RecordViolation(kind.name, encoded[0].local_id, None, str(fault.facts["reason"]), place, "")
        else:
            yield from _violations(version, unit, encoded[:half])
            yield from _violations(version, unit, encoded[half:])
        return
    columns = _columns(version)
    yield from (_placed(version, encoded, one, columns) for one in violations)


def _placed(
    version: MessageVersion, encoded: Sequence[EncodedRecord], violation: SchemaViolation, columns: _Columns
) -> RecordViolation:
    steps = violation.pointer.split("/")[2:]
    if steps[:1] != [version.table.list_name] or len(steps) < 2:  # noqa: PLR2004 (the list, and the record's place in it)
        raise MessageMalformed(message_type=version.message_type, version=version.version, pointer=violation.pointer)
    absent = [violation.limit] if violation.keyword == "required" else []
    place = "".join("[]" if step.isdigit() else f".{step}" for step in [*steps, *absent]).removeprefix(".")
    record_type, column = columns.get(place, (version.record_type.name, None))
    return RecordViolation(
        record_type, encoded[int(steps[1])].local_id, column, violation.keyword, place, violation.limit
    )


def _columns(version: MessageVersion) -> _Columns:
    table = version.table
    start = f"{table.list_name}[]."
    person = {f"{start}{table.person_path}.{one.path}": (version.record_type.name, one.column) for one in table.person}
    return dict(_below(table.body, start)) | person


def _below(part: Part, prefix: str) -> Iterator[tuple[str, tuple[str, str | None]]]:
    for field in part.fields:
        place = prefix + field.path
        if field.part is None:
            yield place, (part.record_type.name, field.column)
        else:
            yield place, (part.record_type.name, None)
            yield from _below(field.part, f"{place}[].")
