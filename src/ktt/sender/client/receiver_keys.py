"""The receiver's public keys: fetched, cached, and which of them a message is sealed for (transport § 3.3, § 14.4)."""

from __future__ import annotations

import datetime as dt
import logging
import re

from ktt.core.clock import Clock
from ktt.core.http.exchange import Conversation, Request, Response
from ktt.messages.contract import NotSent
from ktt.sender.client.conversation import ConversationStopped, require_answer
from ktt.wire.envelope import ReceiverKey
from ktt.wire.keys import BadKeys, KeyList, parse_keys

_log = logging.getLogger("ktt.sender.client")
_OK = 200
_STRONG_BITS = 3072  # 128-bit strength, OWASP ASVS 5.0 11.2.3
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age=(\d{1,9})")
_NO_CACHE = re.compile(r"no-store|no-cache")


class ReceiverKeys:
    """The receiver's keys. For one thread at a time."""

    def __init__(self, base_url: str, clock: Clock) -> None:
        self._url, self._clock = f"{base_url}/keys", clock
        self._key: ReceiverKey | None = None
        self._last_id: str | None = None
        self._until = dt.datetime.min.replace(tzinfo=dt.UTC)

    def forget(self) -> None:
        """Fetch the list again next time, since the receiver could not open what was sealed with the key."""
        self._key = None

    def known(self) -> ReceiverKey | None:
        """The key to seal with, if it is known without asking."""
        return self._key if self._clock.now() < self._until else None

    def current(self) -> Conversation[ReceiverKey]:
        """The key to seal with; ConversationStopped when the list cannot be fetched or holds no usable key."""
        key = self.known()
        if key is None:
            response = yield from require_answer(Request("GET", self._url, {"Accept": "application/json"}), "keys")
            self._key = key = self._read(response)
        return key

    def _read(self, response: Response) -> ReceiverKey:
        now = self._clock.now()
        try:
            listed = parse_keys(response.body) if response.status == _OK else None
        except BadKeys as fault:
            raise ConversationStopped(NotSent(f"keys: {fault}")) from fault
        if listed is None:
            raise ConversationStopped(NotSent(f"keys: HTTP {response.status}"))
        key = choose_key(listed, now)
        self._until = min(key.expires_at, now + _freshness(response))
        self._log_change(key)
        return key

    def _log_change(self, key: ReceiverKey) -> None:
        """Write a change of key in the log, since the list is unsigned and only TLS tells that it is the receiver's."""
        if key.id != self._last_id:
            _log.info("The receiver's key is %s (%d bits)", key.id, key.public_key.key_size)
            if key.public_key.key_size < _STRONG_BITS:
                _log.warning("The receiver's key %s is weak: %d bits", key.id, key.public_key.key_size)
        self._last_id = key.id


def choose_key(listed: KeyList, now: dt.datetime) -> ReceiverKey:
    """The unexpired key with the latest expiry, the first listed on a tie; ConversationStopped when there is none."""
    for key_id, reason in listed.unusable:
        _log.warning("The receiver's key %s is not used: %s", key_id, reason)
    valid = [key for key in listed.keys if key.expires_at > now]
    if not valid:
        expired = len(listed.keys)
        raise ConversationStopped(NotSent(f"keys: none usable ({expired} expired, {len(listed.unusable)} unfit)"))
    return max(valid, key=lambda key: key.expires_at)


def _freshness(response: Response) -> dt.timedelta:
    """How long the list may be cached by `Cache-Control`; without it, until the key expires."""
    control = (response.header("cache-control") or "").lower()
    if _NO_CACHE.search(control):
        return dt.timedelta()
    match = _MAX_AGE.search(control)
    return dt.timedelta(seconds=int(match[1])) if match else dt.timedelta(days=36_500)
