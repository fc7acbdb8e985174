"""The parts of a stored message that are about a person: where they are, and the message without them.

A message that its version can read tells by itself where each record stands, whatever the pack. One that cannot be read is
searched for the person's numbers instead, and the smallest element of a list around each goes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from ktt.domain.number_columns import normalised
from ktt.domain.records import RECIPIENT, ROOTS, frame_of
from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import AcceptedMessage
from ktt.messages.decoded import UnitBatch
from ktt.messages.version import MessageVersion

FindVersion = Callable[[str, str], MessageVersion]
_SHORTEST = 10  # a number that is written as a number loses a leading zero


@dataclass(frozen=True, slots=True)
class Traces:
    """What a person is known by: numbers, local persons (of units that gave no number), and whole records of theirs."""

    numbers: frozenset[str] = field(repr=False)
    local_persons: frozenset[tuple[str, str]] = field(repr=False)  # unit, local id
    records: frozenset[tuple[str, str, str]] = field(repr=False)  # unit, record type, local id
    moved: frozenset[tuple[str, str, str]] = field(repr=False, default=frozenset())  # the same, not only theirs


@dataclass(frozen=True, slots=True)
class Standing:
    """A record in a message: where it stands, in which unit's part, and what it is."""

    pointer: str
    unit: ReportingUnit
    unit_pointer: str
    kind: str
    local_id: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PersonParts:
    """Where a message is about the person: JSON pointers of records, and of deletions of the person's records.

    `moved` are those of the records that are somebody else's in other messages.
    """

    records: tuple[str, ...]
    deletions: tuple[str, ...] = ()
    moved: tuple[Standing, ...] = ()

    @property
    def pointers(self) -> list[str]:
        """All of them; none inside another."""
        wanted = sorted({*self.records, *self.deletions})
        return [one for one in wanted if not any(one.startswith(f"{other}/") for other in wanted)]


def find_parts(find: FindVersion, message: AcceptedMessage, traces: Traces) -> PersonParts:
    """The parts about the person; of a message that cannot be read, those with one of the numbers."""
    try:
        batches = find(message.message_type, message.version).read(message.payload, places=True)
    except Exception:  # noqa: BLE001 - whatever makes it unreadable, it is searched all the same
        return PersonParts(tuple(_by_number(_parsed(message.payload), traces.numbers)))
    standing = [one for batch in batches for one in _standing(batch, _people(batch, traces))]
    return PersonParts(
        records=tuple(one.pointer for one in standing),
        deletions=tuple(place for batch in batches for place in _deleted(batch, traces)),
        moved=tuple(one for one in standing if (one.unit.key, one.kind, one.local_id) in traces.moved),
    )


def content_at(payload: bytes, pointers: Sequence[str]) -> list[Any]:
    """What stands there."""
    whole = json.loads(payload)
    return [_at(whole, pointer) for pointer in pointers]


def without(payload: bytes, pointers: Sequence[str]) -> bytes:
    """The message without what stands there. No pointer is inside another."""
    whole = json.loads(payload)
    for pointer in sorted(pointers, key=_steps, reverse=True):  # the last of a list first, so that places stay
        *way, last = _steps(pointer)
        inside = _at(whole, way)
        del inside[last]
    return _written(whole)


def with_deletions(payload: bytes, version: MessageVersion, moved: Sequence[Standing]) -> bytes:
    """The message with a deletion of each of these records, written as its version writes one."""
    whole = json.loads(payload)
    for one in moved:
        if one.kind not in {kind.name for kind in version.deletes}:
            continue
        told = version.assemble(one.unit, {one.kind: [one.local_id]}, [])
        place = version.read(told, places=True)[0].places[f"-{one.kind}"][0]
        *_, name, _ = _steps(str(place))
        listed = _at(whole, one.unit_pointer).setdefault(name, [])
        listed.append(_at(json.loads(told), str(place)))
    return _written(whole)


def mentions(payload: bytes, numbers: Collection[str]) -> bool:
    """Whether one of the numbers is anywhere in it, however it is written. Also of what is no JSON."""
    text = payload.decode("utf-8", "replace")
    return any(number in text or number.lstrip("0") in text for number in numbers)


def _written(whole: Any) -> bytes:
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


def _people(batch: UnitBatch, traces: Traces) -> pl.Series:
    """The local ids that are the person in this unit's part of the message."""
    people = frame_of(batch.records, RECIPIENT)
    mine = [local_id for unit, local_id in traces.local_persons if unit == batch.unit.key]
    number = normalised(pl.col("person_number"))
    numbered = number.is_in(sorted(traces.numbers))
    nameless = number.is_null() & pl.col("local_person_id").is_in(mine)
    return people.filter(numbered | nameless)["local_person_id"].unique()


def _standing(batch: UnitBatch, people: pl.Series) -> Iterator[Standing]:
    """Where the records of these local persons stand, and they themselves."""
    unit_place = str(batch.places["unit"][0])
    for kind in (RECIPIENT, *ROOTS):
        frame, places = frame_of(batch.records, kind), batch.places.get(kind.name)
        if places is not None and not frame.is_empty():
            mine = frame.with_columns(place_=places).filter(pl.col("local_person_id").is_in(people.implode()))
            for place, local_id in mine.select("place_", kind.key).iter_rows():
                yield Standing(place, batch.unit, unit_place, kind.name, local_id)


def _deleted(batch: UnitBatch, traces: Traces) -> Iterator[str]:
    for name, ids in batch.deletions.items():
        places = batch.places[f"-{name}"]
        yield from (
            place
            for place, local_id in zip(places, ids, strict=True)
            if (batch.unit.key, name, local_id) in traces.records - traces.moved
        )


def _parsed(payload: bytes) -> Any:
    try:
        return json.loads(payload)
    except ValueError:
        return None


def _by_number(value: Any, numbers: Collection[str], place: str = "", element: str = "") -> Iterator[str]:
    """The smallest element of a list around each of the numbers."""
    if isinstance(value, Mapping):
        for name, inside in value.items():
            yield from _by_number(inside, numbers, f"{place}/{_escaped(name)}", element)
    elif isinstance(value, list):
        for nth, inside in enumerate(value):
            yield from _by_number(inside, numbers, f"{place}/{nth}", f"{place}/{nth}")
    elif element and isinstance(value, str | int) and _is_one_of(str(value), numbers):
        yield element


def _is_one_of(text: str, numbers: Collection[str]) -> bool:
    return len(text) >= _SHORTEST and any(text.strip() in {number, number.lstrip("0")} for number in numbers)


def _at(whole: Any, way: str | Sequence[str | int]) -> Any:
    for step in _steps(way) if isinstance(way, str) else way:
        whole = whole[step]
    return whole


def _steps(pointer: str) -> list[Any]:
    """A JSON pointer as list places and names (RFC 6901). Names that are digits alone do not occur in messages."""
    parts = pointer.split("/")[1:]
    return [int(part) if part.isdigit() else part.replace("~1", "/").replace("~0", "~") for part in parts]


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
