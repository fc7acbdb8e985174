"""One process of the receiver: the application on a socket that it was handed, and the link to its parent."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
from contextlib import suppress

import uvicorn
from starlette.types import ASGIApp

from ktt.receiver.http.concurrency_limit import ConcurrencyLimit
from ktt.receiver.http.protocol import server_config

_log = logging.getLogger(__name__)
_BEAT_SECONDS = 5.0  # well under the parent's patience
_STARTING_SECONDS = 0.02  # between two looks at whether the server listens
_KEEP_ALIVE_SECONDS = 75  # longer than a gateway keeps its own end, so that it never sends into a closing connection
ALIVE = b"."


def serve(
    app: ASGIApp, listener: socket.socket, *, requests: int, stop_seconds: int, link: socket.socket | None = None
) -> None:
    """Serve until SIGTERM, SIGINT or the parent's end; then finish what is under way, for at most `stop_seconds`."""
    limited = ConcurrencyLimit(app, requests)
    config = server_config(limited, timeout_graceful_shutdown=stop_seconds, timeout_keep_alive=_KEEP_ALIVE_SECONDS)
    server = uvicorn.Server(config)
    for number in (signal.SIGTERM, signal.SIGINT):  # uvicorn raises them again when it is done: by then all is said
        signal.signal(number, lambda _number, _frame: setattr(server, "should_exit", True))
    gc.collect()
    gc.freeze()  # what is loaded by now lives as long as the process
    listener.setblocking(False)  # noqa: FBT003 - the standard library takes it so
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(_serve(server, listener, link))


async def _serve(server: uvicorn.Server, listener: socket.socket, link: socket.socket | None) -> None:
    tied = None if link is None else asyncio.create_task(_tie(server, link))
    try:
        await server.serve(sockets=[listener])
    finally:
        if tied is not None:
            tied.cancel()


async def _tie(server: uvicorn.Server, link: socket.socket) -> None:
    """Say that we are ready, then that we live; leave when the other end is gone."""
    while not server.started:  # noqa: ASYNC110 - uvicorn tells nobody, it sets a flag
        await asyncio.sleep(_STARTING_SECONDS)
    link.setblocking(False)  # noqa: FBT003
    parent = asyncio.create_task(asyncio.get_running_loop().sock_recv(link, 1))
    try:
        while not parent.done():
            with suppress(BlockingIOError):  # a parent that does not listen now may later
                link.send(ALIVE)
            await asyncio.wait({parent}, timeout=_BEAT_SECONDS)
    except OSError:
        parent.cancel()
    _log.warning("the parent process is gone: finishing what is under way")
    server.should_exit = True
