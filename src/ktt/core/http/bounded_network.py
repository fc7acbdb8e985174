"""Connections that keep a deadline of the exchange as a whole, and a bound on what an answer may take before it is read.

The library's own timeouts begin anew with every byte that comes: headers that drip, or interim answers (1xx) without
end, would hold a sender for as long as the other side likes.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterable
from typing import Any

import httpcore2
from httpcore2 import NetworkBackend, NetworkStream

_PIECE = 64 * 1024  # bytes that are sent between two looks at the clock


class Bounds(threading.local):
    """What is left to the exchange that is under way in this thread."""

    until = float("inf")
    left = 0

    def begin(self, seconds: float, most_bytes: int) -> None:
        """A new exchange: so much time for all of it, and so many bytes for its answer."""
        self.until, self.left = time.monotonic() + seconds, most_bytes

    def timeout(self, usual: float | None, fault: type[Exception]) -> float:
        """How long the next step may take; the fault when there is no time left."""
        left = self.until - time.monotonic()
        if left <= 0:
            raise fault
        return left if usual is None else min(usual, left)

    def count(self, size: int) -> None:
        """So many bytes of the answer have come."""
        self.left -= size
        if self.left < 0:
            raise httpcore2.RemoteProtocolError


class BoundedBackend(NetworkBackend):
    """The library's own connections within bounds."""

    def __init__(self, bounds: Bounds) -> None:
        self._inner, self._bounds = httpcore2.SyncBackend(), bounds

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> NetworkStream:
        """See `NetworkBackend`."""
        seconds = self._bounds.timeout(timeout, httpcore2.ConnectTimeout)
        return _BoundedStream(self._inner.connect_tcp(host, port, seconds, local_address, socket_options), self._bounds)


class _BoundedStream(NetworkStream):
    def __init__(self, inner: NetworkStream, bounds: Bounds) -> None:
        self._inner, self._bounds = inner, bounds

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._inner.read(max_bytes, self._bounds.timeout(timeout, httpcore2.ReadTimeout))
        self._bounds.count(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _PIECE):
            seconds = self._bounds.timeout(timeout, httpcore2.WriteTimeout)
            self._inner.write(buffer[start : start + _PIECE], seconds)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> NetworkStream:
        seconds = self._bounds.timeout(timeout, httpcore2.ConnectTimeout)
        return _BoundedStream(self._inner.start_tls(ssl_context, server_hostname, seconds), self._bounds)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
