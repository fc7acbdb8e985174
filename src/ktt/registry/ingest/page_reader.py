"""Pages of the inbox read and prepared for writing, the next one while the one before it is written.

A page is prepared from what is known before it: how far the inbox has been read, how often units were released, and who
waits. The one that was prepared ahead is let go when any of that may have changed; `forget` says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import NamedTuple, Self

import polars as pl
import sqlalchemy as sa

from ktt.messages.contract import AcceptedMessage, Inbox
from ktt.registry.identity.identities import Identities
from ktt.registry.ingest.page_parser import FindVersion, ParsedPage, parse_page
from ktt.registry.ingest.parsed_messages import ParsedMessages
from ktt.registry.ingest.quarantine import waiting_units
from ktt.registry.tables import INGEST_POSITION, INGESTED, Layout
from ktt.storage.database import Database

Events = list[tuple[Layout, pl.DataFrame]]

_PAGE_MOST = 4096  # messages in a page; large ones are fewer


class Progress(NamedTuple):
    """How far the inbox has been read, and how often units were released."""

    position: int
    releases: int


@dataclass(frozen=True, slots=True)
class PreparedPage:
    """The next messages after a position, and everything that they would become."""

    before: Progress
    messages: Sequence[AcceptedMessage]
    parsed: ParsedPage
    people: pl.DataFrame = field(repr=False)
    events: Events = field(repr=False)
    complete: list[tuple[Layout, str, pl.DataFrame]] = field(repr=False)
    record_counts: pl.DataFrame = field(repr=False)

    @property
    def after(self) -> Progress:
        """Where the inbox is read to when the page is written."""
        return Progress(self.messages[-1].position, self.before.releases)


class PageReader:
    """Reads the pages of an inbox in a thread of its own."""

    def __init__(
        self, inbox: Inbox, database: Database, find: FindVersion, identities: Identities, secret: str
    ) -> None:
        self._inbox, self._database, self._find = inbox, database, find
        self._identities, self._secret = identities, secret
        self._thread = ThreadPoolExecutor(1, "ktt-page-reader")
        self._ahead: Future[PreparedPage | None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_fault: object) -> None:
        self._thread.shutdown()

    def page(self, room: int | None) -> PreparedPage | None:
        """The next page, of up to `room` messages; None when there are no more. The one after it is begun."""
        page = self._read_ahead() or self._thread.submit(self._read, None, room).result()
        if page is not None and (room is None or (room := room - len(page.parsed.ready)) > 0):
            self._ahead = self._thread.submit(self._read, page.after, room)
        return page

    def forget(self) -> None:
        """The page before the one that was begun was not written as it was then, or somebody waits from now on."""
        self._ahead = None

    def _read_ahead(self) -> PreparedPage | None:
        ahead, self._ahead = self._ahead, None
        return None if ahead is None else ahead.result()

    def _read(self, before: Progress | None, room: int | None) -> PreparedPage | None:
        before = before or self._progress()
        messages = self._inbox.after(before.position, _PAGE_MOST if room is None else min(_PAGE_MOST, room))
        return self.prepare(before, messages) if messages else None

    def _progress(self) -> Progress:
        with self._database.reading() as connection:
            return Progress(*connection.execute(sa.select(INGEST_POSITION)).one())

    def prepare(self, before: Progress, messages: Sequence[AcceptedMessage]) -> PreparedPage:
        """The page with these messages. Those that were ingested already are passed over."""
        between = INGESTED.c.position.between(messages[0].position, messages[-1].position)
        with self._database.reading() as connection:
            waiting = waiting_units(connection)
            known = set(connection.scalars(sa.select(INGESTED.c.position).where(between)))
        parsed = parse_page(self._find, [message for message in messages if message.position not in known], waiting)
        frames = ParsedMessages(parsed, self._identities, self._secret)
        counts = frames.record_counts()
        return PreparedPage(before, messages, parsed, frames.people, frames.events(), frames.complete(), counts)
