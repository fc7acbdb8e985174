"""Two numbers that are one person: linked by whoever answers for the registry, and taken apart again.

A D-number that became permanent is led together by what a unit tells (`persons.whom`). Of other numbers no message tells:
two in the Person Register that were found to be one person, or a D-number whose follower no unit has told of.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.core.clock import Clock
from ktt.registry.errors import PersonsNotMerged, PersonsOneAlready, PersonUnknown
from ktt.registry.identity.audit import Entry
from ktt.registry.identity.identities import Identities
from ktt.registry.persons.whom import LocalPerson, is_known, linked, local_persons
from ktt.registry.tables import AUDIT_ABOUT, AUDIT_SUBJECT, PERSON_LINK
from ktt.storage.database import Database


@dataclass(frozen=True, slots=True)
class Merged:
    """Whom the units know as the person, or as the two when they were taken apart."""

    known_as: tuple[LocalPerson, ...] = field(repr=False)

    @property
    def units(self) -> tuple[str, ...]:
        """The units, each once."""
        return tuple(sorted({one.unit.key for one in self.known_as}))


class PersonMerging:
    """Links the persons of the registry in `database`. Every link has its entry in the audit log, without a number."""

    def __init__(self, database: Database, identities: Identities, clock: Clock) -> None:
        self._database, self._identities, self._clock = database, identities, clock

    def merge(self, number: str, other: str, who: str, why: str) -> Merged:
        """Let whoever has these numbers be one person; PersonUnknown, PersonsOneAlready, ReasonMissing."""
        keys = [self._identities.number_key(one) for one in (number, other)]
        with self._database.transaction() as connection:
            groups = self._known(connection, keys)
            if keys[1] in groups[0]:
                raise PersonsOneAlready
            entry = self._identities.audit.append(connection, Entry("link", who, why), keys)
            same, one = keys if _outgoing(connection, keys[1]) is None else keys[::-1]
            one = _end(connection, one)
            row = {"person_key": one, "same_as": same, "linked_at": self._clock.now(), "entry": entry.number}
            connection.execute(sa.insert(PERSON_LINK).values(row))
            return Merged(tuple(local_persons(connection, groups[0] | groups[1])))

    def undo(self, number: str, other: str, who: str, why: str) -> Merged:
        """Take apart two numbers that were linked by hand; PersonUnknown, PersonsNotMerged, ReasonMissing."""
        keys = [self._identities.number_key(one) for one in (number, other)]
        with self._database.transaction() as connection:
            groups = self._known(connection, keys)
            by_hand = PERSON_LINK.c.entry.in_(_entries_of_both(keys))
            if not connection.execute(sa.delete(PERSON_LINK).where(by_hand)).rowcount:
                raise PersonsNotMerged
            self._identities.audit.append(connection, Entry("unlink", who, why), keys)
            return Merged(tuple(local_persons(connection, groups[0] | groups[1])))

    def _known(self, connection: Connection, keys: list[str]) -> list[set[str]]:
        """All keys of each; PersonUnknown when one is nobody's."""
        groups = [set(linked(connection, self._identities, [key])) for key in keys]
        if not all(is_known(connection, group) for group in groups):
            raise PersonUnknown
        return groups


def _entries_of_both(keys: list[str]) -> sa.Select[int]:
    """The audit entries about both: a link's own entry tells for which two numbers it was made, wherever it is tied."""
    subject, about = AUDIT_SUBJECT.c, AUDIT_ABOUT.c
    numbers = sa.select(about.number).join(AUDIT_SUBJECT, subject.subject == about.subject)
    mine = numbers.where(subject.person_key.in_(keys)).group_by(about.number)
    return mine.having(sa.func.count() == len(keys))


def _outgoing(connection: Connection, key: str) -> str | None:
    return connection.scalar(sa.select(PERSON_LINK.c.same_as).where(PERSON_LINK.c.person_key == key))


def _end(connection: Connection, key: str) -> str:
    """Where the links from a key lead: a key is linked to one other at most."""
    while (after := _outgoing(connection, key)) is not None:
        key = after
    return key
