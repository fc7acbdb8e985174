"""JSON Web Keys (RFC 7517, RFC 7518 § 6): RSA and elliptic-curve keys in one form only, made and loaded by joserfc.

joserfc takes keys of any strength, a modulus with zero bytes before it and a coordinate that is cut short; each of these
would give one key several thumbprints, or weaken the check, and is refused before joserfc sees it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from joserfc import jwk as jose
from joserfc.jwk import ECKey, RSAKey

from ktt.wire import base64url
from ktt.wire.jws import Key

_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "k", "oth"})  # helseid § 13 D6
_FACTORS = frozenset({"p", "q", "dp", "dq", "qi"})  # all or none are given (RFC 7518 § 6.3.2)
_PUBLIC = ("kty", "crv", "n", "e", "x", "y", "use", "alg", "kid")
_MIN_BITS, _MAX_BITS = 2048, 8192  # below is weak, above is a way to burn our processor (helseid § 3)
_MAX_EXPONENT = 2**32
_COORDINATE_BYTES = {"P-256": 32, "P-384": 48, "P-521": 66}
_EC_ALGORITHMS = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}


class BadJwk(Exception):
    """A key that is refused; `reason` is a short word for the log, never shown to the sender."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def thumbprint(jwk: Mapping[str, Any]) -> str:
    """SHA-256 over the required members (RFC 7638), base64url; BadJwk when the key is refused."""
    return jose.thumbprint(_required(jwk))


def signing_algorithm(jwk: Mapping[str, Any]) -> str:
    """The key's own `alg`; without one RS256, or for a curve the one algorithm that fits it."""
    alg = jwk.get("alg") or next((alg for alg, crv in _EC_ALGORITHMS.items() if crv == jwk.get("crv")), "RS256")
    return str(alg)


def public_part(jwk: Mapping[str, Any]) -> dict[str, Any]:
    """The members that may be shown: key material, `use`, `alg` and `kid`; whatever else is there is left out."""
    return {name: jwk[name] for name in _PUBLIC if name in jwk}


def load_public(jwk: Mapping[str, Any]) -> Key:
    """The key of a public JWK; BadJwk when it has private members or is not one that a proof may use."""
    if not _PRIVATE.isdisjoint(jwk):
        raise BadJwk("private")
    try:
        return _imported(_required(jwk))
    except ValueError:  # a point off the curve
        raise BadJwk("point") from None


def load_private(jwk: Mapping[str, Any]) -> Key:
    """The key of a private JWK, checked as a whole; the prime factors are recovered when not all are given."""
    members = _required(jwk)
    private = {"d", *(_FACTORS if jwk.keys() >= _FACTORS else ())} if "n" in members else {"d"}
    for name in private:
        _octets(jwk, name)
    try:
        return _imported(members | {name: jwk[name] for name in private})
    except ValueError:
        raise BadJwk("inconsistent") from None


def generate(kind: str = "RSA-3072", *, kid: str | None = None, alg: str | None = None) -> dict[str, Any]:
    """A new private JWK: `RSA-<bits>` (RS256 unless `alg` says otherwise) or ES256, ES384, ES512."""
    key: Key
    if kind in _EC_ALGORITHMS:
        key, alg = ECKey.generate_key(_EC_ALGORITHMS[kind]), kind
    else:
        key, alg = RSAKey.generate_key(int(kind.removeprefix("RSA-"))), alg or "RS256"
    return {**key.as_dict(private=True), "use": "sig", "alg": alg, "kid": kid or key.thumbprint()}


def _imported(members: dict[str, Any]) -> Key:
    return RSAKey.import_key(members) if "n" in members else ECKey.import_key(members)


def _required(jwk: Mapping[str, Any]) -> dict[str, Any]:
    """The required members of a public key (RFC 7638 § 3.2); BadJwk unless each has its one form and a fit value."""
    crv = jwk.get("crv")
    match jwk.get("kty"):
        case "RSA":
            _hold_rsa(_number(jwk, "n"), _number(jwk, "e"))
            return {name: jwk[name] for name in ("kty", "n", "e")}
        case "EC" if isinstance(crv, str) and crv in _COORDINATE_BYTES:
            x, y = _octets(jwk, "x"), _octets(jwk, "y")
            if len(x) != _COORDINATE_BYTES[crv] or len(y) != len(x):  # always the field's full width, § 6.2.1.2
                raise BadJwk("point")
            return {name: jwk[name] for name in ("kty", "crv", "x", "y")}
    raise BadJwk("kty")


def _hold_rsa(n: int, e: int) -> None:
    if not _MIN_BITS <= n.bit_length() <= _MAX_BITS or n % 2 == 0:
        raise BadJwk("modulus")
    if not 3 <= e < _MAX_EXPONENT or e % 2 == 0:  # noqa: PLR2004 - the smallest exponent there is
        raise BadJwk("exponent")


def _number(jwk: Mapping[str, Any], name: str) -> int:
    raw = _octets(jwk, name)
    if raw[0] == 0:
        raise BadJwk("encoding")
    return int.from_bytes(raw, "big")


def _octets(jwk: Mapping[str, Any], name: str) -> bytes:
    text = jwk.get(name)
    raw = base64url.decode(text) if isinstance(text, str) and len(text) <= _MAX_BITS // 4 else None
    if not raw:
        raise BadJwk("encoding")
    return raw
