"""Access tokens: signature and unchanging claims are judged once a minute, the times of a token each time."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any

from ktt.receiver.access.claim_checks import TokenScene, hold_token, read_token
from ktt.receiver.access.issuer_keys import IssuerKeys
from ktt.wire.jws import BadJws, Jws, PublicKey

_LIFE = 60.0  # seconds; HelseID's tokens live as long, and a key that it withdraws is soon no good here either
_MOST = 2_000  # tokens of 1 kB


class Tokens:
    """Reads tokens by the issuer's keys. May be used from any thread."""

    def __init__(self, keys: IssuerKeys) -> None:
        self._keys = keys
        self._known: OrderedDict[str, tuple[float, Jws]] = OrderedDict()
        self._lock = threading.Lock()

    def knows(self, token: str, now: float) -> bool:
        """Whether the token's signature is known to hold, so that reading it asks nobody."""
        until, _ = self._known.get(token, (0.0, None))
        return until - _LIFE <= now < until

    def read(self, token: str, scene: TokenScene) -> dict[str, Any]:
        """The claims of a token that satisfies table A; NotProven when it does not."""
        _, read = self._known.get(token, (0.0, None))
        if read is not None and self.knows(token, scene.now):
            return hold_token(read, scene, again=True)
        read = read_token(token, self._key, scene)
        claims = hold_token(read, scene)
        self._remember(token, scene.now + _LIFE, read)
        return claims

    def _key(self, kid: str) -> PublicKey:
        """A3: the issuer's own key of that name; no other member of the header may name or carry one."""
        key = self._keys.find(kid)
        if key is None:
            raise BadJws("A3 kid")
        return key

    def _remember(self, token: str, until: float, read: Jws) -> None:
        with self._lock:
            self._known[token] = (until, read)
            if len(self._known) > _MOST:
                self._known.popitem(last=False)
