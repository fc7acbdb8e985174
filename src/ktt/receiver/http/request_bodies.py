"""Reading request bodies: never more than the limit, never too many large ones at a time, never for too long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.types import Message, Receive

from ktt.receiver.http.refusal import by_status, refuse
from ktt.receiver.settings import ReceiverSettings
from ktt.wire.answers import AnswerCode

HEAVY = 2**20
"""Bytes from which a body is worked on in a thread: the steps of a smaller one take a few milliseconds, a thread half of one.
The event loop never waits for what only threads hold."""
_DRAIN = 64 * 2**20  # what we let a refused sender finish saying, so that it lives to read the answer
_DRAIN_SECONDS = 30.0
_ROOM_SECONDS = 20.0  # how long a large body waits for its turn before it is told to come back


class Disconnected(Exception):
    """The sender went away before the request was complete; nobody is left to answer."""


class Bodies:
    """The bodies being read in this process, large ones within a number of bytes that they share."""

    def __init__(self, settings: ReceiverSettings) -> None:
        self._settings = settings
        self._free = settings.large_bodies * settings.body_limit
        self._line, self._freed = asyncio.Lock(), asyncio.Event()

    @asynccontextmanager
    async def room_for(self, declared: int | None) -> AsyncIterator[None]:
        """Hold a place while a body is read and checked; one without a length may become as large as it may be."""
        size = self._settings.body_limit if declared is None else declared
        if size <= self._settings.large_body:
            yield
            return
        try:
            async with asyncio.timeout(_ROOM_SECONDS), self._line:  # who came first is served first
                while self._free < size:
                    self._freed.clear()
                    await self._freed.wait()
                self._free -= size
        except TimeoutError as late:
            raise by_status(503, why="no room for large bodies", headers=(("Retry-After", "10"),)) from late
        try:
            yield
        finally:
            self._free += size
            self._freed.set()

    async def read(self, receive: Receive) -> bytearray:
        """The whole body; 2009 as soon as it passes the limit, 408 when it does not come in time."""
        body = bytearray()  # grows in place; a list of pieces and their sum would be twice the memory
        try:
            async with asyncio.timeout(self._settings.body_timeout):
                async for chunk in _chunks(receive):
                    body += chunk
                    if len(body) > self._settings.body_limit:
                        raise refuse(AnswerCode.PAYLOAD_SIZE_LIMIT_EXCEEDED, why="body")
        except TimeoutError as late:
            raise by_status(408, why="body", headers=(("Connection", "close"),)) from late
        return body


class Incoming:
    """A request's `receive` that remembers whether all has come; asking again after that would wait for ever."""

    def __init__(self, receive: Receive) -> None:
        self._receive, self.begun, self.done = receive, False, False

    async def __call__(self) -> Message:
        """The next event."""
        event = await self._receive()
        self.begun = True
        self.done = event["type"] == "http.disconnect" or not event.get("more_body", False)
        return event

    async def drain(self) -> bool:
        """Read on and forget, so that an answer reaches a sender who reads only when it has sent all.

        False when it goes on for too long.
        """
        left = _DRAIN
        try:
            async with asyncio.timeout(_DRAIN_SECONDS):
                while not self.done and left >= 0:
                    left -= len((await self()).get("body", b""))
        except TimeoutError:
            return False
        return self.done


async def _chunks(receive: Receive) -> AsyncIterator[bytes]:
    more = True
    while more:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise Disconnected
        more = event.get("more_body", False)
        yield event.get("body", b"")
