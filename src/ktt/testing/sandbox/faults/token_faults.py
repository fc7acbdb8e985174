"""Broken access tokens: the kinds of NHN's test-token service (helseid § 9), and any other that a test can describe."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import orjson

from ktt.testing.sandbox.faults.faults import Knobs
from ktt.testing.sandbox.helseid import forged_jws
from ktt.testing.sandbox.helseid.forged_jws import Members, Sign, changed
from ktt.testing.sandbox.helseid.signing_keys import SigningKeys
from ktt.wire import base64url, headers, jwk

_OTHER_ISSUER = "https://helseid-sts.nhn.no"
Signature = Literal["issuer", "stranger", "hs256", "none"]


@dataclass(frozen=True, slots=True)
class TokenOrder:
    """A token to be made. `claims` and `header` replace members of a good one; those in `without` are left out.

    `signed_by` may also be a stranger's key under the issuer's key id, the issuer's public key taken as a secret, or
    nothing. `before` stands before the other claims as it is, for what no JSON writer would write.
    """

    claims: Members = field(default_factory=dict)
    header: Members = field(default_factory=dict)
    without: frozenset[str] = frozenset()
    signed_by: Signature = "issuer"
    before: str = ""


_DEFECTS: Mapping[str, Callable[[Members], TokenOrder]] = {
    "token-expired": lambda c: TokenOrder({"iat": c["iat"] - 600, "nbf": c["nbf"] - 600, "exp": c["exp"] - 600}),
    "token-early": lambda c: TokenOrder({"nbf": c["nbf"] + 600, "exp": c["exp"] + 600}),
    "token-issuer": lambda _: TokenOrder({"iss": _OTHER_ISSUER}),
    "token-audience": lambda _: TokenOrder({"aud": "fhi:another.api"}),
    "token-signature": lambda _: TokenOrder(signed_by="stranger"),
    "token-binding": lambda c: TokenOrder({"cnf": {"jkt": _another(c["cnf"]["jkt"])}}),
    "token-scope": lambda _: TokenOrder({"scope": [f"{headers.SCOPE}x"]}),
    "token-organisation": lambda _: TokenOrder(without=frozenset({headers.CLAIM_PARENT, headers.CLAIM_CHILD})),
}


class TokenMint:
    """Signs what HelseID would sign, and what it never would."""

    def __init__(self, keys: SigningKeys, knobs: Knobs) -> None:
        self._keys, self._knobs = keys, knobs
        self._stranger = jwk.load_private(jwk.generate("RSA-2048"))

    def issue(self, claims: Members) -> str:
        """An access token for a client; broken when a fault waits for it."""
        fault = self._knobs.take("token", _DEFECTS)
        return self._keys.sign(claims) if fault is None else self.make(claims, _DEFECTS[fault.kind](claims))

    def make(self, claims: Members, order: TokenOrder) -> str:
        """A token as ordered, beginning from good claims."""
        unusual = {"hs256": "HS256", "none": "none"}
        good = {"typ": "at+jwt", "alg": unusual.get(order.signed_by, "RS256"), "kid": self._keys.current["kid"]}
        header = orjson.dumps(changed(good, order.header, order.without))
        payload = orjson.dumps(changed(claims, order.claims, order.without))
        if order.before:
            payload = b"{" + order.before.encode() + b"," + payload[1:]
        return forged_jws.compact(header, payload, self._sign(order.signed_by))

    def _sign(self, by: Signature) -> Sign:
        if by == "hs256":
            return forged_jws.hs256(jwk.public_part(self._keys.current))
        if by == "none":
            return forged_jws.unsigned
        return forged_jws.rs256(self._stranger if by == "stranger" else self._keys.loaded)


def _another(thumbprint: str) -> str:
    return base64url.encode(hashlib.sha256(thumbprint.encode()).digest())
