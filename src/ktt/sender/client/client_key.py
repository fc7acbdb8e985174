"""The client's private key: one JWK in a 0600 file."""

from __future__ import annotations

from pathlib import Path

import orjson

from ktt.sender.client.errors import ClientKeyUnfit, ClientKeyUnreadable
from ktt.storage.errors import KeyFileUnreadable
from ktt.storage.vault import read_secret
from ktt.wire.dpop import ProofKey
from ktt.wire.jwk import BadJwk
from ktt.wire.jws import BadJws

_REASONS = {"kty": "neither RSA nor EC", "modulus": "size of the RSA key", "key": "alg and key do not fit"}


def read_client_key(path: Path) -> ProofKey:
    """The key in the file; KeyFileTooOpen, ClientKeyUnreadable or ClientKeyUnfit when it cannot be used."""
    try:
        content = read_secret(path)
    except KeyFileUnreadable as fault:
        raise ClientKeyUnreadable(path=path, reason=fault.facts["reason"]) from fault
    try:
        members = orjson.loads(content)
    except ValueError:
        raise ClientKeyUnfit(path=path, reason="not JSON") from None
    if not isinstance(members, dict):
        raise ClientKeyUnfit(path=path, reason="not a JSON object")
    if "d" not in members:
        raise ClientKeyUnfit(path=path, reason="the private part is missing")
    try:
        return ProofKey(members)
    except (BadJwk, BadJws) as fault:
        raise ClientKeyUnfit(path=path, reason=_REASONS.get(fault.reason, fault.reason)) from None
