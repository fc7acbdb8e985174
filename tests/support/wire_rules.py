"""The protocol once more, by other hands: joserfc, the standard library and textbook calls; nothing of ktt.wire.

What FHI's client sent satisfies it, so what we send is held against it too.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.asymmetric import padding as rsa_padding
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

ALGORITHMS = [family + bits for family in ("RS", "PS", "ES") for bits in ("256", "384", "512")]
HEADERS = {
    "x-vendor-name",
    "x-software-name",
    "x-software-version",
    "x-export-software-version",
    "x-data-extraction-date",
}


class LongHeaders(jws.JWSRegistry):
    """joserfc takes 512 characters of header; a proof with an RSA key has up to 1 092."""

    max_header_length = 4096


def registry() -> jws.JWSRegistry:
    return LongHeaders(algorithms=ALGORITHMS)


def key_of(jwk: dict[str, Any]) -> RSAKey | ECKey:
    return RSAKey.import_key(jwk) if jwk["kty"] == "RSA" else ECKey.import_key(jwk)


def unpadded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "==")


def verified(compact: str, jwk: dict[str, Any]) -> dict[str, Any]:
    """The claims of a JWS whose signature joserfc finds in order."""
    return json.loads(jws.deserialize_compact(compact, key_of(jwk), registry=registry()).payload)


def header_of(compact: str) -> dict[str, Any]:
    return json.loads(decoded(compact.split(".", maxsplit=1)[0]))


def open_message(headers: dict[str, str], body: bytes, key: rsa.RSAPrivateKey, *, url: str, at: float) -> bytes:
    """The plaintext of a `POST /message`; AssertionError or an exception of a library when something is off."""
    headers = {name.lower(): value for name, value in headers.items()}
    assert headers.keys() >= HEADERS
    assert headers["content-type"] == "text/plain; charset=utf-8"
    scheme, token = headers["authorization"].split(" ")
    head = header_of(headers["dpop"])
    claims = verified(headers["dpop"], head["jwk"])
    assert (scheme, head["typ"], claims["htm"], claims["htu"]) == ("DPoP", "dpop+jwt", "POST", url)
    assert "d" not in head["jwk"]
    assert 0 <= at - claims["iat"] < 10
    assert claims["ath"] == unpadded(hashlib.sha256(token.encode()).digest())
    oaep = rsa_padding.OAEP(rsa_padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    symmetric = key.decrypt(decoded(claims["enc_sym_key"]), oaep)
    raw = base64.b64decode(body, validate=True)
    decryptor = Cipher(algorithms.AES256(symmetric), modes.CBC(raw[:16])).decryptor()
    unpadder = padding.PKCS7(128).unpadder()
    plain = unpadder.update(decryptor.update(raw[16:]) + decryptor.finalize()) + unpadder.finalize()
    assert claims["msg_hash"] == unpadded(hashlib.sha256(plain).digest())
    return plain
