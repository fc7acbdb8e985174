"""New client keys: made here, or taken from a PKCS#12 file. The key file knows when it was made and until when it is good.

Both are members of the JWK itself, `iat` and `exp` in seconds, as OpenID Federation names them: a key and its expiry are
then exchanged in one rename. They are never part of what is shown or registered.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from joserfc.jwk import ECKey, RSAKey

from ktt.core.os_faults import os_reason
from ktt.core.text import Text
from ktt.sender.keys.errors import KeyThere, StoreUnreadable
from ktt.storage.vault import write_secret
from ktt.wire import jwk
from ktt.wire.dpop import ProofKey
from ktt.wire.jwk import BadJwk
from ktt.wire.jws import BadJws

KINDS = {"RSA-3072": "RSA-3072", "RSA-4096": "RSA-4096", "P-256": "ES256", "P-384": "ES384"}
"""The kinds of key that can be made, and the name by which `wire.jwk` makes them."""

LIFETIME = dt.timedelta(days=365)
"""How long a key made here is good when nobody says anything else: NHN publishes no number that we have seen."""

_MOST_BYTES = 1 << 20
_MIN_BITS = 2048
_WRONG = Text(nb="den er ikke PKCS#12, eller passordet er feil", en="it is not PKCS#12, or the password is wrong")
_NO_KEY = Text(nb="den har ingen privat nøkkel", en="it has no private key")
_UNFIT = Text(
    nb="nøkkelen er verken RSA med 2048 til 8192 biter, P-256, P-384 eller P-521",
    en="the key is neither RSA of 2048 to 8192 bits, P-256, P-384 nor P-521",
)


def made_key(kind: str, now: dt.datetime, until: dt.datetime) -> dict[str, Any]:
    """A new private JWK of one of `KINDS`."""
    return {**jwk.generate(KINDS[kind]), **_times(now, until)}


def imported_key(path: Path, password: bytes | None, now: dt.datetime, until: dt.datetime | None) -> dict[str, Any]:
    """The private JWK of a PKCS#12 file; good until its certificate expires unless something earlier is said."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise StoreUnreadable(path=path, reason=_WRONG)
        opened = pkcs12.load_pkcs12(path.read_bytes(), password)
    except OSError as fault:
        raise StoreUnreadable(path=path, reason=os_reason(fault)) from fault
    except ValueError:
        raise StoreUnreadable(path=path, reason=_WRONG) from None
    if opened.key is None:
        raise StoreUnreadable(path=path, reason=_NO_KEY)
    ends = [opened.cert.certificate.not_valid_after_utc] if opened.cert else []
    ends += [until] if until else []
    made = _as_jwk(path, opened.key)
    return {**made, **_times(now, min(ends, default=now + LIFETIME))}


def _as_jwk(path: Path, key: object) -> dict[str, Any]:
    try:
        members = _jose(key).as_dict(private=True)
        members |= {"use": "sig", "alg": jwk.signing_algorithm(members), "kid": jwk.thumbprint(members)}
        ProofKey(members)
    except (BadJwk, BadJws, ValueError):
        raise StoreUnreadable(path=path, reason=_UNFIT) from None
    return members


def _jose(key: object) -> RSAKey | ECKey:
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= _MIN_BITS:  # joserfc warns of a weaker one, and takes it
        return RSAKey.import_key(key)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return ECKey.import_key(key)
    raise BadJwk("kty")


def _times(now: dt.datetime, until: dt.datetime) -> dict[str, int]:
    return {"iat": int(now.timestamp()), "exp": int(until.timestamp())}


def write_key(path: Path, members: Mapping[str, Any]) -> dict[str, Any]:
    """Write a private JWK to a new 0600 file and return its public part; KeyThere when there is such a file."""
    try:
        write_secret(path, orjson.dumps(members))
    except FileExistsError:
        raise KeyThere(path=path) from None
    return jwk.public_part(members)
