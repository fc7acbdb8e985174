"""What was recorded of a sender in one scenario: its requests in order, decoded and decrypted."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

import orjson
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from ktt.receiver.keys.key_store import KeyStore
from ktt.testing.conformance.sender.drivers.driver import SenderRun
from ktt.testing.sandbox.faults.recorder import RecordedRequest
from ktt.testing.sandbox.faults.request_view import View, decoded, plaintext
from ktt.testing.sandbox.helseid.issuer import DISCOVERY_PATH, TOKEN_PATH
from ktt.wire import base64url, headers
from ktt.wire.answers import Answer, parse_answer
from ktt.wire.envelope import decode_body

_OAEP = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
_RECEIPT = frozenset({200, 201})
_IV_BYTES = 16


@dataclass(frozen=True, eq=False)
class RecordedMessage:
    """One request to `/message`. Whatever it lacks is empty; nothing is verified here, since the cases check it."""

    request: RecordedRequest
    run: int  # in which run of the sender it came, from 0
    keys: KeyStore = field(repr=False)

    @property
    def number(self) -> int:
        """Its number in the report."""
        return self.request.number

    @cached_property
    def proof(self) -> View:
        """Header and claims of the proof."""
        return _decoded(self.request.header(headers.DPOP))

    @property
    def claims(self) -> dict[str, Any]:
        """The proof's claims."""
        return dict(self.proof["claims"])

    @property
    def token(self) -> str:
        """The access token as it came."""
        return self.request.bearer

    @cached_property
    def token_claims(self) -> dict[str, Any]:
        """The token's claims."""
        return dict(_decoded(self.token)["claims"])

    @cached_property
    def content(self) -> bytes | None:
        """The message itself; None when the envelope does not open."""
        return plaintext(self.request, self.keys)

    @property
    def identity(self) -> tuple[object, ...]:
        """What makes it the same message as another one: type, version and hash."""
        claims = self.claims
        return tuple(claims.get(name) for name in (headers.CLAIM_TYPE, headers.CLAIM_VERSION, headers.CLAIM_HASH))

    @cached_property
    def raw(self) -> bytes | None:
        """IV and ciphertext; None when the body is no strict base64 of whole blocks."""
        return decode_body(self.request.body)

    @property
    def iv(self) -> bytes | None:
        """The IV; None when the body cannot be decoded."""
        return self.raw[:_IV_BYTES] if self.raw else None

    @cached_property
    def symmetric_key(self) -> bytes | None:
        """SHA-256 of the symmetric key; None when the receiver's key does not unwrap it."""
        wrapped, key = self.claims.get(headers.CLAIM_KEY), self.keys.find(str(self.claims.get(headers.CLAIM_KEY_ID)))
        raw = base64url.decode_either(wrapped) if isinstance(wrapped, str) else None
        if raw is None or key is None or not isinstance(key.private, rsa.RSAPrivateKey):
            return None
        try:
            return hashlib.sha256(key.private.decrypt(raw, _OAEP)).digest()
        except ValueError:
            return None

    @cached_property
    def items(self) -> list[Any]:
        """The message's array; empty when it is something else."""
        try:
            root = orjson.loads(self.content or b"")
        except ValueError:
            return []
        return root if isinstance(root, list) else []

    @cached_property
    def answer(self) -> Answer | None:
        """What the receiver answered."""
        return parse_answer(self.request.answer)

    @property
    def confirmed(self) -> bool:
        """Whether the sender got a whole answer that says that the message is delivered, with a correlation id."""
        answered = self.request.whole and self.request.status in _RECEIPT and self.answer is not None
        return answered and self.answer.delivered and bool(self.request.answer_header(headers.CORRELATION_ID))  # type: ignore[union-attr]


@dataclass(frozen=True)
class TokenRequest:
    """One request to HelseID's token endpoint."""

    request: RecordedRequest
    run: int  # in which run of the sender it came, from 0

    @property
    def number(self) -> int:
        """Its number in the report."""
        return self.request.number

    @cached_property
    def form(self) -> list[tuple[str, str]]:
        """The parameters, in order."""
        return parse_qsl(self.request.body.decode("ascii", "replace"), keep_blank_values=True)

    @property
    def fields(self) -> dict[str, str]:
        """The parameters by name."""
        return dict(self.form)

    @cached_property
    def proof(self) -> View:
        """Header and claims of the proof."""
        return _decoded(self.request.header(headers.DPOP))

    @cached_property
    def assertion(self) -> View:
        """Header and claims of the client assertion."""
        return _decoded(self.fields.get("client_assertion"))

    @cached_property
    def answer(self) -> dict[str, Any]:
        """What HelseID answered."""
        try:
            answer = orjson.loads(self.request.answer)
        except ValueError:
            return {}
        return answer if isinstance(answer, dict) else {}

    @property
    def granted(self) -> bool:
        """Whether a token was issued."""
        return "access_token" in self.answer


def _decoded(compact: str | None) -> View:
    """Header and claims of a compact JWS, empty when it is none."""
    return decoded(compact or "") or {"header": {}, "claims": {}}


@dataclass(frozen=True)
class RecordedScenario:
    """One scenario, or several as one. `base_url`, `helseid` and `client_id` are what the sender's set-up says."""

    requests: tuple[RecordedRequest, ...]
    runs: tuple[SenderRun, ...]
    base_url: str
    helseid: str
    client_id: str
    organisation: str
    keys: KeyStore = field(repr=False)

    def run_of(self, request: RecordedRequest) -> int:
        """In which run a request came."""
        return max((place for place, run in enumerate(self.runs) if run.after < request.number), default=0)

    @cached_property
    def messages(self) -> Sequence[RecordedMessage]:
        """The requests to `/message`."""
        wanted = [one for one in self.requests if one.method == "POST" and one.address.endswith("/message")]
        return [RecordedMessage(one, self.run_of(one), self.keys) for one in wanted]

    @cached_property
    def token_requests(self) -> Sequence[TokenRequest]:
        """The requests to HelseID's token endpoint."""
        wanted = [one for one in self.requests if one.service == "helseid" and one.address == TOKEN_PATH]
        return [TokenRequest(one, self.run_of(one)) for one in wanted if one.method == "POST"]

    @cached_property
    def key_requests(self) -> Sequence[RecordedRequest]:
        """The requests for the receiver's keys."""
        return [one for one in self.requests if one.service == "mottak" and one.address.endswith("/keys")]

    @cached_property
    def discoveries(self) -> Sequence[RecordedRequest]:
        """The requests for the discovery document."""
        return [one for one in self.requests if one.address == DISCOVERY_PATH]

    def of_run(self, run: int) -> list[RecordedMessage]:
        """The messages of one run."""
        return [message for message in self.messages if message.run == run]
