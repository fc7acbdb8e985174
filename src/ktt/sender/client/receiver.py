"""The client of the receiver: key, token, envelope and proof for `POST /message`, and the lookups beside it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self, TypeVar

from ktt.core.clock import Clock
from ktt.core.http.exchange import Conversation, Exchange, NoAnswer, NotReached, Request, Response, converse, within
from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import NotSent, Outcome, OutgoingMessage, Refused, TooLarge, Unknown
from ktt.sender.client.conversation import ConversationStopped
from ktt.sender.client.helseid import HelseIdClient
from ktt.sender.client.interpretation import Interpretation, Remedy, interpret
from ktt.sender.client.lookups import LookupAnswer, read_lookup
from ktt.sender.client.receiver_keys import ReceiverKeys
from ktt.sender.clock_offset import with_offset
from ktt.wire import headers
from ktt.wire.envelope import ReceiverKey, Sealed, body_size, seal
from ktt.wire.headers import SenderSoftware

MAX_BODY = 15_000_000  # base64 characters; FHI's 15 MB read in the narrowest way (transport § 10, 8c)
CONVERSATION_SECONDS = 300.0  # for all requests of one message together; each has a deadline of its own
_BODY_TOO_LARGE = 413
_Meaning = TypeVar("_Meaning")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A message sealed before its turn, and the key it is sealed for."""

    receiver_key: ReceiverKey
    sealed: Sealed


class ReceiverClient:
    """Sends one reporting unit's messages to the receiver, and looks things up there.

    `send` is a `messages.contract.Send`, `look_up` a `client.lookups.LookUp`. A message is sealed anew for every request.
    Each remedy (nonce, token, keys) is tried once for a message or lookup. No answer becomes an exception. For one thread
    at a time.
    """

    def __init__(
        self,
        unit: ReportingUnit,
        *,
        base_url: str,
        helseid: HelseIdClient,
        software: SenderSoftware,
        exchange: Exchange,
        clock: Clock,
        on_close: Callable[[], None] = lambda: None,
        keys: ReceiverKeys | None = None,
    ) -> None:
        self._unit, self._clock, self._software = unit, clock, software
        self._base_url, self._url = base_url, f"{base_url}/message"
        self._helseid, self._keys = helseid, keys or ReceiverKeys(base_url, clock)
        self._exchange, self._on_close = exchange, on_close
        self._nonce: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._on_close()

    def send(self, message: OutgoingMessage) -> Outcome:
        """Send one message and return its outcome."""
        return converse(self.conversation(message), within(self._exchange, CONVERSATION_SECONDS))

    def conversation(self, message: OutgoingMessage) -> Conversation[Outcome]:
        """The requests of `send` and what it makes of the answers, without a network."""
        if message.unit != self._unit:
            raise ValueError(f"this client sends for {self._unit.key}")
        if body_size(len(message.payload)) >= MAX_BODY:
            return TooLarge(_BODY_TOO_LARGE)
        prepared = iter([message.prepared])  # for the first request alone
        return (yield from self._ask(lambda: self._request(message, next(prepared, None)), interpret))

    def try_out(self, message: OutgoingMessage) -> Conversation[LookupAnswer]:
        """The requests that have a message read at `/validate`, where nothing is stored; a receiver need not have that."""
        return (yield from self._ask(lambda: self._request(message, None, f"{self._base_url}/validate"), read_lookup))

    def look_up(self, path: str) -> LookupAnswer:
        """Ask for a path with its query, below the receiver's address; nothing is changed there."""
        return converse(self.lookup(path), within(self._exchange, CONVERSATION_SECONDS))

    def lookup(self, path: str) -> Conversation[LookupAnswer]:
        """The requests of `look_up`, without a network."""
        return (yield from self._ask(lambda: self._lookup_request(path), read_lookup))

    def reach(self) -> Refused | NotSent | None:
        """Fetch the receiver's keys and see that there is a token: what any message needs. None when both are there."""
        return converse(self._reaching(), within(self._exchange, CONVERSATION_SECONDS))

    def _reaching(self) -> Conversation[Refused | NotSent | None]:
        self._keys.forget()
        try:
            yield from self._keys.current()
            yield from self._helseid.token()
        except ConversationStopped as stop:
            return stop.outcome
        return None

    def _ask(
        self, prepare: Callable[[], Conversation[Request]], read: Callable[[Response], Interpretation[_Meaning]]
    ) -> Conversation[_Meaning | Refused | NotSent | Unknown]:
        try:
            return (yield from self._ask_with_remedies(prepare, read))
        except ConversationStopped as stop:
            return stop.outcome

    def _ask_with_remedies(
        self, prepare: Callable[[], Conversation[Request]], read: Callable[[Response], Interpretation[_Meaning]]
    ) -> Conversation[_Meaning | NotSent | Unknown]:
        tried: set[Remedy] = set()
        while True:
            request = yield from prepare()
            sent = self._clock.now()
            try:
                response = yield request
            except NotReached as fault:
                return NotSent(fault.reason)
            except NoAnswer as fault:
                return Unknown(fault.reason)
            self._nonce = response.header(headers.DPOP_NONCE) or self._nonce
            answer = read(response)
            if answer.remedy is None or answer.remedy in tried:
                return self._with_clock(answer.outcome, response, sent)
            tried.add(answer.remedy)
            self._apply(answer.remedy)

    def _with_clock(self, outcome: _Meaning, response: Response, sent: dt.datetime) -> _Meaning:
        """A refusal with the offset of this machine's clock, which may be its cause."""
        if not isinstance(outcome, Refused):
            return outcome
        return replace(outcome, reason=with_offset(outcome.reason, response, sent, self._clock.now()))

    def _apply(self, remedy: Remedy) -> None:
        if remedy is Remedy.TOKEN:
            self._helseid.drop_token()
        if remedy is Remedy.KEYS:
            self._keys.forget()

    def prepare(self, payload: bytes) -> Prepared | None:
        """Seal a payload before its turn, if the receiver's key is known. May run in another thread than `send`."""
        receiver_key = self._keys.known()
        return None if receiver_key is None else Prepared(receiver_key, seal(payload, receiver_key))

    def _request(self, message: OutgoingMessage, prepared: object, url: str | None = None) -> Conversation[Request]:
        """Seal first and make the proof last: a proof expires within seconds, and sealing a large message takes longer."""
        receiver_key = yield from self._keys.current()
        if isinstance(prepared, Prepared) and prepared.receiver_key == receiver_key:
            sealed = prepared.sealed
        else:
            sealed = seal(message.payload, receiver_key)
        token = yield from self._helseid.token()
        url = url or self._url
        return Request("POST", url, self._headers(url, message, sealed, token), sealed.body)

    def _lookup_request(self, path: str) -> Conversation[Request]:
        """The proof names the address without its query (RFC 9449 § 4.2)."""
        token = yield from self._helseid.token()
        url = f"{self._base_url}{path}"
        bare = url.partition("?")[0]
        proof = self._helseid.key.proof("GET", bare, self._clock.now(), token=token, nonce=self._nonce)
        sent = {headers.AUTHORIZATION: f"DPoP {token}", headers.DPOP: proof, "Accept": "application/json"}
        return Request("GET", url, sent)

    def _headers(self, url: str, message: OutgoingMessage, sealed: Sealed, token: str) -> dict[str, str]:
        claims = {
            headers.CLAIM_TYPE: message.message_type,
            headers.CLAIM_VERSION: message.version,
            headers.CLAIM_HASH: sealed.msg_hash,
            headers.CLAIM_KEY: sealed.enc_sym_key,
            headers.CLAIM_KEY_ID: sealed.enc_key_id,
        }
        proof = self._helseid.key.proof("POST", url, self._clock.now(), token=token, nonce=self._nonce, claims=claims)
        return {
            headers.AUTHORIZATION: f"DPoP {token}",
            headers.DPOP: proof,
            headers.CONTENT_TYPE: headers.MESSAGE_CONTENT_TYPE,
            "Accept": "application/json",
            **self._software.headers(message.extracted_on),
        }
