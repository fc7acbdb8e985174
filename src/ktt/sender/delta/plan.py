"""Which changes travel in which messages, and in what order (messages § 7.4 to § 7.6)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

import polars as pl

from ktt.domain.records import CARE_SERVICE, DECISION, Records, subset
from ktt.domain.unit import ReportingUnit
from ktt.messages.version import MessageVersion
from ktt.sender.delta.batches import DEFAULT_LIMITS, Item, Limits, Part, split
from ktt.sender.delta.compare import Changes
from ktt.sender.delta.deletion_guard import guard_gone
from ktt.sender.delta.months import with_month

Grouping = Literal["months", "day"]

_BLOCK = 50_000
"""Records encoded at a time: bounds the memory of a large city's history, some 25 MB of JSON a type."""


@dataclass(frozen=True, slots=True)
class PlannedMessage:
    """One message ready for the line, with its manifest: what the registry holds more, and no more, once it is accepted.

    `period` is a month (`2017-01`) in the initial load, else the day. `upserts` has `local_id` and `fingerprint`.
    """

    message_type: str
    version: str
    pack: str
    record_type: str
    period: str
    payload: bytes = field(repr=False)
    upserts: pl.DataFrame = field(repr=False)
    deletions: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class _Planner:
    records: Records
    unit: ReportingUnit
    limits: Limits

    def items(self, version: MessageVersion, frame: pl.DataFrame) -> Iterator[Item]:
        """The frame's records as JSON, in the order period, own date, id."""
        rows = frame.sort("period", "own_date", "local_id")
        for block in rows.iter_slices(_BLOCK):
            chosen = subset(self.records, version.record_type, block["local_id"])
            encoded = {record.local_id: record for record in version.encode(self.unit, chosen)}
            for local_id, fingerprint in block.select("local_id", "fingerprint").iter_rows():
                yield Item(encoded[local_id], fingerprint)

    def messages(
        self, version: MessageVersion, period: str, deletions: Sequence[str], items: Iterator[Item]
    ) -> Iterator[PlannedMessage]:
        """The messages of one type in one period: as few as the size allows, none when there is nothing to say."""
        for part in split(version.message_type, deletions, items, self.limits):
            yield self._message(version, period, part)

    def _message(self, version: MessageVersion, period: str, part: Part) -> PlannedMessage:
        manifest = {
            "local_id": [item.record.local_id for item in part.items],
            "fingerprint": [item.fingerprint for item in part.items],
        }
        return PlannedMessage(
            message_type=version.message_type,
            version=version.version,
            pack=version.pack,
            record_type=version.record_type.name,
            period=period,
            payload=version.assemble(self.unit, part.deletions, [item.record for item in part.items]),
            upserts=pl.DataFrame(manifest, schema={"local_id": pl.String, "fingerprint": pl.String}),
            deletions=part.deletions,
        )


def plan(
    records: Records,
    changes: Mapping[str, Changes],
    versions: Sequence[MessageVersion],
    unit: ReportingUnit,
    day: dt.date,
    *,
    grouping: Grouping = "day",
    drop_max: Mapping[str, float] | None = None,
    accept_drop: Collection[str] = (),
    limits: Limits = DEFAULT_LIMITS,
) -> Iterator[PlannedMessage]:
    """The messages that bring the registry from the expected state to what is present, in the order they must travel.

    `changes` is by record type name; `versions` are in travel order. `months` sends what is new month by month, oldest
    first, and then what is changed or gone as the group of `day`; `day` sends all as one day. Raises TooManyGone at
    once, before the first message, unless the type is in `accept_drop`. The same input gives the same messages.
    """
    guard_gone(changes, drop_max or {}, accept_drop)
    return _planned(_Planner(records, unit, limits), changes, versions, day.isoformat(), grouping)


def _planned(
    planner: _Planner, changes: Mapping[str, Changes], versions: Sequence[MessageVersion], day: str, grouping: Grouping
) -> Iterator[PlannedMessage]:
    planned = [version for version in versions if version.record_type.name in changes]
    if grouping == "months":
        yield from _months(planner, changes, planned)
    yield from _day(planner, changes, planned, day, new_too=grouping == "day")


def _months(
    planner: _Planner, changes: Mapping[str, Changes], versions: Sequence[MessageVersion]
) -> Iterator[PlannedMessage]:
    streams, counts = {}, {}
    for version in versions:
        record_type = version.record_type
        frame = with_month(record_type, changes[record_type.name].new, planner.records)
        streams[record_type.name] = planner.items(version, frame)
        counts[record_type.name] = dict(frame.group_by("period").len().iter_rows())
    for period in sorted(set().union(*counts.values())):
        for version in versions:
            name = version.record_type.name
            items = islice(streams[name], counts[name].get(period, 0))
            yield from planner.messages(version, period, (), items)


def _day(
    planner: _Planner, changes: Mapping[str, Changes], versions: Sequence[MessageVersion], day: str, *, new_too: bool
) -> Iterator[PlannedMessage]:
    gone = {name: change.gone.to_list() for name, change in changes.items()}
    if gone.get(DECISION.name) and gone.get(CARE_SERVICE.name):
        # children are gone before their parents are deleted
        version = next(version for version in versions if version.record_type is CARE_SERVICE)
        yield from planner.messages(version, day, gone.pop(CARE_SERVICE.name), iter(()))
    for version in versions:
        change = changes[version.record_type.name]
        frame = pl.concat([change.new, change.changed]) if new_too else change.changed
        items = planner.items(version, frame.with_columns(period=pl.lit(day)))
        yield from planner.messages(version, day, gone.get(version.record_type.name, ()), items)
