"""A HelseID of our own: discovery, keys, and a token endpoint that really checks assertion, proof and nonce.

It does what helseid § 11 asks for. It uses plain http, so it is for loopback only.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import orjson

from ktt.core.clock import Clock
from ktt.receiver.access.claim_checks import CredentialRefused, ProofContext, VerifiedProof, verify_proof
from ktt.receiver.access.nonces import Nonces
from ktt.testing.sandbox.helseid import assertion_checks
from ktt.testing.sandbox.helseid.clients import Client, ClientRegister
from ktt.testing.sandbox.helseid.organisations import Represented, represented
from ktt.testing.sandbox.helseid.refusals import OAuthRefusal
from ktt.testing.sandbox.helseid.replay import ReplayMemory
from ktt.testing.sandbox.helseid.signing_keys import SigningKeys
from ktt.wire import dpop, headers, jws
from ktt.wire.jws import BadJws

DISCOVERY_PATH = "/.well-known/openid-configuration"
JWKS_PATH = "/.well-known/openid-configuration/jwks"
TOKEN_PATH = "/connect/token"  # noqa: S105 - an address
_PROOF_AGE, _SKEW, _AHEAD = 10, 5, 10  # as at the receiver (helseid § 13.3)
_REMEMBERED = 120.0  # seconds; longer than any proof or assertion is accepted
MOST_FORM = 64 * 1024


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """What the token endpoint answers."""

    status: int
    body: bytes = field(repr=False)
    nonce: str | None = None
    refusal: OAuthRefusal | None = None


class NonceRequired(Exception):
    """The proof is good but has no nonce of this issuer."""


class HelseId:
    """One issuer with its clients. `answer` may be called from any thread."""

    def __init__(
        self,
        issuer: str,
        *,
        clients: ClientRegister,
        keys: SigningKeys,
        clock: Clock,
        require_nonce: bool = True,
        token_seconds: int = 60,
    ) -> None:
        self.issuer, self.clients, self.keys = issuer, clients, keys
        self.issue = keys.sign  # may be replaced by one that makes broken tokens
        self._clock, self._require_nonce, self.token_seconds = clock, require_nonce, token_seconds
        self._token_url = issuer + TOKEN_PATH
        self._nonces = Nonces(secrets.token_bytes(32))
        self._proofs, self._assertions = ReplayMemory(), ReplayMemory()

    def discovery(self) -> bytes:
        """The discovery document; every address begins with the issuer."""
        document = {
            "issuer": self.issuer,
            "jwks_uri": self.issuer + JWKS_PATH,
            "token_endpoint": self._token_url,
            "grant_types_supported": ["client_credentials"],
            "scopes_supported": [headers.SCOPE],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": sorted(assertion_checks.ALGORITHMS),
            "dpop_signing_alg_values_supported": sorted(assertion_checks.ALGORITHMS),
            "subject_types_supported": ["public"],
            "response_types_supported": ["token"],
        }
        return orjson.dumps(document)

    def answer(self, form: bytes, proofs: list[str]) -> TokenAnswer:
        """One request to the token endpoint. `proofs` are the values of every `DPoP` header."""
        now = self._clock.now().timestamp()
        try:
            fields = _read_form(form)
            proof = self._prove(proofs, now)
            client, claims = self._authenticate(fields, now)
            self._remember(proof, client, claims, now)
            body = self._grant(client, represented(client, _details(claims)), fields, proof, int(now))
        except NonceRequired:
            wanted = OAuthRefusal("use_dpop_nonce", "a nonce in the DPoP proof is required")
            return _refused(wanted, self._nonces.current(self._clock.now()))
        except OAuthRefusal as refused:
            return _refused(refused)
        return TokenAnswer(200, orjson.dumps(body))

    def organisation(self, form: bytes) -> str | None:
        """The organisation that a token is asked for, as the request says it; None when it does not say so clearly."""
        try:
            fields = _read_form(form)
            client = self.clients.find(fields.get("client_id", ""))
            claims = jws.parse(fields.get("client_assertion", "")).payload
            return None if client is None else represented(client, _details(claims)).parent
        except (OAuthRefusal, BadJws):
            return None

    def _prove(self, proofs: list[str], now: float) -> VerifiedProof:
        if len(proofs) != 1:
            raise OAuthRefusal("invalid_dpop_proof", "exactly one DPoP header")
        urls = frozenset({dpop.normalise(self._token_url)})
        context = ProofContext(method="POST", urls=urls, now=now, max_age=_PROOF_AGE, skew=_SKEW, ahead=_AHEAD)
        try:
            proof = verify_proof(proofs[0].strip(), context)
        except CredentialRefused as fault:
            raise OAuthRefusal("invalid_dpop_proof", fault.check) from None
        if self._require_nonce and not self._nonces.accepts(proof.claims.get("nonce"), self._clock.now()):
            raise NonceRequired
        return proof

    def _authenticate(self, fields: Mapping[str, str], now: float) -> tuple[Client, dict[str, Any]]:
        client = self.clients.find(fields.get("client_id", ""))
        if client is None or fields.get("client_assertion_type") != assertion_checks.TYPE:
            raise OAuthRefusal("invalid_client", "unknown client, or no client assertion")
        audiences = frozenset({self.issuer, self.issuer + "/", self._token_url})
        claims = assertion_checks.check(
            fields.get("client_assertion", ""), assertion_checks.AssertionContext(client, audiences, now)
        )
        return client, claims

    def _remember(self, proof: VerifiedProof, client: Client, claims: Mapping[str, Any], now: float) -> None:
        """Refuse a proof or assertion that was used before. Called when both are good, so a bad one uses up neither."""
        until = now + _REMEMBERED
        if not self._proofs.is_first(proof.jkt, proof.claims["jti"], now=now, until=until):
            raise OAuthRefusal("invalid_dpop_proof", "the proof was used before")
        if not self._assertions.is_first(client.id, claims["jti"], now=now, until=until):
            raise OAuthRefusal("invalid_client", "the client assertion was used before")

    def _grant(
        self, client: Client, who: Represented, fields: Mapping[str, str], proof: VerifiedProof, now: int
    ) -> dict[str, Any]:
        scopes, rejected = _scopes(client, fields.get("scope"))
        claims = {
            "iss": self.issuer,
            "nbf": now,
            "iat": now,
            "exp": now + self.token_seconds,
            "aud": headers.AUDIENCE,
            "cnf": {"jkt": proof.jkt},
            "scope": scopes,
            "client_id": client.id,
            "client_amr": "private_key_jwt",
            "helseid://claims/client/client_name": client.name,
            **_organisation_claims(client, who),
            "jti": secrets.token_hex(16).upper(),
        }
        answer = {"access_token": self.issue(claims), "expires_in": self.token_seconds, "token_type": "DPoP"}
        extra = {"rejected_scope": " ".join(rejected)} if rejected else {}
        return {**answer, "scope": " ".join(scopes), **extra}


def _organisation_claims(client: Client, who: Represented) -> dict[str, str]:
    claims = {
        headers.CLAIM_PARENT: who.parent,
        headers.CLAIM_CHILD: who.child,
        headers.CLAIM_SUPPLIER: who.supplier,
        headers.CLAIM_TENANCY: "multi-tenant" if client.multi_tenant else "single-tenant",
    }
    return {name: value for name, value in claims.items() if value is not None}


def _details(claims: Mapping[str, Any]) -> object:
    """`authorization_details` is the older name (helseid § 6)."""
    return claims.get("assertion_details", claims.get("authorization_details"))


def _refused(refusal: OAuthRefusal, nonce: str | None = None) -> TokenAnswer:
    problem = {"error": refusal.error, "error_description": refusal.description}
    return TokenAnswer(401 if refusal.error == "invalid_client" else 400, orjson.dumps(problem), nonce, refusal)


def _scopes(client: Client, wanted: str | None) -> tuple[list[str], list[str]]:
    """What is granted and what is not; when no scope is asked for, all of the client's, as FHI's client expects."""
    if wanted is None:
        return list(client.scopes), []
    words = wanted.split()
    granted = [word for word in words if word in client.scopes]
    if not granted:
        raise OAuthRefusal("invalid_scope", "none of the scopes is this client's")
    return granted, [word for word in words if word not in client.scopes]


def _read_form(form: bytes) -> dict[str, str]:
    if len(form) > MOST_FORM:
        raise OAuthRefusal("invalid_request", "form")
    try:
        pairs = parse_qsl(form.decode("ascii"), keep_blank_values=True, strict_parsing=True, max_num_fields=32)
    except ValueError:
        raise OAuthRefusal("invalid_request", "form") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):  # RFC 6749 § 3.2: no parameter twice
        raise OAuthRefusal("invalid_request", "a parameter twice")
    if fields.get("grant_type") != "client_credentials":
        raise OAuthRefusal("unsupported_grant_type", "only client_credentials")
    return fields
