"""The audit log of persons: who did what, when and why, as a chain in which nothing can be changed unseen.

Each entry's hash covers the entry before it, and the hash of the newest is sealed with the key of the identities, so that
whoever can write the database but has no key can neither change nor leave out what stands. Of an old copy of the whole
database the hash of each entry tells, since it is also written to the program's own log.

An entry names persons by subjects, which are chance. `audit_subject` alone leads from a subject to a person; it is
removed with the person, and the log stays whole.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import logging
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.core.clock import Clock, norwegian_day, start_of_day
from ktt.core.log.masking import masked
from ktt.registry.errors import ReasonMissing
from ktt.registry.tables import AUDIT, AUDIT_ABOUT, AUDIT_HEAD, AUDIT_SUBJECT, LAYOUTS
from ktt.storage.database import Database
from ktt.storage.errors import SealBroken
from ktt.storage.vault import Vault

Act = Literal[
    "look", "list", "reidentify", "innsyn", "log", "delete", "link", "unlink", "rotate", "restore", "reprocess"
]
MANY = 20
"""Persons that one may look at in a day before it is an alarm, unless the settings say otherwise."""
_CONTEXT = "registry/audit"
_SUBJECT_BYTES = 16
_AT_A_TIME = 500  # values in one statement
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """What is written: who did what, and why; the unit, or what else it was about (counts, never a person)."""

    act: Act
    who: str
    why: str
    unit: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry: its number (0: none) and its hash. Kept elsewhere, it proves that nothing was left out since."""

    number: int
    hash: str


class AuditLog:
    """The audit log in the registry's database. `vault` is that of the identities."""

    def __init__(self, database: Database, vault: Vault, clock: Clock, many: int = MANY) -> None:
        self._database, self._vault, self._clock, self._many = database, vault, clock, many

    def note(self, entry: Entry, person_keys: Iterable[str] = ()) -> Head:
        """Write an entry and commit it, before what it tells of is done; ReasonMissing without who and why."""
        with self._database.transaction() as connection:
            return self.append(connection, entry, person_keys)

    def append(self, connection: Connection, entry: Entry, person_keys: Iterable[str] = ()) -> Head:
        """The same in the transaction of the caller, for what must be written together with what it tells of."""
        if not (entry.who.strip() and entry.why.strip()):
            raise ReasonMissing
        before = connection.execute(sa.select(AUDIT_HEAD).with_for_update()).one()
        number, at = before.number + 1, self._clock.now()
        subjects = sorted(self._subjects(connection, sorted(set(person_keys))))
        told = (entry.who, entry.act, masked(entry.why), entry.unit, entry.detail)
        head = Head(number, entry_hash(before.hash, number, at, told, subjects))
        names = ("who", "act", "why", "unit", "detail")
        row = {"number": number, "at": at, "hash": head.hash, **dict(zip(names, told, strict=True))}
        connection.execute(sa.insert(AUDIT).values(row))
        if subjects:
            connection.execute(sa.insert(AUDIT_ABOUT), [{"number": number, "subject": one} for one in subjects])
        self.seal(connection, head)
        _log.info("audit entry %d %s", head.number, head.hash)
        self._alarm(connection, entry.who, at, bool(subjects))
        return head

    def seal(self, connection: Connection, head: Head) -> None:
        """Make this the sealed head."""
        sealed = self._vault.seal(_head_text(head), _CONTEXT)
        connection.execute(sa.update(AUDIT_HEAD).values(number=head.number, hash=head.hash, sealed=sealed))

    def is_sealed(self, connection: Connection) -> bool:
        """Whether the head is the one that was sealed with the key; of a log older than the chain, that nothing is."""
        head = connection.execute(sa.select(AUDIT_HEAD)).one()
        if head.sealed is None:
            acts = connection.scalars(sa.select(AUDIT.c.act).distinct())
            return set(acts) <= {"look", "list"}
        try:
            return self._vault.open(head.sealed, _CONTEXT) == _head_text(Head(head.number, head.hash))
        except SealBroken:
            return False

    def _subjects(self, connection: Connection, person_keys: Sequence[str]) -> list[str]:
        """The subject of each person whom the registry knows; one is made where there is none."""
        found: dict[str, str] = {}
        for begin in range(0, len(person_keys), _AT_A_TIME):
            keys = person_keys[begin : begin + _AT_A_TIME]
            rows = connection.execute(sa.select(AUDIT_SUBJECT).where(AUDIT_SUBJECT.c.person_key.in_(keys)))
            found |= {row.person_key: row.subject for row in rows}
            known = LAYOUTS["recipient"].known.c.person_key
            missing = sorted(set(connection.scalars(sa.select(known).where(known.in_(keys)).distinct())) - found.keys())
            made = {key: secrets.token_hex(_SUBJECT_BYTES) for key in missing}
            if made:
                rows_made = [{"subject": subject, "person_key": key} for key, subject in made.items()]
                connection.execute(sa.insert(AUDIT_SUBJECT), rows_made)
            found |= made
        return list(found.values())

    def _alarm(self, connection: Connection, who: str, at: dt.datetime, concerns_persons: bool) -> None:  # noqa: FBT001
        if concerns_persons and (seen := persons_of_day(connection, who, at)) > self._many:
            _log.error("ALARM: %s has looked at %d persons today; see: ktt registry look-ups --alarms", who, seen)


def persons_of_day(connection: Connection, who: str, at: dt.datetime) -> int:
    """How many persons somebody has looked at on the day in Norway, up to that instant."""
    begins = start_of_day(norwegian_day(at))
    mine = sa.and_(AUDIT.c.who == who, AUDIT.c.act != "list", AUDIT.c.at >= begins, AUDIT.c.at <= at)
    joined = sa.join(AUDIT, AUDIT_ABOUT, AUDIT_ABOUT.c.number == AUDIT.c.number)
    query = sa.select(sa.func.count(AUDIT_ABOUT.c.subject.distinct())).select_from(joined).where(mine)
    return int(connection.scalar(query) or 0)


Told = tuple[str, str, str, str | None, str | None]
"""What an entry tells: who, what was done, why, the unit, and what else."""


def entry_hash(previous: str, number: int, at: dt.datetime, told: Told, subjects: Sequence[str]) -> str:
    """SHA-256 of the hash before and all that the entry tells, as JSON without blanks; `subjects` sorted."""
    text = json.dumps(
        [previous, number, at.astimezone(dt.UTC).isoformat(), *told, list(subjects)],
        ensure_ascii=False,
        separators=(",", ":"),
    )
    return hashlib.sha256(text.encode()).hexdigest()


def _head_text(head: Head) -> bytes:
    return f"{head.number}|{head.hash}".encode()
