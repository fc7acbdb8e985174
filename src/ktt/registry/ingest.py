"""From the inbox into the registry: page by page, each message exactly once, whenever a process is killed.

The messages of a page are parsed first. Then one transaction writes their versions and moves the position, so a page is
stored whole or not at all. A message that cannot be read is set aside and its units wait, while other units go on. A
message about a unit that waits is not opened, and its other units wait from then on as well: what comes later about any
of them is newer. `ingested_message` holds what has been ingested, so ingesting a page again changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.core.clock import Clock
from ktt.messages.contract import AcceptedMessage, Inbox
from ktt.registry.columns import writing
from ktt.registry.identity import Identities
from ktt.registry.journal import journal_rows, write_journal
from ktt.registry.page_parser import FindVersion, ParsedPage, parse_page
from ktt.registry.parsed_messages import ParsedMessages
from ktt.registry.quarantine import SetAside, note_waiting, set_aside, waiting_units
from ktt.registry.store import no_longer_inside, write_versions
from ktt.registry.tables import INGEST_POSITION, INGESTED, Layout
from ktt.storage.database import Database

Events = list[tuple[Layout, pl.DataFrame]]

_log = logging.getLogger(__name__)
_PAGE_MOST = 4096  # messages in a page; large ones are fewer


class Progress(NamedTuple):
    """How far the inbox has been read, and how often units were released."""

    position: int
    releases: int


@dataclass(slots=True)
class IngestReport:
    """What one call of ingest did: counts of messages and versions, what was set aside, and who waits."""

    messages: int = 0
    records: int = 0  # in the messages, deletions not counted
    changed: int = 0  # new versions with content
    deleted: int = 0  # new versions that are deletions
    set_aside: list[SetAside] = field(default_factory=list)
    waiting: set[str] = field(default_factory=set)  # units with messages passed over

    @property
    def unchanged(self) -> int:
        """Records that were stored already with the same content."""
        return self.records - self.changed


class Ingest:
    """Ingests what the receiver accepted. `secret` keys the fingerprints."""

    def __init__(
        self, database: Database, find: FindVersion, identities: Identities, secret: str, clock: Clock
    ) -> None:
        self._database, self._find, self._clock = database, find, clock
        self._identities, self._secret = identities, secret

    def run(self, inbox: Inbox, limit: int | None = None) -> IngestReport:
        """Ingest up to `limit` messages, or all there are."""
        report = IngestReport()
        while limit is None or report.messages < limit:
            before = self._progress()
            left = _PAGE_MOST if limit is None else min(_PAGE_MOST, limit - report.messages)
            page = inbox.after(before.position, left)
            if not page:
                break
            self._take(before, page, report)
        return report

    def _one_by_one(self, before: Progress, page: Sequence[AcceptedMessage], report: IngestReport) -> None:
        """What is inside another record is compared with what is stored, so the message before must be."""
        for message in page:
            self._take(before, [message], report)
            before = Progress(message.position, before.releases)

    def _progress(self) -> Progress:
        with self._database.reading() as connection:
            return Progress(*connection.execute(sa.select(INGEST_POSITION)).one())

    def _take(self, before: Progress, page: Sequence[AcceptedMessage], report: IngestReport) -> None:
        with self._database.reading() as connection:
            waiting = waiting_units(connection)
            known = set(connection.scalars(sa.select(INGESTED.c.position).where(_between(page))))
        parsed = parse_page(self._find, [message for message in page if message.position not in known], waiting)
        if len(page) > 1 and any(one.content.complete for one in parsed.decoded):
            self._one_by_one(before, page, report)
            return
        frames = ParsedMessages(parsed, self._identities, self._secret)
        events, complete = frames.events(), frames.complete()
        with writing(self._database) as connection:
            if not _step(connection, before, page[-1].position):
                return  # another process has ingested this page, or a unit was released
            self._identities.keep(connection, frames.people)
            for layout, outer, ids in complete:
                events = _with(events, layout, outer, ids, connection)
            _people, *counts = [write_versions(connection, layout, rows) for layout, rows in events]
            journal = journal_rows(parsed.ready, frames.record_counts(), counts, self._clock.now())
            write_journal(connection, journal, parsed.ready)
            set_aside(connection, parsed.aside, self._clock.now())
            note_waiting(connection, page, parsed.passed)
        _add(report, parsed, journal)


def _with(events: Events, layout: Layout, outer: str, complete: pl.DataFrame, connection: Connection) -> Events:
    """The events, those of one type with the deletions of what is no longer inside the records around."""
    mine = next((rows for one, rows in events if one is layout), layout.row.drop("version"))
    others = [(one, rows) for one, rows in events if one is not layout]
    return [*others, (layout, no_longer_inside(connection, layout, outer, complete, mine))]


def _between(page: Sequence[AcceptedMessage]) -> sa.ColumnElement[bool]:
    return INGESTED.c.position.between(page[0].position, page[-1].position)


def _step(connection: Connection, before: Progress, after: int) -> bool:
    """Move the position; False when it is no longer as `before`. The row is locked until the transaction ends.

    Between two releases the position only rises. So when both numbers are as they were, nothing has changed about who
    waits and what is ingested since they were read.
    """
    row = INGEST_POSITION.c
    same = sa.and_(row.position == before.position, row.releases == before.releases)
    return bool(connection.execute(sa.update(INGEST_POSITION).where(same).values(position=after)).rowcount)


def _add(report: IngestReport, parsed: ParsedPage, journal: pl.DataFrame) -> None:
    report.messages += journal.height
    report.records += int(journal["records"].sum())
    report.changed += int(journal["changed"].sum())
    report.deleted += int(journal["deleted"].sum())
    for shown in (one.shown for one in parsed.aside):
        report.set_aside.append(shown)
        _log.error(
            "unit %s waits behind message %d: %s; see: ktt registry held", shown.unit, shown.position, shown.code
        )
    report.waiting |= {unit.key for message in parsed.passed for unit in message.units}
