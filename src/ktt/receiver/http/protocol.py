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

    _received = 0
    _in_headers = _in_body = False

    def on_message_begin(self) -> None:
        """A new request: its headers are counted from zero."""
        self._received, self._in_headers = 0, True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """What follows is the body."""
        self._in_headers, self._in_body = False, True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is complete."""
        self._in_body = False
        super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        """Part of a request. Bytes are counted until the headers end, but not those of a piece that began in a body."""
        had_body = self._in_body
        super().data_received(data)
        if self._in_headers and not had_body:
            self._received += len(data)
        trailers = had_body and len(self.headers) > _MOST_FIELDS  # a chunked body may have fields after it
        if (trailers or self._received > _MOST_HEADER_BYTES) and not self.transport.is_closing():
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
