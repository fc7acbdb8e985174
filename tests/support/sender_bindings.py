"""Bindings of a store for the tests: facts in short, over a real database, and a receiver that answers as it is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ktt.core.clock import Clock
from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import NotSent, Refused
from ktt.sender.binding.binding import StoreBinding
from ktt.sender.binding.facts import Facts
from ktt.sender.binding.sql.store import SqlBindings
from ktt.sender.binding.sql.tables import SCHEMA
from ktt.sender.binding.witness import WitnessFile
from ktt.sender.client.lookups import Found, LookupAnswer, NotOffered, Receiver
from ktt.sender.outbox.sql.store import SqlOutbox
from ktt.sender.outbox.sql.tables import SCHEMA as OUTBOX
from ktt.storage.database import Database
from support.outbox_queues import VAULT, deliver, message

UNIT = ReportingUnit("312000008", "1114")
FACTS = Facts("sandbox", "https://helseid.example", "client", "https://mottak.example", UNIT.key, "a" * 32)


def store_binding(
    database: Database, clock: Clock, receiver: Receiver, folder: Path, facts: Facts = FACTS, *, named: bool = False
) -> StoreBinding:
    """The binding of the unit that the facts name; its witness lies in the folder. `named`: by a change of units."""
    unit = ReportingUnit.from_key(facts.unit)
    witness = WitnessFile(folder / f"outbox.{facts.unit}.witness", str(folder))
    return StoreBinding(
        unit,
        store=SqlBindings(database),
        facts=facts,
        witness=witness,
        receiver=receiver,
        clock=clock,
        named_by_a_change=named,
    )


@dataclass
class ToldReceiver:
    """Answers every lookup alike, or a receipt by what it is told of it."""

    receipts: LookupAnswer | str = field(default_factory=NotOffered)
    outstanding: LookupAnswer = field(default_factory=NotOffered)
    reached: Refused | NotSent | None = None
    asked: list[str] = field(default_factory=list)

    def look_up(self, path: str) -> LookupAnswer:
        self.asked.append(path)
        if path.startswith("/units/"):
            return self.outstanding
        if isinstance(self.receipts, str):
            return receipt(path.rsplit("/", 1)[1], last=self.receipts == "last")
        return self.receipts

    def reach(self) -> Refused | NotSent | None:
        self.asked.append("/keys")
        return self.reached


def receipt(correlation: str, *, last: bool) -> Found:
    return Found({"correlation_id": correlation, "last_of_unit": last})


def received(correlation: str, unit: ReportingUnit = UNIT) -> Found:
    """What a registry says that it received last."""
    newest = {"correlation_id": correlation, "position": 9, "received_at": "2026-03-02T06:00:00+00:00"}
    older = {"correlation_id": "older", "position": 2, "received_at": "2026-03-01T06:00:00+00:00"}
    return Found({"units": [{"unit": unit.key, "received": [older, newest]}]})


class Place:
    """A store in a folder, with a receiver, and as many bindings of it as a test wants."""

    def __init__(self, folder: Path, url: str, clock: Clock) -> None:
        self.folder, self.clock, self.receiver = folder, clock, ToldReceiver()
        self.database = Database.open(url, OUTBOX, SCHEMA)
        self.outbox = SqlOutbox(self.database, VAULT, clock)

    def binding(self, facts: Facts = FACTS) -> StoreBinding:
        return store_binding(self.database, self.clock, self.receiver, self.folder, facts)

    def accept(self, count: int = 1, unit: ReportingUnit = UNIT) -> None:
        """So many messages are queued, sent and receipted."""
        for _ in range(count):
            self.outbox.enqueue(unit, [message()])
            deliver(self.outbox, unit)

    def used(self, count: int = 2) -> StoreBinding:
        """A binding of a store that has been in use."""
        binding = self.binding()
        binding.check()
        self.accept(count)
        binding.witness_now()
        return binding

    @property
    def witness(self) -> Path:
        return self.binding().witness.path

    def close(self) -> None:
        self.database.close()
