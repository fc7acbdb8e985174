"""Compact JWS (RFC 7515, RFC 7518): signed with one of nine asymmetric algorithms, read strictly."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from ktt.wire import base64url

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

_HASHES: dict[str, hashes.HashAlgorithm] = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
_CURVES = {"ES256": "secp256r1", "ES384": "secp384r1", "ES512": "secp521r1"}

ASYMMETRIC = frozenset(family + bits for family in ("RS", "PS", "ES") for bits in _HASHES)
"""Every algorithm that can be signed or verified here: RS, PS and ES with 256, 384 and 512."""

_SMALL = 2**53  # below it all parsers agree on a whole number

MAX_BYTES = 8192  # helseid § 12 A1 and § 13 D2: a token or proof is at most 8 kB


class BadJws(Exception):
    """A compact JWS that is refused; `reason` is one word for the log, never shown to the sender."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Jws:
    """A compact JWS that is well formed; its signature is not yet verified."""

    header: dict[str, Any] = field(repr=False)
    payload: dict[str, Any] = field(repr=False)
    signing_input: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    header_text: str = field(default="", repr=False)


class Signer:
    """One key, one algorithm and one header, encoded once; signs any number of payloads."""

    def __init__(self, header: dict[str, Any], key: PrivateKey, alg: str) -> None:
        _check_key(alg, key)
        self._head = base64url.encode(orjson.dumps(header)).encode()
        self._key, self._alg = key, alg

    def sign(self, payload: dict[str, Any] | bytes) -> str:
        """The compact form of `payload`: claims, or bytes that are JSON already."""
        body = payload if isinstance(payload, bytes) else orjson.dumps(payload)
        signing_input = self._head + b"." + base64url.encode(body).encode()
        signature = _signature(self._key, self._alg, signing_input)
        return f"{signing_input.decode('ascii')}.{base64url.encode(signature)}"


def sign(header: dict[str, Any], payload: dict[str, Any] | bytes, key: PrivateKey, alg: str) -> str:
    """A compact JWS. `alg` is put into the header; BadJws when key and algorithm do not fit."""
    return Signer({"alg": alg, **header}, key, alg).sign(payload)


def parse(compact: str, *, max_bytes: int = MAX_BYTES) -> Jws:
    """Read the three parts; BadJws when anything but the strict compact form with two JSON objects is found."""
    if len(compact) > max_bytes:
        raise BadJws("size")
    parts = compact.split(".")
    if len(parts) != 3:  # noqa: PLR2004 - header, payload, signature (RFC 7515 § 3.1)
        raise BadJws("parts")
    header = read_header(parts[0])
    payload, signature = _segment(parts[1]), _segment(parts[2])
    return Jws(dict(header), _strict_object(payload), f"{parts[0]}.{parts[1]}".encode(), signature, parts[0])


@lru_cache(maxsize=1024)  # a client's headers are the same each time: 8 MB at the most
def read_header(text: str) -> Mapping[str, Any]:
    """The header of a compact JWS from its first part; BadJws."""
    head = _strict_object(_segment(text))
    if "crit" in head or head.get("b64", True) is not True:  # we understand no extension (RFC 7515 § 4.1.11)
        raise BadJws("crit")
    return MappingProxyType(head)  # shared by all who read it


def verify(jws: Jws, key: PublicKey, allowed: frozenset[str]) -> None:
    """BadJws unless the header's `alg` is allowed, fits the key's type and curve, and the signature holds."""
    alg = jws.header.get("alg")
    if not isinstance(alg, str) or alg not in allowed & ASYMMETRIC:
        raise BadJws("alg")
    _check_key(alg, key)
    try:
        _check_signature(key, alg, jws)
    except InvalidSignature:
        raise BadJws("signature") from None


def _segment(text: str) -> bytes:
    raw = base64url.decode(text)
    if not raw:
        raise BadJws("base64url")
    return raw


def _strict_object(raw: bytes) -> dict[str, Any]:
    """A JSON object that every parser reads alike: no NaN, BOM, lone surrogates or depth (orjson), and no duplicates.

    orjson keeps the last of two members without a word. Each member costs one colon, and so do the colons in texts: a
    simple object that holds as many when it is written again has lost nothing. The rest is read the slow and plain way.
    """
    try:
        value = orjson.loads(raw)
        if not _simple(value) or b"\\" in raw or raw.count(b":") != orjson.dumps(value).count(b":"):
            value = json.loads(raw, object_pairs_hook=_unique, parse_float=_finite, parse_int=_int64)
    except (ValueError, RecursionError):
        raise BadJws("json") from None
    if not isinstance(value, dict):
        raise BadJws("object")
    return value


def _simple(value: Any) -> bool:
    """Whether it is an object of texts and instants, and of lists and objects of texts: all that an honest one holds."""
    return type(value) is dict and all(map(_simple_member, value.values()))


def _simple_member(value: Any) -> bool:
    kind = type(value)
    if kind is str:
        return True
    if kind is int:
        return bool(0 <= value < _SMALL)
    inside = value if kind is list else value.values() if kind is dict else (None,)
    return all(type(one) is str for one in inside)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise BadJws("duplicate")
    return members


def _int64(text: str) -> int:
    number = int(text)
    if not -(2**63) <= number < 2**63:  # beyond it, parsers disagree (transport § 15)
        raise BadJws("json")
    return number


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise BadJws("json")
    return number


def _check_key(alg: str, key: PublicKey | PrivateKey) -> None:
    if alg not in ASYMMETRIC:
        raise BadJws("alg")
    if isinstance(key, ec.EllipticCurvePublicKey | ec.EllipticCurvePrivateKey):
        fits = _CURVES.get(alg) == key.curve.name
    else:
        fits = alg not in _CURVES
    if not fits:
        raise BadJws("key")


def _rsa_padding(alg: str) -> padding.AsymmetricPadding:
    if alg.startswith("RS"):
        return padding.PKCS1v15()
    digest = _HASHES[alg[2:]]
    return padding.PSS(padding.MGF1(digest), digest.digest_size)  # salt as long as the digest, RFC 7518 § 3.5


def _signature(key: PrivateKey, alg: str, signing_input: bytes) -> bytes:
    digest = _HASHES[alg[2:]]
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(signing_input, _rsa_padding(alg), digest)
    size = _coordinate_bytes(key.curve)
    r, s = decode_dss_signature(key.sign(signing_input, ec.ECDSA(digest)))
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def _check_signature(key: PublicKey, alg: str, jws: Jws) -> None:
    digest, signature = _HASHES[alg[2:]], jws.signature
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, jws.signing_input, _rsa_padding(alg), digest)
        return
    size = _coordinate_bytes(key.curve)
    if len(signature) != 2 * size:  # raw r‖s, never DER (RFC 7518 § 3.4); a high s is as good as a low one
        raise BadJws("signature")
    der = encode_dss_signature(int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big"))
    key.verify(der, jws.signing_input, ec.ECDSA(digest))


def _coordinate_bytes(curve: ec.EllipticCurve) -> int:
    return (curve.key_size + 7) // 8
