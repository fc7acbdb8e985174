"""Where receiver cases are played: one client, its keys and tokens, and a memory that lasts for one case."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import orjson

from ktt.core.clock import Clock, SystemClock, norwegian_day
from ktt.testing.conformance.errors import NothingToTest
from ktt.testing.conformance.receiver.http import Fields, Heard, Line, Said
from ktt.testing.conformance.receiver.submission import Post, Scene
from ktt.testing.conformance.receiver.target import Target
from ktt.testing.conformance.receiver.tokens import Tokens
from ktt.testing.sandbox.faults.admin_client import Admin
from ktt.testing.sandbox.helseid import forged_jws
from ktt.testing.sandbox.helseid.forged_jws import Sign, changed
from ktt.wire import dpop, headers, jwk, jws
from ktt.wire.dpop import ProofKey
from ktt.wire.envelope import ReceiverKey, Sealed
from ktt.wire.jws import PrivateKey
from ktt.wire.keys import BadKeys, parse_keys

T = TypeVar("T")
_SHOWN = ("kty", "n", "e", "crv", "x", "y", "alg")
_MADE_ANEW = {"other": "RSA-2048", "ES256": "ES256", "ES384": "ES384", "ES512": "ES512"}


class Bench:
    """Plays one client against the target. For one thread at a time, but for `send_built`."""

    def __init__(self, target: Target, admin: Admin | None = None, clock: Clock | None = None) -> None:
        self.target, self.admin, self.clock = target, admin, clock or SystemClock()
        self.line = Line(target.base_url)
        self.tokens = Tokens(target, self.clock, ProofKey(target.private_jwk))
        self._private: dict[str, Mapping[str, Any]] = {"client": target.private_jwk}
        self._loaded: dict[str, PrivateKey] = {}
        self._proof_keys: dict[str, ProofKey] = {}
        self._memory: dict[tuple[str, str], Any] = {}
        self._keys: tuple[ReceiverKey, ...] = ()
        self._keys_until = 0.0
        self.said: list[Said] = []

    @property
    def sandbox(self) -> Admin:
        """The knobs of the sandbox that is played against."""
        assert self.admin is not None, "a case that needs them is skipped without them"
        return self.admin

    def begin(self) -> None:
        """A new case: nothing remembered."""
        self._memory, self.said = {}, []

    def kept(self, kind: str, name: str, make: Callable[[], T]) -> T:
        """What the case made under that name before, or makes now; without a name always a new one."""
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
        """The receiver's usable keys, as listed; fetched again after some seconds."""
        if time.monotonic() >= self._keys_until:
            heard = self.line.ask("GET", "/keys", ())
            try:
                self._keys = parse_keys(heard.body).keys
            except BadKeys as fault:
                raise NothingToTest(reason=f"/keys: {heard.status} {fault}") from fault
            self._keys_until = time.monotonic() + 10
        if not self._keys:
            raise NothingToTest(reason="/keys: 0")
        return self._keys

    def forget_keys(self) -> None:
        """Fetch the list again next time."""
        self._keys_until = 0.0

    def private(self, name: str) -> Mapping[str, Any]:
        """A private JWK: the client's own, the same with another algorithm (`PS256`), or a new one, made once."""
        if name not in self._private:
            kind = _MADE_ANEW.get(name)
            made = jwk.generate(kind, kid=f"conformance-{name}") if kind else {**self.target.private_jwk, "alg": name}
            self._private[name] = made
        return self._private[name]

    def loaded(self, name: str) -> PrivateKey:
        """The same key, ready to sign: checking an RSA key takes a hundred times as long as signing with it."""
        private = self.private(name)
        material = str(private["n" if private["kty"] == "RSA" else "x"])
        if material not in self._loaded:
            self._loaded[material] = jwk.load_private(private)
        return self._loaded[material]

    def proof_key(self, name: str) -> ProofKey:
        """The same key, as one that proves."""
        if name not in self._proof_keys:
            own = name == "client"
            self._proof_keys[name] = self.tokens.client if own else ProofKey(self.private(name))
        return self._proof_keys[name]

    def send(self, post: Post) -> Heard:
        """Make a request of the post, and send it."""
        fields, body, content = self.kept("request", post.keep_request, lambda: self.build(post))
        return self.send_built(post, fields, body, content)

    def send_built(self, post: Post, fields: Fields, body: bytes, content: bytes) -> Heard:
        """Send a request that was made before."""
        heard = self.line.ask("POST", "/message", fields, body, chunked=post.chunked, wait=post.wait)
        self.said.append(Said("POST", "/message", fields, len(body), heard, content))
        return heard

    def ask(self, method: str, path: str, fields: Fields = (), body: bytes = b"") -> Heard:
        """Any other request."""
        heard = self.line.ask(method, path, fields, body)
        self.said.append(Said(method, path, fields, len(body), heard))
        return heard

    def build(self, post: Post) -> tuple[Fields, bytes, bytes]:
        """Headers, body and the content in it."""
        content = self.kept("content", post.keep, lambda: (post.content or everyday)(self))
        receiver_key = (post.receiver_key or best_key)(self)
        sealed = self.kept("sealed", post.keep_sealed, lambda: post.sealing(content, receiver_key))
        token = self._token(post)
        fields = [(headers.AUTHORIZATION, value) for value in post.authorization(token)]
        fields += [(headers.DPOP, value) for value in post.proofs(self._proof(post, sealed, token))]
        ordinary = {**self._ordinary(), **post.headers}
        fields += [(name, value) for name, value in ordinary.items() if value is not None]
        return (*fields, *post.more), post.body(sealed.body), content

    def _ordinary(self) -> dict[str, str]:
        return {
            headers.CONTENT_TYPE: headers.MESSAGE_CONTENT_TYPE,
            headers.VENDOR: "ktt conformance",
            headers.SOFTWARE: "ktt conformance",
            headers.SOFTWARE_VERSION: "1",
            headers.EXPORT_VERSION: "1",
            headers.EXTRACTED_ON: headers.write_date(norwegian_day(self.clock.now())),
        }

    def _token(self, post: Post) -> str:
        key = self.proof_key(post.bound or post.key)
        if post.order is not None:
            return self.sandbox.token(key.thumbprint, post.order)
        token = self.tokens.get(key)
        return token if post.damage is None else post.damage(token)

    def _proof(self, post: Post, sealed: Sealed, token: str) -> str:
        private = self.private(post.key)
        shown = {name: private[name] for name in _SHOWN if name in private}
        scene = Scene(self.now(), self.target.message_url, token, sealed, private)
        alg = {"hs256": "HS256", "none": "none", "rs1": "RS1"}.get(post.signing, jwk.signing_algorithm(private))
        header = {"typ": dpop.TYP, "alg": alg, "jwk": shown}
        claims = self._claims(post, scene)
        text = json.dumps(changed(claims, _found(post.claims, scene), post.without))
        payload = (text if post.rewrite is None else post.rewrite(text)).encode()
        head = changed(header, _found(post.header, scene), post.without)
        if post.signing == "own":
            return jws.Signer(head, self.loaded(post.key), jwk.signing_algorithm(private)).sign(payload)
        return forged_jws.compact(orjson.dumps(head), payload, self._forging(post, private))

    def _claims(self, post: Post, scene: Scene) -> dict[str, Any]:
        return {
            "jti": str(uuid.uuid4()),
            "htm": "POST",
            "htu": scene.url,
            "iat": scene.now,
            "ath": dpop.token_hash(scene.token),
            headers.CLAIM_TYPE: post.message_type or self.target.message_type,
            headers.CLAIM_VERSION: post.version or self.target.version,
            headers.CLAIM_HASH: scene.sealed.msg_hash,
            headers.CLAIM_KEY: scene.sealed.enc_sym_key,
            headers.CLAIM_KEY_ID: scene.sealed.enc_key_id,
        }

    def _forging(self, post: Post, private: Mapping[str, Any]) -> Sign:
        key = self.loaded("other" if post.signing == "other" else post.key)
        makers: dict[str, Callable[[], Sign]] = {
            "other": lambda: forged_jws.rs256(key),
            "rs1": lambda: forged_jws.rs1(key),
            "der": lambda: forged_jws.es256_der(key),
            "hs256": lambda: forged_jws.hs256(jwk.public_part(private)),
            "none": lambda: forged_jws.unsigned,
        }
        return makers[post.signing]()


def _found(members: Mapping[str, Any], scene: Scene) -> dict[str, Any]:
    return {name: value(scene) if callable(value) else value for name, value in members.items()}


def best_key(bench: Bench) -> ReceiverKey:
    """The receiver's key that lives longest, the first listed on a tie (transport § 3.3)."""
    return max(bench.receiver_keys(), key=lambda key: key.expires_at)


def everyday(bench: Bench) -> bytes:
    """A small message that fits its schema and has never been sent before."""
    if bench.target.example is not None:
        return bench.target.example.rstrip() + _blanks(uuid.uuid4().int)
    return message(bench, [service(f"K-{uuid.uuid4().hex}")])


def _blanks(number: int) -> bytes:
    """White space that JSON ignores and that makes each copy of a message another one."""
    return bytes(b" \n"[number >> place & 1] for place in range(64))


def message(bench: Bench, services: list[Any], deletions: list[str] | None = None) -> bytes:
    """A message of our own type `KTT_Tjeneste` for the target's unit."""
    unit = bench.target.unit
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
