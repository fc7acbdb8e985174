"""Records that their message version's schema would refuse, found before messages are made, so that they alone are held.

The registry refuses a whole message for one such record, and the sender's queue waits behind a refused message.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from ktt.domain.records import Records, subset
from ktt.domain.schema import RecordType
from ktt.domain.unit import ReportingUnit
from ktt.messages.errors import MessageMalformed, MessageNotJson, RecordNotEncodable
from ktt.messages.version import EncodedRecord, MessageVersion, SchemaViolation

_ENCODED_TOGETHER = 50_000
"""Records that are encoded together, some 10 MB of JSON: choosing them takes a pass over all records."""

_CHECKED_TOGETHER = 10_000
"""Records that are checked together: when one of them breaks the schema, all of them are checked one by one."""

_ANY_DAY = dt.date(2026, 1, 1)
"""The day of extraction in a message that is made to be checked, where a message tells it."""

_EVERY_ONE = 10_000_000
"""Violations that are listed of one block: all."""

_BOUNDS = frozenset({"minimum", "maximum"})
_SHORT = _BOUNDS | {"minLength", "maxLength", "minItems", "maxItems", "format", "type"}
"""Keywords whose limit is a word or a number; that of the others is long, or shows in the place already."""

_NOT_DIGITS = "digits"
"""The keyword of a code or number that is not digits: it cannot be written, so no schema sees it."""


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
    records: Records, version: MessageVersion, kind: RecordType, unit: ReportingUnit, ids: pl.Series
) -> Iterator[tuple[list[EncodedRecord], list[RecordViolation]]]:
    """The records of a type with these ids as JSON, and every violation of them, each once; some thousands at a time.

    A record whose values have no place in JSON is not among the encoded. A block is first checked as one message, and
    only if that does not fit, the violations are looked for. MessageMalformed when it is the unit that does not fit, for
    then no message of it can.
    """
    inner = [one.inner for one in version.nested if one.outer is kind]
    for start in range(0, len(ids), _ENCODED_TOGETHER):
        chosen = subset(records, kind, ids.slice(start, _ENCODED_TOGETHER), inner)
        encoded, violations = _encoded(version, kind, unit, chosen)
        for first in range(0, len(encoded), _CHECKED_TOGETHER):
            block = encoded[first : first + _CHECKED_TOGETHER]
            if not version.fits(version.assemble(unit, {}, block, extracted_on=_ANY_DAY)):
                violations += dict.fromkeys(_violations(version, unit, block))
        yield encoded, violations


def _encoded(
    version: MessageVersion, kind: RecordType, unit: ReportingUnit, records: Records
) -> tuple[list[EncodedRecord], list[RecordViolation]]:
    """The records as JSON, and those that have no place there."""
    try:
        return version.encode(unit, records), []
    except RecordNotEncodable:
        places = {where: _without_units(place) for place, where in version.places().items()}
        wrong = [
            RecordViolation(name, local_id, column, _NOT_DIGITS, places.get((name, column), ""), "")
            for name, column, ids in version.unwritable(unit, records)
            for local_id in ids.drop_nulls()
        ]
        names = pl.Series([one.local_id for one in wrong], dtype=pl.String)
        rest = records[kind.name][kind.key].drop_nulls()
        inner = [one.inner for one in version.nested if one.outer is kind]
        return version.encode(unit, subset(records, kind, rest.filter(~rest.is_in(names.implode())), inner)), wrong


def _violations(
    version: MessageVersion, unit: ReportingUnit, encoded: Sequence[EncodedRecord]
) -> Iterator[RecordViolation]:
    message = version.assemble(unit, {}, encoded, extracted_on=_ANY_DAY)
    try:
        violations = version.check(message, at_most=_EVERY_ONE)
    except MessageNotJson as fault:  # a control character, a number too long to read: found by halves
        if len(encoded) == 1:
            place = next(
                (place for place, where in version.places().items() if where == (encoded[0].record_type, None)), ""
            )
            reason = str(fault.facts["reason"])
            yield RecordViolation(encoded[0].record_type, encoded[0].local_id, None, reason, _without_units(place), "")
        else:
            yield from _by_halves(version, unit, encoded)
        return
    if any(one.group for one in encoded) and violations and len(encoded) > 1:
        yield from _by_halves(version, unit, encoded)  # persons stand between the message and its records
        return
    yield from (_placed(version, encoded, one) for one in violations)


def _by_halves(
    version: MessageVersion, unit: ReportingUnit, encoded: Sequence[EncodedRecord]
) -> Iterator[RecordViolation]:
    half = len(encoded) // 2
    yield from _violations(version, unit, encoded[:half])
    yield from _violations(version, unit, encoded[half:])


def _placed(version: MessageVersion, encoded: Sequence[EncodedRecord], violation: SchemaViolation) -> RecordViolation:
    """Which record it is in, and where in it. Records of one type stand in the order in which they were encoded."""
    places = version.places()
    absent = [violation.limit] if violation.keyword == "required" else []
    steps = [*violation.pointer.split("/")[1:], *absent]
    place = _place(steps)
    for kind in version.carriers:
        at = next(one for one, where in places.items() if where == (kind.name, None))
        if place.startswith(at):
            mine = [one for one in encoded if one.record_type == kind.name]
            nth = 0 if len(encoded) == 1 else int([step for step in steps if step.isdigit()][at.count("[]") - 1])
            record_type, column = places.get(place, (kind.name, None))
            where = _without_units(place)
            return RecordViolation(record_type, mine[nth].local_id, column, violation.keyword, where, violation.limit)
    raise MessageMalformed(message_type=version.message_type, version=version.version, pointer=violation.pointer)


def _place(steps: Sequence[str]) -> str:
    return "".join("[]" if step.isdigit() else f".{step}" for step in steps).removeprefix(".")


def _without_units(place: str) -> str:
    """The place as people name it, without the list of units around everything."""
    return place.removeprefix("[].")
