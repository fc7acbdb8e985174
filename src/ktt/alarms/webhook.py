"""A webhook: one signed JSON POST with all that is pending."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

import orjson

from ktt.alarms.errors import AlarmNotDelivered
from ktt.alarms.notice import Notice, in_words
from ktt.core.clock import Clock
from ktt.core.http.exchange import Exchange, Request, TransportFault

TIMESTAMP, SIGNATURE = "X-KTT-Timestamp", "X-KTT-Signature"
_ANSWERS = range(200, 300)


class Webhook:
    """Tells notices to an address. Any answer of 2xx counts as delivered."""

    name = "webhook"

    def __init__(self, url: str, secret: bytes, exchange: Exchange, clock: Clock) -> None:
        self._url, self._secret, self._exchange, self._clock = url, secret, exchange, clock

    def tell(self, notices: Sequence[Notice]) -> None:
        """Send them; AlarmNotDelivered."""
        # `text` is what the common chat services show.
        body = orjson.dumps({"text": in_words(notices), "notices": [notice.as_data() for notice in notices]})
        at = str(int(self._clock.now().timestamp()))
        headers = {
            "Content-Type": "application/json",
            TIMESTAMP: at,
            SIGNATURE: f"sha256={signature(self._secret, at, body)}",
        }
        try:
            answer = self._exchange(Request("POST", self._url, headers, body))
        except TransportFault as fault:
            raise AlarmNotDelivered(channel=self.name, reason=fault.reason, count=len(notices)) from fault
        if answer.status not in _ANSWERS:
            raise AlarmNotDelivered(channel=self.name, reason=f"HTTP {answer.status}", count=len(notices))


def signature(secret: bytes, at: str, body: bytes) -> str:
    """HMAC-SHA256 over the timestamp, a full stop and the body: who has the secret knows that it is ours, and how old."""
    return hmac.new(secret, at.encode() + b"." + body, hashlib.sha256).hexdigest()
