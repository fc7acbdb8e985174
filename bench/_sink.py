"""A registry that costs nearly nothing: HelseID's and the receiver's addresses in one process, every message accepted.

Run as `python -m bench._sink FOLDER SOCKET`: the folder holds `keys.json`, what `/keys` answers.
"""

from __future__ import annotations

import asyncio
import json
import re
import signal
import socket
import sys
import uuid
from pathlib import Path

import uvloop

_LENGTH = re.compile(rb"(?i)\r\ncontent-length:\s*(\d+)")
_DELIVERED = b'{"delivered":true,"errors":[]}'
_NOT_THERE = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
TOKEN_SECONDS = 600


class _Sink(asyncio.Protocol):
    """One connection: a request is answered when the last byte of its body has come; bodies are counted, not kept."""

    def __init__(self, answers: dict[bytes, bytes]) -> None:
        self._answers, self._head, self._left = answers, b"", -1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if self._left < 0:
            self._head += data
            head, found, body = self._head.partition(b"\r\n\r\n")
            if not found:
                return
            length = _LENGTH.search(head)
            self._head, self._left = head, int(length[1]) if length else 0
            data = body
        self._left -= len(data)
        if self._left == 0:
            answer = self._answers.get(self._head.split(b" ", 2)[1]) or _other(self._head)
            self._head, self._left = b"", -1
            self._transport.write(answer)


def _other(head: bytes) -> bytes:
    """A message is accepted; lookups are not offered."""
    return _NOT_THERE if head.startswith(b"GET ") else _accepted()


def _accepted() -> bytes:
    return _answer(_DELIVERED, f"X-Correlation-ID: {uuid.uuid4()}\r\nCache-Control: no-store\r\n")


def _answer(body: bytes, more: str = "") -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    return head.encode() + body


def answers(address: str, keys: bytes) -> dict[bytes, bytes]:
    """What is answered at each address but `/message`."""
    discovery = {"issuer": address, "token_endpoint": f"{address}/connect/token", "jwks_uri": f"{address}/jwks"}
    token = {
        "access_token": "t" * 920,
        "token_type": "DPoP",
        "expires_in": TOKEN_SECONDS,
        "scope": "fhi:slash.mottak/all",
    }
    return {
        b"/.well-known/openid-configuration": _answer(json.dumps(discovery).encode()),
        b"/connect/token": _answer(json.dumps(token).encode()),
        b"/keys": _answer(keys, "Cache-Control: public, max-age=300\r\n"),
    }


async def _serve(listener: socket.socket, known: dict[bytes, bytes]) -> None:
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    server = await loop.create_server(lambda: _Sink(known), sock=listener)
    async with server:
        await ended.wait()


def main() -> None:
    """Serve until SIGTERM."""
    folder, listener = Path(sys.argv[1]), socket.socket(fileno=int(sys.argv[2]))
    listener.setblocking(False)  # noqa: FBT003 - the standard library takes it so
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    uvloop.run(_serve(listener, answers(address, (folder / "keys.json").read_bytes())))


if __name__ == "__main__":
    main()
