"""Letting requests and background work come to an end, and holding what comes, while the databases are exchanged."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from starlette.types import ASGIApp, Receive, Scope, Send

from ktt.testing.sandbox.errors import RequestsUnderWay

_AT_MOST = 15.0  # seconds that requests under way are waited for; a fault may hold one back for longer
_LOOK_AGAIN = 0.02


class Standstill:
    """Shared by the receiver's requests and the background work. May be used from any thread."""

    def __init__(self) -> None:
        self._wanted, self._closed, self._under_way = threading.Event(), False, 0
        self._changed = threading.Condition()
        self._locks: list[threading.Lock] = []

    def go_on(self) -> bool:
        """What work in pages asks before each page."""
        return not self._wanted.is_set()

    def work(self, run: Callable[[], object]) -> Callable[[], object]:
        """The same work, which does not begin while all stands still."""
        lock = threading.Lock()
        self._locks.append(lock)

        def locked() -> object:
            with lock:
                return run()

        return locked

    def gate(self, app: ASGIApp) -> ASGIApp:
        """The same application; a request that comes while all stands still waits, and is then answered."""

        async def gated(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            while not self._enter():  # noqa: ASYNC110 - a thread closes and opens, which no event of a loop can be told
                await asyncio.sleep(_LOOK_AGAIN)
            try:
                await app(scope, receive, send)
            finally:
                self._leave()

        return gated

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Nothing is under way while the block runs; RequestsUnderWay when a request goes on for too long."""
        with ExitStack() as going_on:
            self._wanted.set()
            going_on.callback(self._wanted.clear)
            going_on.callback(self._open)
            with self._changed:
                self._closed = True
                if not self._changed.wait_for(lambda: self._under_way == 0, _AT_MOST):
                    raise RequestsUnderWay
            for lock in self._locks:
                going_on.enter_context(lock)
            yield

    def _enter(self) -> bool:
        with self._changed:
            self._under_way += not self._closed
            return not self._closed

    def _leave(self) -> None:
        with self._changed:
            self._under_way -= 1
            self._changed.notify_all()

    def _open(self) -> None:
        with self._changed:
            self._closed = False
