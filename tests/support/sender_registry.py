"""A small registry without a network: judges by the schema, stores, accepts once. What it holds is read back by the
message pack's own reader.
"""

from __future__ import annotations

import hashlib
import sqlite3

from ktt.domain.records import frame_of
from ktt.messages.contract import Accepted, Outcome, OutgoingMessage, Rejected
from ktt.messages.register import find
from ktt.sender.client.lookups import LookupAnswer, NotOffered

_SCHEMA = """
CREATE TABLE inbox (
  position INTEGER PRIMARY KEY, unit TEXT, type TEXT, version TEXT, hash TEXT, correlation TEXT, payload BLOB
);
"""


class Registry:
    """One registry; `send` is a `messages.contract.Send`. `answers` are given before it judges for itself."""

    def __init__(self) -> None:
        self._inbox = sqlite3.connect(":memory:", isolation_level=None)
        self._inbox.execute(_SCHEMA)
        self.posts = 0
        self.answers: list[Outcome | None] = []

    def send(self, message: OutgoingMessage) -> Outcome:
        """The unit's last message again is a resend, and gets its first receipt."""
        if self.answers and (answer := self.answers.pop(0)) is not None:
            return answer
        if find(message.message_type, message.version).check(message.payload):
            return Rejected(400, 2008, "SchemaValidationFailed", "")
        self.posts += 1
        digest = hashlib.sha256(message.payload).hexdigest()
        this = (message.message_type, message.version, digest)
        newest = "SELECT type, version, hash, correlation FROM inbox WHERE unit = ? ORDER BY position DESC LIMIT 1"
        last = self._inbox.execute(newest, (message.unit.key,)).fetchone()
        if last and last[:3] == this:
            return Accepted(last[3])
        row = (message.unit.key, *this, f"c-{self.posts}", message.payload)
        self._inbox.execute("INSERT INTO inbox VALUES (NULL, ?, ?, ?, ?, ?, ?)", row)
        return Accepted(f"c-{self.posts}")

    def look_up(self, _path: str) -> LookupAnswer:
        """As FHI's own, it has no further addresses."""
        return NotOffered()

    def reach(self) -> None:
        """Always there."""

    def accepted(self) -> list[tuple[str, bytes]]:
        """Type and payload of everything accepted, in order."""
        return self._inbox.execute("SELECT type, payload FROM inbox ORDER BY position").fetchall()

    def state(self) -> dict[str, set[str]]:
        """The ids that it holds per record type, after every message's deletions and records in order."""
        held: dict[str, set[str]] = {}
        for kind, payload in self.accepted():
            version = find(kind, "1")
            ids = held.setdefault(version.carriers[0].name, set())
            for batch in version.read(payload):
                ids.difference_update(batch.deletions.get(version.carriers[0].name, ()))
                ids.update(frame_of(batch.records, version.carriers[0])[version.carriers[0].key].to_list())
        return held

    def close(self) -> None:
        self._inbox.close()
