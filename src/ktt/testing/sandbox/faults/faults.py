"""The faults that the sandbox can be told to make.

A fault belongs to one place: the receiver's `/message` or `/keys`, or HelseID's token endpoint.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ktt.core.text import Text
from ktt.wire.answers import AnswerCode

Place = Literal["message", "keys", "token"]
Resettable = Literal["faults", "requests", "all"]
"""What of a sandbox is reset: the faults with the clock, the recorded requests, or all with receiver and registry."""


@dataclass(frozen=True, slots=True)
class FaultKind:
    """One kind of fault: its place, a description, and whether the message is stored all the same."""

    place: Place
    description: Text
    stored: bool = False


FAULT_KINDS: Mapping[str, FaultKind] = {
    "code": FaultKind("message", Text("Avvis med en av FHIs koder.", "Reject with one of FHI's codes.")),
    "status": FaultKind("message", Text("Svar med en HTTP-status.", "Answer with an HTTP status.")),
    "lose": FaultKind("message", Text("Lagre, og mist svaret.", "Store, and lose the answer."), stored=True),
    "cut": FaultKind("message", Text("Lagre, og bryt midt i svaret.", "Store, and break off mid-answer."), stored=True),
    "slow": FaultKind("message", Text("Lagre, og svar sent.", "Store, and answer late."), stored=True),
    "html": FaultKind(
        "message", Text("502 med HTML, som fra en mellomtjener (proxy).", "502 with HTML, as from a proxy.")
    ),
    "empty": FaultKind(
        "message", Text("Lagre, og svar 200 uten innhold.", "Store, and answer 200 with no body."), stored=True
    ),
    "undelivered": FaultKind("message", Text("200 med delivered=false.", "200 with delivered=false.")),
    "delivered-500": FaultKind("message", Text("500 med delivered=true.", "500 with delivered=true.")),
    "delivered-400": FaultKind("message", Text("400 med delivered=true.", "400 with delivered=true.")),
    "nonce": FaultKind("message", Text("401 som krever nonce.", "401 that demands a nonce.")),
    "redirect": FaultKind("message", Text("307 til en annen adresse.", "307 to another address.")),
    "unknown-code": FaultKind(
        "message", Text("Avvis med en kode som ikke finnes.", "Reject with a code nobody published.")
    ),
    "anonymous": FaultKind(
        "message",
        Text("Lagre, og svar uten X-Correlation-ID.", "Store, and answer without X-Correlation-ID."),
        stored=True,
    ),
    "created": FaultKind("message", Text("Lagre, og svar 201.", "Store, and answer 201."), stored=True),
    "reset": FaultKind("message", Text("Bryt forbindelsen brått.", "Reset the connection.")),
    "storage": FaultKind("message", Text("Databasen svikter: 2010.", "The database fails: 2010.")),
    "keys-expired": FaultKind("keys", Text("Bare en utløpt nøkkel.", "Nothing but an expired key.")),
    "keys-weak": FaultKind("keys", Text("Bare en nøkkel på 1024 biter.", "Nothing but a key of 1024 bits.")),
    "keys-down": FaultKind("keys", Text("503 fra /keys.", "503 from /keys.")),
    "token-down": FaultKind("token", Text("HelseID svarer 503.", "HelseID answers 503.")),
    "token-nonce": FaultKind("token", Text("HelseID gir en ubrukelig nonce.", "HelseID hands out a useless nonce.")),
    "token-bearer": FaultKind("token", Text("Token uten binding.", "A token without binding.")),
    "token-expired": FaultKind("token", Text("Utløpt token.", "An expired token.")),
    "token-early": FaultKind("token", Text("Token som ikke gjelder ennå.", "A token that is not valid yet.")),
    "token-issuer": FaultKind("token", Text("Token fra en annen utsteder.", "A token of another issuer.")),
    "token-audience": FaultKind("token", Text("Token for en annen tjeneste.", "A token for another service.")),
    "token-signature": FaultKind("token", Text("Token signert med feil nøkkel.", "A token signed by a wrong key.")),
    "token-binding": FaultKind("token", Text("Token bundet til en annen nøkkel.", "A token bound to another key.")),
    "token-scope": FaultKind("token", Text("Token uten riktig scope.", "A token without the scope.")),
    "token-organisation": FaultKind("token", Text("Token uten organisasjon.", "A token without an organisation.")),
}
"""Every kind of fault by its name. The broken tokens are those of NHN's test-token service (helseid § 9) and three more."""


def kinds_as_data() -> list[dict[str, Any]]:
    """The kinds that are asked for by name, as plain data."""
    return [
        {"name": name, "place": kind.place, "stored": kind.stored, "says": kind.description.both()}
        for name, kind in FAULT_KINDS.items()
        if name not in {"code", "status"}
    ]


_CODES = frozenset(int(code) for code in AnswerCode)
_STATUSES = range(400, 600)
LONGEST = 600.0  # seconds that an answer may be held back


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `number` is the code or status that is answered, `seconds` how long an answer is held back."""

    kind: str
    number: int = 0
    seconds: float = 0.0

    @property
    def place(self) -> Place:
        """Which requests it is applied to."""
        return FAULT_KINDS[self.kind].place

    @property
    def name(self) -> str:
        """The name by which it is asked for and shown: `2010`, `503`, `lose`."""
        return str(self.number) if self.number else self.kind


def read_fault(text: str, seconds: float = 0.0) -> Fault | None:
    """The fault of that name: a code of FHI's, an HTTP status from 400, or a kind of fault; None for any other text."""
    if re.fullmatch(r"\d{3,4}", text, re.ASCII):
        number = int(text)
        kind = "code" if number in _CODES else "status" if number in _STATUSES else None
        return None if kind is None else Fault(kind, number)
    if text not in FAULT_KINDS or text in {"code", "status"} or not 0 <= seconds <= LONGEST:
        return None
    return Fault(text, seconds=seconds)
