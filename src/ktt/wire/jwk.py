"""JSON Web Keys (RFC 7517, RFC 7518 § 6): RSA and elliptic-curve keys, one form for each key."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ktt.wire import base64url
from ktt.wire.jws import PrivateKey, PublicKey

_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "k", "oth"})  # helseid § 13 D6
_PUBLIC = ("kty", "crv", "n", "e", "x", "y", "use", "alg", "kid")
_MIN_BITS, _MAX_BITS = 2048, 8192  # below is weak, above is a way to burn our processor (helseid § 3)
_MAX_EXPONENT = 2**32
_CURVES: dict[str, ec.EllipticCurve] = {"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1(), "P-521": ec.SECP521R1()}
_EC_ALGORITHMS = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}


class BadJwk(Exception):
    """A key that is refused; `reason` is a short word for the log, never shown to the sender."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def thumbprint(jwk: Mapping[str, Any]) -> str:
    """SHA-256 over the required members (RFC 7638), base64url; BadJwk when a value is not in canonical form."""
    if jwk.get("kty") == "RSA":
        _number(jwk, "e"), _number(jwk, "n")
        text = f'{{"e":"{jwk["e"]}","kty":"RSA","n":"{jwk["n"]}"}}'
    else:
        _point(jwk)
        text = f'{{"crv":"{jwk["crv"]}","kty":"EC","x":"{jwk["x"]}","y":"{jwk["y"]}"}}'
    return base64url.encode(hashlib.sha256(text.encode()).digest())


def signing_algorithm(jwk: Mapping[str, Any]) -> str:
    """The key's own `alg`; without one RS256, or for a curve the one algorithm that fits it."""
    alg = jwk.get("alg") or next((alg for alg, crv in _EC_ALGORITHMS.items() if crv == jwk.get("crv")), "RS256")
    return str(alg)


def public_part(jwk: Mapping[str, Any]) -> dict[str, Any]:
    """The members that may be shown: key material, `use`, `alg` and `kid`; whatever else is there is left out."""
    return {name: jwk[name] for name in _PUBLIC if name in jwk}


def load_public(jwk: Mapping[str, Any]) -> PublicKey:
    """The key of a public JWK; BadJwk when it has private members or is not one that a proof may use."""
    if not _PRIVATE.isdisjoint(jwk):
        raise BadJwk("private")
    return _load_public(jwk)


def load_private(jwk: Mapping[str, Any]) -> PrivateKey:
    """The key of a private JWK, checked as a whole; the prime factors are recovered when they are not given."""
    public = _load_public(jwk).public_numbers()
    d = _number(jwk, "d", fixed=isinstance(public, ec.EllipticCurvePublicNumbers))
    try:
        if isinstance(public, ec.EllipticCurvePublicNumbers):
            return ec.EllipticCurvePrivateNumbers(d, public).private_key()
        p, q = _primes(jwk, public, d)
        numbers = rsa.RSAPrivateNumbers(
            p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q), public
        )
        return numbers.private_key()
    except ValueError:
        raise BadJwk("inconsistent") from None


def generate(kind: str = "RSA-3072", *, kid: str | None = None, alg: str | None = None) -> dict[str, Any]:
    """A new private JWK: `RSA-<bits>` (RS256 unless `alg` says otherwise) or ES256, ES384, ES512."""
    if kind in _EC_ALGORITHMS:
        members, alg = _new_curve_key(_EC_ALGORITHMS[kind]), kind
    else:
        members, alg = _new_rsa_key(int(kind.removeprefix("RSA-"))), alg or "RS256"
    return {**members, "use": "sig", "alg": alg, "kid": kid or thumbprint(members)}


def public_jwk(key: PublicKey) -> dict[str, str]:
    """The required members of a key, in canonical form."""
    if isinstance(key, rsa.RSAPublicKey):
        numbers = key.public_numbers()
        return {"kty": "RSA", "n": _text(numbers.n), "e": _text(numbers.e)}
    point, size = key.public_numbers(), (key.curve.key_size + 7) // 8
    crv = next(name for name, curve in _CURVES.items() if curve.name == key.curve.name)
    return {"kty": "EC", "crv": crv, "x": _text(point.x, size), "y": _text(point.y, size)}


def _load_public(jwk: Mapping[str, Any]) -> PublicKey:
    try:
        match jwk.get("kty"):
            case "RSA":
                return _rsa_numbers(jwk).public_key()
            case "EC":
                x, y = _point(jwk)
                return ec.EllipticCurvePublicNumbers(x, y, _CURVES[jwk["crv"]]).public_key()
    except ValueError:  # a point off the curve
        raise BadJwk("point") from None
    raise BadJwk("kty")


def _rsa_numbers(jwk: Mapping[str, Any]) -> rsa.RSAPublicNumbers:
    n, e = _number(jwk, "n"), _number(jwk, "e")
    if not _MIN_BITS <= n.bit_length() <= _MAX_BITS or n % 2 == 0:
        raise BadJwk("modulus")
    if not 3 <= e < _MAX_EXPONENT or e % 2 == 0:  # noqa: PLR2004 - the smallest exponent there is
        raise BadJwk("exponent")
    return rsa.RSAPublicNumbers(e, n)


def _point(jwk: Mapping[str, Any]) -> tuple[int, int]:
    crv = jwk.get("crv")
    if jwk.get("kty") != "EC" or not isinstance(crv, str) or crv not in _CURVES:
        raise BadJwk("kty")
    size = (_CURVES[crv].key_size + 7) // 8
    x, y = (_octets(jwk, name) for name in "xy")
    if len(x) != size or len(y) != size:  # always the full width of the field, RFC 7518 § 6.2.1.2
        raise BadJwk("point")
    return int.from_bytes(x, "big"), int.from_bytes(y, "big")


def _primes(jwk: Mapping[str, Any], public: rsa.RSAPublicNumbers, d: int) -> tuple[int, int]:
    if "p" in jwk and "q" in jwk:
        return _number(jwk, "p"), _number(jwk, "q")
    return rsa.rsa_recover_prime_factors(public.n, public.e, d)


def _number(jwk: Mapping[str, Any], name: str, *, fixed: bool = False) -> int:
    raw = _octets(jwk, name)
    if raw[0] == 0 and not fixed:
        raise BadJwk("encoding")
    return int.from_bytes(raw, "big")


def _octets(jwk: Mapping[str, Any], name: str) -> bytes:
    text = jwk.get(name)
    raw = base64url.decode(text) if isinstance(text, str) and len(text) <= _MAX_BITS // 4 else None
    if not raw:
        raise BadJwk("encoding")
    return raw


def _new_curve_key(crv: str) -> dict[str, Any]:
    key = ec.generate_private_key(_CURVES[crv])
    size = (key.curve.key_size + 7) // 8
    return {**public_jwk(key.public_key()), "d": _text(key.private_numbers().private_value, size)}


def _new_rsa_key(bits: int) -> dict[str, Any]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    numbers = key.private_numbers()
    parts = {"d": numbers.d, "p": numbers.p, "q": numbers.q}
    crt = {"dp": numbers.dmp1, "dq": numbers.dmq1, "qi": numbers.iqmp}
    return {**public_jwk(key.public_key()), **{name: _text(value) for name, value in (parts | crt).items()}}


def _text(number: int, size: int = 0) -> str:
    return base64url.encode(number.to_bytes(size or (number.bit_length() + 7) // 8, "big"))
