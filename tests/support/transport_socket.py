"""A server of raw bytes on loopback: says exactly what a test tells it to, and keeps what it was sent."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Says = bytes | Callable[[socket.socket], None]


@dataclass
class RawServer:
    """Answers one request after another, the last answer for ever; `connections` counts how often it was called."""

    says: list[Says]
    port: int = 0
    connections: int = 0
    tls: ssl.SSLContext | None = None
    heard: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def serve(self, listener: socket.socket) -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            self.connections += 1
            with suppress(OSError), line, self._spoken(line) as spoken:  # the other side may be gone
                self._answer(spoken)

    def _spoken(self, line: socket.socket) -> socket.socket:
        return self.tls.wrap_socket(line, server_side=True) if self.tls else line

    def _answer(self, line: socket.socket) -> None:
        while request := _read_request(line):
            self.heard.append(request)
            says = self.says.pop(0) if len(self.says) > 1 else self.says[0]
            if callable(says):
                says(line)
                return
            line.sendall(says)
            if b"connection: close" in says.lower():
                return


def _read_request(line: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = line.recv(65536)
        if not piece:
            return b""
        data += piece
        if data[:1] == b"\x16":  # a TLS greeting, to a server that knows no TLS
            line.sendall(http("400 Bad Request"))
            return b""
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(h.split(b":")[1]) for h in head.split(b"\r\n") if h.lower().startswith(b"content-length")), 0)
    while len(body) < length:
        piece = line.recv(1 << 20)
        if not piece:
            return b""
        body += piece
    return head + b"\r\n\r\n" + body


@contextmanager
def raw_server(*says: Says, tls: ssl.SSLContext | None = None) -> Iterator[RawServer]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = RawServer(list(says), port=listener.getsockname()[1], tls=tls)
        thread = threading.Thread(target=server.serve, args=(listener,))
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)


def http(status: str, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
