"""Access tokens: signature and unchanging claims are checked once a minute, the times of a token each time."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any

from ktt.receiver.access.claim_checks import TokenContext, check_token_claims, verify_token
from ktt.receiver.access.issuer_keys import IssuerKeys
from ktt.wire.jws import BadJws, Jws, Key

_CACHE_SECONDS = 60.0  # HelseID's tokens live as long; a key that it withdraws is refused here after as long
_MOST_CACHED = 2_000  # tokens of 1 kB


class AccessTokens:
    """Verifies tokens by the issuer's keys. May be used from any thread."""

    def __init__(self, keys: IssuerKeys) -> None:
        self._keys = keys
        self._cache: OrderedDict[str, tuple[float, Jws]] = OrderedDict()
        self._lock = threading.Lock()

    def is_cached(self, token: str, now: float) -> bool:
        """Whether the token's signature has been verified, so that `verify` needs no key. `now` in seconds since 1970."""
        until, _ = self._cache.get(token, (0.0, None))
        return until - _CACHE_SECONDS <= now < until

    def verify(self, token: str, context: TokenContext) -> dict[str, Any]:
        """The claims of a token that satisfies table A; CredentialRefused when it does not."""
        _, read = self._cache.get(token, (0.0, None))
        if read is not None and self.is_cached(token, context.now):
            return check_token_claims(read, context, again=True)
        read = verify_token(token, self._key, context)
        claims = check_token_claims(read, context)
        self._remember(token, context.now + _CACHE_SECONDS, read)
        return claims

    def _key(self, kid: str) -> Key:
        """A3: the issuer's own key of that name; no other member of the header may name or carry one."""
        key = self._keys.find(kid)
        if key is None:
            raise BadJws("A3 kid")
        return key

    def _remember(self, token: str, until: float, read: Jws) -> None:
        with self._lock:
            self._cache[token] = (until, read)
            if len(self._cache) > _MOST_CACHED:
                self._cache.popitem(last=False)
