"""Requests that are nearly right: valid ones with something changed, at every depth from raw bytes to a signed claim."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson

from ktt.messages.register import pack
from ktt.receiver.api import paths
from ktt.wire import dpop, headers, jwk, jws
from ktt.wire.envelope import seal
from support.receiver_harness import ISSUER, UNIT, ReceiverHarness, _shown, key, private_key

BASE = "https://mottak.example"
WEIRD: list[Any] = [
    None, True, False, 0, -1, 1e308, 2**63, -(2**64), 0.1, "", " ", "0", "\0", "\ud800", "æøå", "x" * 5000, "../..",
    "' OR 1=1 --", "{{7*7}}", "%s%n", [], {}, [[[[[[]]]]]], {"a": {"a": {}}}, ["x"] * 50, "9999-12-31", "2026-02-30",
    "1114", 1114, "NaN", "08844110015", "￿", "٣", {"jkt": "x"}, [""], "0x10", "1_000",
]  # fmt: skip
PAYLOADS = [body for one in pack("ktt_v1") for body in one.examples().values()]
KINDS = {body: one.message_type for one in pack("ktt_v1") for body in one.examples().values()}


@dataclass
class Request:
    """One request, as bytes."""

    method: str = "POST"
    path: str = paths.MESSAGE
    query: bytes = b""
    fields: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""
    what: str = ""


class Mutations:
    """Makes requests; the same seed makes the same ones but for keys and ids."""

    def __init__(self, receiver: ReceiverHarness, seed: int) -> None:
        self._world, self._random = receiver, random.Random(seed)
        self._proof_key = key("ES256", "mutant")
        self._jkt = jwk.thumbprint(self._proof_key)
        self._token = receiver.issuer.token(receiver.clock.now(), jkt=self._jkt)
        self._public = receiver.keys.listed()[0]

    def next(self) -> Request:
        """One more."""
        kind = self._random.choice(_KINDS)
        made = kind(self)
        made.what = kind.__name__
        return made

    def _pick(self, values: Any) -> Any:
        return self._random.choice(list(values))

    def _valid(self, **changes: Any) -> Request:
        """A right one, but for `payload`, `claims`, `head`, `token` or `path`."""
        payload = changes.get("payload") or self._pick(PAYLOADS)
        path = changes.get("path") or self._pick([paths.MESSAGE, paths.VALIDATE])
        sealed = seal(payload, self._public)
        token = changes.get("token", self._token)
        claims = {
            "jti": str(uuid.uuid4()),
            "htm": "POST",
            "htu": f"{BASE}{path}",
            "iat": int(self._world.clock.now().timestamp()),
            "msg_type": KINDS.get(payload, self._pick(KINDS.values())),
            "msg_version": "1",
            "msg_hash": sealed.msg_hash,
            "enc_sym_key": sealed.enc_sym_key,
            "enc_key_id": sealed.enc_key_id,
            "ath": dpop.token_hash(token),
            **changes.get("claims", {}),
        }
        fields = [*self._credentials(token, claims, changes.get("head", {})), *self._software()]
        return Request("POST", path, b"", fields, sealed.body)

    def _credentials(self, token: str, claims: dict, head: dict) -> list[tuple[bytes, bytes]]:
        made = {"typ": "dpop+jwt", "jwk": _shown(self._proof_key), **head}
        payload = json.dumps(claims).encode()
        proof = jws.sign(made, payload, private_key(self._proof_key), "ES256")
        return [(b"authorization", f"DPoP {token}".encode()), (b"dpop", proof.encode())]

    def _software(self) -> list[tuple[bytes, bytes]]:
        named = dict.fromkeys(headers.REQUIRED, "Prove") | {headers.EXTRACTED_ON: "02.03.2026"}
        named["content-type"] = headers.MESSAGE_CONTENT_TYPE
        return [(name.lower().encode(), value.encode()) for name, value in named.items()]

    def _bent(self, data: bytes) -> bytes:
        """Some bytes turned, taken, doubled or added."""
        spoilt = bytearray(data)
        for _ in range(self._random.choice((1, 1, 2, 5))):
            at = self._random.randrange(len(spoilt) + 1)
            act = self._random.randrange(4)
            if act == 0 and at < len(spoilt):
                spoilt[at] ^= 1 << self._random.randrange(8)
            elif act == 1:
                del spoilt[at : at + self._random.choice((1, 3, 40))]
            elif act == 2:
                spoilt[at:at] = spoilt[at : at + 20]
            else:
                spoilt[at:at] = self._random.randbytes(self._random.choice((1, 4)))
        return bytes(spoilt)

    def _twisted(self, value: Any, depth: int = 0) -> Any:
        """JSON with one value somewhere in it replaced, left out or doubled."""
        if isinstance(value, dict) and value and depth < 6 and self._random.random() < 0.9:
            name = self._pick(value)
            act = self._random.randrange(8)
            if act == 0:
                return {k: v for k, v in value.items() if k != name}
            if act == 1:
                return {**value, self._pick(["ukjent", "", "orgNr", name + " "]): self._pick(WEIRD)}
            return {**value, name: self._twisted(value[name], depth + 1)}
        if isinstance(value, list) and value and depth < 6 and self._random.random() < 0.9:
            at = self._random.randrange(len(value))
            act = self._random.randrange(8)
            if act == 0:
                return [*value, value[at]]
            return [*value[:at], self._twisted(value[at], depth + 1), *value[at + 1 :]]
        return self._pick(WEIRD)

    # ── what can be done to a request ─────────────────────────────────────────────────────────────────────────────────

    def header_bytes(self) -> Request:
        made = self._valid()
        at = self._random.randrange(len(made.fields))
        name, value = made.fields[at]
        made.fields[at] = (name, self._bent(value))
        return made

    def header_set(self) -> Request:
        made = self._valid()
        at = self._random.randrange(len(made.fields))
        act = self._random.randrange(3)
        if act == 0:
            del made.fields[at]
        elif act == 1:
            made.fields.append(made.fields[at])
        else:
            extra = self._pick(
                [b"content-encoding", b"expect", b"transfer-encoding", b"x-correlation-id", b"host", b"\xff"]
            )
            made.fields.append((extra, self._random.randbytes(6)))
        return made

    def proof_claims(self) -> Request:
        name = self._pick(["jti", "htm", "htu", "iat", "ath", "nonce", *headers.MESSAGE_CLAIMS])
        return self._valid(claims={name: self._pick(WEIRD)})

    def proof_text_claims(self) -> Request:
        name = self._pick(["htu", *headers.MESSAGE_CLAIMS])
        right = {"htu": f"{BASE}/message", "msg_type": "KTT_Vedtak", "msg_version": "1", "enc_key_id": self._public.id}
        text = right.get(name, "A" * 43).encode()
        return self._valid(claims={name: self._bent(text).decode("latin-1")})

    def proof_header(self) -> Request:
        name = self._pick(["typ", "jwk", "kid", "crit", "jku", "x5c"])
        value = self._pick(WEIRD)
        if name == "jwk" and self._random.random() < 0.7:
            value = self._twisted(_shown(self._proof_key))
        try:
            orjson.dumps(value)  # what our own signer can write
        except TypeError:
            value = "x" * 100
        return self._valid(head={name: value})

    def token_claims(self) -> Request:
        claims = {
            "cnf": {"jkt": self._jkt},
            "scope": [headers.SCOPE],
            "client_id": "client-1",
            headers.CLAIM_PARENT: UNIT.organisation,
            headers.CLAIM_CHILD: UNIT.organisation,
            headers.CLAIM_SUPPLIER: "314000005",
            "iss": ISSUER,
            "aud": headers.AUDIENCE,
            "exp": 0,
            "jti": "x",
        }
        name = self._pick(claims)
        twisted = {name: self._twisted(claims[name])}
        token = self._world.issuer.token(self._world.clock.now(), jkt=self._jkt, claims=twisted)
        return self._valid(token=token)

    def token_bytes(self) -> Request:
        made = self._valid()
        made.fields[0] = (b"authorization", b"DPoP " + self._bent(self._token.encode()))
        return made

    def body_bytes(self) -> Request:
        made = self._valid()
        made.body = self._bent(made.body) if self._random.random() < 0.8 else self._random.randbytes(64)
        return made

    def content(self) -> Request:
        body = self._pick(PAYLOADS)
        try:
            twisted = json.dumps(self._twisted(json.loads(body))).encode()
        except ValueError:
            twisted = self._bent(body)
        return self._valid(payload=twisted or b"x", claims={"msg_type": KINDS[body]})

    def content_bytes(self) -> Request:
        body = self._pick(PAYLOADS)
        return self._valid(payload=self._bent(body) or b"x", claims={"msg_type": KINDS[body]})

    def open_check(self) -> Request:
        body = self._pick(PAYLOADS)
        spoilt = self._bent(body)
        query = f"type={KINDS[body]}&version=1".encode()
        if self._random.random() < 0.3:
            query = self._bent(query)
        return Request("POST", paths.CHECK, query, [(b"content-type", b"application/json")], spoilt)

    def address(self) -> Request:
        path = self._pick(paths.ALL).format(
            correlation=uuid.uuid4(), organisation="312000008", type="KTT_Vedtak", version=1
        )
        spoilt = self._bent(path.encode()).decode("latin-1")
        if not spoilt.startswith("/"):
            spoilt = "/" + spoilt
        method = self._pick(["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "Q"])
        return Request(method, spoilt if self._random.random() < 0.7 else path, self._random.randbytes(5))

    def lookup(self) -> Request:
        units = ["/units/312000008/outstanding", "/units/312000563/outstanding", "/units/312000008/inventory"]
        path = self._pick([f"/receipts/{uuid.uuid4()}", *units])
        claims = {
            "jti": str(uuid.uuid4()),
            "htm": "GET",
            "htu": f"{BASE}{path}",
            "iat": int(self._world.clock.now().timestamp()),
            "ath": dpop.token_hash(self._token),
        }
        if self._random.random() < 0.3:
            claims[self._pick(claims)] = self._pick(WEIRD)
        asked = b"municipality=1114&limit=10" if path.endswith("inventory") else b"limit=10&after=1.2&type=KTT_Vedtak"
        query = self._bent(asked)
        return Request("GET", path, query, self._credentials(self._token, claims, {}))

    def example(self) -> Request:
        query = self._bent(b"messageType=KTT_Vedtak&messageVersion=1&name=N01-everyday")
        return Request("GET", paths.EXAMPLE, query)


_KINDS: list[Callable[[Mutations], Request]] = [
    Mutations.header_bytes,
    Mutations.header_set,
    Mutations.proof_claims,
    Mutations.proof_text_claims,
    Mutations.proof_header,
    Mutations.token_claims,
    Mutations.token_bytes,
    Mutations.body_bytes,
    Mutations.content,
    Mutations.content_bytes,
    Mutations.open_check,
    Mutations.address,
    Mutations.lookup,
    Mutations.example,
]
