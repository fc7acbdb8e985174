"""The client's private key: one JWK in a 0600 file."""

from __future__ import annotations

from pathlib import Path

import orjson

from ktt.core.text import Text
from ktt.sender.client.errors import ClientKeyUnfit, ClientKeyUnreadable
from ktt.storage.errors import KeyFileUnreadable
from ktt.storage.vault import read_secret
from ktt.wire.dpop import ProofKey
from ktt.wire.jwk import BadJwk
from ktt.wire.jws import BadJws

_REASONS = {
    "kty": Text(nb="verken RSA eller EC", en="neither RSA nor EC"),
    "modulus": Text(nb="størrelsen på RSA-nøkkelen", en="size of the RSA key"),
    "key": Text(nb="alg og nøkkel passer ikke sammen", en="alg and key do not fit"),
}
_NOT_JSON = Text(nb="ikke JSON", en="not JSON")
_NO_OBJECT = Text(nb="ikke et JSON-objekt", en="not a JSON object")
_NOT_PRIVATE = Text(nb="den private delen mangler", en="the private part is missing")


def read_client_key(path: Path) -> ProofKey:
    """The key in the file; KeyFileTooOpen, ClientKeyUnreadable or ClientKeyUnfit when it cannot be used."""
    try:
        content = read_secret(path)
    except KeyFileUnreadable as fault:
        raise ClientKeyUnreadable(path=path, reason=fault.facts["reason"]) from fault
    try:
        members = orjson.loads(content)
    except ValueError:
        raise ClientKeyUnfit(path=path, reason=_NOT_JSON) from None
    if not isinstance(members, dict):
        raise ClientKeyUnfit(path=path, reason=_NO_OBJECT)
    if "d" not in members:
        raise ClientKeyUnfit(path=path, reason=_NOT_PRIVATE)
    try:
        return ProofKey(members)
    except (BadJwk, BadJws) as fault:
        raise ClientKeyUnfit(path=path, reason=_REASONS.get(fault.reason, fault.reason)) from None
