"""The receiver's end without HTTP: judges by the schemas, stores and answers lookups as the receiver does."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qsl

import msgspec

from ktt.messages.contract import Accepted, NotSent, Outcome, OutgoingMessage, Refused, Rejected, Unknown
from ktt.messages.inventory import Inventory
from ktt.messages.register import find
from ktt.receiver.access.access_list import AccessList
from ktt.receiver.api.inventory import InventoryEndpoint, read_question
from ktt.receiver.api.lookups import LookupEndpoints, read_page
from ktt.receiver.http.refusal import Refusal
from ktt.receiver.pipeline.stages import Caller
from ktt.receiver.store import acceptance, tables
from ktt.receiver.store.compression import compress
from ktt.receiver.store.inbox import SqlInbox, sealing_context
from ktt.receiver.store.signs import UnitSigns
from ktt.sender.client.lookups import Found, LookupAnswer, NotKnown, NotOffered
from ktt.storage.database import Database
from ktt.storage.vault import Vault
from support.registry_inbox import TYPES
from support.sender_epj import UNIT
from support.settable_clock import SettableClock

_CALLER = Caller("client", UNIT.organisation, None, None)
_NOT_FOUND = 404
_NOBODY: Any = None  # whoever asks here is let in

Fate = Literal["stored", "lost", "never arrived", "down", "refused", "not meant for us"]
"""What befalls a message: stored and answered, stored without an answer, neither, no connection, no access, code 2001."""

UNREADABLE = "UGYLDIG"
"""A message with this in it is rejected by its content, as often as it comes."""


@dataclass(frozen=True, slots=True)
class Posted:
    """One message that was stored, or had been: what its sender calls it, and the place it has in the inbox."""

    label: object
    position: int


class ReceiverEnd:
    """Judges and stores as the receiver does. `fates` befall the next messages in turn; then each is stored."""

    def __init__(self, folder: Path, clock: SettableClock, inventory: Inventory) -> None:
        self._clock, self._vault = clock, Vault(hashlib.sha256(b"the receiver's end").digest())
        self._database = Database.open(f"sqlite:///{folder / 'receiver.sqlite'}", tables.SCHEMA)
        self.inbox = SqlInbox(self._database, self._vault)
        AccessList(self._database).grant(UNIT, TYPES)
        signs = UnitSigns(self._database, clock)
        self._lookups = LookupEndpoints(_NOBODY, self._database, signs, self._vault)
        self._inventory = InventoryEndpoint(_NOBODY, self._database, inventory, signs)
        self.offers_lookups = True  # FHI's own receiver need not
        self.fates: list[Fate] = []
        self.down = False
        self.posted: list[Posted] = []
        self.label: object = None  # of the message that is being sent, for `posted`

    def send(self, message: OutgoingMessage) -> Outcome:
        """A `messages.contract.Send`."""
        fate = "down" if self.down else self.fates.pop(0) if self.fates else "stored"
        match fate:
            case "down":
                return NotSent("connection refused")
            case "refused":
                return Refused(401, "token")
            case "not meant for us":
                return Rejected(400, 2001, "ShouldNotReceive", "")
            case "never arrived":
                return Unknown("no answer")
        if find(message.message_type, message.version).check(message.payload) or UNREADABLE.encode() in message.payload:
            return Rejected(400, 2008, "SchemaValidationFailed", "/0: pattern")
        receipt = self._accept(message)
        return Unknown("no answer") if fate == "lost" else Accepted(receipt.correlation_id)

    def look_up(self, path: str) -> LookupAnswer:
        """A `client.lookups.LookUp`: answered as the receiver does to one who is let in."""
        if self.down:
            return NotSent("connection refused")
        if not self.offers_lookups:
            return NotOffered()
        address, _, query = path.partition("?")
        _, kind, name, *rest = address.split("/")
        given = parse_qsl(query, keep_blank_values=True)
        try:
            match [kind, *rest]:
                case ["receipts"]:
                    found = self._lookups._receipt(_CALLER, name)
                case ["units", "outstanding"]:
                    found = self._lookups._outstanding(_CALLER, name, read_page(given))
                case ["units", "inventory"]:
                    found = self._inventory._answer(_CALLER, read_question(name, given))
                case _:
                    return NotOffered()
        except Refusal as refusal:
            if refusal.status != _NOT_FOUND:
                raise
            return NotKnown()
        return Found(msgspec.json.decode(msgspec.json.encode(found)))

    def reach(self) -> NotSent | None:
        """A `client.lookups.Receiver`."""
        return NotSent("connection refused") if self.down else None

    def _accept(self, message: OutgoingMessage) -> acceptance.Receipt:
        correlation = str(uuid.uuid4())
        new = acceptance.NewMessage(
            correlation_id=correlation,
            units=(message.unit.key,),
            message_type=message.message_type,
            version=message.version,
            msg_hash=hashlib.sha256(message.payload).digest(),
            received_at=self._clock.now(),
            client_id="client",
            supplier=None,
            software="ktt",
            extracted_on=message.extracted_on,
            payload=self._vault.seal(compress(message.payload), sealing_context(correlation)),
        )
        with self._database.transaction() as connection:
            receipt = acceptance.accept(connection, new)
        self.posted.append(Posted(self.label, receipt.position))
        return receipt

    @property
    def stored(self) -> int:
        """How many messages are stored."""
        return max((one.position for one in self.posted), default=0)

    def close(self) -> None:
        self._database.close()
