"""From the inbox into the registry: page by page, each message exactly once, whenever a process is killed.

The messages of a page are parsed first. Then one transaction writes their versions and moves the position, so a page is
stored whole or not at all. A message that cannot be read is set aside and its units wait, while other units go on. A
message about a unit that waits is not opened, and its other units wait from then on as well: what comes later about any
of them is newer. `ingested_message` holds what has been ingested, so ingesting a page again changes nothing.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.core.clock import Clock
from ktt.messages.contract import AcceptedMessage, Inbox
from ktt.messages.inbox_reader import InboxReader
from ktt.registry.columns import writing
from ktt.registry.errors import BesideHeldUnit
from ktt.registry.identity import Identities
from ktt.registry.parsed_messages import FindVersion, ParsedMessage, ParsedMessages, parse
from ktt.registry.quarantine import FirstWaiting, SetAside, note_waiting, set_aside, waiting_units
from ktt.registry.store import no_longer_inside, write_versions
from ktt.registry.tables import INGEST_POSITION, INGESTED, INGESTED_UNIT, Layout
from ktt.storage.database import Database

Events = list[tuple[Layout, pl.DataFrame]]
Written = Counter[tuple[int, bool]]
"""New versions by message position and whether they are deletions."""

_log = logging.getLogger(__name__)
_PAGE_FIRST, _PAGE_MOST = 16, 256  # messages in the first page, and in any


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
        report, reader = IngestReport(), InboxReader(inbox, first=_PAGE_FIRST, most=_PAGE_MOST)
        while limit is None or report.messages < limit:
            before = self._progress()
            page = reader.page(before.position, None if limit is None else limit - report.messages)
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
        fresh = [message for message in page if message.position not in known]
        parsed, passed, aside = self._parse(fresh, waiting)
        if len(page) > 1 and any(one.is_complete_inside for one in parsed):
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
            written = Counter({(at, gone): count for count in counts for at, gone, count in count.rows()})
            self._note(connection, parsed, written)
            set_aside(connection, aside, self._clock.now())
            note_waiting(connection, page, passed)
        _add(report, parsed, written)
        for shown in (one.shown for one in aside):
            report.set_aside.append(shown)
            _log.error(
                "unit %s waits behind message %d: %s; see: ktt registry held", shown.unit, shown.position, shown.code
            )
        report.waiting |= {unit.key for message in passed for unit in message.units}

    def _parse(
        self, messages: Sequence[AcceptedMessage], waiting: set[str]
    ) -> tuple[list[ParsedMessage], list[AcceptedMessage], list[FirstWaiting]]:
        """The messages to ingest, those passed over, and what each unit waits behind that begins to wait here.

        The units are added to `waiting`.
        """
        ready: list[ParsedMessage] = []
        passed: list[AcceptedMessage] = []
        aside: list[FirstWaiting] = []
        for message in messages:
            outcome = self._parse_one(message, waiting)
            if isinstance(outcome, ParsedMessage):
                ready.append(outcome)
                continue
            passed.append(message)
            aside += [FirstWaiting(message, unit, outcome) for unit in message.units if unit.key not in waiting]
            waiting |= {unit.key for unit in message.units}
        return ready, passed, aside

    def _parse_one(self, message: AcceptedMessage, waiting: set[str]) -> ParsedMessage | Exception:
        """The message, or why it cannot be ingested. One that waits for a unit is not opened."""
        held = waiting & {unit.key for unit in message.units}
        if held:
            return BesideHeldUnit(position=message.position, unit=min(held))
        try:
            return parse(self._find, message)
        except Exception as fault:  # noqa: BLE001 - whatever one message does to the parser, other units go on
            return fault

    def _note(self, connection: Connection, parsed: Sequence[ParsedMessage], written: Written) -> None:
        now = self._clock.now()
        rows = [_journal_row(one, written) | {"ingested_at": now} for one in parsed]
        if rows:
            connection.execute(sa.insert(INGESTED), rows)
            about = sorted({(unit.key, one.message.position) for one in parsed for unit in one.message.units})
            connection.execute(sa.insert(INGESTED_UNIT), [{"unit": unit, "position": at} for unit, at in about])


def _with(events: Events, layout: Layout, outer: str, complete: pl.DataFrame, connection: Connection) -> Events:
    """The events, those of one type with the deletions of what is no longer inside the records around."""
    mine = next((rows for one, rows in events if one is layout), layout.row.drop("version"))
    others = [(one, rows) for one, rows in events if one is not layout]
    return [*others, (layout, no_longer_inside(connection, layout, outer, complete, mine))]


def _journal_row(parsed: ParsedMessage, written: Written) -> dict[str, object]:
    message = parsed.message
    return {
        "position": message.position,
        "municipality": message.unit.municipality,
        "unit": message.unit.key,
        "message_type": message.message_type,
        "message_version": message.version,
        "correlation_id": message.correlation_id,
        "received_at": message.received_at,
        "records": parsed.records,
        "changed": written[message.position, False],
        "deleted": written[message.position, True],
    }


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


def _add(report: IngestReport, parsed: Sequence[ParsedMessage], written: Written) -> None:
    report.messages += len(parsed)
    report.records += sum(one.records for one in parsed)
    for (_position, deleted), count in written.items():
        if deleted:
            report.deleted += count
        else:
            report.changed += count
