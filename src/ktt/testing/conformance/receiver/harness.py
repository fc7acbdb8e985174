"""The harness of the receiver cases: one client, its keys and tokens, and a memory that lasts for one case."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import orjson

from ktt.core.clock import Clock, SystemClock, norwegian_day
from ktt.testing.conformance.errors import NothingToTest
from ktt.testing.conformance.receiver.http import Fields, RawClient, RawExchange, RawResponse
from ktt.testing.conformance.receiver.submission import ClaimContext, Submission
from ktt.testing.conformance.receiver.target import Target
from ktt.testing.conformance.receiver.tokens import Tokens
from ktt.testing.sandbox.faults.admin_client import AdminClient
from ktt.testing.sandbox.helseid import forged_jws
from ktt.testing.sandbox.helseid.forged_jws import Sign, changed
from ktt.wire import dpop, headers, jwk, jws
from ktt.wire.dpop import ProofKey
from ktt.wire.envelope import ReceiverKey, Sealed
from ktt.wire.jws import Key
from ktt.wire.keys import BadKeys, parse_keys

T = TypeVar("T")
_OK = 200
_PUBLIC = ("kty", "n", "e", "crv", "x", "y", "alg")
_GENERATED = {
    "other": "RSA-2048",
    "ES256": "ES256",
    "ES384": "ES384",
    "ES512": "ES512",
}  # by the name in `Submission.key`


class ReceiverHarness:
    """Acts as one client of the target. Use it from one thread at a time; only `send_built` may be called from several."""

    def __init__(self, target: Target, admin: AdminClient | None = None, clock: Clock | None = None) -> None:
        self.target, self.admin, self.clock = target, admin, clock or SystemClock()
        self.http = RawClient(target.base_url)
        self.tokens = Tokens(target, self.clock, ProofKey(target.private_jwk))
        self._private: dict[str, Mapping[str, Any]] = {"client": target.private_jwk}
        self._loaded: dict[str, Key] = {}
        self._proof_keys: dict[str, ProofKey] = {}
        self._memory: dict[tuple[str, str], Any] = {}
        self._keys: tuple[ReceiverKey, ...] = ()
        self._keys_until = 0.0
        self.exchanges: list[RawExchange] = []

    @property
    def sandbox(self) -> AdminClient:
        """The admin client of the sandbox whose HelseID the target trusts."""
        assert self.admin is not None, "a case that needs a sandbox is skipped without one"
        return self.admin

    def begin(self) -> None:
        """Begin a new case: forget the last one's."""
        self._memory, self.exchanges = {}, []

    def remembered(self, kind: str, name: str, make: Callable[[], T]) -> T:
        """What the case made under that name before, or makes now and remembers; without a name always a new one."""
        if not name:
            return make()
        if (kind, name) not in self._memory:
            self._memory[kind, name] = make()
        value: T = self._memory[kind, name]
        return value

    def now(self) -> int:
        """Seconds since 1970."""
        return int(self.clock.now().timestamp())

    def receiver_keys(self) -> tuple[ReceiverKey, ...]:
        """The receiver's usable keys in the order of its list, which is fetched again after 10 seconds; BadKeys."""
        if time.monotonic() >= self._keys_until:
            self._keys = parse_keys(self.http.ask("GET", "/keys", ()).body).keys
            self._keys_until = time.monotonic() + 10
        if not self._keys:
            raise BadKeys("no usable key")
        return self._keys

    def expect_receiver(self) -> None:
        """NothingToTest unless something answers 200 at `/keys`; whether that is a list of keys, a case tells (N30)."""
        status = self.http.ask("GET", "/keys", ()).status
        if status != _OK:
            raise NothingToTest(reason=f"/keys: {status}")

    def forget_keys(self) -> None:
        """Fetch the list again next time."""
        self._keys_until = 0.0

    def private(self, name: str) -> Mapping[str, Any]:
        """A private JWK: the client's own, the same with another algorithm (`PS256`), or a new one, made once."""
        if name not in self._private:
            kind = _GENERATED.get(name)
            made = jwk.generate(kind, kid=f"conformance-{name}") if kind else {**self.target.private_jwk, "alg": name}
            self._private[name] = made
        return self._private[name]

    def loaded(self, name: str) -> Key:
        """The same key, ready to sign. It is kept, since checking an RSA key takes a hundred times as long as signing."""
        private = self.private(name)
        material = str(private["n" if private["kty"] == "RSA" else "x"])
        if material not in self._loaded:
            self._loaded[material] = jwk.load_private(private)
        return self._loaded[material]

    def proof_key(self, name: str) -> ProofKey:
        """The same key, as one that makes DPoP proofs."""
        if name not in self._proof_keys:
            own = name == "client"
            self._proof_keys[name] = self.tokens.client if own else ProofKey(self.private(name))
        return self._proof_keys[name]

    def send(self, submission: Submission) -> RawResponse:
        """Build the request of a submission, and send it."""
        fields, body, content = self.remembered("request", submission.keep_request, lambda: self.build(submission))
        return self.send_built(submission, fields, body, content)

    def send_built(self, submission: Submission, fields: Fields, body: bytes, content: bytes) -> RawResponse:
        """Send a request that was built before."""
        response = self.http.ask("POST", "/message", fields, body, chunked=submission.chunked, wait=submission.wait)
        self.exchanges.append(RawExchange("POST", "/message", fields, len(body), response, content))
        return response

    def ask(self, method: str, path: str, fields: Fields = (), body: bytes = b"") -> RawResponse:
        """Send any other request."""
        response = self.http.ask(method, path, fields, body)
        self.exchanges.append(RawExchange(method, path, fields, len(body), response))
        return response

    def build(self, submission: Submission) -> tuple[Fields, bytes, bytes]:
        """The headers, the body, and the content that is encrypted in it."""
        content = self.remembered("content", submission.keep, lambda: (submission.content or everyday)(self))
        receiver_key = (submission.receiver_key or best_key)(self)
        sealed = self.remembered("sealed", submission.keep_sealed, lambda: submission.sealing(content, receiver_key))
        token = self._token(submission)
        fields = [(headers.AUTHORIZATION, value) for value in submission.authorization(token)]
        fields += [(headers.DPOP, value) for value in submission.proofs(self._proof(submission, sealed, token))]
        ordinary = {**self._ordinary(), **submission.headers}
        fields += [(name, value) for name, value in ordinary.items() if value is not None]
        return (*fields, *submission.more_headers), submission.body(sealed.body), content

    def _ordinary(self) -> dict[str, str]:
        return {
            headers.CONTENT_TYPE: headers.MESSAGE_CONTENT_TYPE,
            headers.VENDOR: "ktt conformance",
            headers.SOFTWARE: "ktt conformance",
            headers.SOFTWARE_VERSION: "1",
            headers.EXPORT_VERSION: "1",
            headers.EXTRACTED_ON: headers.write_date(norwegian_day(self.clock.now())),
        }

    def _token(self, submission: Submission) -> str:
        key = self.proof_key(submission.bound_key or submission.key)
        if submission.token_spec is not None:
            return self.sandbox.token(key.thumbprint, submission.token_spec)
        token = self.tokens.get(key)
        return token if submission.token_damage is None else submission.token_damage(token)

    def _proof(self, submission: Submission, sealed: Sealed, token: str) -> str:
        private = self.private(submission.key)
        shown = {name: private[name] for name in _PUBLIC if name in private}
        context = ClaimContext(self.now(), self.target.message_url, token, sealed, private)
        alg = {"hs256": "HS256", "none": "none", "rs1": "RS1"}.get(submission.signing, jwk.signing_algorithm(private))
        header = {"typ": dpop.TYP, "alg": alg, "jwk": shown}
        claims = self._claims(submission, context)
        text = json.dumps(changed(claims, _resolved(submission.claims, context), submission.without))
        payload = (text if submission.rewrite is None else submission.rewrite(text)).encode()
        head = changed(header, _resolved(submission.header, context), submission.without)
        if submission.signing == "own":
            return jws.Signer(head, self.loaded(submission.key), jwk.signing_algorithm(private)).sign(payload)
        return forged_jws.compact(orjson.dumps(head), payload, self._forging(submission, private))

    def _claims(self, submission: Submission, context: ClaimContext) -> dict[str, Any]:
        return {
            "jti": str(uuid.uuid4()),
            "htm": "POST",
            "htu": context.url,
            "iat": context.now,
            "ath": dpop.token_hash(context.token),
            headers.CLAIM_TYPE: submission.message_type,
            headers.CLAIM_VERSION: submission.version,
            headers.CLAIM_HASH: context.sealed.msg_hash,
            headers.CLAIM_KEY: context.sealed.enc_sym_key,
            headers.CLAIM_KEY_ID: context.sealed.enc_key_id,
        }

    def _forging(self, submission: Submission, private: Mapping[str, Any]) -> Sign:
        key = self.loaded("other" if submission.signing == "other" else submission.key)
        makers: dict[str, Callable[[], Sign]] = {
            "other": lambda: forged_jws.rs256(key),
            "rs1": lambda: forged_jws.rs1(key),
            "der": lambda: forged_jws.es256_der(key),
            "hs256": lambda: forged_jws.hs256(jwk.public_part(private)),
            "none": lambda: forged_jws.unsigned,
        }
        return makers[submission.signing]()


def _resolved(members: Mapping[str, Any], context: ClaimContext) -> dict[str, Any]:
    """The members with the functions among their values called."""
    return {name: value(context) if callable(value) else value for name, value in members.items()}


def best_key(harness: ReceiverHarness) -> ReceiverKey:
    """The receiver's key that expires last, and of several the first one listed (transport § 3.3)."""
    return max(harness.receiver_keys(), key=lambda key: key.expires_at)


def everyday(harness: ReceiverHarness) -> bytes:
    """A small message that fits its schema and has never been sent before."""
    return message(harness, [service(f"K-{uuid.uuid4().hex}")])


def message(harness: ReceiverHarness, services: list[Any], deletions: list[str] | None = None) -> bytes:
    """A message of our own type `KTT_Tjeneste` for the target's unit."""
    unit = harness.target.unit
    district = {"bydelNr": unit.district} if unit.district else {}
    head = {"orgNr": int(unit.organisation), "kommuneNr": int(unit.municipality), **district}
    gone = [{"tjenesteId": local_id, "erSlettet": True} for local_id in deletions or ()]
    root = [{**head, **({"slettTjeneste": gone} if gone else {}), **({"tjeneste": services} if services else {})}]
    return json.dumps(root, ensure_ascii=False).encode()


def service(local_id: str, **changes: Any) -> dict[str, Any]:
    """A service to a synthetic person."""
    return {
        "tjenesteId": local_id,
        "tjenesteType": 6,
        "startDato": "2026-02-02",
        "registrertTid": "2026-02-02T12:00:00+01:00",
        "person": {"personId": "1002", "fodselsNr": 23915820158},
        **changes,
    }
