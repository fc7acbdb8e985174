"""Reading request bodies: bounded in size, in how many large ones are held at a time, and in time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.types import Message, Receive

from ktt.receiver.http.refusal import refuse, refuse_with_status
from ktt.receiver.settings import ReceiverSettings
from ktt.wire.answers import AnswerCode

THREAD_BYTES = 2**20
"""From this size a body is worked on in a thread: the steps of a smaller one take a few milliseconds, and handing over to a
thread takes half of one. The event loop never waits for a lock that threads hold."""
_DRAIN_BYTES = 64 * 2**20  # read after a refusal: a sender that reads only when it has sent all would never see it
_DRAIN_SECONDS = 30.0
_RESERVE_SECONDS = 20.0  # how long a large body waits for its turn before it is answered 503
_SHARED_SECONDS = 10.0  # how long another may take to come while one waits


class ClientDisconnected(Exception):
    """The sender closed the connection before the request was complete; nobody is left to answer."""


class BodyReader:
    """Reads the bodies of this process; the large ones share a number of bytes."""

    def __init__(self, settings: ReceiverSettings) -> None:
        self._settings = settings
        self._free = settings.large_bodies * settings.body_limit
        self._queue, self._freed = asyncio.Lock(), asyncio.Event()
        self._waiting = 0
        self._reading: dict[asyncio.Timeout, float] = {}  # large bodies that are coming, and since when

    @asynccontextmanager
    async def reserve(self, declared: int | None) -> AsyncIterator[bool]:
        """Hold a place while a body is read and checked; whether it is large.

        One without a length may become as large as it may be.
        """
        size = self._settings.body_limit if declared is None else declared
        if size <= self._settings.large_body:
            yield False
            return
        self._waiting += 1
        try:
            async with asyncio.timeout(_RESERVE_SECONDS), self._queue:  # first come, first served
                while self._free < size:
                    self._hurry()
                    self._freed.clear()
                    await self._freed.wait()
                self._free -= size
        except TimeoutError as late:
            raise refuse_with_status(503, why="no room for large bodies", headers=(("Retry-After", "10"),)) from late
        finally:
            self._waiting -= 1
        try:
            yield True
        finally:
            self._free += size
            self._freed.set()

    async def read(self, receive: Receive, declared: int | None, *, large: bool) -> bytearray:
        """The whole body; 2009 as soon as it passes the limit, 408 when it does not come in time."""
        body, size = bytearray(declared or 0), 0  # made in full: growing leaves holes in memory that sum up to its size
        try:
            async with asyncio.timeout(self._settings.body_timeout) as limit:
                if large:
                    self._begin(limit)
                async for chunk in _chunks(receive):
                    if size + len(chunk) > self._settings.body_limit:
                        raise refuse(AnswerCode.PAYLOAD_SIZE_LIMIT_EXCEEDED, why="body")
                    body[size : size + len(chunk)] = chunk
                    size += len(chunk)
        except TimeoutError as late:
            raise refuse_with_status(408, why="body", headers=(("Connection", "close"),)) from late
        finally:
            self._reading.pop(limit, None)
        del body[size:]
        return body

    def _begin(self, limit: asyncio.Timeout) -> None:
        self._reading[limit] = asyncio.get_running_loop().time()
        if self._waiting:
            self._hurry()

    def _hurry(self) -> None:
        """Somebody waits: from now on slow senders may not hold the places that all share."""
        now = asyncio.get_running_loop().time()
        for limit, since in self._reading.items():
            limit.reschedule(min(limit.when() or now, max(now, since + _SHARED_SECONDS)))


class RequestStream:
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
        left = _DRAIN_BYTES
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
            raise ClientDisconnected
        more = event.get("more_body", False)
        yield event.get("body", b"")
