"""DPoP nonces that need not be stored: a keyed hash of the current period of time (RFC 9449 § 8, § 9)."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac

from ktt.wire import base64url

_PERIOD = 300  # seconds; the nonce of the period before is good as well


class Nonces:
    """Makes and recognises nonces under one secret key."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def current(self, at: dt.datetime) -> str:
        """The nonce to hand out at this instant."""
        return self._nonce(int(at.timestamp()) // _PERIOD)

    def accepts(self, text: object, at: dt.datetime) -> bool:
        """Whether it is the current nonce or the one before."""
        period = int(at.timestamp()) // _PERIOD
        given = str(text).encode()
        fits = [hmac.compare_digest(given, self._nonce(number).encode()) for number in (period, period - 1)]
        return isinstance(text, str) and any(fits)

    def _nonce(self, period: int) -> str:
        return base64url.encode(hmac.digest(self._secret, period.to_bytes(8, "big"), hashlib.sha256)[:18])
