"""Cut a list of deletions and records into messages of a fair size, between records and never inside one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ktt.messages.version import EncodedRecord
from ktt.sender.delta.errors import RecordTooLarge

_FRAME = 400
"""Bytes of a message around its records: unit fields and list names."""

_DELETION = 60
"""Bytes of an item in a delete list around its id."""


Deletion = tuple[str, str]
"""Record type and id of what is withdrawn."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes of JSON in one message: what is aimed at, and what is never passed (messages § 7.6)."""

    target: int = 2_000_000
    maximum: int = 11_000_000


DEFAULT_LIMITS = Limits()


def fits(size: int, limits: Limits) -> bool:
    """Whether a record of so many bytes of JSON can be in a message at all."""
    return _FRAME + size + 1 <= limits.maximum


@dataclass(slots=True)
class Batch:
    """The content of one message: what it withdraws, records, and the fingerprint of each record in order."""

    deletions: tuple[Deletion, ...] = ()
    records: list[EncodedRecord] = field(default_factory=list)
    fingerprints: list[str | None] = field(default_factory=list)


def split(
    message_type: str,
    deletions: Sequence[Deletion],
    records: Iterable[tuple[EncodedRecord, str | None]],
    limits: Limits,
) -> Iterator[Batch]:
    """The batches in order, deletions first, of records with their fingerprints.

    RecordTooLarge for a record that is above the maximum by itself.
    """
    *full, started = _deletion_batches(deletions, limits)
    yield from full
    size = _FRAME + sum(map(_deletion_size, started.deletions))
    for record, fingerprint in records:
        more = len(record.json) + len(record.group) + 1
        if not fits(len(record.json), limits):
            raise RecordTooLarge(local_id=record.local_id, message_type=message_type, size=more, limit=limits.maximum)
        if size + more > limits.target and (started.records or started.deletions):
            yield started
            started, size = Batch(), _FRAME
        started.records.append(record)
        started.fingerprints.append(fingerprint)
        size += more
    if started.records or started.deletions:
        yield started


def _deletion_size(deletion: Deletion) -> int:
    return _DELETION + len(deletion[1].encode())


def _deletion_batches(deletions: Sequence[Deletion], limits: Limits) -> list[Batch]:
    batches: list[list[Deletion]] = [[]]
    size = _FRAME
    for deletion in deletions:
        more = _deletion_size(deletion)
        if size + more > limits.target and batches[-1]:
            batches.append([])
            size = _FRAME
        batches[-1].append(deletion)
        size += more
    return [Batch(tuple(ids)) for ids in batches]
