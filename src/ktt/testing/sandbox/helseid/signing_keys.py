"""The signing keys of our HelseID: several at a time, so that they can be rotated."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any

import orjson

from ktt.storage.vault import read_secret, replace_secret, write_secret
from ktt.testing.sandbox.errors import StateUnreadable
from ktt.wire import jwk
from ktt.wire.jwk import BadJwk
from ktt.wire.jws import Signer

_KIND = "RSA-2048"  # what HelseID signs its access tokens with (helseid § 3)


class SigningKeys:
    """The keys in one 0600 file. The first one signs; the next and the previous one are published with it.

    So whoever has fetched the set once also has the key of the next rotation, and need not fetch it again (helseid § 1).
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        if not path.exists():
            write_secret(path, json.dumps([_new_key(), _new_key()]).encode())
        self._load()

    def jwks(self) -> bytes:
        """The public keys as a JWK set."""
        return orjson.dumps({"keys": [jwk.public_part(key) for key in self._keys]})

    @property
    def kids(self) -> tuple[str, ...]:
        """The ids of the keys in the set."""
        return tuple(str(key["kid"]) for key in self._keys)

    @property
    def current(self) -> dict[str, Any]:
        """The private JWK that signs now."""
        return self._keys[0]

    def sign(self, claims: dict[str, Any]) -> str:
        """An access token."""
        return self._signer.sign(claims)

    def rotate(self) -> None:
        """Sign with the next key from now on; the one before stays published."""
        last, *following = self._keys[:2]
        keys = [*(following or [_new_key()]), _new_key(), last]
        replace_secret(self._path, json.dumps(keys).encode())
        self._load()

    def _load(self) -> None:
        try:
            self._keys: list[dict[str, Any]] = json.loads(read_secret(self._path))
            key = self._keys[0]
            head = {"typ": "at+jwt", "alg": key["alg"], "kid": key["kid"]}
            self.loaded = jwk.load_private(key)
            self._signer = Signer(head, self.loaded, key["alg"])
        except (ValueError, LookupError, TypeError, BadJwk) as fault:
            raise StateUnreadable(path=self._path) from fault


def _new_key() -> dict[str, Any]:
    return jwk.generate(_KIND, kid=secrets.token_hex(20).upper())
