"""Tables A and D (helseid § 12, § 13): one row for every claim of the token and of the proof.

A token or proof is refused when a required claim is missing or one does not hold; the log names the row.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Generic, TypeVar

from ktt.receiver.settings import ReceiverSettings
from ktt.wire import dpop, headers, jwk, jws
from ktt.wire.jwk import BadJwk
from ktt.wire.jws import BadJws, Jws, Key

_MOST_SECONDS = 2**53  # beyond it a float cannot hold every whole number
_THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_PRINTABLE = re.compile(r"[!-~]{1,128}", re.ASCII)
_ORGANISATION = re.compile(r"[0-9]{9}", re.ASCII)


class CredentialRefused(Exception):
    """A token or proof is refused; `check` is the row, for the log alone, `error` the code of RFC 9449 § 7.1."""

    def __init__(self, error: str, check: str) -> None:
        self.error, self.check = error, check
        super().__init__(f"{error}: {check}")


@dataclass(frozen=True, slots=True)
class TokenContext:
    """What a token is checked against. `now` is when the headers arrived, in seconds since 1970."""

    settings: ReceiverSettings
    now: float


@dataclass(frozen=True, slots=True)
class ProofContext:
    """What a proof is checked against: `urls` are normalised, `token` and `jkt` are empty at a token endpoint."""

    method: str
    urls: frozenset[str]
    now: float
    max_age: int
    skew: int
    ahead: int
    token: str = field(default="", repr=False)
    jkt: str = ""


@dataclass(frozen=True, slots=True)
class VerifiedProof:
    """A proof that holds: its claims, and the thumbprint of the key that made it."""

    claims: dict[str, Any] = field(repr=False)
    jkt: str


Context_contra = TypeVar("Context_contra", contravariant=True)


@dataclass(frozen=True, slots=True)
class ClaimCheck(Generic[Context_contra]):
    """One member of a header or of the claims: its row in the tables, and when it holds."""

    check: str
    name: str
    holds: Callable[[Any, Context_contra], bool]
    required: bool = True
    time_dependent: bool = False  # what held a moment ago may no longer hold


def _is_text(value: Any, _: object) -> bool:
    return isinstance(value, str) and _PRINTABLE.fullmatch(value) is not None


def _is_organisation(value: Any, _: object) -> bool:
    return isinstance(value, str) and _ORGANISATION.fullmatch(value) is not None


def _is_instant(value: Any) -> bool:
    return type(value) is int and 0 <= value < _MOST_SECONDS  # a bool is an int to isinstance


def _token_type(value: Any, _: object) -> bool:
    return isinstance(value, str) and value.lower().removeprefix("application/") in {"at+jwt", "jwt"}


def _scope(value: Any, c: TokenContext) -> bool:
    words = value.split(" ") if isinstance(value, str) else value
    return isinstance(words, list) and c.settings.scope in words


def _confirmation(value: Any, _: object) -> bool:
    if not isinstance(value, dict) or list(value) != ["jkt"] or not isinstance(value["jkt"], str):
        return False
    return _THUMBPRINT.fullmatch(value["jkt"]) is not None


def _fresh(value: Any, c: ProofContext) -> bool:
    return _is_instant(value) and c.now - c.max_age - c.skew <= value <= c.now + c.ahead


def _bound(value: Any, c: ProofContext) -> bool:
    return isinstance(value, str) and _equal(value, dpop.token_hash(c.token))


TOKEN_HEADER: tuple[ClaimCheck[TokenContext], ...] = (
    ClaimCheck("A2", "alg", lambda v, c: isinstance(v, str) and v in c.settings.token_algorithms),
    ClaimCheck("A3", "kid", _is_text),
    ClaimCheck("A5", "typ", _token_type),
)
TOKEN_CLAIMS: tuple[ClaimCheck[TokenContext], ...] = (
    ClaimCheck("A6", "iss", lambda v, c: v == c.settings.issuer),
    ClaimCheck("A7", "aud", lambda v, c: v in (c.settings.audience, [c.settings.audience])),
    ClaimCheck("A8", "exp", lambda v, c: _is_instant(v) and v > c.now - c.settings.token_leeway, time_dependent=True),
    ClaimCheck("A8", "nbf", lambda v, c: _is_instant(v) and v <= c.now + c.settings.token_leeway, time_dependent=True),
    ClaimCheck("A8", "iat", lambda v, c: _is_instant(v) and v <= c.now + c.settings.token_leeway, time_dependent=True),
    ClaimCheck("A9", "scope", _scope),
    ClaimCheck("A10", "cnf", _confirmation),
    ClaimCheck("step 4", "client_id", _is_text),
    ClaimCheck("carried", "jti", _is_text),
    ClaimCheck("step 4", headers.CLAIM_PARENT, _is_organisation, required=False),  # step 4 demands one of the two
    ClaimCheck("step 4", headers.CLAIM_CHILD, _is_organisation, required=False),
    ClaimCheck("step 9", headers.CLAIM_SUPPLIER, _is_organisation, required=False),  # only a multi-tenant client has it
)
_TOKEN_TIMES = tuple(row for row in TOKEN_CLAIMS if row.time_dependent)
PROOF_HEADER: tuple[ClaimCheck[ProofContext], ...] = (
    ClaimCheck("D4", "typ", lambda v, _: v == dpop.TYP),
    ClaimCheck("D5", "alg", lambda v, _: isinstance(v, str) and v in jws.ASYMMETRIC),
    ClaimCheck("D6", "jwk", lambda v, _: isinstance(v, dict)),
)
PROOF_CLAIMS: tuple[ClaimCheck[ProofContext], ...] = (
    ClaimCheck("D9", "htm", lambda v, c: v == c.method),
    ClaimCheck("D10", "htu", lambda v, c: isinstance(v, str) and dpop.normalise(v) in c.urls),
    ClaimCheck("D11", "iat", _fresh),
    ClaimCheck("D14", "jti", _is_text),
)
PROOF_BINDING: tuple[ClaimCheck[ProofContext], ...] = (
    ClaimCheck("D13", "ath", _bound),
)  # where there is a token to be bound to


def verify_token(token: str, key_of: Callable[[str], Key], c: TokenContext) -> Jws:
    """A token whose form and signature hold (A1 to A5, A11); CredentialRefused with `invalid_token` when they do not."""
    try:
        read = jws.parse(token)
        _check_rows(TOKEN_HEADER, read.header, c)
        jws.verify(read, key_of(read.header["kid"]), c.settings.token_algorithms)
    except BadJws as fault:
        raise CredentialRefused("invalid_token", fault.reason) from None
    return read


def check_token_claims(read: Jws, c: TokenContext, *, again: bool = False) -> dict[str, Any]:
    """The claims of a verified token, when they hold at this instant (A6 to A10); `again` when they held a moment ago."""
    try:
        _check_rows(_TOKEN_TIMES if again else TOKEN_CLAIMS, read.payload, c)
    except BadJws as fault:
        raise CredentialRefused("invalid_token", fault.reason) from None
    return read.payload


def verify_proof(proof: str, c: ProofContext) -> VerifiedProof:
    """A proof that satisfies table D; nonce, replay and message claims (D12, D14, D15) are checked elsewhere."""
    try:
        read = jws.parse(proof)  # D2
        _check_rows(PROOF_HEADER, read.header, c)
        jkt = _check_key(read, c)
        _check_rows(PROOF_CLAIMS + (PROOF_BINDING if c.token else ()), read.payload, c)
    except BadJws as fault:
        raise CredentialRefused("invalid_dpop_proof", fault.reason) from None
    except BadJwk as fault:
        raise CredentialRefused("invalid_dpop_proof", f"D6 {fault.reason}") from None
    return VerifiedProof(read.payload, jkt)


def _check_key(read: Jws, c: ProofContext) -> str:
    """D6 the key itself, D8 that the token is bound to it, and D7 the signature; the key's thumbprint."""
    key, jkt = _proof_key(read.header_text)
    if c.jkt and not _equal(jkt, c.jkt):
        raise BadJws("D8 jkt")
    jws.verify(read, key, jws.ASYMMETRIC)
    return jkt


@lru_cache(maxsize=1024)  # a client proves with the same key each time
def _proof_key(header_text: str) -> tuple[Key, str]:
    """The key in a proof's header, and its thumbprint."""
    member = jws.read_header(header_text)["jwk"]
    return jwk.load_public(member), jwk.thumbprint(member)


def _check_rows(rows: Iterable[ClaimCheck[Context_contra]], members: dict[str, Any], c: Context_contra) -> None:
    for row in rows:
        present = row.name in members
        if (row.required and not present) or (present and not row.holds(members[row.name], c)):
            raise BadJws(f"{row.check} {row.name}")


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
