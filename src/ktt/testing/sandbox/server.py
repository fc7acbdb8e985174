"""Several applications on loopback, served by one thread of one process."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import format_datetime

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ktt.core.clock import Clock
from ktt.core.os_faults import os_reason
from ktt.receiver.http.protocol import server_config
from ktt.testing.sandbox.errors import PortBusy, SandboxDidNotStart
from ktt.testing.sandbox.faults.wire_faults import InterruptibleProtocol

HOST = "127.0.0.1"  # .NET clients allow plain http for this name and `localhost` only (helseid § 11)
_PAGES_PORT = 8789
_START_SECONDS, _STOP_SECONDS = 30.0, 10


def listen(port: int, option: str) -> socket.socket:
    """A listening socket on loopback; PortBusy when the port is taken. Port 0 takes a free one."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # asyncio turns Nagle's algorithm off only on sockets that it made; with it on, every answer on a kept-alive
    # connection waits 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(512)
    except OSError as fault:
        listener.close()
        raise PortBusy(port=port, reason=os_reason(fault), option=option) from fault
    return listener


def listen_for_pages(port: int | None) -> socket.socket:
    """The socket of the console: 8789 unless another is asked for, and a free port when 8789 is taken.

    No program is set up with the address, so it may be another one each time; PortBusy only when a port was asked for.
    """
    if port is not None:
        return listen(port, "console-port")
    try:
        return listen(_PAGES_PORT, "console-port")
    except PortBusy:
        return listen(0, "console-port")


def address(listener: socket.socket) -> str:
    """The base URL of a listening socket."""
    return f"http://{HOST}:{listener.getsockname()[1]}"


class DatedApp:
    """An application whose answers have the `Date` of a clock that may be wrong on purpose."""

    def __init__(self, app: ASGIApp, clock: Clock) -> None:
        self._app, self._clock = app, clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the application."""

        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                date = format_datetime(self._clock.now(), usegmt=True).encode()
                message["headers"] = [*message.get("headers", ()), (b"date", date)]
            await send(message)

        await self._app(scope, receive, dated)


@dataclass(frozen=True, slots=True)
class ListeningApp:
    """One application and the socket it listens on."""

    app: ASGIApp
    listener: socket.socket


class ServerThread:
    """Serves the applications in one thread until `stop`; requests that have begun are answered first."""

    def __init__(self, apps: Sequence[ListeningApp]) -> None:
        self._apps = apps
        self._servers = [uvicorn.Server(_config(one.app)) for one in apps]
        self._thread = threading.Thread(target=self._run, name="ktt-sandbox", daemon=True)
        self._fault: BaseException | None = None

    def start(self) -> None:
        """Return when every application listens."""
        self._thread.start()
        waiting = threading.Event()
        for _ in range(int(_START_SECONDS / 0.01)):
            if all(server.started for server in self._servers):
                return
            if not self._thread.is_alive():
                break
            waiting.wait(0.01)
        raise SandboxDidNotStart(reason=type(self._fault).__name__ if self._fault else "timeout")

    def stop(self) -> None:
        """Finish what has begun, then close."""
        for server in self._servers:
            server.should_exit = True
        self._thread.join(_STOP_SECONDS + 5)
        for one in self._apps:
            one.listener.close()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except (Exception, SystemExit) as fault:  # noqa: BLE001 - reported by `start`
            self._fault = fault

    async def _serve(self) -> None:
        pairs = zip(self._servers, self._apps, strict=True)
        await asyncio.gather(*(server.serve(sockets=[one.listener]) for server, one in pairs))


def _config(app: ASGIApp) -> uvicorn.Config:
    config = server_config(app, date_header=not isinstance(app, DatedApp), timeout_graceful_shutdown=_STOP_SECONDS)
    config.http = InterruptibleProtocol
    return config
