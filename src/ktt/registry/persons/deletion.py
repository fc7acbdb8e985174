"""Deleting a person: out of the registry, out of the messages that the receiver has, and out of what they left in the files.

First a plan, which counts and gives a word; then the deletion with that word, which holds only as long as the plan does.
Killed anywhere, a new plan shows what is left, and the deletion goes on. Nothing is kept that tells who is deleted: what
a unit reports of the person afterwards is a new report (ADR 0021).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.registry.columns import writing
from ktt.registry.errors import DeletionNotConfirmed, PersonUnknown
from ktt.registry.identity.audit import Entry
from ktt.registry.identity.identities import Identities
from ktt.registry.ingest.held_units import held_units
from ktt.registry.persons.erased_versions import erase_versions
from ktt.registry.persons.message_parts import FindVersion
from ktt.registry.persons.ports import ReceivedContent
from ktt.registry.persons.traces import KnownPerson, Step, known_person, messages_about
from ktt.registry.persons.whom import LocalPerson, Whom, keys_of
from ktt.registry.tables import AUDIT_SUBJECT, IDENTITY, INGEST_POSITION, LAYOUTS, PERSON_LINK
from ktt.storage.database import Database
from ktt.storage.reclaim import reclaim

_WORD = 8  # hexadecimal characters


@dataclass(frozen=True, slots=True)
class DeletionPlan:
    """What would be deleted, and the word that confirms it."""

    known_as: tuple[LocalPerson, ...] = field(repr=False)
    identities: int
    versions: dict[str, int]
    messages: int  # stored messages with parts about the person
    destroyed: int  # of them, those whose parts cannot be told apart: their content goes whole
    findings: int
    word: str
    unopened: int  # stored messages of the person's units that open under no key: nobody can tell whom they are about


@dataclass(frozen=True, slots=True)
class DeletionReport:
    """What was deleted; `left`: what still holds old bytes, since others were using it (empty: nothing).

    `waiting`: the units that wait behind a message whose content was destroyed, and go on once they are released.
    """

    plan: DeletionPlan
    left: tuple[str, ...]
    waiting: tuple[str, ...] = ()


class PersonDeletion:
    """Deletes persons from the registry in `database` and the content that its receiver has."""

    def __init__(self, database: Database, identities: Identities, content: ReceivedContent, find: FindVersion) -> None:
        self._database, self._identities = database, identities
        self._content, self._find = content, find

    def plan(self, whom: Whom, by: str, why: str, step: Step = lambda _seen: None) -> DeletionPlan:
        """What would be deleted; PersonUnknown, ReasonMissing. It is a look, and written down as one."""
        return self._planned(whom, by, why, step)[0]

    def run(
        self, whom: Whom, by: str, why: str, word: str, step: Step = lambda _seen: None, *, unopened: bool = False
    ) -> DeletionReport:
        """Delete what the plan with this word showed; DeletionNotConfirmed when it is another one by now.

        `unopened`: destroy the messages too that open under no key, whoever they are about.
        """
        plan, person = self._planned(whom, by, why, step)
        if not hmac.compare_digest(word.encode(), plan.word.encode()):
            raise DeletionNotConfirmed
        self._identities.audit.note(Entry("delete", by, why, detail="begun"), person.keys)
        destroyed = self._rewrite(person, step, unopened=unopened)
        self._content.forget_findings(person.traces.records)
        self._erase(person, by, why, plan)
        self._content.forget_findings(person.traces.records)  # that were found meanwhile
        left = [*self._content.compact(), *reclaim(self._database, _TABLES)]
        with self._database.reading() as connection:
            waiting = [one.unit for one in held_units(connection) if one.position in destroyed]
        return DeletionReport(plan, tuple(sorted(set(left))), tuple(sorted(waiting)))

    def _planned(self, whom: Whom, by: str, why: str, step: Step) -> tuple[DeletionPlan, KnownPerson]:
        with self._database.reading() as connection:
            keys = keys_of(connection, self._identities, whom)
        self._identities.note_looks(keys, by, why)
        with self._database.reading() as connection:
            person = known_person(connection, self._identities, whom, keys)
            about = messages_about(connection, self._content, self._find, person, step)
            found = [(one.message.position, one.rest is None, one.message.unopened is None) for one in about]
            versions = {name: _count(connection, name, keys) for name in LAYOUTS}
        messages = {position: whole for position, whole, opens in found if opens}
        sealed = [position for position, _, opens in found if not opens]
        if not any(versions.values()) and not messages and not person.identities:
            raise PersonUnknown
        plan = DeletionPlan(
            known_as=person.known_as,
            identities=len(person.identities),
            versions=versions,
            messages=len(messages),
            destroyed=sum(messages.values()),
            findings=len(self._content.findings(person.traces.records)),
            word=self._word(person, versions, [*messages, *sealed]),
            unopened=len(sealed),
        )
        return plan, person

    def _rewrite(self, person: KnownPerson, step: Step, *, unopened: bool) -> set[int]:
        """Put every message without the parts about the person in the place of the stored content, one transaction each.

        The positions of those whose content is destroyed whole.
        """
        destroyed: set[int] = set()
        with self._database.reading() as connection:
            for one in messages_about(connection, self._content, self._find, person, step):
                if unopened or one.message.unopened is None:
                    self._content.replace(one.message.position, one.rest)
                    if one.rest is None:
                        destroyed.add(one.message.position)
        return destroyed

    def _word(self, person: KnownPerson, versions: dict[str, int], messages: Iterable[int]) -> str:
        told = [*person.keys, *map(str, versions.values()), *map(str, messages)]
        return hmac.digest(self._identities.secret_for("deletion"), "|".join(told).encode(), hashlib.sha256).hex()[
            :_WORD
        ]

    def _erase(self, person: KnownPerson, by: str, why: str, plan: DeletionPlan) -> None:
        """One transaction. An ingest that has read the messages as they were gives its page up (ADR 0006 no. 6)."""
        with writing(self._database) as connection:
            connection.execute(sa.update(INGEST_POSITION).values(releases=INGEST_POSITION.c.releases + 1))
            erase_versions(connection, person.keys)
            counted = f"versions {sum(plan.versions.values())}, messages {plan.messages}, findings {plan.findings}"
            self._identities.audit.append(connection, Entry("delete", by, why, detail=counted), person.keys)
            for column in (
                IDENTITY.c.person_key,
                AUDIT_SUBJECT.c.person_key,
                PERSON_LINK.c.person_key,
                PERSON_LINK.c.same_as,
            ):
                connection.execute(sa.delete(column.table).where(column.in_(person.keys)))


_TABLES = [
    *(table.name for layout in LAYOUTS.values() for table in (layout.current, layout.history)),
    *(table.name for table in (IDENTITY, AUDIT_SUBJECT, PERSON_LINK)),
]


def _count(connection: Connection, name: str, keys: Sequence[str]) -> int:
    known = LAYOUTS[name].known.c
    return int(connection.scalar(sa.select(sa.func.count()).where(known.person_key.in_(keys))) or 0)
