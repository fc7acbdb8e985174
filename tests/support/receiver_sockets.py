"""Raw bytes to a receiver's socket, and its answers."""

from __future__ import annotations

import json
import socket
import uuid


def ask(port: int, *pieces: bytes) -> tuple[int, dict[str, str], bytes]:
    """Send raw bytes, then read one answer to its end."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        for piece in pieces:
            line.sendall(piece)
        received = b""
        while b"\r\n\r\n" not in received:
            received += line.recv(65_536)
        head, _, body = received.partition(b"\r\n\r\n")
        status, *fields = head.decode().split("\r\n")
        headers = {name.lower(): value for name, value in (field.split(": ", 1) for field in fields)}
        while len(body) < int(headers["content-length"]):
            body += line.recv(65_536)
    return int(status.split(" ")[1]), headers, body


def readable(answer: tuple[int, dict[str, str], bytes]) -> int:
    status, fields, body = answer
    assert uuid.UUID(fields["x-correlation-id"]).version == 4
    assert json.loads(body)["delivered"] is False
    assert "server" not in fields
    return status


def connect(port: int, start: bytes) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", port), timeout=20)
    line.sendall(start)
    return line


def is_closed(line: socket.socket) -> bool:
    line.settimeout(0.02)
    try:
        while line.recv(65_536):
            pass
    except TimeoutError:
        return False
    except OSError:
        pass
    return True
