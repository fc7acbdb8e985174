"""A load generator that takes little of the cores it shares: requests ready to send, answers counted and thrown away."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence


class _Line(asyncio.Protocol):
    """One unit: its requests over one connection, the next when the one before is answered 200."""

    def __init__(self, requests: Sequence[bytes]) -> None:
        self._requests = iter(requests)
        self._seen = b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport) -> None:
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        self._seen += data
        head, found, body = self._seen.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head):
            return
        if not self._seen.startswith(b"HTTP/1.1 200"):
            self.done.set_exception(SystemExit(f"refused: {self._seen[:400]!r}"))
            return
        self._seen = b""
        self._next()

    def connection_lost(self, fault: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(fault or ConnectionResetError("closed"))

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is not None:
            self._transport.write(request)
        elif not self.done.done():
            self.done.set_result(None)
            self._transport.close()


def _length(head: bytes) -> int:
    return int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])


async def send(port: int, lines: Sequence[Sequence[bytes]]) -> float:
    """Every line at the same time, each in order over one connection; messages a second."""
    loop = asyncio.get_running_loop()
    await _listening(port)
    start = time.perf_counter()
    made = [await loop.create_connection(lambda line=line: _Line(line), "127.0.0.1", port) for line in lines]
    await asyncio.gather(*(line.done for _, line in made))
    return sum(map(len, lines)) / (time.perf_counter() - start)


async def _listening(port: int) -> None:
    """Until a worker answers: the socket takes connections before anyone serves them."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /keys HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    await reader.read()
    writer.close()
