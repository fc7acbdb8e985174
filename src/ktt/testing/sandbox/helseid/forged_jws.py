"""Compact JWS that a correct signer never makes: any header, any payload, any signature. For tests of both ends."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from ktt.wire import base64url, jwk
from ktt.wire.jws import Key

Members = dict[str, Any]
Sign = Callable[[bytes], bytes]


def changed(full: Mapping[str, Any], changes: Mapping[str, Any], without: frozenset[str] = frozenset()) -> Members:
    """The members with some replaced or added, and some left out."""
    return {name: value for name, value in {**full, **changes}.items() if name not in without}


def compact(header: bytes, payload: bytes, sign: Sign) -> str:
    """Three parts, the third made by `sign` from the first two."""
    parts = f"{base64url.encode(header)}.{base64url.encode(payload)}"
    return f"{parts}.{base64url.encode(sign(parts.encode()))}"


def rs256(key: Key) -> Sign:
    """RSA with PKCS#1 v1.5 and SHA-256, whatever the header says."""
    own = key.private_key
    assert isinstance(own, rsa.RSAPrivateKey), "an RSA key"
    return lambda text: own.sign(text, padding.PKCS1v15(), hashes.SHA256())


def rs1(key: Key) -> Sign:
    """RSA with SHA-1, which is not to be accepted anywhere."""
    own = key.private_key
    assert isinstance(own, rsa.RSAPrivateKey), "an RSA key"
    return lambda text: own.sign(text, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303 - the point of it


def es256_der(key: Key) -> Sign:
    """ECDSA in DER, where JWS wants r ‖ s (RFC 7518 § 3.4)."""
    own = key.private_key
    assert isinstance(own, ec.EllipticCurvePrivateKey), "a curve key"
    return lambda text: own.sign(text, ec.ECDSA(hashes.SHA256()))


def hs256(public: Mapping[str, Any]) -> Sign:
    """HMAC with the public key's PEM as the shared secret, which a verifier that trusts `alg` accepts."""
    pem = jwk.load_public(public).as_pem()
    return lambda text: hmac.digest(pem, text, hashlib.sha256)


def unsigned(_text: bytes) -> bytes:
    """No signature at all."""
    return b""
