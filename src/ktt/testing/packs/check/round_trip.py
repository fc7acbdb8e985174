"""A synthetic municipality written as messages and read again: what is lost, what no message can hold, what differs."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from ktt.core.errors import KttError
from ktt.core.text import Text
from ktt.domain.records import RECIPIENT, Records, frame_of, subset
from ktt.domain.schema import RecordType
from ktt.domain.unit import ReportingUnit
from ktt.messages.packs.message import PackedMessage
from ktt.messages.schema_violations import RecordViolation, encode_and_check
from ktt.messages.version import EncodedRecord
from ktt.testing.packs.check.carried import carried
from ktt.testing.packs.check.differences import Difference, differences
from ktt.testing.packs.check.lines import Line, Verdict, advice, failed, name_of, of_fault, ok
from ktt.testing.packs.check.municipality import SyntheticRecords

TOGETHER = 100
"""Records in one message."""

_CHECK = "round trip"
_SAME = Text(
    nb="{records:post|poster} i {messages:melding|meldinger} er lest tilbake, og er de samme.",
    en="{records:record|records} in {messages:message|messages} were read back, and are the same.",
)
_NOTHING = Text(nb="Ingen poster å skrive.", en="There were no records to write.")
_UNWRITABLE = Text(
    nb="{count:post|poster} har en verdi i {column} som ikke kan skrives ved «{place}».",
    en="{count:record|records} with a value in {column} that cannot be written at “{place}”.",
)
_ALL_VALUES = Text(
    nb="Se på formen i mapping.toml (codes, digits, numbered): den må ha en skrivemåte for alle verdier.",
    en="Look at the form in mapping.toml (codes, digits, numbered): it must have a way to write every value.",
)
_INVALID = Text(
    nb="{count:post|poster} bryter skjemaet: {says}.", en="{count:record|records} break the schema: {says}."
)
_FIT = Text(
    nb="Kontroller at riktig kolonne ({column}) er koblet til riktig sted og i riktig form. Er den det, holdes slike poster tilbake.",
    en="See whether the right column ({column}) is mapped to the right place in the right form. If so, such records are held back.",
)
_ALONE = Text(
    nb="{count:post|poster} av typen {column} har ikke noe sted: {outer} som de skal stå i, finnes ikke.",
    en="{count:record|records} of type {column} have no place: the {outer} that they are to stand in does not exist.",
)
_OWN_LIST = Text(
    nb="Har skjemaet en egen liste for dem, så koble den også. Ellers kan de ikke sendes.",
    en="If the schema has a list of its own for them, map that too. If not, they cannot be sent.",
)
_LOST = Text(
    nb="{rows:rad|rader} av {of} av typen {type} kommer ikke tilbake som de samme radene.",
    en="{rows:row|rows} of {of} of type {type} do not come back as the same rows.",
)
_DIFFERS = Text(
    nb="{type}.{column} er en annen verdi i {rows:rad|rader} av {of} når den leses igjen ({place}).",
    en="{type}.{column} has another value in {rows:row|rows} of {of} when read again ({place}).",
)
_TAKEN = Text(nb="fra objektet rundt «{place}»", en="from the object around “{place}”")
_OWN_PLACE = Text(
    nb='Koble et eget sted, eller skriv "{type}.{column}" = "hvorfor" under [dropped].',
    en='Map a place of its own, or write "{type}.{column}" = "why" under [dropped].',
)
_SAME_FORM = Text(
    nb="Formen der må kunne leses tilbake (codes, digits, day, instant, empty).",
    en="The form there must be readable again (codes, digits, day, instant, empty).",
)
_UNIT = Text(nb="Enheten {wrote} blir lest tilbake som {read}.", en="The unit {wrote} is read back as {read}.")
_UNIT_FORM = Text(
    nb="Se på koblingen av organisation, municipality og district (ledende nuller).",
    en="Look at the mapping of organisation, municipality and district (leading zeros).",
)
DISTRICT = ReportingUnit("312000563", "0301", "03")
"""A synthetic unit with a leading zero and a district."""


@dataclass(slots=True)
class RoundTrip:
    """What one message type's round trip made: records that fit, and messages of them."""

    encoded: list[EncodedRecord] = field(default_factory=list, repr=False)
    messages: list[bytes] = field(default_factory=list, repr=False)


def round_trip(
    version: PackedMessage, synthetic: SyntheticRecords, dropped: Mapping[str, str], made: RoundTrip
) -> Iterator[Line]:
    """Write and read every record that the message carries; `made` is filled for the checks that follow."""
    try:
        lines = [*_lines(version, synthetic, dropped, made)]
    except KttError as fault:
        yield of_fault(_CHECK, fault, name_of(version))
        return
    yield from lines
    if all(line.verdict is not Verdict.FAILED for line in lines):
        says = _SAME.format(records=len(made.encoded), messages=len(made.messages)) if made.encoded else _NOTHING
        yield ok(_CHECK, says, name_of(version))


def _lines(
    version: PackedMessage, synthetic: SyntheticRecords, dropped: Mapping[str, str], made: RoundTrip
) -> Iterator[Line]:
    unit, records = synthetic.unit, synthetic.records
    yield from _alone(version, records)
    yield from _unwritable(version, unit, records)
    kept: dict[str, pl.Series] = {}
    for kind in version.carriers:
        encoded, violations = _encoded(version, kind, unit, records)
        yield from _violations(version, violations)
        wrong = {one.local_id for one in violations}
        fitting = [one for one in encoded if one.local_id not in wrong]
        kept[kind.name] = pl.Series([one.local_id for one in fitting], dtype=pl.String)
        made.encoded += fitting
    blocks = [made.encoded[at : at + TOGETHER] for at in range(0, len(made.encoded), TOGETHER)]
    made.messages += [version.assemble(unit, {}, block, extracted_on=synthetic.day) for block in blocks]
    read = _together(batch.records for message in made.messages for batch in version.read(message))
    for one in differences(_written(version, records, kept), read, carried(version, dropped)):
        yield _told(version, one)
    if made.encoded:
        yield from _unit(version, made.encoded[0], synthetic.day, dropped)


def _encoded(
    version: PackedMessage, kind: RecordType, unit: ReportingUnit, records: Records
) -> tuple[list[EncodedRecord], list[RecordViolation]]:
    """The records of one type that are written on their own, and what they break."""
    roots = frame_of(records, kind)
    for one in version.nested:
        if one.inner is kind:
            roots = roots.join(_standing(one.outer, records), on=one.outer.key, how="anti")
    found: list[EncodedRecord] = []
    violations: list[RecordViolation] = []
    for encoded, wrong in encode_and_check(records, version, kind, unit, roots[kind.key]):
        found += [one for one in encoded if one.record_type == kind.name]
        violations += wrong
    return found, violations


def _standing(outer: RecordType, records: Records) -> pl.DataFrame:
    return frame_of(records, outer).select(outer.key).drop_nulls()


def _written(version: PackedMessage, records: Records, kept: Mapping[str, pl.Series]) -> Records:
    """What must come back: the records with these ids, what stands inside them, and their persons."""
    parts = [
        subset(records, kind, kept[kind.name], [one.inner for one in version.nested if one.outer is kind])
        for kind in version.carriers
    ]
    return _together(parts)


def _together(parts: Iterable[Records]) -> Records:
    frames: dict[str, list[pl.DataFrame]] = {}
    for records in parts:
        for name, frame in records.items():
            frames.setdefault(name, []).append(frame)
    joined = {name: pl.concat(found) for name, found in frames.items()}
    if RECIPIENT.name in joined:
        joined[RECIPIENT.name] = joined[RECIPIENT.name].unique(RECIPIENT.key, keep="first")
    return joined


# ── what is told ────────────────────────────────────────────────────────────────────────────────────────────────────


def _place(version: PackedMessage, record_type: str, column: str | None) -> str:
    return next((place for place, where in version.places().items() if where == (record_type, column)), "")


def _alone(version: PackedMessage, records: Records) -> Iterator[Line]:
    for one in version.nested:
        if one.inner in version.carriers:
            continue
        lone = frame_of(records, one.inner).join(_standing(one.outer, records), on=one.outer.key, how="anti").height
        if lone:
            says = _ALONE.format(count=lone, column=one.inner.name, outer=one.outer.name)
            where = (_place(version, one.inner.name, None),)
            yield advice(_CHECK, says, _OWN_LIST, name_of(version), where)


def _unwritable(version: PackedMessage, unit: ReportingUnit, records: Records) -> Iterator[Line]:
    for record_type, column, ids in version.unwritable(unit, records):
        place = _place(version, record_type, column) or _place(version, RECIPIENT.name, column)
        says = _UNWRITABLE.format(count=len(ids), column=f"{record_type}.{column}", place=place)
        yield failed(_CHECK, says, _ALL_VALUES, name_of(version), (place, f"{record_type}.{column}"))


def _violations(version: PackedMessage, violations: Sequence[RecordViolation]) -> Iterator[Line]:
    """One line for each place and keyword; those that cannot be written are told by `_unwritable`."""
    counts = Counter((one.record_type, one.column, one.place, one.says, one.keyword) for one in violations)
    for (record_type, column, place, says, keyword), count in counts.items():
        if keyword != "digits":
            named = f"{record_type}.{column}" if column else record_type
            text = _INVALID.format(count=count, says=says)
            yield failed(_CHECK, text, _FIT.format(column=named), name_of(version), (place, named))


def _told(version: PackedMessage, one: Difference) -> Line:
    facts = {"type": one.record_type, "column": one.column, "rows": one.rows, "of": str(one.of)}
    place, around = _place(version, one.record_type, one.column or None), _place(version, one.record_type, None)
    named = f"{one.record_type}.{one.column}" if one.column else one.record_type
    where = place or around
    if not one.column:
        return failed(_CHECK, _LOST.format(**facts), _SAME_FORM, name_of(version), (where, named))
    shown = Text(nb=place, en=place) if place else _TAKEN.format(place=around)
    remedy = _SAME_FORM if place else _OWN_PLACE.format(**facts)
    return failed(_CHECK, _DIFFERS.format(**facts, place=shown), remedy, name_of(version), (where, named))


def _unit(version: PackedMessage, one: EncodedRecord, day: dt.date, dropped: Mapping[str, str]) -> Iterator[Line]:
    """A unit with a leading zero and a district comes back as it is."""
    wanted = ReportingUnit(DISTRICT.organisation, DISTRICT.municipality) if "unit.district" in dropped else DISTRICT
    (batch, *_others) = version.read(version.assemble(wanted, {}, [one], extracted_on=day))
    if batch.unit != wanted:
        says = _UNIT.format(wrote=wanted.key, read=batch.unit.key)
        yield failed(_CHECK, says, _UNIT_FORM, name_of(version), (version.mapping.unit_scope.at, "unit"))
