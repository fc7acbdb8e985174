"""Deadlines of a connection for whoever is not yet authenticated, and an allowance of its own for what is only thrown away.

A request is answered as soon as its headers tell how. What still comes of its body is read and forgotten, since some
senders read an answer only when they have sent all; that holds no place among the requests under way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

HEADER_SECONDS = 10.0  # from the first byte, or from the beginning of a connection, to the end of the headers
IDLE_SECONDS = 10  # between two requests, unless the last one was authenticated
_DRAIN_SECONDS, _DRAIN_BYTES = 30.0, 64 * 2**20
_MOST_DRAINS = 64  # connections of one process; the oldest is closed for one more


class Deadline:
    """One timer of a connection, which closes it unless it is cancelled."""

    def __init__(self, loop: asyncio.AbstractEventLoop, close: Callable[[], None]) -> None:
        self._loop, self._close = loop, close
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, seconds: float) -> None:
        """Begin, if it does not run already."""
        if self._timer is None:
            self._timer = self._loop.call_later(seconds, self._close)

    def cancel(self) -> None:
        """There is no hurry any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class Drains:
    """The connections of this process whose requests are answered and whose bodies are still coming."""

    def __init__(self) -> None:
        self._open: dict[object, Drain] = {}

    def add(self, drain: Drain) -> None:
        """One more; the oldest is closed when there are too many."""
        self._open[drain] = drain
        if len(self._open) > _MOST_DRAINS:
            next(iter(self._open.values())).give_up()

    def remove(self, drain: Drain) -> None:
        """It is over."""
        self._open.pop(drain, None)


class Drain:
    """Reading on and forgetting, at one connection, within time and bytes."""

    def __init__(self, loop: asyncio.AbstractEventLoop, drains: Drains, close: Callable[[], None]) -> None:
        self._drains, self._close = drains, close
        self._deadline = Deadline(loop, self.give_up)
        self._left = _DRAIN_BYTES
        drains.add(self)
        self._deadline.begin(_DRAIN_SECONDS)

    def count(self, size: int) -> None:
        """So many bytes have come."""
        self._left -= size
        if self._left < 0:
            self.give_up()

    def end(self) -> None:
        """The body is complete, or the connection gone."""
        self._deadline.cancel()
        self._drains.remove(self)

    def give_up(self) -> None:
        """Close the connection."""
        self.end()
        self._close()


class LingeringTransport:
    """A connection as one request's answer sees it: it is not closed before the body of the request has come.

    Otherwise the sender's side would throw away an answer that is not yet read.
    """

    def __init__(self, transport: asyncio.Transport, close: Callable[[], None]) -> None:
        self._transport, self.close = transport, close

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
