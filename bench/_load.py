"""A load generator that takes little of the cores it shares: requests ready to send, answers counted and thrown away.

The rate is that of the time in which every line is under way: from the moment when each has its first answer to the
moment when one has its last. Before that the receiver warms up, after it a core may stand idle for want of requests; the
bound beside it knows neither.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence


class _Line(asyncio.Protocol):
    """One unit: its requests over one connection, the next when the one before is answered 200."""

    def __init__(self, requests: Sequence[bytes], answers: list[float]) -> None:
        self._requests, self._answers = iter(requests), answers
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
        self._answers.append(time.perf_counter())
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
    """Every line at the same time, each in order over one connection; messages a second while all are under way."""
    loop = asyncio.get_running_loop()
    await _listening(port)
    answers: list[list[float]] = [[] for _ in lines]
    made = [
        await loop.create_connection(lambda both=both: _Line(*both), "127.0.0.1", port)
        for both in zip(lines, answers, strict=True)
    ]
    await asyncio.gather(*(line.done for _, line in made))
    begun, ended = max(times[0] for times in answers), min(times[-1] for times in answers)
    inside = sum(begun < at <= ended for times in answers for at in times)
    return inside / (ended - begun) if ended > begun else 0.0


async def _listening(port: int) -> None:
    """Until a worker answers: the socket takes connections before anyone serves them."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /keys HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    await reader.read()
    writer.close()
