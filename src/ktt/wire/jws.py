"""Compact JWS (RFC 7515, RFC 7518): read strictly here, signed and verified by joserfc with nine asymmetric algorithms.

joserfc takes the last of two equal members, and headers and signatures of any size it is told; so what is read is held
to one form first, and only the signature itself is left to it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import orjson
from joserfc.errors import InvalidKeyCurveError, InvalidKeyTypeError
from joserfc.jwa import JWSAlgModel
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry

from ktt.wire import base64url

Key = RSAKey | ECKey
"""A key, private or public; `jwk` makes them."""

ASYMMETRIC = frozenset(family + bits for family in ("RS", "PS", "ES") for bits in ("256", "384", "512"))
"""Every algorithm that can be signed or verified here: RS, PS and ES with 256, 384 and 512."""

_ALGORITHMS = JWSRegistry(algorithms=ASYMMETRIC)
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

    def __init__(self, header: dict[str, Any], key: Key, alg: str) -> None:
        self._algorithm, self._key = _fitting(alg, key), key
        self._head = base64url.encode(orjson.dumps(header)).encode()

    def sign(self, payload: dict[str, Any] | bytes) -> str:
        """The compact form of `payload`: claims, or bytes that are JSON already."""
        body = payload if isinstance(payload, bytes) else orjson.dumps(payload)
        signing_input = self._head + b"." + base64url.encode(body).encode()
        signature = self._algorithm.sign(signing_input, self._key)
        return f"{signing_input.decode('ascii')}.{base64url.encode(signature)}"


def sign(header: dict[str, Any], payload: dict[str, Any] | bytes, key: Key, alg: str) -> str:
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


def verify(jws: Jws, key: Key, allowed: frozenset[str]) -> None:
    """BadJws unless the header's `alg` is allowed, fits the key's type and curve, and the signature holds."""
    alg = jws.header.get("alg")
    if not isinstance(alg, str) or alg not in allowed & ASYMMETRIC:
        raise BadJws("alg")
    if not _fitting(alg, key).verify(jws.signing_input, jws.signature, key):
        raise BadJws("signature")


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


def _fitting(alg: str, key: Key) -> JWSAlgModel:
    """The algorithm; BadJws when it is not one of ours, or not for a key of this type and curve."""
    if alg not in ASYMMETRIC:
        raise BadJws("alg")
    algorithm = _ALGORITHMS.get_alg(alg)
    try:
        algorithm.check_key(key)
    except (InvalidKeyTypeError, InvalidKeyCurveError):
        raise BadJws("key") from None
    return algorithm
