"""A submission that is right in everything but what a case says. Data only; the bench makes requests of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ktt.testing.conformance.receiver.http import Fields
from ktt.testing.sandbox.faults.token_faults import TokenOrder
from ktt.wire.envelope import ReceiverKey, Sealed, seal

Signing = Literal["own", "other", "hs256", "none", "der", "rs1"]


@dataclass(frozen=True, slots=True)
class Scene:
    """What a claim may depend on. `now` is in seconds since 1970."""

    now: int
    url: str
    token: str = field(repr=False)
    sealed: Sealed
    shown_key: Mapping[str, Any]


Claim = Any | Callable[[Scene], Any]
"""A claim's value, or how it is found."""


def only(value: str) -> Sequence[str]:
    """One header with the value."""
    return (value,)


def dpop_scheme(token: str) -> Sequence[str]:
    """`Authorization: DPoP <token>`, once."""
    return (f"DPoP {token}",)


def same(value: bytes) -> bytes:
    """Unchanged."""
    return value


@dataclass(frozen=True, slots=True)
class Post:
    """One request to `/message`.

    `keep` names the content, so that a later post of the case with the same name sends it again; `keep_sealed` the
    sealed envelope too, and `keep_request` the whole request with its proof. `order` asks for a broken token, which
    needs a HelseID that makes such.
    """

    content: Callable[[Any], bytes] | None = None
    message_type: str | None = None
    version: str | None = None
    keep: str = ""
    keep_sealed: str = ""
    keep_request: str = ""

    order: TokenOrder | None = None
    damage: Callable[[str], str] | None = None  # of the token's own text
    authorization: Callable[[str], Sequence[str]] = dpop_scheme

    key: str = "client"  # whose proof: the client's own key, another algorithm with it, or a new key
    bound: str = ""  # the key that the token is bound to, when it is another one
    signing: Signing = "own"
    header: Mapping[str, Claim] = field(default_factory=dict)
    claims: Mapping[str, Claim] = field(default_factory=dict)
    without: frozenset[str] = frozenset()
    rewrite: Callable[[str], str] | None = None  # of the claims' JSON text
    proofs: Callable[[str], Sequence[str]] = only

    headers: Mapping[str, str | None] = field(default_factory=dict)
    more: Fields = ()
    receiver_key: Callable[[Any], ReceiverKey] | None = None
    sealing: Callable[[bytes, ReceiverKey], Sealed] = seal
    body: Callable[[bytes], bytes] = same
    chunked: bool = False
    wait: bool = False
