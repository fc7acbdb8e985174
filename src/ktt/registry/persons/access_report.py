"""All that is held about one person: what is in the registry, what is stored of messages, what is found wrong, who looked.

The right of access (GDPR article 15; domain § 10). Who asks and why is written down before anything is read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.core.clock import Clock
from ktt.registry.errors import PersonUnknown
from ktt.registry.identity.identities import Identities, Identity
from ktt.registry.persons.message_parts import FindVersion, content_at
from ktt.registry.persons.ports import OpenFinding, ReceivedContent
from ktt.registry.persons.traces import KnownPerson, MessageAbout, Step, known_person, messages_about
from ktt.registry.persons.whom import LocalPerson, Whom, keys_of
from ktt.registry.questions import LookUp, StoryLine, Wanted, look_ups
from ktt.registry.questions.person import story_lines
from ktt.registry.tables import INGESTED, WAITING
from ktt.storage.database import Database


@dataclass(frozen=True, slots=True)
class Source:
    """The message that a version came with."""

    correlation_id: str
    message_type: str
    received_at: dt.datetime


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message that the receiver still has, with what it says about the person, as it was sent.

    `state`: `ingested`, `waiting` behind a message that cannot be read, or `not_ingested` yet.
    """

    position: int
    correlation_id: str
    message_type: str
    units: tuple[str, ...]
    received_at: dt.datetime
    state: str
    parts: tuple[Any, ...] = field(repr=False)
    deletions: tuple[Any, ...] = field(repr=False)
    whole: bool  # a number of the person is elsewhere in it too, where no part can be told apart


@dataclass(frozen=True, slots=True)
class AccessReport:
    """Everything about one person at an instant."""

    made_at: dt.datetime
    by: str
    why: str
    identities: tuple[Identity, ...] = field(repr=False)
    known_as: tuple[LocalPerson, ...] = field(repr=False)
    lines: tuple[StoryLine, ...] = field(repr=False)
    sources: Mapping[int, Source]
    messages: tuple[StoredMessage, ...] = field(repr=False)
    unopened: tuple[int, ...]  # stored messages of the person's units that open under no key: nobody can tell of whom
    findings: tuple[OpenFinding, ...] = field(repr=False)
    look_ups: tuple[LookUp, ...] = field(repr=False)


class AccessReports:
    """Makes them, from the registry in `database` and the content that its receiver has."""

    def __init__(
        self, database: Database, identities: Identities, content: ReceivedContent, find: FindVersion, clock: Clock
    ) -> None:
        self._database, self._identities, self._content = database, identities, content
        self._find, self._clock = find, clock

    def of(self, whom: Whom, by: str, why: str, step: Step = lambda _seen: None) -> AccessReport:
        """All about a person; PersonUnknown when nothing is held, ReasonMissing. `step` is told of each message read."""
        with self._database.reading() as connection:
            keys = keys_of(connection, self._identities, whom)
        self._identities.note_looks(keys, by, why, "innsyn")
        with self._database.reading() as connection:
            person = known_person(connection, self._identities, whom, keys)
            about = list(messages_about(connection, self._content, self._find, person, step))
            messages = [_stored(connection, one) for one in about if one.message.unopened is None]
            lines = story_lines(connection, keys)
            if not lines and not messages and not person.identities:
                raise PersonUnknown
            return AccessReport(
                made_at=self._clock.now(),
                by=by,
                why=why,
                identities=person.identities,
                known_as=person.known_as,
                lines=tuple(lines),
                sources=_sources(connection, lines),
                messages=tuple(messages),
                unopened=tuple(one.message.position for one in about if one.message.unopened is not None),
                findings=tuple(self._content.findings(person.traces.records)),
                look_ups=tuple(_looks(connection, person)),
            )


def _sources(connection: Connection, lines: Sequence[StoryLine]) -> dict[int, Source]:
    positions = sorted({line.position for line in lines})
    columns = (INGESTED.c.position, INGESTED.c.correlation_id, INGESTED.c.message_type, INGESTED.c.received_at)
    rows = connection.execute(sa.select(*columns).where(INGESTED.c.position.in_(positions)))
    return {position: Source(*source) for position, *source in rows}


def _stored(connection: Connection, about: MessageAbout) -> StoredMessage:
    message, parts = about.message, about.parts
    inside = parts.pointers
    deleted = [pointer for pointer in inside if pointer in parts.deletions]
    return StoredMessage(
        position=message.position,
        correlation_id=message.correlation_id,
        message_type=message.message_type,
        units=tuple(unit.key for unit in message.units),
        received_at=message.received_at,
        state=_state(connection, message.position),
        parts=tuple(content_at(message.payload, [one for one in inside if one not in deleted])),
        deletions=tuple(content_at(message.payload, deleted)),
        whole=about.rest is None,
    )


def _state(connection: Connection, position: int) -> str:
    if connection.scalar(sa.select(WAITING.c.position).where(WAITING.c.position == position).limit(1)) is not None:
        return "waiting"
    ingested = sa.select(INGESTED.c.position).where(INGESTED.c.position == position)
    return "not_ingested" if connection.scalar(ingested) is None else "ingested"


def _looks(connection: Connection, person: KnownPerson) -> list[LookUp]:
    units = {one.unit.key for one in person.known_as}
    return look_ups(connection, Wanted(person_keys=person.keys, units=units))
