"""Group commit: asks that come while one write is under way go together in the next, so one flush serves them all.

One by one SQLite takes 2 500 durable writes a second (write-ahead log, two cores), in groups of 8 already 15 500. No clock is
involved: an ask that finds nobody writing is written as soon as those that arrived with it have been heard.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from ktt.storage.errors import DatabaseUnavailable

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
_MOST = 128  # asks in one write; above it the gain is small


class NotStored(Exception):
    """The database could not take the write. What it holds of it is unknown when it went away in the middle."""


@dataclass(slots=True)
class _Ask(Generic[Asked, Answer]):
    asked: Asked
    answered: asyncio.Future[Answer]


class Group(Generic[Asked, Answer]):
    """One kind of write. `write` answers a list of asks in their order, all durable or none of them.

    `names` says what an ask is about: two asks about the same thing never go in one write, the later waits its turn.
    Used from one event loop at a time.
    """

    def __init__(
        self,
        write: Callable[[Sequence[Asked]], Awaitable[list[Answer]]],
        names: Callable[[Asked], Iterable[Hashable]],
        grouped: Callable[[int], None] = lambda _asks: None,
    ) -> None:
        self._write, self._names, self._grouped = write, names, grouped
        self._waiting: list[_Ask[Asked, Answer]] = []
        self._at_work: asyncio.Task[None] | None = None

    async def ask(self, asked: Asked) -> Answer:
        """The answer, once it is durable; NotStored when it cannot be, or whatever `write` raised about this one."""
        loop = asyncio.get_running_loop()
        ask: _Ask[Asked, Answer] = _Ask(asked, loop.create_future())
        self._waiting.append(ask)
        if self._at_work is None or self._at_work.done() or self._at_work.get_loop() is not loop:
            self._at_work = loop.create_task(self._work())
        return await ask.answered

    async def _work(self) -> None:
        while self._waiting:
            await self._answer(self._next())

    def _next(self) -> list[_Ask[Asked, Answer]]:
        group: list[_Ask[Asked, Answer]] = []
        later: list[_Ask[Asked, Answer]] = []
        taken: set[Hashable] = set()
        for ask in self._waiting:
            names = set(self._names(ask.asked))
            fits = len(group) < _MOST and taken.isdisjoint(names)
            (group if fits else later).append(ask)
            taken |= names  # also of one that waits, so that nobody overtakes it
        self._waiting = later
        return group

    async def _answer(self, group: list[_Ask[Asked, Answer]]) -> None:
        """A write that fails is tried again in single file, so that one bad ask (or a deadlock) harms no neighbour."""
        try:
            answers = await self._write([ask.asked for ask in group])
        except Exception as fault:  # noqa: BLE001 - whatever a write raises belongs to those who asked, not to this task
            gone = isinstance(fault, NotStored | DatabaseUnavailable)
            if len(group) > 1 and not gone:
                for ask in group:
                    await self._answer([ask])
                return
            for ask in group:
                _settle(ask.answered, fault)
            return
        self._grouped(len(group))
        for ask, answer in zip(group, answers, strict=True):
            if not ask.answered.done():
                ask.answered.set_result(answer)


def _settle(future: asyncio.Future[Answer], fault: Exception) -> None:
    if not future.done():  # a sender that went away waits for no answer
        future.set_exception(fault)
