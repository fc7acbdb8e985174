"""HTTP for the suite: it sends whatever a case asks for, also what a correct client never sends, and records all of it.

The types of `ktt.core.http` do not serve here. They hold one value for each header and a status for each answer, while
cases repeat headers, count them in answers, and expect that no answer comes.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

Fields = tuple[tuple[str, str], ...]
"""Header names and values, in order."""

_TIMEOUT = 60.0  # seconds
_PIECE = 1 << 16  # bytes
_MOST_BODY = 1 << 22  # bytes of an answer that are read


@dataclass(frozen=True, slots=True)
class RawResponse:
    """An answer with its header fields as they came, names in lower case. `status` is None when no whole answer came."""

    status: int | None
    headers: Fields = ()
    body: bytes = field(default=b"", repr=False)

    def all(self, name: str) -> list[str]:
        """Every value of a header."""
        return [value for key, value in self.headers if key == name.lower()]

    def header(self, name: str) -> str | None:
        """The first value of a header."""
        return next(iter(self.all(name)), None)


@dataclass(frozen=True, slots=True)
class RawExchange:
    """One request and its answer, for the report. `content` is the message that was encrypted in the body."""

    method: str
    path: str
    headers: Fields = field(repr=False)
    body_bytes: int
    response: RawResponse
    content: bytes | None = field(default=None, repr=False)


NO_RESPONSE = RawResponse(None)


class RawClient:
    """Sends requests to one host, each over a connection of its own."""

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        self._secure, self._host, self._port = parts.scheme == "https", parts.hostname or "", parts.port
        self._path = parts.path.rstrip("/")

    def ask(
        self, method: str, path: str, fields: Iterable[tuple[str, str]], body: bytes = b"", **how: bool
    ) -> RawResponse:
        """Send one request. `chunked` declares no length; `wait` sends no body, as if waiting to be asked for it."""
        connection = self._connect()
        try:
            self._send(connection, method, self._path + path, tuple(fields), body, **how)
            return _read(connection.getresponse())
        except (OSError, http.client.HTTPException):
            return NO_RESPONSE
        finally:
            connection.close()

    def raw(self, text: bytes) -> RawResponse:
        """Send these bytes, which need not be HTTP."""
        connection = self._connect()
        try:
            connection.connect()
            assert isinstance(connection.sock, socket.socket)
            connection.sock.sendall(text)
            answer = http.client.HTTPResponse(connection.sock, method="POST")
            answer.begin()
            return _read(answer)
        except (OSError, http.client.HTTPException):
            return NO_RESPONSE
        finally:
            connection.close()

    def _connect(self) -> http.client.HTTPConnection:
        if self._secure:
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(self._host, self._port, timeout=_TIMEOUT, context=context)
        return http.client.HTTPConnection(self._host, self._port, timeout=_TIMEOUT)

    @staticmethod
    def _send(
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        fields: Fields,
        body: bytes,
        *,
        chunked: bool = False,
        wait: bool = False,
    ) -> None:
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in fields:
            connection.putheader(name, value.encode("latin-1"))
        if chunked:
            connection.putheader("Transfer-Encoding", "chunked")
        elif method == "POST":
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders()
        if not wait:
            _send_body(connection, _chunks(body) if chunked else _pieces(body))


def _send_body(connection: http.client.HTTPConnection, pieces: Iterable[bytes]) -> None:
    """A receiver may answer and close before it has read the whole body; its answer is read all the same."""
    try:
        for piece in pieces:
            connection.send(piece)
    except (BrokenPipeError, ConnectionResetError):
        return


def _pieces(body: bytes) -> Iterator[bytes]:
    return (body[start : start + _PIECE] for start in range(0, len(body), _PIECE))


def _chunks(body: bytes) -> Iterator[bytes]:
    for piece in _pieces(body):
        yield b"%x\r\n%b\r\n" % (len(piece), piece)
    yield b"0\r\n\r\n"


def _read(answer: Any) -> RawResponse:
    fields = tuple((name.lower(), value) for name, value in answer.getheaders())
    body = answer.read(_MOST_BODY)
    if answer.length and len(body) < _MOST_BODY:
        raise http.client.IncompleteRead(body, answer.length)
    return RawResponse(answer.status, fields, body)
