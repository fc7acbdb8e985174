"""The only outgoing network code: pooled connections, TLS by the system's trust store, limits on all, no redirects."""

from __future__ import annotations

import logging
import ssl
import time
import zlib
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from urllib.parse import urlsplit

import httpcore2

from ktt.core.http.bounded_network import BoundedBackend, Bounds
from ktt.core.http.exchange import NoAnswer, NotReached, Request, Response
from ktt.core.http.route import ProxyRoute
from ktt.core.http.tls import Certificate, cause_of, read_certificate

CONNECT_SECONDS, UPLOAD_SECONDS, ANSWER_SECONDS = 10.0, 45.0, 40.0  # together below the 100 s of FHI's own client
MAX_ANSWER = 1 << 20  # bytes after decoding; the largest answer is a list of schema errors
_MOST_RAW = 8 * MAX_ANSWER  # bytes of an answer with its headers, interim answers and marks of chunks
_CHUNK = 1 << 18
_KEEP_ALIVE_SECONDS = 4.0  # under the 5 s after which common servers hang up
_TIMEOUT = {"connect": CONNECT_SECONDS, "write": UPLOAD_SECONDS, "read": ANSWER_SECONDS, "pool": CONNECT_SECONDS}
_ALWAYS = {"Accept": "*/*", "Accept-Encoding": "identity", "Connection": "keep-alive", "User-Agent": "ktt"}
_COMPRESSED = frozenset({"gzip", "x-gzip", "deflate"})  # by a server that does not mind what was asked
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32
logging.getLogger("httpcore2").setLevel(logging.WARNING)  # at lower levels it logs headers, and ours hold tokens
_NOT_SENT = (
    httpcore2.ConnectError,
    httpcore2.ConnectTimeout,
    httpcore2.PoolTimeout,
    httpcore2.ProxyError,  # it opened no way to the other end, so nothing was sent there
    httpcore2.UnsupportedProtocol,
)
_BROKEN = (httpcore2.NetworkError, httpcore2.TimeoutException, httpcore2.ProtocolError)
_REASONS: dict[type[Exception], str] = {
    httpcore2.ConnectError: "no connection",
    httpcore2.ConnectTimeout: "no connection in time",
    httpcore2.UnsupportedProtocol: "no connection",
    httpcore2.ProxyError: "refused by the proxy",
    httpcore2.ReadTimeout: "no answer in time",
    httpcore2.WriteTimeout: "not sent in time",
}


@cache
def _system_trust() -> ssl.SSLContext:
    """The operating system's trust store, read once in a process: reading takes 25 ms, and every client needs the same."""
    return ssl.create_default_context()


class HttpClient:
    """A client of HTTP/1.1 with connections kept alive. It takes the proxy that it is given, and none of the environment's."""

    def __init__(
        self, trust: ssl.SSLContext | None = None, route: ProxyRoute | None = None, connections: int | None = 8
    ) -> None:
        """`connections` may be open at the same time; None for no limit, where many threads share the client."""
        self._bounds, self._trust, self._route = Bounds(), trust or _system_trust(), route
        self._connections = connections
        self._pool = self._pool_by(None)
        self._proxied = None if route is None else self._pool_by(httpcore2.Proxy(route.url, route.user))

    def _pool_by(self, proxy: httpcore2.Proxy | None) -> httpcore2.ConnectionPool:
        return httpcore2.ConnectionPool(
            ssl_context=self._trust,
            proxy=proxy,
            max_connections=self._connections,
            keepalive_expiry=_KEEP_ALIVE_SECONDS,
            network_backend=BoundedBackend(self._bounds),
        )

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()
        if self._proxied is not None:
            self._proxied.close()

    def exchange(self, request: Request) -> Response:
        """Send a request and read the whole answer; NotReached when no byte was sent, NoAnswer when some may have been."""
        return self._asked(request, look=False)[0]

    def certificate(self, url: str) -> Certificate | None:
        """The certificate that the server at an https address shows, found good by the trust store; None without TLS.

        NotReached with its cause when it is not good.
        """
        return self._asked(Request("GET", url), look=True)[1]

    def _asked(self, request: Request, *, look: bool) -> tuple[Response, Certificate | None]:
        try:
            return self._exchange(request, look=look)
        except _NOT_SENT as fault:
            cause = "proxy" if isinstance(fault, httpcore2.ProxyError) else cause_of(fault)
            raise NotReached(_reason(fault), cause) from None
        except _BROKEN as fault:
            raise NoAnswer(_reason(fault)) from None

    def _exchange(self, request: Request, *, look: bool) -> tuple[Response, Certificate | None]:
        deadline = time.monotonic() + CONNECT_SECONDS + UPLOAD_SECONDS
        self._bounds.begin(CONNECT_SECONDS + UPLOAD_SECONDS + ANSWER_SECONDS, _MOST_RAW)
        url, host = _address(request.url)
        sent = {"Host": host, **_ALWAYS, **request.headers, **_length(request.body)}
        with self._way(url).stream(
            request.method,
            url,
            headers=[(name.encode(), value.encode()) for name, value in sent.items()],
            content=_chunks(request.body, deadline) if len(request.body) > _CHUNK else request.body,
            extensions={"timeout": _TIMEOUT},
        ) as answer:
            certificate = _certificate(answer.extensions.get("network_stream")) if look else None
            headers = _headers(answer.headers)
            coding = headers.get("content-encoding", "").strip().lower()
            body = _read(answer.iter_stream(), coding, deadline + ANSWER_SECONDS)
            return Response(answer.status, headers, body), certificate

    def _way(self, url: httpcore2.URL) -> httpcore2.ConnectionPool:
        taken = self._route is not None and self._route.takes(url.host.decode("ascii"))
        return self._proxied if taken and self._proxied is not None else self._pool


def _certificate(stream: object) -> Certificate | None:
    tls = stream.get_extra_info("ssl_object") if isinstance(stream, httpcore2.NetworkStream) else None
    peer = None if tls is None else tls.getpeercert()
    return read_certificate(peer) if peer else None


@lru_cache(maxsize=64)  # a client asks the same few addresses again and again
def _address(url: str) -> tuple[httpcore2.URL, str]:
    """The address, and the host as it stands in it."""
    return httpcore2.URL(url), urlsplit(url).netloc.rpartition("@")[2]


def _length(body: bytes) -> dict[str, str]:
    return {"Content-Length": str(len(body))} if body else {}


def _headers(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """The headers by their names in lower case; those of one name are joined (RFC 9110 § 5.3)."""
    found: dict[str, str] = {}
    for name, value in raw:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def _chunks(body: bytes, deadline: float) -> Iterator[bytes]:
    """A large body in chunks, so that the deadline is checked while it is being sent."""
    view = memoryview(body)
    for start in range(0, len(body), _CHUNK):
        if time.monotonic() > deadline:
            raise httpcore2.WriteTimeout
        yield view[start : start + _CHUNK].tobytes()


def _read(pieces: Iterable[bytes], coding: str, deadline: float) -> bytes:
    body = bytearray()
    for piece in _decompressed(pieces) if coding in _COMPRESSED else pieces:
        body += piece
        if len(body) > MAX_ANSWER:
            raise NoAnswer("answer too large")
        if time.monotonic() > deadline:
            raise NoAnswer("no whole answer in time")
    return bytes(body)


def _decompressed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces as they were before they were compressed; of each no more than is allowed in all."""
    decoder = zlib.decompressobj(_GZIP_OR_ZLIB)
    try:
        for piece in pieces:
            yield decoder.decompress(piece, MAX_ANSWER + 1)
    except zlib.error:
        raise NoAnswer("answer cannot be decoded") from None
    if not decoder.eof:
        raise NoAnswer("answer cannot be decoded")


def _reason(fault: Exception) -> str:
    """A reason in our own words, since a library's text may quote what was sent."""
    return _REASONS.get(type(fault), "connection broken")
