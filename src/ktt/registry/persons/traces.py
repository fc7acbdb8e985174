"""What is known of a person: keys, local persons, records; and the stored messages with parts about the person."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.domain.records import RECIPIENT
from ktt.messages.contract import AcceptedMessage
from ktt.registry.identity.identities import Identities, Identity
from ktt.registry.persons.message_parts import (
    FindVersion,
    PersonParts,
    Traces,
    find_parts,
    mentions,
    with_deletions,
    without,
)
from ktt.registry.persons.ports import ReceivedContent
from ktt.registry.persons.whom import LocalPerson, NumberedPerson, Whom, local_persons
from ktt.registry.tables import INGEST_POSITION, LAYOUTS, WAITING

_PAGE = 256  # messages at most
Step = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """Everything that leads to one person."""

    keys: tuple[str, ...] = field(repr=False)
    identities: tuple[Identity, ...] = field(repr=False)
    known_as: tuple[LocalPerson, ...] = field(repr=False)
    traces: Traces = field(repr=False)


@dataclass(frozen=True, slots=True)
class MessageAbout:
    """A stored message and its parts about the person; `rest` is the message without them, None if that is impossible.

    One whose content opens under no key may be about the person: nobody can tell, and it has no parts.
    """

    message: AcceptedMessage
    parts: PersonParts
    rest: bytes | None = field(repr=False)


def known_person(connection: Connection, identities: Identities, whom: Whom, keys: Sequence[str]) -> KnownPerson:
    """What the registry knows of whoever has these keys. Whoever asks has written it down."""
    opened = identities.opened_keys(connection, keys)
    known_as = local_persons(connection, keys)
    named = {whom.number} if isinstance(whom, NumberedPerson) else set()
    nameless = [one for one in (*known_as, *_local(whom)) if identities.local_key(one.unit, one.local_id) in keys]
    records = frozenset(_records(connection, keys))
    traces = Traces(
        numbers=frozenset(one.number for one in opened) | named,
        local_persons=frozenset((one.unit.key, one.local_id) for one in nameless),
        records=records,
        moved=frozenset(_moved(connection, keys)),
    )
    return KnownPerson(tuple(keys), tuple(opened), tuple(known_as), traces)


def _local(whom: Whom) -> tuple[LocalPerson, ...]:
    return (whom,) if isinstance(whom, LocalPerson) else ()


def messages_about(
    connection: Connection, content: ReceivedContent, find: FindVersion, person: KnownPerson, step: Step
) -> Iterator[MessageAbout]:
    """Those that are stored: of the units that know the person, and of all that the registry has not ingested."""
    units = {unit for unit, *_ in (*person.traces.local_persons, *person.traces.records)}
    units |= set(connection.scalars(sa.select(WAITING.c.unit).distinct()))
    ingested = int(connection.scalars(sa.select(INGEST_POSITION.c.position)).one())
    for seen, message in enumerate(_stored(content, units, ingested), start=1):
        step(seen)
        if message.unopened is not None:
            yield MessageAbout(message, PersonParts(()), None)
            continue
        if not _may_be_about(message.payload, person.traces):
            continue
        parts = find_parts(find, message, person.traces)
        rest = without(message.payload, parts.pointers) if parts.pointers else message.payload
        if mentions(rest, person.traces.numbers):
            yield MessageAbout(message, parts, None)
        elif parts.pointers:
            version = find(message.message_type, message.version) if parts.moved else None
            yield MessageAbout(message, parts, rest if version is None else with_deletions(rest, version, parts.moved))


def _stored(content: ReceivedContent, units: set[str], ingested: int) -> Iterator[AcceptedMessage]:
    """The messages of these units, then those of others that came after what is ingested: of them nobody knows whom."""
    yield from _read(content, units, 0)
    yield from (
        message for message in _read(content, None, ingested) if not units & {unit.key for unit in message.units}
    )


def _read(content: ReceivedContent, units: set[str] | None, position: int) -> Iterator[AcceptedMessage]:
    """Every message of these units (None: of any) after the position; a page of some megabytes in memory."""
    while page := content.about(units, position, _PAGE):
        yield from page
        position = page[-1].position


def _may_be_about(payload: bytes, traces: Traces) -> bool:
    """Whether it is worth reading: one of the person's numbers or ids is in its text, or something is written in escapes."""
    ids = {local_id for _, local_id in traces.local_persons} | {local_id for *_, local_id in traces.records}
    tokens = {number.lstrip("0") for number in traces.numbers} | ids
    return b"\\u" in payload or any(token.encode() in payload for token in tokens)


def _records(connection: Connection, keys: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Every record that was ever about the person, by unit, record type and local id."""
    for name, layout in LAYOUTS.items():
        known = layout.known.c
        wanted = sa.select(known.unit, known[layout.key]).where(known.person_key.in_(keys)).distinct()
        yield from ((unit, name, local_id) for unit, local_id in connection.execute(wanted))


def _moved(connection: Connection, keys: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Those of them that were also about somebody else."""
    for name, layout in LAYOUTS.items():
        if layout.record_type is RECIPIENT:
            continue
        mine, others = layout.known.alias("mine"), layout.known.alias("others")
        same = sa.and_(mine.c.unit == others.c.unit, mine.c[layout.key] == others.c[layout.key])
        wanted = sa.select(mine.c.unit, mine.c[layout.key]).join(others, same)
        wanted = wanted.where(mine.c.person_key.in_(keys), others.c.person_key.not_in(keys)).distinct()
        yield from ((unit, name, local_id) for unit, local_id in connection.execute(wanted))
