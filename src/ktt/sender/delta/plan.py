"""Which changes go in which messages, and in what order (messages § 7.4 to § 7.6)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

import polars as pl

from ktt.domain.records import CARE_SERVICE, DECISION, Records
from ktt.domain.unit import ReportingUnit
from ktt.messages.version import EncodedRecord, MessageVersion
from ktt.sender.delta.batches import DEFAULT_LIMITS, Batch, Limits, split
from ktt.sender.delta.carriers import Carried
from ktt.sender.delta.compare import Changes
from ktt.sender.delta.encoding import EncodedRecords
from ktt.sender.delta.months import with_month
from ktt.sender.delta.planned_message import PlannedMessage

Grouping = Literal["months", "day"]
Gone = Mapping[str, Sequence[str]]
_Records = Iterator[tuple[EncodedRecord, str | None]]
"""Records with their fingerprints, None for one of which only something inside has changed."""


@dataclass(frozen=True, slots=True)
class ToSend:
    """What differs from the expected state: per record type, and per version and record type what is written for it."""

    changes: Mapping[str, Changes]
    carried: Mapping[tuple[str, str], Carried]
    encoded: EncodedRecords = field(repr=False)

    def of(self, version: MessageVersion) -> list[tuple[str, Carried]]:
        """What is written of each type in a version."""
        return [(kind.name, self.carried[version.message_type, kind.name]) for kind in version.carriers]


@dataclass(frozen=True, slots=True)
class Planner:
    """What the plans of one run have in common. `versions` are in the order in which types are sent.

    `months` sends what is new month by month, oldest first, and then what is changed or gone as the group of the
    extraction day; `day` sends all as one day.
    """

    versions: Sequence[MessageVersion]
    unit: ReportingUnit
    extracted_on: dt.date
    grouping: Grouping = "day"
    limits: Limits = DEFAULT_LIMITS

    def plan(self, records: Records, to_send: ToSend) -> Iterator[PlannedMessage]:
        """The messages that bring the registry from the expected state to what is present, in sending order.

        The same input gives the same messages.
        """
        by_month = self.grouping == "months"
        if by_month:
            yield from self._months(records, to_send)
        yield from self._day(to_send, new_too=not by_month)

    def _months(self, records: Records, to_send: ToSend) -> Iterator[PlannedMessage]:
        streams, counts = {}, {}
        for version in self.versions:
            frames = {
                kind: with_month(kind, carried.to_write.filter("new"), records)
                for kind, carried in zip(version.carriers, map(_second, to_send.of(version)), strict=True)
            }
            frame = _with_types({kind.name: found for kind, found in frames.items()})
            streams[version.message_type] = _in_order(frame, to_send.encoded)
            counts[version.message_type] = dict(frame.group_by("period").len().iter_rows())
        for period in sorted(set().union(*counts.values())):
            for version in self.versions:
                count = counts[version.message_type].get(period, 0)
                yield from self._messages(version, period, to_send, islice(streams[version.message_type], count))

    def _day(self, to_send: ToSend, *, new_too: bool) -> Iterator[PlannedMessage]:
        day = self.extracted_on.isoformat()
        gone = self._explicit(to_send)
        for version, early in (*self._deleted_early(gone), *self._deleted_first(gone, to_send)):
            yield from self._messages(version, day, to_send, iter(()), early)
        for version in self.versions:
            frames = {
                name: one.to_write if new_too else one.to_write.filter(~pl.col("new"))
                for name, one in to_send.of(version)
            }
            stream = _in_order(_with_types(frames).with_columns(period=pl.lit(day)), to_send.encoded)
            yield from self._messages(version, day, to_send, stream, gone.pop(version.message_type, {}))

    def _explicit(self, to_send: ToSend) -> dict[str, dict[str, list[str]]]:
        """The ids that are withdrawn by name: message type → record type → ids, each in the first version that can.

        Those that stood in a record of the same version are withdrawn by not being there any more.
        """
        found: dict[str, dict[str, list[str]]] = {}
        for name, change in to_send.changes.items():
            silent = {one for carried in to_send.carried.values() for one in _deleted_inside(carried, name)}
            gone = [local_id for local_id in change.gone if local_id not in silent]
            deleter = next((one for one in self.versions if name in {kind.name for kind in one.deletes}), None)
            if gone and deleter is not None:
                found.setdefault(deleter.message_type, {})[name] = gone
        return found

    def _deleted_early(self, gone: dict[str, dict[str, list[str]]]) -> Iterator[tuple[MessageVersion, Gone]]:
        """Services that are deleted before the decisions that they refer to, where a later version would delete them."""
        deleting = [version for version in self.versions if version.message_type in gone]
        with_decisions = [nth for nth, one in enumerate(deleting) if DECISION.name in gone[one.message_type]]
        for nth, version in enumerate(deleting):
            if CARE_SERVICE.name in gone[version.message_type] and any(before < nth for before in with_decisions):
                yield version, {CARE_SERVICE.name: gone[version.message_type].pop(CARE_SERVICE.name)}

    def _deleted_first(
        self, gone: dict[str, dict[str, list[str]]], to_send: ToSend
    ) -> Iterator[tuple[MessageVersion, Gone]]:
        """What is deleted before it is sent, in messages of its own: no message has an id twice. The last type goes first."""
        for version in reversed(self.versions):
            of_version = gone.get(version.message_type, {})
            sent = {
                name: set(to_send.changes[name].new["local_id"]).intersection(ids) for name, ids in of_version.items()
            }
            first = {name: [one for one in ids if one in sent[name]] for name, ids in of_version.items() if sent[name]}
            for name in first:
                of_version[name] = [one for one in of_version[name] if one not in sent[name]]
            if first:
                yield version, first

    def _messages(
        self, version: MessageVersion, period: str, to_send: ToSend, records: _Records, gone: Gone | None = None
    ) -> Iterator[PlannedMessage]:
        """The messages of one type in one period: as few as the size allows, none when there is nothing to say."""
        deletions = [(name, local_id) for name, ids in (gone or {}).items() for local_id in ids]
        inside = _by_carrier(carried for _, carried in to_send.of(version))
        for batch in split(version.message_type, deletions, records, self.limits):
            yield self._message(version, period, batch, inside)

    def _message(
        self,
        version: MessageVersion,
        period: str,
        batch: Batch,
        inside: Mapping[str, list[tuple[str, str, str | None]]],
    ) -> PlannedMessage:
        upserts: dict[str, dict[str, str]] = {}
        deletions: dict[str, list[str]] = {}
        for name, local_id in batch.deletions:
            deletions.setdefault(name, []).append(local_id)
        payload = version.assemble(self.unit, deletions, batch.records, extracted_on=self.extracted_on)
        for record, fingerprint in zip(batch.records, batch.fingerprints, strict=True):
            if fingerprint is not None:
                upserts.setdefault(record.record_type, {})[record.local_id] = fingerprint
        written = [(record.local_id, True) for record in batch.records]
        carriers = written + [(local_id, False) for _, local_id in batch.deletions]
        for carrier, is_written in carriers if inside else ():
            for name, local_id, fingerprint in inside.get(carrier, ()):
                if fingerprint is None:
                    deletions.setdefault(name, []).append(local_id)
                elif is_written:
                    upserts.setdefault(name, {})[local_id] = fingerprint
        return PlannedMessage(
            message_type=version.message_type,
            version=version.version,
            pack=version.pack,
            period=period,
            extracted_on=self.extracted_on,
            payload=payload,
            upserts=upserts,
            deletions={name: tuple(ids) for name, ids in deletions.items()},
        )


_NOTHING = {
    "local_id": pl.String,
    "fingerprint": pl.String,
    "own_date": pl.Date,
    "period": pl.String,
    "record_type": pl.String,
}


def _second(pair: tuple[str, Carried]) -> Carried:
    return pair[1]


def _deleted_inside(carried: Carried, name: str) -> Iterable[str]:
    if carried.inside.is_empty():
        return ()
    of_type = (pl.col("record_type") == name) & pl.col("fingerprint").is_null()
    return carried.inside.filter(of_type)["local_id"]


def _by_carrier(carried: Iterable[Carried]) -> dict[str, list[tuple[str, str, str | None]]]:
    found: dict[str, list[tuple[str, str, str | None]]] = {}
    for one in carried:
        for carrier, *rest in one.inside.select("carrier", "record_type", "local_id", "fingerprint").iter_rows():
            found.setdefault(carrier, []).append((rest[0], rest[1], rest[2]))
    return found


def _with_types(frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """The frames of several types as one, with `record_type`."""
    found = [frame.with_columns(record_type=pl.lit(name)) for name, frame in frames.items()]
    return pl.concat(found, how="diagonal") if found else pl.DataFrame(schema=_NOTHING)


def _in_order(frame: pl.DataFrame, encoded: EncodedRecords) -> _Records:
    """The records of the frame in the order period, own date, id, each with its JSON and its fingerprint."""
    by = ["record_type", "local_id"]
    ordered = frame.sort("period", "own_date", "local_id").join(
        encoded.of(frame["record_type"].unique()), on=by, how="left", maintain_order="left"
    )
    columns = ("local_id", "own_date", "json", "record_type", "group", "fingerprint")
    for *record, fingerprint in ordered.select(columns).iter_rows():
        yield EncodedRecord(*record), fingerprint
