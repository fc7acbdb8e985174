"""What the receiver writes down before it goes on: what may come only once, and what it has accepted.

A promise with two keepers, one for each kind of database. Whatever a keeper answers is durable, and true for all
processes at once: of two that ask to use the same proof exactly one hears that it is the first.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ktt.receiver.store.acceptance import NewMessage, Receipt
from ktt.receiver.store.group_commit import Group
from ktt.receiver.store.replay import Use


@dataclass(frozen=True, slots=True)
class Remembered:
    """Whether a use is the first of its kind, and the version of the access list at that moment."""

    first: bool
    access_version: int


class Keeper(Protocol):
    """Writes groups. Each call is one transaction; NotStored or DatabaseUnavailable when the database fails."""

    async def remember(self, uses: Sequence[Use]) -> list[Remembered]:
        """Note each use, unless it is known. No two of a group are about the same thing."""
        ...

    async def accept(self, messages: Sequence[NewMessage]) -> list[Receipt]:
        """Store each message, or find that it is a resend. No two of a group are of the same unit."""
        ...

    async def forget(self, now: dt.datetime, destroyed_keys: Sequence[str]) -> int:
        """Forget proofs that can no longer be fresh, and wrapped keys whose RSA key is destroyed; how many rows."""
        ...

    async def close(self) -> None:
        """Let go of the database."""
        ...


class Book:
    """Asks of one process, gathered in groups. Used from one event loop at a time."""

    def __init__(self, keeper: Keeper, grouped: Callable[[int], None] = lambda _asks: None) -> None:
        self._keeper = keeper
        self._uses = Group[Use, Remembered](keeper.remember, lambda use: (use.digest,), grouped)
        self._messages = Group[NewMessage, Receipt](keeper.accept, lambda message: message.units, grouped)

    async def remember(self, use: Use) -> Remembered:
        """Note a use of something that may come only once."""
        return await self._uses.ask(use)

    async def accept(self, message: NewMessage) -> Receipt:
        """Store a message once."""
        return await self._messages.ask(message)

    async def forget(self, now: dt.datetime, destroyed_keys: Sequence[str]) -> int:
        """Tidy up; how many rows."""
        return await self._keeper.forget(now, destroyed_keys)

    async def close(self) -> None:
        """Let go of the database."""
        await self._keeper.close()
