"""The HTTP parser's own answers in FHI's shape, and a cap on headers while they come in.

uvicorn answers a request that is no HTTP with plain text, and gathers headers without bound; both happen before any
application is asked.
"""

from __future__ import annotations

from http import HTTPStatus

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from ktt.receiver.http import responses
from ktt.receiver.http.refusal import refuse_with_status

_MOST_FIELDS = 1024
_MOST_HEADER_BYTES = 2 * responses.MOST_HEADER_BYTES  # up to here the application answers, with a proper 431


class UniformProtocol(HttpToolsProtocol):
    """uvicorn's HTTP/1.1, but with answers that FHI's client can read."""

    _idle_bytes = 0  # of pieces in which neither the headers nor the request ended, and no content of a body came
    _trailers = 0
    _in_body = _advanced = False

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
        """What follows is the body."""
        self._in_body = self._advanced = True
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Content of the body."""
        self._advanced = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is complete."""
        self._in_body, self._advanced = False, True
        super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        """Part of a request. Headers, trailers and extensions of chunks that go on and on are cut off."""
        self._advanced = False
        super().data_received(data)
        self._idle_bytes = 0 if self._advanced else self._idle_bytes + len(data)
        too_many = self._trailers > _MOST_FIELDS or self._idle_bytes > _MOST_HEADER_BYTES
        if too_many and not self.transport.is_closing():
            self._refuse(431)

    def send_400_response(self, msg: str) -> None:
        """Whatever the parser could not read. `msg` is uvicorn's and stays in the log."""
        del msg
        if not self.transport.is_closing():
            self._refuse(400)

    def _refuse(self, status: int) -> None:
        response = responses.refusal_response(refuse_with_status(status), responses.new_correlation_id())
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}".encode()]
        lines += [name + b": " + value for name, value in response.raw_headers]
        self.transport.write(b"\r\n".join([*lines, b"connection: close", b"", bytes(response.body)]))
        self.transport.close()


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
