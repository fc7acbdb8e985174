"""After acceptance, and out of its way: every accepted message is judged by all rules, and what stands is kept.

The follower reads the inbox as the registry does, from a position of its own. A page is one transaction: findings,
messages that could not be judged, and the step of the position. Where the pages end makes no difference to what stands.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from ktt.core.clock import Clock, norwegian_day
from ktt.core.errors import KttError
from ktt.messages.contract import AcceptedMessage
from ktt.messages.version import MessageVersion
from ktt.receiver.errors import FollowerAlreadyRuns
from ktt.receiver.findings.open_findings import Judged, Standing
from ktt.receiver.pipeline.metrics import Meter
from ktt.receiver.store.inbox import SqlInbox
from ktt.receiver.store.tables import JUDGED, RECEIPT, UNJUDGED
from ktt.rules.catalogue import rule_set_on
from ktt.rules.message_validation import judge_message
from ktt.storage.database import Database
from ktt.storage.errors import DatabaseUnavailable
from ktt.storage.vault import Vault

_log = logging.getLogger(__name__)
_PAGE_MOST, _PAGE_BYTES, _PAGE_FIRST = 64, 32_000_000, 8
_MISFIT = "KTT-SKJEMA"  # what stands for a message that was accepted and does not fit the schema of today
LOCK = "receiver-follower"

Find = Callable[[str, str], MessageVersion | None]


@dataclass(frozen=True, slots=True)
class SetAside:
    """A message that could not be judged. Its unit's other messages are judged all the same."""

    position: int
    unit: str
    code: str
    reason: str


@dataclass(slots=True)
class Followed:
    """What one run did: messages judged, findings opened and closed, and what was set aside."""

    messages: int = 0
    opened: int = 0
    closed: int = 0
    set_aside: list[SetAside] = field(default_factory=list)


class Follower:
    """Judges what the receiver has accepted. One at a time: `follow` holds a lock, `run` does not."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        clock: Clock,
        *,
        find: Find,
        production: bool = False,
        meter: Meter | None = None,
    ) -> None:
        self._database, self._clock, self._find = database, clock, find
        self._inbox = SqlInbox(database, vault)
        self._secret = vault.derive("receiver standing ids")
        self._production, self._meter = production, meter or Meter()
        self._most = _PAGE_FIRST  # messages in the next page, so that a page stays some megabytes

    def follow(self, stop: threading.Event, *, pause: float = 1.0) -> None:
        """Judge whatever comes until told to stop; FollowerAlreadyRuns when another process does.

        A database that goes away is waited for.
        """
        with self._database.exclusive(LOCK) as held:
            if not held:
                raise FollowerAlreadyRuns
            while not stop.is_set():
                try:
                    self.run(stop=stop)
                except (SQLAlchemyError, DatabaseUnavailable) as lost:
                    _log.warning("nothing judged: %s", type(lost).__name__)
                stop.wait(pause)

    def run(self, *, stop: threading.Event | None = None) -> Followed:
        """Judge all there is now."""
        done = Followed()
        while (stop is None or not stop.is_set()) and self._next(_PAGE_MOST, done):
            pass
        return done

    def page(self, most: int) -> int:
        """Judge the next page, of up to so many messages; how many there were, or were set aside."""
        return self._next(most, Followed())

    def _next(self, most: int, done: Followed) -> int:
        position = self._position()
        page = self._page(position, min(most, self._most), done)
        if page is None:
            return 1
        if page:
            self._take(position, page, done)
            self._most = _next_size(page)
        return len(page)

    def _position(self) -> int:
        with self._database.reading() as connection:
            return int(connection.scalars(sa.select(JUDGED.c.position)).one())

    def _page(self, position: int, most: int, done: Followed) -> Sequence[AcceptedMessage] | None:
        """The next messages; None when the next one does not open at all and has been set aside."""
        try:
            return self._inbox.after(position, most)
        except KttError as fault:
            if most > 1:
                return self._page(position, 1, done)
            with self._database.transaction() as connection:
                row = _receipt_after(connection, position)
                self._note(connection, position, row.position, [_aside(row.position, row.unit, fault)], done)
            return None

    def _take(self, position: int, page: Sequence[AcceptedMessage], done: Followed) -> None:
        judged, aside = self._judge(page)
        units = set().union(*(one.units for one in judged))
        with self._database.reading() as connection:
            standing = Standing.of(connection, units, self._secret)
        for one in judged:
            standing.take(one)
        with self._database.transaction() as connection:
            if not self._note(connection, position, page[-1].position, aside, done):
                return  # another process has taken this page
            opened, closed = standing.write(connection)
        done.messages += len(judged)
        done.opened += opened
        done.closed += closed

    def _judge(self, page: Sequence[AcceptedMessage]) -> tuple[list[Judged], list[SetAside]]:
        judged: list[Judged] = []
        aside: list[SetAside] = []
        for message in page:
            began = time.perf_counter()
            try:
                judged.append(self._judge_one(message))
            except Exception as fault:  # noqa: BLE001 - whatever one message does to the rules, the others are judged
                aside.append(_aside(message.position, message.unit.key, fault))
            self._meter.judged("follower", time.perf_counter() - began)
        return judged, aside

    def _judge_one(self, message: AcceptedMessage) -> Judged:
        """A message by itself, as `/validate` would have judged it on the day it came."""
        version = self._find(message.message_type, message.version)
        if version is None:
            raise LookupError
        today = norwegian_day(message.received_at)
        rules = rule_set_on(today).rules
        verdict = judge_message(version, message.payload, rules, today, production=self._production, at_most=1)
        if verdict.faults:
            raise _Misfit
        return Judged(message, version.record_type.name, verdict.batches, verdict.by_batch)

    def _note(self, connection: Connection, before: int, after: int, aside: Sequence[SetAside], done: Followed) -> bool:
        """Move the position and write down what was set aside; False when it no longer stands at `before`."""
        moved = sa.update(JUDGED).where(JUDGED.c.position == before).values(position=after)
        if not connection.execute(moved).rowcount:
            return False
        for one in aside:
            _log.error("message %d of unit %s is not judged: %s %s", one.position, one.unit, one.code, one.reason)
            row = {"position": one.position, "unit": one.unit, "code": one.code, "reason": one.reason}
            connection.execute(sa.insert(UNJUDGED).values(**row, set_aside_at=self._clock.now()))
        done.set_aside += aside
        return True


class _Misfit(Exception):
    """The message does not fit its schema as it is today."""


def _receipt_after(connection: Connection, position: int) -> sa.Row[tuple[object, ...]]:
    wanted = sa.select(RECEIPT).where(RECEIPT.c.position > position).order_by(RECEIPT.c.position).limit(1)
    return connection.execute(wanted).one()


def _aside(position: int, unit: str, fault: Exception) -> SetAside:
    """Of an unforeseen fault only its kind is kept: its text may quote the message."""
    if isinstance(fault, KttError):
        return SetAside(position, unit, fault.code, fault.says().en)
    code = _MISFIT if isinstance(fault, _Misfit) else "KTT-000"
    return SetAside(position, unit, code, type(fault).__name__.strip("_"))


def _next_size(page: Sequence[AcceptedMessage]) -> int:
    largest = max(len(message.payload) for message in page)
    return max(1, min(_PAGE_MOST, _PAGE_BYTES // max(1, largest)))
