"""Telling systemd how it goes (`Type=notify`); nothing happens where nobody asked to be told."""

from __future__ import annotations

import os
import socket
from contextlib import suppress


def tell_systemd(words: str) -> None:
    """`READY=1` or `STOPPING=1`, to the socket that systemd names in `NOTIFY_SOCKET`."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address or not hasattr(socket, "AF_UNIX"):
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as teller:
        teller.sendto(words.encode(), "\0" + address[1:] if address.startswith("@") else address)
