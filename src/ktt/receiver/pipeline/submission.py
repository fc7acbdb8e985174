"""One submission on its way through the checks: what came, and what each step found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ktt.domain.unit import ReportingUnit
from ktt.messages.version import MessageVersion
from ktt.receiver.keys.key_store import StoredKey
from ktt.receiver.pipeline.message_summary import Head
from ktt.receiver.store.acceptance import Receipt


class Headers:
    """Request headers by lower-case name, with every value that was given."""

    def __init__(self, pairs: Iterable[tuple[bytes, bytes]]) -> None:
        self._values: dict[bytes, list[bytes]] = {}
        for name, value in pairs:
            self._values.setdefault(name.lower(), []).append(value)

    def all(self, name: str) -> list[str]:
        """Every value of the header, in order."""
        return [value.decode("latin-1") for value in self._values.get(_wire_name(name), ())]


@lru_cache(maxsize=256)  # the names that the checks ask for
def _wire_name(name: str) -> bytes:
    return name.lower().encode("latin-1")


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
class Envelope:
    """The message claims of the proof, decoded."""

    message_type: str
    version: str
    msg_hash: bytes
    key_id: str
    wrapped_text: str = field(repr=False)


@dataclass(slots=True)
class Submission:
    """Everything about one request. The fields below the line are set by the steps, in their order."""

    correlation_id: str
    received_at: dt.datetime
    headers: Headers
    method: str = "POST"
    timed: bool = False  # how long its steps take is measured
    urls: frozenset[str] = frozenset()  # normalised addresses a proof may name; empty: those of /message

    token: str = field(init=False, repr=False)
    proof: str = field(init=False, repr=False)
    token_claims: dict[str, Any] = field(init=False, repr=False)
    proof_claims: dict[str, Any] = field(init=False, repr=False)
    caller: Caller | None = None
    entered: bool = False  # it counts among its client's open posts
    access_version: int = field(init=False)
    software: str = field(init=False)
    extracted_on: dt.date = field(init=False)
    envelope: Envelope = field(init=False)
    granted: frozenset[ReportingUnit] = field(init=False)
    key: StoredKey = field(init=False)
    wrapped: bytes = field(init=False, repr=False)

    body: bytes | bytearray = field(default=b"", repr=False)
    size: int = 0  # of the body, in bytes
    raw: bytes = field(init=False, repr=False)
    body_hash: bytes = field(init=False, repr=False)
    content: bytes = field(init=False, repr=False)
    version: MessageVersion = field(init=False)
    heads: list[Head] = field(init=False, repr=False)
    units: tuple[ReportingUnit, ...] = field(init=False)
    sealed: bytes = field(init=False, repr=False)
    receipt: Receipt = field(init=False)

    @property
    def jkt(self) -> str:
        """The thumbprint that the token is bound to."""
        return str(self.token_claims["cnf"]["jkt"])
