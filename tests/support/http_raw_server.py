"""A server of raw bytes on loopback: it sends the replies of a test and keeps the requests."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Reply = bytes | Callable[[socket.socket], None]


@dataclass
class RawServer:
    """Answers one request after another, the last reply for ever; `connections` counts how many were opened."""

    replies: list[Reply]
    port: int = 0
    connections: int = 0
    tls: ssl.SSLContext | None = None
    requests: list[bytes] = field(default_factory=list)
    _open: socket.socket | None = None

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def serve(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self.connections += 1
            with suppress(OSError), connection, self._wrapped(connection) as wrapped:  # the other side may be gone
                self._open = wrapped
                self._answer(wrapped)

    def hang_up(self) -> None:
        """End the connection that a client keeps for its next request."""
        if self._open is not None:
            with suppress(OSError):  # it is closed already
                self._open.shutdown(socket.SHUT_RDWR)

    def _wrapped(self, connection: socket.socket) -> socket.socket:
        return self.tls.wrap_socket(connection, server_side=True) if self.tls else connection

    def _answer(self, connection: socket.socket) -> None:
        while request := _read_request(connection):
            self.requests.append(request)
            reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
            if callable(reply):
                reply(connection)
                return
            connection.sendall(reply)
            if b"connection: close" in reply.lower():
                return


def _read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65536)
        if not chunk:
            return b""
        data += chunk
        if data[:1] == b"\x16":  # a TLS greeting, to a server that knows no TLS
            connection.sendall(http("400 Bad Request"))
            return b""
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(h.split(b":")[1]) for h in head.split(b"\r\n") if h.lower().startswith(b"content-length")), 0)
    while len(body) < length:
        chunk = connection.recv(1 << 20)
        if not chunk:
            return b""
        body += chunk
    return head + b"\r\n\r\n" + body


@contextmanager
def raw_server(*replies: Reply, tls: ssl.SSLContext | None = None) -> Iterator[RawServer]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = RawServer(list(replies), port=listener.getsockname()[1], tls=tls)
        thread = threading.Thread(target=server.serve, args=(listener,))
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            server.hang_up()
            thread.join(5)


def http(status: str, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
