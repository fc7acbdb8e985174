"""A mail server on loopback that speaks STARTTLS and keeps the messages."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class MailServer:
    """Takes messages after STARTTLS alone; `refuses` is its answer to RCPT instead, and while `hold` is unset it says nothing."""

    tls: ssl.SSLContext
    port: int = 0
    refuses: bytes = b""
    hold: threading.Event | None = None
    messages: list[str] = field(default_factory=list)

    def serve(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with suppress(OSError), connection:
                if self.hold is not None:
                    self.hold.wait(10)
                connection.sendall(b"220 loopback\r\n")
                self._converse(connection)

    def _converse(self, connection: socket.socket, *, secure: bool = False) -> None:
        lines = connection.makefile("rb")
        for line in lines:
            word = line[:4].strip().upper()
            if word == b"EHLO":
                connection.sendall(
                    b"250-loopback\r\n250 8BITMIME\r\n" if secure else b"250-loopback\r\n250 STARTTLS\r\n"
                )
            elif line.upper().startswith(b"STARTTLS"):
                connection.sendall(b"220 go\r\n")
                with self.tls.wrap_socket(connection, server_side=True) as wrapped:
                    self._converse(wrapped, secure=True)
                return
            elif not secure:
                connection.sendall(b"530 STARTTLS first\r\n")
            elif word == b"RCPT" and self.refuses:
                connection.sendall(self.refuses)
            elif word == b"DATA":
                connection.sendall(b"354 go on\r\n")
                self.messages.append(b"".join(iter(lines.readline, b".\r\n")).decode())
                connection.sendall(b"250 kept\r\n")
            else:
                connection.sendall(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")


@contextmanager
def mail_server(tls: ssl.SSLContext) -> Iterator[MailServer]:
    """A running server."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = MailServer(tls, listener.getsockname()[1])
        threading.Thread(target=server.serve, args=(listener,), daemon=True).start()
        yield server
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
