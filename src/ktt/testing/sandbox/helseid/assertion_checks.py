"""The check of a client assertion (helseid § 14), as strict as NHN's rules and as broad as what their samples send."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ktt.testing.sandbox.helseid.clients import Client
from ktt.testing.sandbox.helseid.refusals import OAuthRefusal
from ktt.wire import jwk, jws
from ktt.wire.jwk import BadJwk
from ktt.wire.jws import BadJws, Jws

ALGORITHMS = jws.ASYMMETRIC
TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_TYPS = frozenset({"jwt", "client-authentication+jwt"})
_AHEAD = 60  # seconds that `exp` may lie ahead (NHN page 541982723)
_SKEW = 5
_MOST_JTI = 128


@dataclass(frozen=True, slots=True)
class Scene:
    """What an assertion is judged against; `now` in seconds since 1970."""

    client: Client
    audiences: frozenset[str]
    now: float


def _instant(value: Any) -> float:
    """Seconds since 1970 from a number, or from digits in a string as FHI's client writes `iat`; NaN for others."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 10:  # noqa: PLR2004 - until 2286
        return int(value)
    return value if type(value) is int else float("nan")  # NaN fails every comparison


def _audience(value: Any, scene: Scene) -> bool:
    names = value if isinstance(value, list) else [value]
    return len(names) == 1 and isinstance(names[0], str) and names[0] in scene.audiences


def _past(value: Any, scene: Scene) -> bool:
    return _instant(value) <= scene.now + _SKEW


Row = tuple[str, bool, Callable[[Any, Scene], bool]]
CLAIMS: tuple[Row, ...] = (  # claim, whether it must be there, when it holds
    ("iss", True, lambda v, s: v == s.client.id),
    ("sub", True, lambda v, s: v == s.client.id),
    ("aud", True, _audience),
    ("exp", True, lambda v, s: type(v) is int and s.now - _SKEW < v <= s.now + _AHEAD + _SKEW),
    ("iat", True, _past),
    ("nbf", False, lambda v, s: type(v) is int and _past(v, s)),
    ("jti", True, lambda v, _: isinstance(v, str) and 0 < len(v) <= _MOST_JTI and v.isprintable()),
)


def check(text: str, scene: Scene) -> dict[str, Any]:
    """The claims of an assertion that holds; OAuthRefusal `invalid_client` when it does not."""
    try:
        read = jws.parse(text)
        typ = read.header.get("typ")
        if not isinstance(typ, str) or typ.lower() not in _TYPS:
            raise BadJws("typ")  # noqa: TRY301 - one exit for every fault of form
        _verify(read, scene.client)
        for name, required, holds in CLAIMS:
            if (required or name in read.payload) and not holds(read.payload.get(name), scene):
                raise BadJws(name)  # noqa: TRY301
    except BadJws as fault:
        raise OAuthRefusal("invalid_client", f"client_assertion: {fault.reason}") from None
    return read.payload


def _verify(read: Jws, client: Client) -> None:
    """The signature, by a key that is registered for the client; `alg` is the assertion's own affair (transport § 12.1)."""
    for key in client.candidates(read.header.get("kid")):
        try:
            jws.verify(read, jwk.load_public(key), jws.ASYMMETRIC)
        except (BadJws, BadJwk):
            continue
        return
    raise BadJws("signature")
