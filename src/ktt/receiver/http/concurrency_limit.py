"""A bound on the requests under way in one process, so that a crowd costs answers and not memory.

A request holds at most what the network layer buffers (64 kB) and, once it is let in, a small body (256 kB); large ones
wait for one of a few places (`bodies`). So this bound, and those places, are the bound on memory.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from ktt.receiver.http import responses
from ktt.receiver.http.refusal import by_status
from ktt.receiver.http.request_bodies import Incoming

_OPEN = "/health/"  # whoever watches over us must be answered when it is crowded


class Crowd:
    """Lets so many requests in; the next is told to come back at once, and nothing of its body is kept."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app, self._most, self._inside = app, most, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request: 429 (nothing was stored, wait and send it again) when there are too many."""
        if scope["type"] != "http" or scope["path"].startswith(_OPEN):
            await self._app(scope, receive, send)
            return
        if self._inside >= self._most:
            await _turn_away(receive, send)
            return
        self._inside += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._inside -= 1


async def _turn_away(receive: Receive, send: Send) -> None:
    """Answer first, and read on for a while: a sender who listens only when it has sent all must live to hear it."""
    busy = by_status(429, why="too many requests", headers=(("Retry-After", "5"), ("Connection", "close")))
    response = responses.refused(busy, responses.correlation_id())
    await send({"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers})
    await send({"type": "http.response.body", "body": response.body, "more_body": True})
    await Incoming(receive).drain()
    await send({"type": "http.response.body", "body": b"", "more_body": False})
