"""Takes connections from a socket that several processes share, one for each turn of the event loop.

The loop's own server takes all that wait at once, so of two idle processes one would get most of a crowd of senders and
keep them: connections live long. Taking one at a time shares them out; a process that is busy is at the door less often.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable

_log = logging.getLogger(__name__)
_REST_SECONDS = 1.0  # when the process has no descriptor left for another connection


class Doorkeeper:
    """What uvicorn holds instead of an `asyncio.Server`; `protocol` makes one for each connection."""

    def __init__(self, listener: socket.socket, protocol: Callable[[], asyncio.Protocol]) -> None:
        self._listener, self._protocol = listener, protocol
        self._loop = asyncio.get_running_loop()
        self._arriving: set[asyncio.Task[object]] = set()
        self._open = True
        self._watch()

    def close(self) -> None:
        """Take no more."""
        if self._open:
            self._open = False
            self._loop.remove_reader(self._listener)

    async def wait_closed(self) -> None:
        """Until all that were taken have arrived."""
        await asyncio.gather(*self._arriving, return_exceptions=True)

    def _watch(self) -> None:
        if self._open:
            self._loop.add_reader(self._listener, self._take_one)

    def _take_one(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return  # another process was quicker, or the sender has gone
        except OSError as fault:
            _log.warning("no connection taken: %s", fault.strerror)
            self._loop.remove_reader(self._listener)
            self._loop.call_later(_REST_SECONDS, self._watch)
            return
        connection.setblocking(False)  # noqa: FBT003 - the standard library takes it so
        arrival = self._loop.create_task(self._arrive(connection))
        self._arriving.add(arrival)
        arrival.add_done_callback(self._arriving.discard)

    async def _arrive(self, connection: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(self._protocol, connection)
        except OSError:
            connection.close()
