"""What the runs of one reporting unit work with; `ktt.wiring.sender` makes it from the settings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ktt.core.clock import Clock
from ktt.core.settings import Environment
from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import Send
from ktt.messages.version import MessageVersion
from ktt.sender.binding.binding import StoreBinding
from ktt.sender.client.lookups import LookUp
from ktt.sender.delta.batches import DEFAULT_LIMITS, Limits
from ktt.sender.extract.extract import Extract
from ktt.sender.extract.mapping.model import SourceMapping
from ktt.sender.findings.store import FindingsStore
from ktt.sender.follow_ups.sql import SqlFollowUps
from ktt.sender.outbox.dispatch import SendOptions
from ktt.sender.outbox.store import OutboxStore
from ktt.sender.outcomes.store import OutcomeStore
from ktt.sender.plausibility.store import HistoryStore
from ktt.sender.unit_changes.store import UnitChangeStore


class Source(Protocol):
    """A record system that can be read as a whole."""

    mapping: SourceMapping

    def read(self, unit: ReportingUnit, extracted_on: dt.date, environment: Environment) -> Extract:
        """The unit's records; raises when the source is not whole or not this unit's."""
        ...


@dataclass(frozen=True, slots=True)
class Sender:
    """One unit's sender. `versions` are in the order they are sent in; the key of the fingerprints has 32 bytes."""

    unit: ReportingUnit
    environment: Environment
    outbox: OutboxStore
    findings: FindingsStore
    changes: UnitChangeStore
    history: HistoryStore
    outcomes: OutcomeStore
    source: Source
    send: Send = field(repr=False)
    look_up: LookUp = field(repr=False)
    binding: StoreBinding = field(repr=False)
    versions: Sequence[MessageVersion]
    fingerprint_key: bytes = field(repr=False)
    clock: Clock
    follow_ups: SqlFollowUps | None = None  # None: nobody asks what the registry waits for
    limits: Limits = DEFAULT_LIMITS
    options: SendOptions = field(default_factory=SendOptions)
