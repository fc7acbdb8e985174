"""The whole door: the receiver as FHI's protocol has it, our own addresses beside it, and a count of what passes."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ktt.receiver.api import paths, problems
from ktt.receiver.api.authenticator import Lock
from ktt.receiver.api.check import Checking
from ktt.receiver.api.documentation.resources import Showing
from ktt.receiver.api.gauges import Facts
from ktt.receiver.api.lookups import Lookups
from ktt.receiver.api.metrics import Numbers
from ktt.receiver.api.resends import note_resent
from ktt.receiver.api.validate import Validating
from ktt.receiver.api.validation import Judge, Judging
from ktt.receiver.http import responses
from ktt.receiver.pipeline.steps import Room
from ktt.storage.database import Database
from ktt.storage.errors import DatabaseUnavailable
from ktt.wire import headers
from ktt.wire.answers import parse_answer

_log = logging.getLogger(__name__)
_REFUSED, _DELIVERED = 400, 200
_CORRELATION = headers.CORRELATION_ID.lower().encode()
_MOST_ANSWER = 256_000  # bytes of a refusal that are read again for its code
Endpoint = Callable[[Request], Awaitable[Response]]


class Doors:
    """Stands before the receiver: takes what is for our addresses, passes the rest on, and counts both."""

    def __init__(
        self, receiver: ASGIApp, message: ASGIApp, room: Room, database: Database, judge: Judge | None
    ) -> None:
        """`message` is the receiver's door for `POST /message` alone."""
        self._receiver, self._message = receiver, message
        self._room, self._meter, self._database = room, room.meter, database
        self._lock = Lock(room)
        self._judging = None if judge is None else Judging(judge, room.settings, room.clock, room.meter)
        routes = [Route(path, endpoint, methods=[method]) for method, path, endpoint in self._endpoints(database)]
        self._own = responses.Front(Router(routes, redirect_slashes=False), room.settings)

    def _endpoints(self, database: Database) -> list[tuple[str, str, Endpoint]]:
        settings, room = self._room.settings, self._room
        found: list[tuple[str, str, Endpoint]] = []
        if self._judging is not None:
            found.append(("POST", paths.VALIDATE, Validating(self._lock, self._judging).post))
            if settings.checks_openly:
                found.append(("POST", paths.CHECK, Checking(self._lock, self._judging).post))
        lookups = Lookups(self._lock, database)
        found += [("GET", paths.RECEIPT, lookups.receipt), ("GET", paths.OUTSTANDING, lookups.outstanding)]
        if settings.shows_metrics:
            facts = Facts(database, room.keys, room.clock)
            found.append(("GET", paths.METRICS, Numbers(room.meter, facts, settings).get))
        open_paths = [path for _, path, _ in found]
        return found + Showing(settings, room.find, open_paths).endpoints()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the life of the server."""
        if scope["type"] == "http":
            await self._count(scope, receive, send)
        else:
            await self._receiver(scope, self._until_shutdown(receive), send)

    def _until_shutdown(self, receive: Receive) -> Receive:
        async def told() -> Message:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                self._lock.close()
                if self._judging is not None:
                    self._judging.close()
            return message

        return told

    async def _count(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, began = paths.name(scope["path"]), time.perf_counter()
        passed = _Passed(receive, send, scope.setdefault("state", {}))
        self._meter.began(path)
        try:
            if paths.ours(scope["path"]):
                await self._own(scope, passed.receive, problems.sending(passed.send, scope))
            else:
                straight = path == paths.MESSAGE and scope["method"] == "POST"  # a router would take 20 µs to find it
                receiver = self._message if straight else self._receiver
                await receiver(scope, passed.receive, passed.send)
        finally:
            self._meter.ended(path, seconds=time.perf_counter() - began, body=passed.bytes)
        if passed.status is not None:
            await self._tell(path, scope, passed, passed.status)

    async def _tell(self, path: str, scope: Scope, passed: _Passed, status: int) -> None:
        """Count the answer. A resend shows by the receipt of another request, and is written down afterwards."""
        delivered = path == paths.MESSAGE and status == _DELIVERED
        resent = delivered and passed.correlation not in {"", scope["state"].get("correlation_id")}
        self._meter.answered(path, status, passed.code, resent=resent)
        if resent:
            now = self._room.clock.now()
            try:
                await self._lock.in_thread(lambda: note_resent(self._database, passed.correlation, now))
            except (SQLAlchemyError, DatabaseUnavailable) as lost:
                _log.warning("resend not noted: correlation=%s %s", passed.correlation, type(lost).__name__)


class _Passed:
    """What passed of one request and its answer."""

    def __init__(self, receive: Receive, send: Send, state: dict[str, Any]) -> None:
        self._receive, self._send, self._state = receive, send, state
        self.bytes = 0
        self.status: int | None = None
        self.correlation = ""
        self._refusal = b""

    async def receive(self) -> Message:
        message = await self._receive()
        self.bytes += len(message.get("body", b""))
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            found = (value for name, value in message["headers"] if name.lower() == _CORRELATION)
            self.correlation = next(found, b"").decode("latin-1")
            if not self.correlation:
                made = str(self._state.get("correlation_id", "")).encode()
                message = {**message, "headers": [*message["headers"], (_CORRELATION, made)]}
        elif self.status is not None and self.status >= _REFUSED:
            self._refusal = message.get("body", b"")[:_MOST_ANSWER]
        await self._send(message)

    @property
    def code(self) -> int | None:
        """FHI's code in a refusal, when it has one."""
        said = parse_answer(self._refusal) if self._refusal else None
        return None if said is None or not said.errors else said.errors[0].code
