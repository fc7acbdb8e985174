"""What a sender was seen to do in one scene: its requests, read and opened, in order."""

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
from ktt.testing.conformance.sender.driver import Ran
from ktt.testing.sandbox.faults.recorder import Recorded
from ktt.testing.sandbox.faults.request_view import View, decoded, plaintext
from ktt.testing.sandbox.helseid.issuer import DISCOVERY_PATH, TOKEN_PATH
from ktt.wire import base64url, headers
from ktt.wire.answers import Answer, parse_answer
from ktt.wire.envelope import decode_body

_OAEP = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
_RECEIPT = frozenset({200, 201})


@dataclass(frozen=True, eq=False)
class Post:
    """One request to `/message`. Whatever it lacks is empty; nothing here is verified, cases judge it."""

    note: Recorded
    run: int  # in which run of the sender it came, from 0
    keys: KeyStore = field(repr=False)

    @property
    def number(self) -> int:
        """Its number in the report."""
        return self.note.number

    @cached_property
    def proof(self) -> View:
        """Header and claims of the proof."""
        return decoded(self.note.header(headers.DPOP) or "") or {"header": {}, "claims": {}}

    @property
    def claims(self) -> dict[str, Any]:
        """The proof's claims."""
        return dict(self.proof["claims"])

    @property
    def token(self) -> str:
        """The access token as it came."""
        return self.note.bearer

    @cached_property
    def token_claims(self) -> dict[str, Any]:
        """The token's claims."""
        read = decoded(self.token)
        return dict(read["claims"]) if read else {}

    @cached_property
    def content(self) -> bytes | None:
        """The message itself; None when the envelope does not open."""
        return plaintext(self.note, self.keys)

    @property
    def identity(self) -> tuple[object, ...]:
        """What makes it the same message as another post: type, version and hash."""
        claims = self.claims
        return tuple(claims.get(name) for name in (headers.CLAIM_TYPE, headers.CLAIM_VERSION, headers.CLAIM_HASH))

    @cached_property
    def raw(self) -> bytes | None:
        """IV and ciphertext; None when the body is no strict base64 of whole blocks."""
        return decode_body(self.note.body)

    @cached_property
    def symmetric_key(self) -> bytes | None:
        """SHA-256 of the symmetric key, unwrapped with the receiver's own; None when it does not unwrap."""
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
        """What was answered."""
        return parse_answer(self.note.answer)

    @property
    def told(self) -> bool:
        """Whether the sender was told, whole and clearly, that it is delivered."""
        answered = self.note.whole and self.note.status in _RECEIPT and self.answer is not None
        return answered and self.answer.delivered and bool(self.note.answer_header(headers.CORRELATION_ID))  # type: ignore[union-attr]


@dataclass(frozen=True)
class TokenRequest:
    """One request to HelseID's token endpoint."""

    note: Recorded
    run: int

    @property
    def number(self) -> int:
        """Its number in the report."""
        return self.note.number

    @cached_property
    def form(self) -> list[tuple[str, str]]:
        """The parameters, in order."""
        return parse_qsl(self.note.body.decode("ascii", "replace"), keep_blank_values=True)

    @property
    def fields(self) -> dict[str, str]:
        """The parameters by name."""
        return dict(self.form)

    @cached_property
    def proof(self) -> View:
        """Header and claims of the proof."""
        return decoded(self.note.header(headers.DPOP) or "") or {"header": {}, "claims": {}}

    @cached_property
    def assertion(self) -> View:
        """Header and claims of the client assertion."""
        return decoded(self.fields.get("client_assertion", "")) or {"header": {}, "claims": {}}

    @cached_property
    def answer(self) -> dict[str, Any]:
        """What HelseID answered."""
        try:
            read = orjson.loads(self.note.answer)
        except ValueError:
            return {}
        return read if isinstance(read, dict) else {}

    @property
    def granted(self) -> bool:
        """Whether a token was given."""
        return "access_token" in self.answer


@dataclass(frozen=True)
class Seen:
    """A whole scene. `base_url` and `helseid` are as the sender was told them, `client_id` is whom it was told to be."""

    requests: tuple[Recorded, ...]
    runs: tuple[Ran, ...]
    base_url: str
    helseid: str
    client_id: str
    organisation: str
    keys: KeyStore = field(repr=False)

    def run_of(self, note: Recorded) -> int:
        """In which run a request came."""
        return max((place for place, ran in enumerate(self.runs) if ran.after < note.number), default=0)

    @cached_property
    def posts(self) -> Sequence[Post]:
        """The requests to `/message`."""
        wanted = [note for note in self.requests if note.method == "POST" and note.address.endswith("/message")]
        return [Post(note, self.run_of(note), self.keys) for note in wanted]

    @cached_property
    def token_requests(self) -> Sequence[TokenRequest]:
        """The requests to HelseID's token endpoint."""
        wanted = [note for note in self.requests if note.service == "helseid" and note.address == TOKEN_PATH]
        return [TokenRequest(note, self.run_of(note)) for note in wanted if note.method == "POST"]

    @cached_property
    def key_requests(self) -> Sequence[Recorded]:
        """The requests for the receiver's keys."""
        return [note for note in self.requests if note.service == "mottak" and note.address.endswith("/keys")]

    @cached_property
    def discoveries(self) -> Sequence[Recorded]:
        """The requests for the discovery document."""
        return [note for note in self.requests if note.address == DISCOVERY_PATH]

    def of_run(self, run: int) -> list[Post]:
        """The posts of one run."""
        return [post for post in self.posts if post.run == run]
