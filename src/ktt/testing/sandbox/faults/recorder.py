"""Keeps the last requests and answers, so that they can be looked at, judged and sent again.

Everything is kept in memory and only here: a sandbox takes synthetic persons only.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ktt.core.clock import Clock
from ktt.testing.sandbox.faults.wire_faults import HANG_UP, NOTE

_MOST = 500
_MOST_BYTES = 64 * 2**20
Fields = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Recorded:
    """One request as it came and as it was answered. `status` is None when no answer was begun.

    `at` is in seconds since 1970 by the sandbox's clock, `began` and `ended` in seconds of a clock that only goes
    forward.
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
    whole: bool = False  # the answer was given to its end
    ended: float | None = None  # set before the last byte leaves, so whoever has the answer finds it here
    state: dict[str, Any] = field(default_factory=dict, repr=False)  # the request's own, shared with who answers it

    @property
    def fault(self) -> str | None:
        """The name of the fault that met it."""
        return self.state.get(NOTE)

    def header(self, name: str) -> str | None:
        """The first value of a request header."""
        return next((value for key, value in self.headers if key == name.lower()), None)

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
    """The last requests to both services. May be used from any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: deque[Recorded] = deque(maxlen=_MOST)
        self._count = 0
        self._changed = threading.Condition()

    def watch(self, app: ASGIApp, service: str) -> ASGIApp:
        """The same application, with everything that passes written down."""

        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            note = self._begin(scope, service)

            def end() -> None:
                self._end(note)

            try:
                await app(_hanging_up(scope, end), _heard(receive, note), _said(send, note, end))
            finally:
                end()

        return watched

    def after(self, number: int = 0) -> list[Recorded]:
        """What came after the request with that number, in order; still running ones too."""
        with self._changed:
            return [note for note in self._kept if note.number > number]

    def wait(self, number: int, timeout: float) -> bool:
        """Wait until some request after that number has been answered."""
        with self._changed:
            return self._changed.wait_for(
                lambda: any(note.number > number and note.ended is not None for note in self._kept), timeout
            )

    @property
    def last(self) -> int:
        """The number of the newest request, 0 before the first."""
        return self._count

    def clear(self) -> None:
        """Forget everything; numbers go on."""
        with self._changed:
            self._kept.clear()

    def _begin(self, scope: Scope, service: str) -> Recorded:
        with self._changed:
            self._count += 1
            at, began = self._clock.now().timestamp(), time.monotonic()
            fields = _fields(scope["headers"])
            state = scope.setdefault("state", {})
            note = Recorded(self._count, service, at, began, scope["method"], _path(scope), fields, state=state)
            self._kept.append(note)
        return note

    def _end(self, note: Recorded) -> None:
        if note.ended is not None:
            return
        with self._changed:
            note.ended = time.monotonic()
            spent = 0
            for older in reversed(self._kept):
                spent += len(older.body)
                if spent > _MOST_BYTES:
                    older.body = b""
            self._changed.notify_all()


def _fields(pairs: Iterable[tuple[bytes, bytes]]) -> Fields:
    return tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in pairs)


def _path(scope: Scope) -> str:
    """As it was asked for, with its query: what stands there is for nobody to see."""
    query = scope.get("query_string", b"").decode("latin-1")
    return f"{scope['path']}?{query}" if query else str(scope["path"])


def _hanging_up(scope: Scope, end: Callable[[], None]) -> Scope:
    """The same request; hanging up on the sender ends it too."""
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


def _heard(receive: Receive, note: Recorded) -> Receive:
    chunks = bytearray()

    async def heard() -> Message:
        message = await receive()
        if message["type"] == "http.request":
            chunks.extend(message.get("body", b""))
            if not message.get("more_body", False):
                note.body = bytes(chunks)
        return message

    return heard


def _said(send: Send, note: Recorded, end: Callable[[], None]) -> Send:
    async def said(message: Message) -> None:
        if message["type"] == "http.response.start":
            note.status, note.answer_headers = message["status"], _fields(message["headers"])
        else:
            note.answer += message.get("body", b"")
            note.whole = not message.get("more_body", False)
            if note.whole:
                end()
        await send(message)

    return said
