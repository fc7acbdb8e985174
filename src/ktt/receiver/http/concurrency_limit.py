"""A bound on the requests under way in one process, so that too many of them cost 429 answers and not memory.

A request holds at most what the network layer buffers (64 kB) and, once it is let in, a small body (256 kB); large ones
wait for memory to be free (`request_bodies.BodyReader`). The two bounds together are the bound on memory.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from ktt.receiver.http import responses
from ktt.receiver.http.refusal import refuse_with_status

_EXEMPT = "/health/"  # monitoring must be answered when there are too many requests


class ConcurrencyLimit:
    """An ASGI application that lets at most so many requests in at a time; nothing of the body of another is kept."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app, self._most, self._active = app, most, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request: 429 (nothing was stored, wait and send it again) when there are too many."""
        if scope["type"] != "http" or scope["path"].startswith(_EXEMPT):
            await self._app(scope, receive, send)
            return
        if self._active >= self._most:
            await _answer_busy(scope, receive, send)
            return
        self._active += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._active -= 1


async def _answer_busy(scope: Scope, receive: Receive, send: Send) -> None:
    busy = refuse_with_status(429, why="too many requests", headers=(("Retry-After", "5"), ("Connection", "close")))
    await responses.refusal_response(busy, responses.new_correlation_id())(scope, receive, send)
