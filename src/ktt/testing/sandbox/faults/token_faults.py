"""Broken access tokens: the kinds of NHN's test-token service (helseid § 9), and any other that a test can describe."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import orjson

from ktt.testing.sandbox.faults.armed import FaultQueue
from ktt.testing.sandbox.faults.conditions import CURRENT_FACTS, RequestFacts
from ktt.testing.sandbox.helseid import forged_jws
from ktt.testing.sandbox.helseid.forged_jws import Members, Sign, changed
from ktt.testing.sandbox.helseid.signing_keys import SigningKeys
from ktt.wire import base64url, headers, jwk
from ktt.wire.jws import Key

_OTHER_ISSUER = "https://helseid-sts.nhn.no"
Signature = Literal["issuer", "stranger", "hs256", "none"]


@dataclass(frozen=True, slots=True)
class TokenSpec:
    """How a token differs from a good one.

    `claims` and `header` replace members; those named in `without` are left out. `signed_by` may also be a stranger's
    key under the issuer's key id, the issuer's public key taken as a shared secret, or no key. `before` is JSON text
    that is written before the claims, for what no JSON writer would write, such as a claim that occurs twice.
    """

    claims: Members = field(default_factory=dict)
    header: Members = field(default_factory=dict)
    without: frozenset[str] = frozenset()
    signed_by: Signature = "issuer"
    before: str = ""


_SPECS: Mapping[str, Callable[[Members], TokenSpec]] = {
    "token-expired": lambda c: TokenSpec({"iat": c["iat"] - 600, "nbf": c["nbf"] - 600, "exp": c["exp"] - 600}),
    "token-early": lambda c: TokenSpec({"nbf": c["nbf"] + 600, "exp": c["exp"] + 600}),
    "token-issuer": lambda _: TokenSpec({"iss": _OTHER_ISSUER}),
    "token-audience": lambda _: TokenSpec({"aud": "fhi:another.api"}),
    "token-signature": lambda _: TokenSpec(signed_by="stranger"),
    "token-binding": lambda c: TokenSpec({"cnf": {"jkt": _another(c["cnf"]["jkt"])}}),
    "token-scope": lambda _: TokenSpec({"scope": [f"{headers.SCOPE}x"]}),
    "token-organisation": lambda _: TokenSpec(without=frozenset({headers.CLAIM_PARENT, headers.CLAIM_CHILD})),
}
"""By the kind of fault: the token that is issued instead of one with these good claims."""


class TokenFactory:
    """Signs access tokens: good ones, and broken ones when a fault or a test asks for them."""

    def __init__(self, keys: SigningKeys, faults: FaultQueue) -> None:
        self._keys, self._faults = keys, faults

    @cached_property
    def _stranger(self) -> Key:
        """A key that nobody has published. Made when a fault first asks for it: to make one takes a tenth of a start."""
        return jwk.load_private(jwk.generate("RSA-2048"))

    def issue(self, claims: Members) -> str:
        """An access token for a client, broken when a fault of the token endpoint is in the queue."""
        facts = CURRENT_FACTS.get() or RequestFacts()
        fault = self._faults.take("token", _SPECS, facts)
        return self._keys.sign(claims) if fault is None else self.make(claims, _SPECS[fault.kind](claims))

    def make(self, claims: Members, spec: TokenSpec) -> str:
        """A token that differs from one with these good claims as the specification says."""
        algorithms = {"hs256": "HS256", "none": "none"}
        good = {"typ": "at+jwt", "alg": algorithms.get(spec.signed_by, "RS256"), "kid": self._keys.current["kid"]}
        header = orjson.dumps(changed(good, spec.header, spec.without))
        payload = orjson.dumps(changed(claims, spec.claims, spec.without))
        if spec.before:
            payload = b"{" + spec.before.encode() + b"," + payload[1:]
        return forged_jws.compact(header, payload, self._sign(spec.signed_by))

    def _sign(self, by: Signature) -> Sign:
        if by == "hs256":
            return forged_jws.hs256(jwk.public_part(self._keys.current))
        if by == "none":
            return forged_jws.unsigned
        return forged_jws.rs256(self._stranger if by == "stranger" else self._keys.loaded)


def _another(thumbprint: str) -> str:
    return base64url.encode(hashlib.sha256(thumbprint.encode()).digest())
