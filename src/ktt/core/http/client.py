"""The only outgoing network code: a pooled client without redirects, TLS by the system's trust store, limits on all."""

from __future__ import annotations

import logging
import ssl
import time
from collections.abc import Iterator
from functools import cache

import httpcore2
import httpx2

from ktt.core.http.bounded_network import BoundedBackend, Bounds
from ktt.core.http.exchange import NoAnswer, NotReached, Request, Response

CONNECT_SECONDS, UPLOAD_SECONDS, ANSWER_SECONDS = 10.0, 45.0, 40.0  # together below the 100 s of FHI's own client
MAX_ANSWER = 1 << 20  # bytes after decoding; the largest answer is a list of schema errors
_MOST_RAW = 8 * MAX_ANSWER  # bytes of an answer with its headers, interim answers and marks of chunks
_CHUNK = 1 << 18
_KEEP_ALIVE_SECONDS = 4.0  # under the 5 s after which common servers hang up
_TIMEOUT = httpx2.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS, write=UPLOAD_SECONDS, pool=CONNECT_SECONDS)
for _library in ("httpx2", "httpcore2"):  # at lower levels they log headers, and ours hold tokens
    logging.getLogger(_library).setLevel(logging.WARNING)
_REASONS: dict[type[Exception], str] = {
    httpx2.ConnectError: "no connection",
    httpx2.ConnectTimeout: "no connection in time",
    httpx2.ReadTimeout: "no answer in time",
    httpx2.WriteTimeout: "not sent in time",
    httpx2.RemoteProtocolError: "connection broken",
    httpx2.DecodingError: "answer cannot be decoded",
}


@cache
def _system_trust() -> ssl.SSLContext:
    """The operating system's trust store, read once in a process: reading takes 25 ms, and every client needs the same."""
    return ssl.create_default_context()


class _Transport(httpx2.HTTPTransport):
    """The library's transport, which itself takes no network, over one that keeps bounds."""

    def __init__(self, trust: ssl.SSLContext, bounds: Bounds) -> None:
        super().__init__(verify=trust, trust_env=False)
        self._pool = httpcore2.ConnectionPool(
            ssl_context=trust,
            max_connections=8,
            keepalive_expiry=_KEEP_ALIVE_SECONDS,
            network_backend=BoundedBackend(bounds),
        )


class HttpClient:
    """A client of HTTP/1.1 with connections kept alive. Settings of the environment (proxies) are not used."""

    def __init__(self, trust: ssl.SSLContext | None = None) -> None:
        self._bounds = Bounds()
        self._client = httpx2.Client(
            transport=_Transport(trust or _system_trust(), self._bounds),
            timeout=_TIMEOUT,
            follow_redirects=False,
            trust_env=False,
            headers={"Accept-Encoding": "identity", "User-Agent": "ktt"},
        )

    def close(self) -> None:
        """Close every connection."""
        self._client.close()

    def exchange(self, request: Request) -> Response:
        """Send a request and read the whole answer; NotReached when no byte was sent, NoAnswer when some may have been."""
        try:
            return self._exchange(request)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as fault:
            raise NotReached(_reason(fault)) from None
        except httpx2.RequestError as fault:
            raise NoAnswer(_reason(fault)) from None

    def _exchange(self, request: Request) -> Response:
        deadline = time.monotonic() + CONNECT_SECONDS + UPLOAD_SECONDS
        self._bounds.begin(CONNECT_SECONDS + UPLOAD_SECONDS + ANSWER_SECONDS, _MOST_RAW)
        length = {"Content-Length": str(len(request.body))} if request.body else {}
        content = _chunks(request.body, deadline) if len(request.body) > _CHUNK else request.body
        sent = {**request.headers, **length}
        with self._client.stream(request.method, request.url, headers=sent, content=content) as answer:
            body = _read(answer, deadline + ANSWER_SECONDS)
            return Response(answer.status_code, dict(answer.headers), body)


def _chunks(body: bytes, deadline: float) -> Iterator[bytes]:
    """A large body in chunks, so that the deadline is checked while it is being sent."""
    view = memoryview(body)
    for start in range(0, len(body), _CHUNK):
        if time.monotonic() > deadline:
            raise httpx2.WriteTimeout("upload")
        yield view[start : start + _CHUNK].tobytes()


def _read(answer: httpx2.Response, deadline: float) -> bytes:
    body = bytearray()
    for chunk in answer.iter_bytes():
        body += chunk
        if len(body) > MAX_ANSWER:
            raise NoAnswer("answer too large")
        if time.monotonic() > deadline:
            raise NoAnswer("no whole answer in time")
    return bytes(body)


def _reason(fault: Exception) -> str:
    """A reason in our own words, since a library's text may quote what was sent."""
    return _REASONS.get(type(fault), "connection broken")
