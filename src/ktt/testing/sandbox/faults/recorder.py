"""Records the last requests and answers, so that they can be shown, checked and sent again.

They are kept in memory only, and a sandbox takes synthetic persons only, so content may be kept as it came.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ktt.core.clock import Clock
from ktt.testing.sandbox.faults.wire_faults import FAULT_NAME, HANG_UP

_MOST = 500  # requests that are kept
_MOST_BYTES = 64 * 2**20  # of bodies; older bodies are dropped
Fields = tuple[tuple[str, str], ...]

RECEIVER_AGENT = "ktt-sandbox-receiver"
"""The `User-Agent` of what the sandbox's receiver asks HelseID for, which tells its requests from a client's."""

RECORDED = "ktt.recorded"
"""The member of a request's `state` that holds its `RecordedRequest`."""


@dataclass(slots=True)
class RecordedRequest:
    """One request as it came and as it was answered. `status` is None when no answer was begun.

    `at` is in seconds since 1970 by the sandbox's clock; `began` and `ended` are seconds of the monotonic clock.
    """

    number: int
    service: str  # helseid or mottak
    at: float
    began: float
    method: str
    path: str
    headers: Fields = field(repr=False)
    body: bytes = field(default=b"", repr=False)
    status: int | None = None
    answer_headers: Fields = field(default=(), repr=False)
    answer: bytes = field(default=b"", repr=False)
    whole: bool = False  # the answer was sent to its end
    ended: float | None = None  # set before the last byte is sent, so whoever has the whole answer finds it set
    state: dict[str, Any] = field(default_factory=dict, repr=False)  # of the ASGI scope, where the fault's name is put

    @property
    def fault(self) -> str | None:
        """The name of the fault that was applied to it."""
        return self.state.get(FAULT_NAME)

    def header(self, name: str) -> str | None:
        """The first value of a request header."""
        return next((value for key, value in self.headers if key == name.lower()), None)

    @property
    def sender(self) -> Literal["client", "receiver"]:
        """Who asked: a client, or the sandbox's own receiver, which asks HelseID for its keys."""
        return "receiver" if self.header("user-agent") == RECEIVER_AGENT else "client"

    @property
    def body_size(self) -> int:
        """Bytes of the body, as declared or as read: one that is refused by its headers is not read."""
        declared = self.header("content-length") or ""
        return max(len(self.body), int(declared) if declared.isdecimal() else 0)

    @property
    def address(self) -> str:
        """The path without its query."""
        return self.path.partition("?")[0]

    @property
    def bearer(self) -> str:
        """What stands after the scheme in `Authorization`."""
        return (self.header("authorization") or "").partition(" ")[2]

    @property
    def came_at(self) -> dt.datetime:
        """`at` as an instant."""
        return dt.datetime.fromtimestamp(self.at, dt.UTC)

    def answer_header(self, name: str) -> str | None:
        """The first value of a header of the answer."""
        return next((value for key, value in self.answer_headers if key == name.lower()), None)


class Recorder:
    """Keeps the last requests to both services. May be used from any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: deque[RecordedRequest] = deque(maxlen=_MOST)
        self._count = 0
        self._lock = threading.Lock()

    def record(self, app: ASGIApp, service: str) -> ASGIApp:
        """The same application, with every request and answer recorded."""

        async def recorded(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            request = self._begin(scope, service)

            def end() -> None:
                self._end(request)

            try:
                await app(
                    _ending_at_hang_up(scope, end), _record_body(receive, request), _record_answer(send, request, end)
                )
            finally:
                end()

        return recorded

    def after(self, number: int = 0) -> list[RecordedRequest]:
        """The requests after that number, in order, also those that are not answered yet."""
        with self._lock:
            return [request for request in self._kept if request.number > number]

    @property
    def last(self) -> int:
        """The number of the newest request, 0 before the first."""
        return self._count

    def clear(self) -> None:
        """Forget every request; the next one still gets the next number."""
        with self._lock:
            self._kept.clear()

    def _begin(self, scope: Scope, service: str) -> RecordedRequest:
        with self._lock:
            self._count += 1
            at, began = self._clock.now().timestamp(), time.monotonic()
            fields = _fields(scope["headers"])
            state = scope.setdefault("state", {})
            request = RecordedRequest(
                self._count, service, at, began, scope["method"], _path(scope), fields, state=state
            )
            self._kept.append(request)
        state[RECORDED] = request
        return request

    def _end(self, request: RecordedRequest) -> None:
        if request.ended is not None:
            return
        with self._lock:
            request.ended = time.monotonic()
            spent = 0
            for older in reversed(self._kept):
                spent += len(older.body)
                if spent > _MOST_BYTES:
                    older.body = b""


def _fields(pairs: Iterable[tuple[bytes, bytes]]) -> Fields:
    return tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in pairs)


def _path(scope: Scope) -> str:
    """The path with its query, where a sender may by mistake put what must not be there."""
    query = scope.get("query_string", b"").decode("latin-1")
    return f"{scope['path']}?{query}" if query else str(scope["path"])


def _ending_at_hang_up(scope: Scope, end: Callable[[], None]) -> Scope:
    """The same scope, whose ways to hang up on the sender also call `end`, and before the connection closes."""
    extensions = scope.get("extensions") or {}
    if HANG_UP not in extensions:
        return scope

    def ending(act: Callable[[], None]) -> Callable[[], None]:
        def ended() -> None:
            end()
            act()

        return ended

    ways = {name: ending(act) for name, act in extensions[HANG_UP].items()}
    return {**scope, "extensions": {**extensions, HANG_UP: ways}}


def _record_body(receive: Receive, request: RecordedRequest) -> Receive:
    chunks = bytearray()

    async def recorded() -> Message:
        message = await receive()
        if message["type"] == "http.request":
            chunks.extend(message.get("body", b""))
            if not message.get("more_body", False):
                request.body = bytes(chunks)
        return message

    return recorded


def _record_answer(send: Send, request: RecordedRequest, end: Callable[[], None]) -> Send:
    async def recorded(message: Message) -> None:
        if message["type"] == "http.response.start":
            request.status, request.answer_headers = message["status"], _fields(message["headers"])
        else:
            request.answer += message.get("body", b"")
            request.whole = not message.get("more_body", False)
            if request.whole:
                end()
        await send(message)

    return recorded
