"""What accepted messages say, as the rows they would become."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import polars as pl

from ktt.domain.records import RECIPIENT, Records, frame_of
from ktt.domain.schema import DTYPES, RecordType
from ktt.domain.unit import ReportingUnit
from ktt.messages.handover import AcceptedMessage
from ktt.messages.version import MessageVersion, UnitBatch
from ktt.registry.errors import SaidTwice
from ktt.registry.identity import Identities
from ktt.registry.tables import LAYOUTS

Fingerprint = Callable[[Records, RecordType, bytes], pl.DataFrame]
Find = Callable[[str, str], MessageVersion]


@dataclass(frozen=True, slots=True)
class Said:
    """One message, read: events for its record type and for the persons in it (with their numbers), in order."""

    message: AcceptedMessage
    units: frozenset[str]
    record_type: RecordType
    events: pl.DataFrame = field(repr=False)
    people: pl.DataFrame = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads messages by the register of versions, and gives each record its fingerprint and person key."""

    find: Find
    fingerprint: Fingerprint
    key: bytes = field(repr=False)
    identities: Identities

    def read(self, message: AcceptedMessage) -> Said:
        """What the message says; a KttError when it cannot be read.

        A message may speak about several units (ktt-messages § 4); the receiver has seen that all are the sender's.
        """
        version = self.find(message.message_type, message.version)
        record_type = version.record_type
        people: list[pl.DataFrame] = []
        events: list[pl.DataFrame] = []
        units = {message.unit.key}
        for batch in version.read(message.payload):
            persons = self._people(batch)
            said = (_deletions(record_type, batch), self._records(message, record_type, batch.records, persons))
            people.append(_of(batch.unit, persons))
            events += [_of(batch.unit, frame) for frame in said]
            units.add(batch.unit.key)
        return Said(
            message,
            frozenset(units),
            record_type,
            _stamped(message, record_type, events),
            _stamped(message, RECIPIENT, people),
        )

    def _people(self, batch: UnitBatch) -> pl.DataFrame:
        people = frame_of(batch.records, RECIPIENT).select(RECIPIENT.schema.keys())
        frame = self.identities.with_keys(people.unique("local_person_id", keep="last"), batch.unit)
        state = pl.concat_str("person_key", pl.lit("|"), pl.col("died_on").cast(pl.String).fill_null(""))
        return frame.with_columns(fingerprint=state, deleted=pl.lit(value=False))

    def _records(
        self, message: AcceptedMessage, record_type: RecordType, records: Records, people: pl.DataFrame
    ) -> pl.DataFrame:
        if frame_of(records, record_type)[record_type.key].is_duplicated().any():
            raise SaidTwice(position=message.position, record_type=record_type.name)
        # The fingerprint is taken over the pseudonym: a stolen one says nothing about the number even beside its key.
        persons = people.select("local_person_id", "person_key")
        faceless = RECIPIENT.conform(persons.rename({"person_key": "person_number"}))
        prints = self.fingerprint({**records, RECIPIENT.name: faceless}, record_type, self.key)
        roots = nested(records, record_type).join(persons, on="local_person_id", how="left", maintain_order="left")
        return roots.with_columns(deleted=pl.lit(value=False)).join(
            prints.select(pl.col("local_id").alias(record_type.key), "fingerprint"),
            on=record_type.key,
            how="left",
            maintain_order="left",
        )


def nested(records: Records, record_type: RecordType) -> pl.DataFrame:
    """The root frame with each stored part as one column of canonical JSON, empty where a record has none of it."""
    roots = record_type.conform(frame_of(records, record_type))
    for part in LAYOUTS[record_type.name].parts:
        frame = part.conform(frame_of(records, part)).sort(part.order)
        fields = [name for name in part.schema if name != part.parent_key]
        rows = frame.select(record_type.key, pl.struct(fields).struct.json_encode().alias(part.name))
        lists = rows.group_by(record_type.key).agg(
            pl.concat_str(pl.lit("["), pl.col(part.name).str.join(","), pl.lit("]")).alias(part.name)
        )
        roots = roots.join(lists, on=record_type.key, how="left", maintain_order="left")
    return roots


def _deletions(record_type: RecordType, batch: UnitBatch) -> pl.DataFrame:
    ids = pl.Series(record_type.key, batch.deletions, pl.String)
    return ids.to_frame().with_columns(deleted=pl.lit(value=True))


def _of(unit: ReportingUnit, frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(municipality=pl.lit(unit.municipality), unit=pl.lit(unit.key))


def _stamped(message: AcceptedMessage, record_type: RecordType, frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    row = LAYOUTS[record_type.name].row.drop(*_STAMPS)
    return pl.concat([row, *frames], how="diagonal").with_columns(
        position=pl.lit(message.position, pl.Int64),
        known_from=pl.lit(message.received_at, DTYPES["instant"]),
    )


_STAMPS = ("position", "known_from", "version")
