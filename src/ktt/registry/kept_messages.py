"""What is still stored of the messages that were ingested, read anew into an empty registry beside."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ktt.core.clock import Clock
from ktt.messages.contract import AcceptedMessage, Inbox
from ktt.registry.ingest.page_parser import FindVersion
from ktt.registry.registry import Registry
from ktt.registry.tables import SCHEMA
from ktt.storage.database import Database
from ktt.storage.vault import Vault


class KeptMessages:
    """Of an inbox, the messages that were ingested. What waits is left out, and what came since."""

    def __init__(self, inbox: Inbox, ingested: set[int]) -> None:
        self._inbox, self._ingested = inbox, ingested
        self.seen: set[int] = set()

    def after(self, position: int, limit: int) -> Sequence[AcceptedMessage]:
        """See `messages.contract.Inbox`."""
        while page := self._inbox.after(position, limit):
            kept = [message for message in page if message.position in self._ingested]
            self.seen |= {message.position for message in kept}
            if kept:
                return kept
            position = page[-1].position
        return []


@contextmanager
def empty_registry(
    folder: Path | None, vaults: tuple[Vault, Vault], clock: Clock, find: FindVersion
) -> Iterator[Registry]:
    """An empty registry with the same keys, in a new folder inside the private `folder`; removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="ktt-read-anew-", dir=folder) as inner:
        database = Database.open(f"sqlite:///{Path(inner).absolute() / 'registry.sqlite'}", SCHEMA)
        try:
            yield Registry(database, *vaults, clock, find)
        finally:
            database.close()
