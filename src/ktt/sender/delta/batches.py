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


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes of JSON in one message: what is aimed at, and what is never passed (messages § 7.6)."""

    target: int = 2_000_000
    maximum: int = 11_000_000


DEFAULT_LIMITS = Limits()


def fits(size: int, limits: Limits) -> bool:
    """Whether a record of so many bytes of JSON can be in a message at all."""
    return _FRAME + size + 1 <= limits.maximum


@dataclass(frozen=True, slots=True)
class Item:
    """A record on its way into a message, with the fingerprint that its acceptance makes the expected one."""

    record: EncodedRecord
    fingerprint: str


@dataclass(slots=True)
class Part:
    """What one message will hold."""

    deletions: tuple[str, ...] = ()
    items: list[Item] = field(default_factory=list)


def split(message_type: str, deletions: Sequence[str], items: Iterable[Item], limits: Limits) -> Iterator[Part]:
    """The parts in order, deletions first. A record above the maximum by itself is RecordTooLarge."""
    *full, started = _deletion_parts(deletions, limits)
    yield from full
    size = _FRAME + sum(map(_deletion_size, started.deletions))
    for item in items:
        more = len(item.record.json) + 1
        if not fits(len(item.record.json), limits):
            raise RecordTooLarge(
                local_id=item.record.local_id, message_type=message_type, size=more, limit=limits.maximum
            )
        if size + more > limits.target and (started.items or started.deletions):
            yield started
            started, size = Part(), _FRAME
        started.items.append(item)
        size += more
    if started.items or started.deletions:
        yield started


def _deletion_size(local_id: str) -> int:
    return _DELETION + len(local_id.encode())


def _deletion_parts(deletions: Sequence[str], limits: Limits) -> list[Part]:
    parts: list[list[str]] = [[]]
    size = _FRAME
    for local_id in deletions:
        more = _deletion_size(local_id)
        if size + more > limits.target and parts[-1]:
            parts.append([])
            size = _FRAME
        parts[-1].append(local_id)
        size += more
    return [Part(tuple(ids)) for ids in parts]
