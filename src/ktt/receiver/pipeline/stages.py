"""What is known of a submission after each stage of the checks: one type a stage, and nothing in it is missing or changes.

A request is received, then authenticated, then admitted (its headers hold, so its body may be read), then opened
(decrypted, and authentic), then checked, then sealed for the store. A step takes what the stages before it found, and so
cannot run too early.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import Headers

from ktt.domain.unit import ReportingUnit
from ktt.receiver.keys.key_store import StoredKey


class Buffer:
    """Bytes of a body, of which only one copy should be in memory: `take` hands them over and lets go of them.

    A stage outlives the step that uses its bytes, and 15 MB would live as long.
    """

    __slots__ = ("_held", "size")

    def __init__(self, held: bytes | bytearray) -> None:
        self._held, self.size = held, len(held)

    def take(self) -> bytes | bytearray:
        """The bytes; empty the second time."""
        held, self._held = self._held, b""
        return held


@dataclass(frozen=True, slots=True)
class Received:
    """A request whose headers have come. `urls` are the normalised addresses that its proof may name.

    `state` is the request's in the server, where it is noted that the caller is known.
    """

    state: dict[str, Any] = field(repr=False)
    correlation_id: str
    received_at: dt.datetime
    headers: Headers
    method: str
    urls: frozenset[str]


@dataclass(frozen=True, slots=True)
class Credentials:
    """The access token and the proof, as they are in the headers."""

    token: str = field(repr=False)
    proof: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TokenClaims:
    """The claims of a token that holds. `jkt` is the thumbprint of the key that it is bound to."""

    jkt: str
    claims: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who the token says is calling, and for whom. `holder` is `orgnr_parent`, which HelseID vouches for."""

    client_id: str
    holder: str
    child: str | None
    supplier: str | None

    @property
    def organisations(self) -> frozenset[str]:
        """The numbers that a message of this caller may name."""
        return frozenset({self.holder, self.child or self.holder})


@dataclass(frozen=True, slots=True)
class Authenticated:
    """A request whose caller is known and whose proof is spent. The access list had `access_version` at that moment.

    `unseen` unless the proof is so old that its use may be forgotten, as after the clock was set back.
    """

    received: Received
    caller: Caller
    jkt: str
    proof_claims: dict[str, Any] = field(repr=False)
    access_version: int
    unseen: bool


@dataclass(frozen=True, slots=True)
class ExportInfo:
    """What the five `x-*` headers say: the sender's software, and the day on which the content was extracted."""

    software: str
    extracted_on: dt.date


@dataclass(frozen=True, slots=True)
class MessageClaims:
    """The message claims of the proof, decoded; `wrapped_text` is the wrapped key as it was written."""

    message_type: str
    version: str
    msg_hash: bytes
    key_id: str
    wrapped_text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Admitted:
    """A request whose headers hold: the caller may send this type for the units `granted`, under a key of ours."""

    request: Authenticated
    export: ExportInfo
    claims: MessageClaims
    granted: frozenset[ReportingUnit]
    receiver_key: StoredKey
    wrapped_key: bytes = field(repr=False)


ADMITTED = "ktt.admitted"
"""The member of a request's `state` that holds the `Admitted` of a message, for those who note what became of it."""


@dataclass(frozen=True, slots=True)
class Encrypted:
    """The ciphertext, and its SHA-256."""

    admitted: Admitted
    ciphertext: Buffer = field(repr=False)
    body_hash: bytes


@dataclass(frozen=True, slots=True)
class Opened:
    """The content, which has the hash that the proof signs; nothing of it has been parsed."""

    admitted: Admitted
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Checked:
    """Content that fits its schema, about units that the caller may send for; in order, at least one."""

    opened: Opened
    units: tuple[ReportingUnit, ...]


@dataclass(frozen=True, slots=True)
class Sealed:
    """What is stored: `payload` is compressed and sealed by the vault."""

    admitted: Admitted
    units: tuple[ReportingUnit, ...]
    payload: bytes = field(repr=False)
