"""The suite's own HTTP: it sends whatever it is told to, twice if need be, and writes down what was said."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

Fields = tuple[tuple[str, str], ...]
_SECONDS = 60.0
_PIECE = 1 << 16
_MOST = 1 << 22  # bytes of an answer that are read


@dataclass(frozen=True, slots=True)
class Heard:
    """What came back. `status` is None when the connection ended without an answer; header names are in lower case."""

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
class Said:
    """One request and its answer, for the report."""

    method: str
    path: str
    headers: Fields = field(repr=False)
    body_bytes: int
    heard: Heard
    content: bytes | None = field(default=None, repr=False)  # what was sealed in the body


SILENCE = Heard(None)


class Line:
    """Requests to one host, each over a connection of its own."""

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        self._secure, self._host, self._port = parts.scheme == "https", parts.hostname or "", parts.port
        self._path = parts.path.rstrip("/")

    def ask(self, method: str, path: str, fields: Iterable[tuple[str, str]], body: bytes = b"", **how: bool) -> Heard:
        """One request. `chunked` declares no length; `wait` sends the body only when it is asked for."""
        connection = self._connect()
        try:
            self._say(connection, method, self._path + path, tuple(fields), body, **how)
            return _hear(connection)
        except (OSError, http.client.HTTPException):
            return SILENCE
        finally:
            connection.close()

    def raw(self, text: bytes) -> Heard:
        """Bytes as they are, for what is no HTTP."""
        connection = self._connect()
        try:
            connection.connect()
            assert isinstance(connection.sock, socket.socket)
            connection.sock.sendall(text)
            answer = http.client.HTTPResponse(connection.sock, method="POST")
            answer.begin()
            return _read(answer)
        except (OSError, http.client.HTTPException):
            return SILENCE
        finally:
            connection.close()

    def _connect(self) -> http.client.HTTPConnection:
        if self._secure:
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(self._host, self._port, timeout=_SECONDS, context=context)
        return http.client.HTTPConnection(self._host, self._port, timeout=_SECONDS)

    @staticmethod
    def _say(
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
            _send(connection, _chunks(body) if chunked else _pieces(body))


def _send(connection: http.client.HTTPConnection, pieces: Iterable[bytes]) -> None:
    """A receiver may answer and hang up before it has heard it all; what it said is still read."""
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


def _hear(connection: http.client.HTTPConnection) -> Heard:
    return _read(connection.getresponse())


def _read(answer: Any) -> Heard:
    fields = tuple((name.lower(), value) for name, value in answer.getheaders())
    body = answer.read(_MOST)
    if answer.length and len(body) < _MOST:
        raise http.client.IncompleteRead(body, answer.length)
    return Heard(answer.status, fields, body)
