"""A HelseID of our own without a network, and a client that can lie to it about anything."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from ktt.testing.sandbox.helseid.assertion_checks import TYPE
from ktt.testing.sandbox.helseid.clients import Client, ClientRegister
from ktt.testing.sandbox.helseid.issuer import TOKEN_PATH, HelseId, TokenAnswer
from ktt.testing.sandbox.helseid.signing_keys import SigningKeys
from ktt.wire import jwk, jws
from support.receiver_harness import LEFT_OUT, NOW, key, private_key
from support.settable_clock import SettableClock

ISSUER = "http://127.0.0.1:8790"
PARENT, OTHER_PARENT, CHILD, VENDOR = "312000008", "312000563", "314000021", "314000005"
CLIENT, MULTI = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"

NOW_S = int(NOW.timestamp())

REFUSED_ASSERTIONS = {
    "typ of a token": {"header": {"typ": "at+jwt"}},
    "typ missing": {"header": {"typ": LEFT_OUT}},
    "aud another": {"claims": {"aud": "https://helseid-sts.nhn.no"}},
    "aud two": {"claims": {"aud": [ISSUER, "https://other.example"]}},
    "iss another": {"claims": {"iss": MULTI}},
    "sub another": {"claims": {"sub": MULTI}},
    "exp 66 s ahead": {"claims": {"exp": NOW_S + 66}},
    "exp past": {"claims": {"exp": NOW_S - 5}},
    "exp as text": {"claims": {"exp": "1772431230"}},
    "iat in the future": {"claims": {"iat": NOW_S + 11}},
    "iat as words": {"claims": {"iat": "now"}},
    "nbf in the future": {"claims": {"nbf": NOW_S + 11}},
    "jti empty": {"claims": {"jti": ""}},
    "jti long": {"claims": {"jti": "j" * 129}},
    "kid unknown": {"header": {"kid": "other"}},
    "another key": {"signed_by": key(name="thief")},
    "crit": {"header": {"crit": ["x"]}},
}


def changed(full: dict[str, Any], changes: Mapping[str, Any] | None) -> dict[str, Any]:
    """The mapping with some members replaced, added or left out."""
    return {name: value for name, value in {**full, **(changes or {})}.items() if value is not LEFT_OUT}


class TokenWorld:
    """A HelseID with a single-tenant and a multi-tenant client, both with the same key."""

    def __init__(self, folder: Path, clock: SettableClock, **options: Any) -> None:
        self.clock = clock
        keys = (jwk.public_part(key(name="client")),)
        clients = ClientRegister()
        clients.add(Client(CLIENT, PARENT, keys))
        clients.add(Client(MULTI, VENDOR, keys, multi_tenant=True, acts_for=frozenset({PARENT})))
        signing = SigningKeys(folder / "helseid.keys")
        self.helseid = HelseId(ISSUER, clients=clients, keys=signing, clock=clock, **options)
        self.nonce: str | None = None

    def now(self) -> int:
        return int(self.clock.now().timestamp())

    def assertion(
        self,
        claims: Mapping[str, Any] | None = None,
        header: Mapping[str, Any] | None = None,
        *,
        client: str = CLIENT,
        alg: str = "RS256",
        signed_by: Mapping[str, Any] | None = None,
    ) -> str:
        now = self.now()
        full = {"iss": client, "sub": client, "aud": ISSUER, "jti": uuid.uuid4().hex}
        times = {"iat": now, "nbf": now, "exp": now + 30}
        head = changed({"typ": "client-authentication+jwt", "kid": "client-key"}, header)
        return jws.sign(head, changed({**full, **times}, claims), private_key(signed_by or key(name="client")), alg)

    def proof(self, claims: Mapping[str, Any] | None = None, *, proof_key: Mapping[str, Any] | None = None) -> str:
        private = proof_key or key(name="client")
        members = {name: private[name] for name in ("kty", "n", "e", "crv", "x", "y") if name in private}
        full = {"jti": str(uuid.uuid4()), "htm": "POST", "htu": ISSUER + TOKEN_PATH, "iat": self.now()}
        nonce = {"nonce": self.nonce} if self.nonce else {}
        head = {"typ": "dpop+jwt", "jwk": members}
        return jws.sign(head, changed({**full, **nonce}, claims), private_key(private), private["alg"])

    def ask(
        self,
        *,
        client: str = CLIENT,
        form: Mapping[str, Any] | None = None,
        claims: Mapping[str, Any] | None = None,
        proofs: list[str] | None = None,
        assertion: str | None = None,
    ) -> TokenAnswer:
        """One token request, right in everything but what is overridden."""
        body = self.form(client=client, form=form, claims=claims, assertion=assertion)
        return self.helseid.answer(body, [self.proof()] if proofs is None else proofs)

    def form(
        self,
        *,
        client: str = CLIENT,
        form: Mapping[str, Any] | None = None,
        claims: Mapping[str, Any] | None = None,
        assertion: str | None = None,
    ) -> bytes:
        """The body of a token request."""
        full = {
            "grant_type": "client_credentials",
            "client_id": client,
            "client_assertion_type": TYPE,
            "client_assertion": assertion or self.assertion(claims, client=client),
        }
        return urlencode(changed(full, form)).encode()

    def token(self, **options: Any) -> dict[str, Any]:
        """The claims of a token that is given."""
        answer = self.ask(**options)
        assert answer.status == 200, answer.body
        return jws.parse(json.loads(answer.body)["access_token"]).payload

    def error(self, **options: Any) -> tuple[int, str]:
        """Status and OAuth error of a request that is refused."""
        answer = self.ask(**options)
        return answer.status, json.loads(answer.body)["error"]
