"""Whether a name is known and a port answers, before anything is asked there."""

from __future__ import annotations

import socket

_SECONDS = 10.0


def resolves(host: str) -> bool:
    """Whether this machine knows an address of the host."""
    try:
        return bool(socket.getaddrinfo(host, None))
    except (OSError, UnicodeError):
        return False


def connect(host: str, port: int) -> None:
    """Open a connection and close it again; OSError when nobody answers."""
    socket.create_connection((host, port), _SECONDS).close()
