"""Keys for the tests of wire and transport, made once a run."""

from __future__ import annotations

import datetime as dt
import functools
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from ktt.wire import jwk
from ktt.wire.envelope import ReceiverKey

FAR_OFF = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)


@functools.cache
def private_jwk(kind: str, alg: str | None = None) -> dict[str, Any]:
    """A private JWK of a kind, the same one each time."""
    return jwk.generate(kind, alg=alg)


def receiver_private_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    """The receiver's RSA key."""
    return _rsa(bits)


@functools.cache
def _rsa(bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def receiver_key(bits: int = 2048, key_id: str = "7b67c573-150e-47e5-bd9e-04f8c34fbca4") -> ReceiverKey:
    """Its public side, as listed at `/keys`."""
    return ReceiverKey(key_id, receiver_private_key(bits).public_key(), FAR_OFF)
