"""HelseID's public keys: fetched through discovery, kept, and fetched again when a token names one we do not know."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import orjson

from ktt.core.clock import Clock
from ktt.receiver.errors import IssuerUnavailable
from ktt.wire import jwk
from ktt.wire.jwk import BadJwk
from ktt.wire.jws import Key

Fetch = Callable[[str], bytes]
"""Gets a small JSON document by its address: no redirects, size capped; OSError when it cannot."""

_DISCOVERY = "/.well-known/openid-configuration"
_REFRESH_INTERVAL = dt.timedelta(seconds=60)  # at most one refresh in it, whatever tokens come (helseid § 1)
_FIRST_KEYS_SECONDS = 0.5  # how long a token waits for a fetch under way while no key at all is known
_log = logging.getLogger(__name__)


class IssuerKeys:
    """The signing keys of one issuer, by `kid`. A refresh that fails leaves the old ones in use.

    May be used from any thread. At most one thread waits for the issuer: a key that is known is found at once, and one
    that is not is meanwhile unknown.
    """

    def __init__(self, issuer: str, fetch: Fetch, clock: Clock) -> None:
        self._issuer, self._fetch, self._clock = issuer, fetch, clock
        self._keys: Mapping[str, Key] = {}
        self._asked_at: dt.datetime | None = None
        self._lock = threading.Lock()

    def find(self, kid: str) -> Key | None:
        """The key, or None; IssuerUnavailable when no key at all is known and none can be had."""
        key = self._keys.get(kid)
        if key is None:
            self._refresh()
            key = self._keys.get(kid)
        if not self._keys:
            raise IssuerUnavailable(issuer=self._issuer)
        return key

    def _refresh(self) -> None:
        """Fetch the keys, unless that was done in the last minute or another thread is doing it."""
        if not self._lock.acquire(timeout=0 if self._keys else _FIRST_KEYS_SECONDS):
            return
        try:
            now = self._clock.now()
            if self._asked_at is not None and now - self._asked_at < _REFRESH_INTERVAL and self._asked_at <= now:
                return
            self._asked_at = now
            self._keys = _read_keys(self._fetch(self._jwks_uri())) or self._keys
        except (OSError, ValueError, TypeError) as fault:
            _log.warning("issuer keys not refreshed: %s", type(fault).__name__)
        finally:
            self._lock.release()

    def _jwks_uri(self) -> str:
        document = orjson.loads(self._fetch(self._issuer + _DISCOVERY))
        if not isinstance(document, dict) or document.get("issuer") != self._issuer:
            raise ValueError("issuer")
        address = str(document.get("jwks_uri"))
        if urlsplit(address)[:2] != urlsplit(self._issuer)[:2]:  # never to another host (transport § 15)
            raise ValueError("jwks_uri")
        return address


def _read_keys(body: bytes) -> dict[str, Key]:
    """The signature keys of a JWK set; entries that are not usable keys are passed over."""
    document = orjson.loads(body)
    entries = document.get("keys") if isinstance(document, dict) else None
    found = {entry["kid"]: _load(entry) for entry in entries or () if _is_candidate(entry)}
    return {kid: key for kid, key in found.items() if key is not None}


def _is_candidate(entry: Any) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("kid"), str) and entry.get("use", "sig") == "sig"


def _load(entry: dict[str, Any]) -> Key | None:
    try:
        return jwk.load_public(entry)
    except BadJwk:
        return None
