"""The conversation with the receiver: key, token, envelope, proof, `POST /message`, and what the answer means."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Self

from ktt.core.clock import Clock
from ktt.core.http.exchange import Conversation, Exchange, NoAnswer, NotReached, Request, converse
from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import NotSent, Outcome, OutgoingMessage, TooLarge, Unknown
from ktt.sender.client.conversation import Stopped
from ktt.sender.client.helseid import HelseId
from ktt.sender.client.receiver_keys import ReceiverKeys
from ktt.sender.client.verdict import Remedy, judge
from ktt.wire import headers
from ktt.wire.envelope import Sealed, body_size, seal
from ktt.wire.headers import SenderSoftware

MAX_BODY = 15_000_000  # base64 characters; FHI's 15 MB read in the narrowest way (transport § 10, 8c)
_BODY_TOO_LARGE = 413


class Mottak:
    """The receiver as one reporting unit's sender sees it; `send` is a `messages.handover.Send`.

    Promises: a message is sealed anew for every request; each remedy (nonce, token, keys) is tried once; no answer ever
    becomes an exception. For one thread at a time.
    """

    def __init__(
        self,
        unit: ReportingUnit,
        *,
        base_url: str,
        helseid: HelseId,
        software: SenderSoftware,
        exchange: Exchange,
        clock: Clock,
        on_close: Callable[[], None] = lambda: None,
    ) -> None:
        self._unit, self._clock, self._software = unit, clock, software
        self._url = f"{base_url}/message"
        self._helseid, self._keys = helseid, ReceiverKeys(base_url, clock)
        self._exchange, self._on_close = exchange, on_close
        self._nonce: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._on_close()

    def send(self, message: OutgoingMessage) -> Outcome:
        """Send one message and say what became of it."""
        return converse(self.conversation(message), self._exchange)

    def conversation(self, message: OutgoingMessage) -> Conversation[Outcome]:
        """What `send` says and hears, without the network."""
        if message.unit != self._unit:
            raise ValueError(f"this is the line of {self._unit.key}")
        if body_size(len(message.payload)) >= MAX_BODY:
            return TooLarge(_BODY_TOO_LARGE)
        try:
            return (yield from self._deliver(message))
        except Stopped as stop:
            return stop.outcome

    def _deliver(self, message: OutgoingMessage) -> Conversation[Outcome]:
        spent: set[Remedy] = set()
        while True:
            request = yield from self._prepare(message)
            try:
                response = yield request
            except NotReached as fault:
                return NotSent(fault.reason)
            except NoAnswer as fault:
                return Unknown(fault.reason)
            self._nonce = response.header(headers.DPOP_NONCE) or self._nonce
            verdict = judge(response)
            if verdict.remedy is None or verdict.remedy in spent:
                return verdict.outcome
            spent.add(verdict.remedy)
            self._apply(verdict.remedy)

    def _apply(self, remedy: Remedy) -> None:
        if remedy is Remedy.TOKEN:
            self._helseid.drop_token()
        if remedy is Remedy.KEYS:
            self._keys.forget()

    def _prepare(self, message: OutgoingMessage) -> Conversation[Request]:
        """Seal first and prove last: a proof is seconds old when it is judged, a large envelope takes longer."""
        receiver_key = yield from self._keys.current()
        sealed = seal(message.payload, receiver_key)
        token = yield from self._helseid.token()
        return Request("POST", self._url, self._headers(message, sealed, token), sealed.body)

    def _headers(self, message: OutgoingMessage, sealed: Sealed, token: str) -> dict[str, str]:
        claims = {
            headers.CLAIM_TYPE: message.message_type,
            headers.CLAIM_VERSION: message.version,
            headers.CLAIM_HASH: sealed.msg_hash,
            headers.CLAIM_KEY: sealed.enc_sym_key,
            headers.CLAIM_KEY_ID: sealed.enc_key_id,
        }
        proof = self._helseid.key.proof(
            "POST", self._url, self._clock.now(), token=token, nonce=self._nonce, claims=claims
        )
        return {
            headers.AUTHORIZATION: f"DPoP {token}",
            headers.DPOP: proof,
            headers.CONTENT_TYPE: headers.MESSAGE_CONTENT_TYPE,
            "Accept": "application/json",
            **self._software.headers(message.extracted_on),
        }
