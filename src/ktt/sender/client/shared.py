"""What the clients of several units share: connections, the client's key, and what HelseID and a receiver say of themselves.

A token is for one organisation and is never shared; discovery, the nonce of the token endpoint and the receiver's keys are
the same for everyone who asks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from ktt.core.clock import Clock
from ktt.core.http.exchange import Exchange, Request, Response
from ktt.core.http.route import ProxyRoute
from ktt.sender.client.client_key import read_client_key
from ktt.sender.client.receiver_keys import ReceiverKeys
from ktt.wire.dpop import ProofKey

if TYPE_CHECKING:
    from ktt.core.http.client import HttpClient

_Kept = TypeVar("_Kept")


@dataclass(frozen=True, slots=True)
class Discovery:
    """What a HelseID says of itself, and until when that holds."""

    issuer: str
    token_endpoint: str
    until: dt.datetime


@dataclass(slots=True)
class Authority:
    """What is known of one HelseID: its discovery document, and the last nonce that it gave (RFC 9449 § 8)."""

    discovery: Discovery | None = None
    nonce: str | None = None


@dataclass(slots=True)
class SharedParts:
    """Used by any number of threads. Two that ask at the same moment may both fetch, and keep the later answer."""

    clock: Clock
    _https: dict[ProxyRoute | None, HttpClient] = field(default_factory=dict, repr=False)
    _authorities: dict[str, Authority] = field(default_factory=dict, repr=False)
    _receivers: dict[str, ReceiverKeys] = field(default_factory=dict, repr=False)
    _keys: dict[tuple[Path, int], ProofKey] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def http(self, route: ProxyRoute | None) -> HttpClient:
        """The connections by one way out, as many as are needed: one that hangs is in nobody's way."""
        from ktt.core.http.client import HttpClient

        return self._kept(self._https, route, lambda: HttpClient(route=route, connections=None))

    def authority(self, address: str) -> Authority:
        """What is known of the HelseID at an address."""
        return self._kept(self._authorities, address, Authority)

    def receiver_keys(self, address: str) -> ReceiverKeys:
        """The keys of the receiver at an address."""
        return self._kept(self._receivers, address, lambda: ReceiverKeys(address, self.clock))

    def client_key(self, file: Path) -> ProofKey:
        """The key in a file, read once for each time that the file was changed; its own errors."""
        try:
            changed = file.stat().st_mtime_ns
        except OSError:
            return read_client_key(file)  # which says what is wrong with it
        return self._kept(self._keys, (file, changed), lambda: read_client_key(file))

    def close(self) -> None:
        """Close every connection."""
        for http in self._https.values():
            http.close()

    def _kept(self, where: dict, key: object, make: Callable[[], _Kept]) -> _Kept:  # type: ignore[type-arg]
        with self._lock:
            if key not in where:
                where[key] = make()
            kept: _Kept = where[key]
            return kept


@dataclass(frozen=True, slots=True)
class Shared:
    """The shared parts, for one unit's client. `before_request` is called in its thread before each of its requests."""

    parts: SharedParts
    before_request: Callable[[], object] = lambda: None

    def exchange(self, route: ProxyRoute | None) -> Exchange:
        """An exchange over the shared connections."""
        exchange = self.parts.http(route).exchange

        def exchanged(request: Request) -> Response:
            self.before_request()
            return exchange(request)

        return exchanged
