"""DPoP proofs (RFC 9449), the part that the one who proves needs, and the two values both ends must agree on."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from ktt.wire import base64url, jwk
from ktt.wire.jws import Signer

TYP = "dpop+jwt"
_SHOWN = ("kty", "n", "e", "crv", "x", "y", "alg")  # what FHI's client puts into the header's `jwk` (transport § 5)
_URL = re.compile(r"(https?)://([^/?#@]*?)(?::(\d*))?(/[^?#]*)?(?:[?#].*)?", re.ASCII | re.IGNORECASE)
_PRINTABLE = re.compile(r"[!-~]+")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_DEFAULT_PORTS = {"http": "80", "https": "443"}


class ProofKey:
    """A private key that makes proofs; loaded once, and its header encoded once."""

    def __init__(self, private_jwk: Mapping[str, Any]) -> None:
        self.thumbprint = jwk.thumbprint(private_jwk)
        self.public_jwk = jwk.public_part(private_jwk)
        self.alg = jwk.signing_algorithm(private_jwk)
        self._key = jwk.load_private(private_jwk)
        shown = {name: value for name, value in self.public_jwk.items() if name in _SHOWN}
        self._signer = self.signer(TYP, {"jwk": shown})

    def __repr__(self) -> str:
        return f"ProofKey({self.thumbprint})"

    def signer(self, typ: str, more: Mapping[str, Any] | None = None) -> Signer:
        """Signs tokens of another kind with the same key and algorithm; `kid` is named when the key has one."""
        kid = {"kid": self.public_jwk["kid"]} if "kid" in self.public_jwk else {}
        return Signer({"alg": self.alg, "typ": typ, **kid, **(more or {})}, self._key, self.alg)

    def proof(
        self,
        method: str,
        url: str,
        at: dt.datetime,
        *,
        token: str | None = None,
        nonce: str | None = None,
        claims: Mapping[str, Any] | None = None,
    ) -> str:
        """A fresh proof for one request to `url` at the instant `at`; bound to `token` when there is one."""
        bound = {"ath": token_hash(token)} if token else {}
        answer = {"nonce": nonce} if nonce else {}
        fixed = {"jti": new_jti(), "htm": method, "htu": normalise(url), "iat": int(at.timestamp())}
        return self._signer.sign({**(claims or {}), **fixed, **bound, **answer})


def new_jti() -> str:
    """128 random bits; a UUID has only 122 (OWASP ASVS 5.0 11.5.1)."""
    return secrets.token_urlsafe(16)


def token_hash(token: str) -> str:
    """The claim `ath`: SHA-256 of the token as it travels, base64url (RFC 9449 § 4.2)."""
    return base64url.encode(hashlib.sha256(token.encode("ascii")).digest())


@lru_cache(maxsize=1024)  # a client names the same address each time; a proof has 8 kB at most
def normalise(url: str) -> str:
    """The `htu` form of an http(s) URL: RFC 3986 § 6.2.2 and § 6.2.3, without query and fragment.

    Text that is no such URL (userinfo, control characters, other schemes) comes back as it is, and so can never equal
    the normal form of a configured address.
    """
    parts = _URL.fullmatch(url) if _PRINTABLE.fullmatch(url) else None
    if parts is None or not parts[2]:
        return url
    scheme = parts[1].lower()
    port = (parts[3] or "").lstrip("0")
    shown = "" if port in {"", _DEFAULT_PORTS[scheme]} else f":{port}"
    path = _remove_dot_segments(_ESCAPE.sub(_unescape, parts[4] or "/"))
    return f"{scheme}://{_ESCAPE.sub(_unescape, parts[2]).lower()}{shown}{path}"


def _unescape(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return character if character in _UNRESERVED else match[0].upper()


def _remove_dot_segments(path: str) -> str:
    """RFC 3986 § 5.2.4; `path` begins with a slash."""
    if "/." not in path:
        return path
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in {".", ".."}:
        kept.append("")
    return "/" + "/".join(kept)
