"""The protocol once more, by other hands: the standard library and textbook calls; nothing of ktt.wire, nor of joserfc.

What FHI's client sent satisfies it, so what we send is held against it too.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric import padding as rsa_padding
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

ALGORITHMS = [family + bits for family in ("RS", "PS", "ES") for bits in ("256", "384", "512")]
HEADERS = {
    "x-vendor-name",
    "x-software-name",
    "x-software-version",
    "x-export-software-version",
    "x-data-extraction-date",
}


_CURVES = {"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1(), "P-521": ec.SECP521R1()}


def unpadded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "==")


def number(text: str) -> int:
    return int.from_bytes(decoded(text), "big")


def verified(compact: str, jwk: dict[str, Any]) -> dict[str, Any]:
    """The claims of a JWS whose signature is in order; InvalidSignature when it is not."""
    signed, _, signature = compact.rpartition(".")
    _verify(header_of(compact)["alg"], jwk, signed.encode(), decoded(signature))
    return json.loads(decoded(signed.partition(".")[2]))


def _verify(alg: str, jwk: dict[str, Any], signed: bytes, signature: bytes) -> None:
    digest = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}[alg[2:]]
    if jwk["kty"] == "EC":
        key = ec.EllipticCurvePublicNumbers(number(jwk["x"]), number(jwk["y"]), _CURVES[jwk["crv"]]).public_key()
        half = len(signature) // 2
        r, s = int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
        key.verify(encode_dss_signature(r, s), signed, ec.ECDSA(digest))
        return
    pss = rsa_padding.PSS(rsa_padding.MGF1(digest), digest.digest_size)
    form = pss if alg.startswith("PS") else rsa_padding.PKCS1v15()
    rsa.RSAPublicNumbers(number(jwk["e"]), number(jwk["n"])).public_key().verify(signature, signed, form, digest)


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
