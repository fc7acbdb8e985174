"""The check of a client assertion (helseid § 14): it keeps NHN's rules and accepts everything that NHN's samples send."""

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
_CLOCK_AHEAD = 10  # so far ahead of ours the client's clock may be (FAPI 2.0 § 5.3.2.1)
_MOST_JTI = 128


@dataclass(frozen=True, slots=True)
class AssertionContext:
    """What an assertion is checked against; `now` in seconds since 1970."""

    client: Client
    audiences: frozenset[str]
    now: float


def _instant(value: Any) -> float:
    """Seconds since 1970 from a number, or from digits in a string as FHI's client writes `iat`; NaN for others."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 10:  # noqa: PLR2004 - until 2286
        return int(value)
    return value if type(value) is int else float("nan")  # NaN fails every comparison


def _audience(value: Any, context: AssertionContext) -> bool:
    names = value if isinstance(value, list) else [value]
    return len(names) == 1 and isinstance(names[0], str) and names[0] in context.audiences


def _past(value: Any, context: AssertionContext) -> bool:
    return _instant(value) <= context.now + _CLOCK_AHEAD


ClaimCheck = tuple[str, bool, Callable[[Any, AssertionContext], bool]]
CLAIMS: tuple[ClaimCheck, ...] = (  # claim, whether it must be there, when it holds
    ("iss", True, lambda v, c: v == c.client.id),
    ("sub", True, lambda v, c: v == c.client.id),
    ("aud", True, _audience),
    ("exp", True, lambda v, c: type(v) is int and c.now - _SKEW < v <= c.now + _AHEAD + _SKEW),
    ("iat", True, _past),
    ("nbf", False, lambda v, c: type(v) is int and _past(v, c)),
    ("jti", True, lambda v, _: isinstance(v, str) and 0 < len(v) <= _MOST_JTI and v.isprintable()),
)


def check(text: str, context: AssertionContext) -> dict[str, Any]:
    """The claims of an assertion that holds; OAuthRefusal `invalid_client` when it does not."""
    try:
        read = jws.parse(text)
        typ = read.header.get("typ")
        if not isinstance(typ, str) or typ.lower() not in _TYPS:
            raise BadJws("typ")  # noqa: TRY301 - one exit for every fault of form
        _verify(read, context.client)
        for name, required, holds in CLAIMS:
            if (required or name in read.payload) and not holds(read.payload.get(name), context):
                raise BadJws(name)  # noqa: TRY301
    except BadJws as fault:
        raise OAuthRefusal("invalid_client", f"client_assertion: {fault.reason}") from None
    return read.payload


def _verify(read: Jws, client: Client) -> None:
    """Check the signature by the client's registered keys, with the algorithm in the assertion (transport § 12.1)."""
    for key in client.candidates(read.header.get("kid")):
        try:
            jws.verify(read, jwk.load_public(key), jws.ASYMMETRIC)
        except (BadJws, BadJwk):
            continue
        return
    raise BadJws("signature")
