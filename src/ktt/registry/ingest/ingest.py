"""From the inbox into the registry: page by page, each message exactly once, whenever a process is killed.

The messages of a page are parsed first. Then one transaction writes their versions and moves the position, so a page is
stored whole or not at all. A message that cannot be read is set aside and its units wait, while other units go on. A
message about a unit that waits is not opened, and its other units wait from then on as well: what comes later about any
of them is newer. `ingested_message` holds what has been ingested, so ingesting a page again changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.core.clock import Clock
from ktt.messages.contract import Inbox
from ktt.registry.columns import writing
from ktt.registry.identity.identities import Identities
from ktt.registry.ingest.journal import journal_rows, write_journal
from ktt.registry.ingest.page_parser import FindVersion, ParsedPage
from ktt.registry.ingest.page_reader import Events, PageReader, PreparedPage
from ktt.registry.ingest.quarantine import SetAside, note_waiting, set_aside
from ktt.registry.store import no_longer_inside, write_versions
from ktt.registry.tables import INGEST_POSITION, Layout
from ktt.storage.database import Database

GoOn = Callable[[], bool]

_log = logging.getLogger(__name__)


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

    def run(self, inbox: Inbox, limit: int | None = None, go_on: GoOn = lambda: True) -> IngestReport:
        """Ingest up to `limit` messages, or all there are; no page is begun once `go_on` is False."""
        report = IngestReport()
        with PageReader(inbox, self._database, self._find, self._identities, self._secret) as reader:
            while (limit is None or report.messages < limit) and go_on():
                page = reader.page(None if limit is None else limit - report.messages)
                if page is None:
                    break
                if len(page.messages) > 1 and page.complete:
                    self._one_by_one(reader, page, report)
                elif not self._write(page, report) or page.parsed.aside:
                    reader.forget()
        return report

    def _one_by_one(self, reader: PageReader, page: PreparedPage, report: IngestReport) -> None:
        """What is inside another record is compared with what is stored, so the message before must be."""
        before = page.before
        for message in page.messages:
            alone = reader.prepare(before, [message])
            self._write(alone, report)
            before = alone.after
        reader.forget()

    def _write(self, page: PreparedPage, report: IngestReport) -> bool:
        """Write a page; False when it is given up, since another process has ingested it, or a unit was released."""
        parsed, events = page.parsed, page.events
        with writing(self._database) as connection:
            if not _step(connection, page):
                return False
            self._identities.keep(connection, page.people)
            for layout, outer, ids in page.complete:
                events = _with(events, layout, outer, ids, connection)
            _people, *counts = [write_versions(connection, layout, rows) for layout, rows in events]
            journal = journal_rows(parsed.ready, page.record_counts, counts, self._clock.now())
            write_journal(connection, journal, parsed.ready)
            set_aside(connection, parsed.aside, self._clock.now())
            note_waiting(connection, page.messages, parsed.passed)
        _add(report, parsed, journal)
        return True


def _with(events: Events, layout: Layout, outer: str, complete: pl.DataFrame, connection: Connection) -> Events:
    """The events, those of one type with the deletions of what is no longer inside the records around."""
    mine = next((rows for one, rows in events if one is layout), layout.row.drop("version"))
    others = [(one, rows) for one, rows in events if one is not layout]
    return [*others, (layout, no_longer_inside(connection, layout, outer, complete, mine))]


def _step(connection: Connection, page: PreparedPage) -> bool:
    """Move the position; False when it is no longer as before the page. The row is locked until the transaction ends.

    Between two releases the position only rises. So when both numbers are as they were, nothing has changed about who
    waits and what is ingested since they were read.
    """
    row, before = INGEST_POSITION.c, page.before
    same = sa.and_(row.position == before.position, row.releases == before.releases)
    moved = sa.update(INGEST_POSITION).where(same).values(position=page.after.position)
    return bool(connection.execute(moved).rowcount)


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
