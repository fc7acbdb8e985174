"""The HTTP parser's own answers in FHI's shape, and a cap on headers while they come in.

uvicorn answers a request that is no HTTP with plain text, gathers headers without bound, and loses the body of a request
that offers another protocol; all of it happens before any application is asked.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from http import HTTPStatus

import httptools
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from ktt.receiver.http import responses
from ktt.receiver.http.deadlines import HEADER_SECONDS, IDLE_SECONDS, Deadline, Drain, Drains, LingeringTransport
from ktt.receiver.http.refusal import refuse_with_status
from ktt.receiver.http.responses import KNOWN_CALLER

_log = logging.getLogger(__name__)
_MOST_FIELDS = 1024
_MOST_WAITING = 16  # requests of one connection that are sent before the answer to the first; the next ends it
_VERSIONS = frozenset({"1.0", "1.1"})
_MOST_HEADER_BYTES = 2 * responses.MOST_HEADER_BYTES  # up to here the application answers, with a proper 431


class UniformProtocol(HttpToolsProtocol):
    """uvicorn's HTTP/1.1, but with answers that FHI's client can read."""

    _idle_bytes = 0  # of pieces in which neither the headers nor the request ended, and no content of a body came
    _trailers = 0
    _in_body = _advanced = _closes = _broken = False
    _body_began = False
    _drain: Drain | None = None
    _drains = Drains()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A connection. Its first request must come soon."""
        super().connection_made(transport)
        self._for_headers = Deadline(self.loop, self._close_if_idle)
        self._for_headers.begin(HEADER_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """The end of a connection."""
        self._for_headers.cancel()
        self._end_drain()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """A new request."""
        self._trailers = 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header field. One that comes after a chunked body is read and forgotten: nothing may depend on it."""
        if self._in_body:
            self._trailers += 1
        else:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """What follows is the body. A request that offers another protocol is handed over once more, as an ordinary one."""
        self._advanced = True
        _check_form(self.parser, self.headers)
        if self.parser.should_upgrade():
            return
        if len(self.pipeline) >= _MOST_WAITING:
            raise ValueError("too many requests ahead of their answers")
        super().on_headers_complete()
        self._for_headers.cancel()
        self._unset_keepalive_if_required()
        self._in_body, self._body_began = True, False
        self.cycle.transport = LingeringTransport(self.transport, self._close_after_body)  # type: ignore[assignment]

    def on_body(self, body: bytes) -> None:
        """Content of the body."""
        self._advanced = self._body_began = True
        if self._drain is not None:
            self._drain.count(len(body))
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is complete."""
        if self.parser.should_upgrade():
            return
        self._in_body, self._advanced = False, True
        self._end_drain()
        super().on_message_complete()
        if self._closes:
            self.transport.close()
        elif self.cycle.response_complete:  # it was answered before its body had come: the connection is idle from here
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def on_response_complete(self) -> None:
        """The answer is written. What still comes of the request is forgotten, within bounds."""
        last = not self.pipeline
        known = KNOWN_CALLER in self.cycle.scope["state"]
        self.timeout_keep_alive = (
            self.config.timeout_keep_alive if known else min(IDLE_SECONDS, self.config.timeout_keep_alive)
        )
        super().on_response_complete()
        if self._broken and last:
            self.transport.close()
        answered = self.cycle.response_complete  # else this was the answer before, and its request is complete
        if answered and self._in_body and self._drain is None and not self.transport.is_closing():
            self._drain = Drain(self.loop, self._drains, self.transport.close)

    def _close_after_body(self) -> None:
        """Close; later, when a body is coming that the sender does not hold back until it is asked for."""
        coming = self._in_body and self.cycle.response_complete
        if not coming or (self.expect_100_continue and not self._body_began):
            self.transport.close()
        self._closes = True

    def _close_if_idle(self) -> None:
        """The headers did not come in time; an answer to the request before is still given."""
        self._for_headers.cancel()
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()
        else:
            self._for_headers.begin(HEADER_SECONDS)

    def _end_drain(self) -> None:
        if self._drain is not None:
            self._drain.end()
            self._drain = None

    def data_received(self, data: bytes) -> None:
        """Part of a request. Headers, trailers and extensions of chunks that go on and on are cut off."""
        if self._broken:
            return
        self._advanced = False
        if not self._in_body:
            self._for_headers.begin(HEADER_SECONDS)
        self._unset_keepalive_if_required()
        self._parse(data)
        self._idle_bytes = 0 if self._advanced else self._idle_bytes + len(data)
        too_many = self._trailers > _MOST_FIELDS or self._idle_bytes > _MOST_HEADER_BYTES
        if too_many and not self.transport.is_closing():
            self._break_off(431)

    def _parse(self, data: bytes) -> None:
        while data:
            try:
                self.parser.feed_data(data)
                data = b""
            except httptools.HttpParserUpgrade as upgrade:
                data = self._head_without_upgrade() + data[upgrade.args[0] :]
                self.parser = httptools.HttpRequestParser(self)
                self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
            except httptools.HttpParserError as fault:
                _log.warning("a request cannot be read: %s", type(fault).__name__)
                if not self.transport.is_closing():
                    self._break_off(400)
                data = b""

    def _head_without_upgrade(self) -> bytes:
        """The request that was just read, but without the offer: the parser takes what follows for another protocol."""
        start = b"%s %s HTTP/%s" % (self.parser.get_method(), self.url, self.parser.get_http_version().encode())
        fields = [name + b": " + value for name, value in self.headers if name != b"upgrade"]
        return b"\r\n".join([start, *fields, b"", b""])

    def _break_off(self, status: int) -> None:
        """Read no further. Requests that are complete are answered first, and then nothing is said of what came after."""
        if self._in_body and self.pipeline:
            self.pipeline.popleft()  # the request whose body cannot be read
        elif self._in_body or self.cycle is None or self.cycle.response_complete:
            if not self._in_body or not self.cycle.response_started:
                self._refuse(status)
            self.transport.close()
            return
        self._broken = True

    def _refuse(self, status: int) -> None:
        response = responses.refusal_response(refuse_with_status(status), responses.new_correlation_id())
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}".encode()]
        lines += [name + b": " + value for name, value in response.raw_headers]
        self.transport.write(b"\r\n".join([*lines, b"connection: close", b"", bytes(response.body)]))


def _check_form(parser: httptools.HttpRequestParser, fields: Iterable[tuple[bytes, bytes]]) -> None:
    """What the parser reads and others may read differently: a ValueError, which it takes as a fault of the request."""
    version = parser.get_http_version()
    hosts = [value for name, value in fields if name == b"host"]
    codings = [value.strip().lower() for name, value in fields if name == b"transfer-encoding"]
    least = 1 if version == "1.1" else 0
    if version not in _VERSIONS or not least <= len(hosts) <= 1 or parser.get_method() == b"CONNECT":
        raise ValueError("request line or host")
    if codings and (codings != [b"chunked"] or version != "1.1"):
        raise ValueError("transfer coding")


def server_config(app: object, **options: object) -> uvicorn.Config:
    """How uvicorn serves a receiver: this protocol, no web sockets, no server name, no log of its own."""
    return uvicorn.Config(
        app,  # type: ignore[arg-type]  # uvicorn's ASGI types and Starlette's are the same thing by two names
        http=UniformProtocol,
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,  # addresses are configured, never taken from a header (helseid § 13.1)
        **options,  # type: ignore[arg-type]
    )
