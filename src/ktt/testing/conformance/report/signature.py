"""The signature beside a result: whoever has the file can see that it is as the suite wrote it, and by whose key.

It binds the whole file. Whose key it is must be known from elsewhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from ktt.core.os_faults import os_reason
from ktt.testing.conformance.errors import ResultAltered, ResultUnreadable
from ktt.testing.conformance.report.about import About
from ktt.testing.conformance.report.document import read_document
from ktt.wire import jws
from ktt.wire.dpop import ProofKey
from ktt.wire.jwk import BadJwk, load_public, thumbprint

SigningKey = ProofKey
"""The key that signs a result: any private key that can sign proofs."""

TYP = "ktt-conformance+jwt"
"""The signature's own type, so that it can never pass as something that HelseID or the receiver is asked with."""
_MAX_SIGNATURE = 1 << 16  # bytes
_KEY_MATERIAL = ("kty", "crv", "x", "y", "n", "e")


def beside(path: Path) -> Path:
    """Where the signature of a file is."""
    return path.with_name(f"{path.name}.jws")


def signature_of(content: bytes, key: ProofKey, about: About, counts: Mapping[str, int]) -> str:
    """A compact JWS over a result: its hash, what it is about, and its numbers."""
    claims = {
        "sha256": hashlib.sha256(content).hexdigest(),
        "iat": int(about.at.timestamp()),
        "about": about.as_data(),
        "counts": dict(counts),
    }
    material = {name: key.public_jwk[name] for name in _KEY_MATERIAL if name in key.public_jwk}
    return key.signer(TYP, {"jwk": material}).sign(orjson.dumps(claims))


def verify_result(path: Path) -> tuple[dict[str, Any], str]:
    """A result that is as it was signed, and the thumbprint of the key; ResultUnreadable, ResultAltered."""
    try:
        content, compact = path.read_bytes(), beside(path).read_bytes()
    except OSError as fault:
        raise ResultUnreadable(path=fault.filename or path, reason=os_reason(fault)) from fault
    read = read_document(path)
    claims, signer = _verified(path, compact.decode("ascii", "replace").strip())
    agreed = {"about": read["about"], "counts": read.get("counts")} == {
        name: claims.get(name) for name in ("about", "counts")
    }
    if claims.get("sha256") != hashlib.sha256(content).hexdigest() or not agreed:
        raise ResultAltered(path=path)
    return read, signer


def _verified(path: Path, compact: str) -> tuple[Mapping[str, Any], str]:
    try:
        signed = jws.parse(compact, max_bytes=_MAX_SIGNATURE)
        public = signed.header.get("jwk")
        if signed.header.get("typ") != TYP or not isinstance(public, dict):
            raise ResultAltered(path=path)
        jws.verify(signed, load_public(public), jws.ASYMMETRIC)
        return signed.payload, thumbprint(public)
    except (jws.BadJws, BadJwk) as fault:
        raise ResultAltered(path=path) from fault
