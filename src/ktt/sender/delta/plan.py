"""Which changes go in which messages, and in what order (messages § 7.4 to § 7.6)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

import polars as pl

from ktt.domain.records import CARE_SERVICE, DECISION, Records
from ktt.domain.unit import ReportingUnit
from ktt.messages.version import EncodedRecord, MessageVersion
from ktt.sender.delta.batches import DEFAULT_LIMITS, Batch, Limits, split
from ktt.sender.delta.compare import Changes
from ktt.sender.delta.deletion_guard import check_deletions
from ktt.sender.delta.encoding import EncodedRecords
from ktt.sender.delta.months import with_month
from ktt.sender.delta.planned_message import PlannedMessage

Grouping = Literal["months", "day"]
_Records = Iterator[tuple[EncodedRecord, str]]
"""Records with their fingerprints."""


@dataclass(frozen=True, slots=True)
class Planner:
    """What the plans of one run have in common. `versions` are in the order in which types are sent.

    `months` sends what is new month by month, oldest first, and then what is changed or gone as the group of the
    extraction day; `day` sends all as one day. `drop_max` is for each record type the share that may be gone without a
    question, `accept_drop` the types whose drop someone has confirmed.
    """

    versions: Sequence[MessageVersion]
    unit: ReportingUnit
    extracted_on: dt.date
    drop_max: Mapping[str, float]
    accept_drop: Collection[str] = ()
    grouping: Grouping = "day"
    limits: Limits = DEFAULT_LIMITS

    def plan(
        self, records: Records, changes: Mapping[str, Changes], encoded: EncodedRecords
    ) -> Iterator[PlannedMessage]:
        """The messages that bring the registry from the expected state to what is present, in sending order.

        `changes` is by record type name; `encoded` has the JSON of all that is new or changed. TooManyDeletions is
        raised at once, before the first message. The same input gives the same messages.
        """
        check_deletions(changes, self.drop_max, self.accept_drop)
        return self._planned(records, changes, encoded)

    def _planned(
        self, records: Records, changes: Mapping[str, Changes], encoded: EncodedRecords
    ) -> Iterator[PlannedMessage]:
        by_month = self.grouping == "months"
        if by_month:
            yield from self._months(records, changes, encoded)
        yield from self._day(changes, encoded, new_too=not by_month)

    def _months(
        self, records: Records, changes: Mapping[str, Changes], encoded: EncodedRecords
    ) -> Iterator[PlannedMessage]:
        streams, counts = {}, {}
        for version in self.versions:
            name = version.record_type.name
            frame = with_month(version.record_type, changes[name].new, records)
            streams[name] = _in_order(frame, encoded.json[name])
            counts[name] = dict(frame.group_by("period").len().iter_rows())
        for period in sorted(set().union(*counts.values())):
            for version in self.versions:
                name = version.record_type.name
                yield from self._messages(version, period, (), islice(streams[name], counts[name].get(period, 0)))

    def _day(
        self, changes: Mapping[str, Changes], encoded: EncodedRecords, *, new_too: bool
    ) -> Iterator[PlannedMessage]:
        day = self.extracted_on.isoformat()
        gone = {name: change.gone.to_list() for name, change in changes.items()}
        if gone[DECISION.name] and gone[CARE_SERVICE.name]:
            # The services are deleted before the decisions that they refer to.
            version = next(version for version in self.versions if version.record_type is CARE_SERVICE)
            yield from self._messages(version, day, gone.pop(CARE_SERVICE.name), iter(()))
        for version in self.versions:
            name = version.record_type.name
            frame = changes[name].to_send if new_too else changes[name].changed
            stream = _in_order(frame.with_columns(period=pl.lit(day)), encoded.json[name])
            yield from self._messages(version, day, gone.get(name, ()), stream)

    def _messages(
        self, version: MessageVersion, period: str, deletions: Sequence[str], records: _Records
    ) -> Iterator[PlannedMessage]:
        """The messages of one type in one period: as few as the size allows, none when there is nothing to say."""
        for batch in split(version.message_type, deletions, records, self.limits):
            yield self._message(version, period, batch)

    def _message(self, version: MessageVersion, period: str, batch: Batch) -> PlannedMessage:
        ids = [record.local_id for record in batch.records]
        return PlannedMessage(
            message_type=version.message_type,
            version=version.version,
            pack=version.pack,
            record_type=version.record_type.name,
            period=period,
            extracted_on=self.extracted_on,
            payload=version.assemble(self.unit, batch.deletions, batch.records),
            upserts=dict(zip(ids, batch.fingerprints, strict=True)),
            deletions=batch.deletions,
        )


def _in_order(frame: pl.DataFrame, encoded: pl.DataFrame) -> _Records:
    """The records of the frame in the order period, own date, id, each with its JSON and its fingerprint."""
    ordered = frame.sort("period", "own_date", "local_id").join(
        encoded, on="local_id", how="left", maintain_order="left"
    )
    for local_id, own_date, json, fingerprint in ordered.select(
        "local_id", "own_date", "json", "fingerprint"
    ).iter_rows():
        yield EncodedRecord(local_id, own_date, json), fingerprint
