"""What the receiver writes before it answers: uses of what may be used only once, and accepted messages.

There are two backends, one for each kind of database. What a backend returns is durable, and holds for all processes:
of two that use the same proof exactly one is told that it is the first.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ktt.receiver.store.acceptance import NewMessage, Receipt
from ktt.receiver.store.replay_protection import SingleUse
from ktt.receiver.store.submissions.group_commit import GroupCommit


@dataclass(frozen=True, slots=True)
class UseResult:
    """Whether a use may be (it is the first, or the same submission again), and the access list's version at that moment.

    `unseen` when it is known to be the first; not so when what was remembered of its time is forgotten.
    """

    first: bool
    access_version: int
    unseen: bool


class StoreBackend(Protocol):
    """Writes groups. Each call is one transaction; NotStored or DatabaseUnavailable when the database fails."""

    async def record_uses(self, uses: Sequence[SingleUse]) -> list[UseResult]:
        """Record each use that is not known. No two of a group are of the same thing."""
        ...

    async def accept(self, messages: Sequence[NewMessage]) -> list[Receipt]:
        """Store each message, or find that it is a resend. No two of a group are of the same unit."""
        ...

    async def forget(self, now: dt.datetime, destroyed_keys: Sequence[str]) -> int:
        """Forget proofs that can no longer be fresh, and wrapped keys whose RSA key is destroyed; how many rows."""
        ...

    async def close(self) -> None:
        """Close the connections to the database."""
        ...


class SubmissionStore:
    """The writes of one process, gathered in groups. Used from one event loop at a time."""

    def __init__(self, backend: StoreBackend, committed: Callable[[int], None] = lambda _items: None) -> None:
        self._backend = backend
        self._uses = GroupCommit[SingleUse, UseResult](backend.record_uses, lambda use: (use.digest,), committed)
        self._messages = GroupCommit[NewMessage, Receipt](backend.accept, lambda message: message.units, committed)

    async def record_use(self, use: SingleUse) -> UseResult:
        """Record a use of something that may be used only once."""
        return await self._uses.submit(use)

    async def accept(self, message: NewMessage) -> Receipt:
        """Store a message once."""
        return await self._messages.submit(message)

    async def forget(self, now: dt.datetime, destroyed_keys: Sequence[str]) -> int:
        """See `StoreBackend`."""
        return await self._backend.forget(now, destroyed_keys)

    async def close(self) -> None:
        """Close the connections to the database."""
        await self._backend.close()
