"""The follower validates every accepted message by all rules, after acceptance and apart from it, and keeps what is open.

It reads the inbox as the registry does, from a position of its own. A page is one transaction: findings, messages that
could not be validated, and the step of the position. Where the pages end makes no difference to the open findings.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from ktt.core.clock import Clock
from ktt.core.errors import KttError
from ktt.messages.contract import AcceptedMessage
from ktt.receiver.errors import FollowerAlreadyRuns
from ktt.receiver.findings.open_findings import OpenFindings, ValidatedMessage
from ktt.receiver.findings.page_validation import PageValidation
from ktt.receiver.findings.validated_message import Find, SetAside, aside, rejudged
from ktt.receiver.pipeline.metrics import Metrics
from ktt.receiver.store.inbox import SqlInbox
from ktt.receiver.store.tables import FOLLOWER_POSITION, RECEIPT, SET_ASIDE
from ktt.rules.rule_sets.published import rule_set_on
from ktt.storage.database import Database
from ktt.storage.errors import DatabaseUnavailable
from ktt.storage.vault import Vault

_log = logging.getLogger(__name__)
_PAGE_MOST = 64  # messages in a page
LOCK = "receiver-follower"


@dataclass(slots=True)
class FollowerReport:
    """What one run did: messages validated, findings opened and closed, and what was set aside."""

    messages: int = 0
    opened: int = 0
    closed: int = 0
    set_aside: list[SetAside] = field(default_factory=list)


class Follower:
    """Validates what the receiver has accepted. One at a time: `follow` takes a lock, `run` does not."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        clock: Clock,
        *,
        find: Find,
        production: bool = False,
        metrics: Metrics | None = None,
    ) -> None:
        self._database, self._clock = database, clock
        self._validation = PageValidation(find, lambda day: rule_set_on(day).rules, production=production)
        self._inbox = SqlInbox(database, vault)
        self._secret = vault.derive("receiver standing ids")
        self._metrics = metrics or Metrics()

    def follow(self, stop: threading.Event, *, pause: float = 1.0) -> None:
        """Validate whatever comes until told to stop; FollowerAlreadyRuns when another process does.

        A database that cannot be reached is tried again after each pause, in seconds.
        """
        with self._database.exclusive(LOCK) as held:
            if not held:
                raise FollowerAlreadyRuns
            while not stop.is_set():
                try:
                    self.run(lambda: not stop.is_set())
                except (SQLAlchemyError, DatabaseUnavailable) as fault:
                    _log.warning("nothing validated: %s", type(fault).__name__)
                stop.wait(pause)

    def run(self, go_on: Callable[[], bool] = lambda: True) -> FollowerReport:
        """Validate all there is now, as long as no page is answered with False."""
        report = FollowerReport()
        while go_on() and self._next_page(report):
            pass
        return report

    def _next_page(self, report: FollowerReport) -> bool:
        """Whether there was one."""
        position = self._position()
        page = self._read(position, _PAGE_MOST, report)
        if page:
            self._take(position, page, report)
        return page is None or bool(page)

    def _position(self) -> int:
        with self._database.reading() as connection:
            return int(connection.scalars(sa.select(FOLLOWER_POSITION.c.position)).one())

    def _read(self, position: int, limit: int, report: FollowerReport) -> Sequence[AcceptedMessage] | None:
        """The next messages; None when the next one cannot be opened and has been set aside."""
        try:
            return self._inbox.after(position, limit)
        except KttError as fault:
            if limit != 1:
                return self._read(position, 1, report)
            with self._database.transaction() as connection:
                row = _receipt_after(connection, position)
                self._advance(connection, position, row.position, [aside(row.position, row.unit, fault)], report)
            return None

    def _take(self, position: int, page: Sequence[AcceptedMessage], report: FollowerReport) -> None:
        done, set_aside = self._validate(page)
        units = set().union(*(one.units for one in done))
        with self._database.reading() as connection:
            before = rejudged(connection)
            findings = OpenFindings.of(connection, units, self._secret).with_messages(done)
        with self._database.transaction() as connection:
            if not self._advance(connection, position, page[-1].position, set_aside, report):
                return  # another process has taken this page
            if rejudged(connection) != before:  # findings were rewritten meanwhile (`findings.rejudging`)
                findings = OpenFindings.of(connection, units, self._secret).with_messages(done)
            opened, closed = findings.write(connection)
        report.messages += len(done)
        report.opened += opened
        report.closed += closed

    def _validate(self, page: Sequence[AcceptedMessage]) -> tuple[list[ValidatedMessage], list[SetAside]]:
        """Each message by itself, as `/validate` would have done on the day it came."""
        done: list[ValidatedMessage] = []
        set_aside: list[SetAside] = []
        began = time.perf_counter()
        for message, found in zip(page, self._validation.of(page), strict=True):
            if isinstance(found, Exception):
                set_aside.append(aside(message.position, message.unit.key, found))
            else:
                done.append(found)
        each = (time.perf_counter() - began) / len(page)
        for _ in page:
            self._metrics.message_validated("follower", each)
        return done, set_aside

    def _advance(
        self, connection: Connection, before: int, after: int, set_aside: Sequence[SetAside], report: FollowerReport
    ) -> bool:
        """Move the position and record what was set aside; False when the position is no longer `before`."""
        at_before = FOLLOWER_POSITION.c.position == before
        if not connection.execute(sa.update(FOLLOWER_POSITION).where(at_before).values(position=after)).rowcount:
            return False
        for one in set_aside:
            _log.error("message %d of unit %s is not validated: %s %s", one.position, one.unit, one.code, one.reason)
            connection.execute(sa.insert(SET_ASIDE).values(**asdict(one), set_aside_at=self._clock.now()))
        report.set_aside += set_aside
        return True


def _receipt_after(connection: Connection, position: int) -> sa.Row[tuple[object, ...]]:
    wanted = sa.select(RECEIPT).where(RECEIPT.c.position > position).order_by(RECEIPT.c.position).limit(1)
    return connection.execute(wanted).one()
