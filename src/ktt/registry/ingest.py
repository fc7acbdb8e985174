"""From the inbox into the registry: page by page, each message exactly once, whatever is killed when.

A page is read before the database is asked for anything, and written in one transaction together with the step of the
position: of a page all is there or nothing. A message that cannot be read is set aside and its unit waits; other units
go on. `ingested_message` holds what was taken in, so reading a page again changes nothing.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.core.clock import Clock
from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import AcceptedMessage, Inbox
from ktt.registry.columns import writing
from ktt.registry.errors import BesideHeldUnit
from ktt.registry.identity import Identities
from ktt.registry.parsed_messages import Find, Page, Said, read
from ktt.registry.quarantine import SetAside, Unreadable, held, set_aside
from ktt.registry.store import store
from ktt.registry.tables import INGEST_POSITION, INGESTED
from ktt.storage.database import Database

Written = Counter[tuple[int, bool]]
"""New versions by message position and whether they are deletions."""

_log = logging.getLogger(__name__)
_PAGE_BYTES, _PAGE_MOST, _PAGE_FIRST = 32_000_000, 256, 16  # what one page may hold in memory, about


@dataclass(slots=True)
class IngestReport:
    """What one call of ingest did: counts of messages and versions, what was set aside, and who waits."""

    messages: int = 0
    records: int = 0  # said by the messages
    changed: int = 0  # became a new version
    deleted: int = 0  # became a deletion
    set_aside: list[SetAside] = field(default_factory=list)
    waiting: set[str] = field(default_factory=set)  # units with messages passed over

    @property
    def unchanged(self) -> int:
        """Records that said what was held already."""
        return self.records - self.changed


class Ingest:
    """Takes in what the receiver accepted."""

    def __init__(self, database: Database, find: Find, identities: Identities, secret: str, clock: Clock) -> None:
        self._database, self._find, self._clock = database, find, clock
        self._identities, self._secret = identities, secret

    def run(self, inbox: Inbox, limit: int | None = None) -> IngestReport:
        """Take in up to `limit` messages, or all there are."""
        report, most = IngestReport(), _PAGE_FIRST
        while limit is None or report.messages < limit:
            position = self._position()
            room = most if limit is None else min(most, limit - report.messages)
            page = inbox.after(position, room)
            if not page:
                break
            self._take(position, page, report)
            most = _next_size(page)
        return report

    def _position(self) -> int:
        with self._database.reading() as connection:
            return int(connection.scalars(sa.select(INGEST_POSITION.c.position)).one())

    def _take(self, position: int, page: Sequence[AcceptedMessage], report: IngestReport) -> None:
        with self._database.reading() as connection:
            waiting = {aside.unit for aside in held(connection)}
            known = set(connection.scalars(sa.select(INGESTED.c.position).where(_between(page))))
        fresh = [message for message in page if message.position not in known]
        said, aside = self._read(fresh, waiting)
        told = Page(said, self._identities, self._secret)
        events = told.events()
        with writing(self._database) as connection:
            if not _step(connection, position, page[-1].position):
                return  # another process has taken this page
            self._identities.keep(connection, told.people)
            _people, *stored = [store(connection, layout, rows) for layout, rows in events]
            written = Counter({(at, gone): count for counts in stored for at, gone, count in counts.rows()})
            self._note(connection, said, written)
            set_aside(connection, aside, self._clock.now())
        _add(report, said, written)
        for shown in (one.shown for one in aside):
            report.set_aside.append(shown)
            _log.error("message %d of unit %s is set aside: %s", shown.position, shown.unit, shown.code)
        report.waiting |= waiting & {message.unit.key for message in fresh}

    def _read(self, messages: Sequence[AcceptedMessage], waiting: set[str]) -> tuple[list[Said], list[Unreadable]]:
        said: list[Said] = []
        aside: list[Unreadable] = []
        for message in messages:
            if message.unit.key in waiting:
                continue
            try:
                one = read(self._find, message)
            except Exception as fault:  # noqa: BLE001 - whatever one message does to the reader, other units go on
                waiting.add(message.unit.key)
                aside.append(Unreadable(message, message.unit, fault))
                continue
            if one.units & waiting:
                aside += _beside(one, waiting)
                waiting |= one.units
            else:
                said.append(one)
        return said, aside

    def _note(self, connection: Connection, said: Sequence[Said], written: Written) -> None:
        now = self._clock.now()
        rows = [_journal_row(one, written) | {"ingested_at": now} for one in said]
        if rows:
            connection.execute(sa.insert(INGESTED), rows)


def _beside(one: Said, waiting: set[str]) -> Iterator[Unreadable]:
    """The units that must wait because another unit of the same message does."""
    fault = BesideHeldUnit(position=one.message.position, unit=min(one.units & waiting))
    for unit in sorted(one.units - waiting):
        yield Unreadable(one.message, ReportingUnit.from_key(unit), fault)


def _journal_row(one: Said, written: Written) -> dict[str, object]:
    message = one.message
    return {
        "position": message.position,
        "municipality": message.unit.municipality,
        "unit": message.unit.key,
        "message_type": message.message_type,
        "message_version": message.version,
        "correlation_id": message.correlation_id,
        "received_at": message.received_at,
        "records": one.records,
        "changed": written[message.position, False],
        "deleted": written[message.position, True],
    }


def _between(page: Sequence[AcceptedMessage]) -> sa.ColumnElement[bool]:
    return INGESTED.c.position.between(page[0].position, page[-1].position)


def _step(connection: Connection, before: int, after: int) -> bool:
    """Move the position; False when it no longer stands at `before`. The row is locked until the transaction ends."""
    moved = sa.update(INGEST_POSITION).where(INGEST_POSITION.c.position == before).values(position=after)
    return bool(connection.execute(moved).rowcount)


def _next_size(page: Sequence[AcceptedMessage]) -> int:
    largest = max(len(message.payload) for message in page)
    return max(1, min(_PAGE_MOST, _PAGE_BYTES // max(1, largest)))


def _add(report: IngestReport, said: Sequence[Said], written: Written) -> None:
    report.messages += len(said)
    report.records += sum(one.records for one in said)
    for (_position, deleted), count in written.items():
        if deleted:
            report.deleted += count
        else:
            report.changed += count
