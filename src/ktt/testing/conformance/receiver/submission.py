"""A submission that is right in everything but what a case says. It is data only; the harness makes requests of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ktt.testing.conformance.receiver.http import Fields
from ktt.testing.sandbox.faults.token_faults import TokenSpec
from ktt.wire.envelope import ReceiverKey, Sealed, seal

MESSAGE_TYPE, VERSION = "KTT_Tjeneste", "1"
Signing = Literal["own", "other", "hs256", "none", "der", "rs1"]


@dataclass(frozen=True, slots=True)
class ClaimContext:
    """What a claim of the proof may depend on. `now` is in seconds since 1970."""

    now: int
    url: str
    token: str = field(repr=False)
    sealed: Sealed
    shown_key: Mapping[str, Any]


Claim = Any | Callable[[ClaimContext], Any]
"""A claim's value, or the function that finds it."""


def once(value: str) -> Sequence[str]:
    """One header with the value."""
    return (value,)


def dpop_scheme(token: str) -> Sequence[str]:
    """`Authorization: DPoP <token>`, once."""
    return (f"DPoP {token}",)


def unchanged(value: bytes) -> bytes:
    """The same bytes."""
    return value


@dataclass(frozen=True, slots=True)
class Submission:
    """One request to `/message`.

    `keep` names the content, so that a later submission of the case with the same name sends it again; `keep_sealed`
    names content and envelope, and `keep_request` the whole request with its proof. `token_spec` asks for a broken
    token, which needs a HelseID that makes such tokens.
    """

    content: Callable[[Any], bytes] | None = None  # made with the harness; None: an everyday message
    message_type: str = MESSAGE_TYPE
    version: str = VERSION
    keep: str = ""
    keep_sealed: str = ""
    keep_request: str = ""

    token_spec: TokenSpec | None = None
    token_damage: Callable[[str], str] | None = None  # changes the token's text
    authorization: Callable[[str], Sequence[str]] = dpop_scheme  # the values of that header

    key: str = "client"  # the proof's key: the client's own, the same with another algorithm, or a new one
    bound_key: str = ""  # the key that the token is bound to, when it is another one
    signing: Signing = "own"
    header: Mapping[str, Claim] = field(default_factory=dict)
    claims: Mapping[str, Claim] = field(default_factory=dict)
    without: frozenset[str] = frozenset()
    rewrite: Callable[[str], str] | None = None  # changes the claims' JSON text
    proofs: Callable[[str], Sequence[str]] = once  # the values of the header `DPoP`

    headers: Mapping[str, str | None] = field(default_factory=dict)  # None leaves a header out
    more_headers: Fields = ()
    receiver_key: Callable[[Any], ReceiverKey] | None = None  # chosen with the harness
    sealing: Callable[[bytes, ReceiverKey], Sealed] = seal
    body: Callable[[bytes], bytes] = unchanged
    chunked: bool = False
    wait: bool = False
