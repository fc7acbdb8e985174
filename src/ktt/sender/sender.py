"""Everything one reporting unit's sender works with, put together by `ktt.wiring`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ktt.core.settings import Environment
from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import Send
from ktt.messages.version import MessageVersion
from ktt.sender.delta.batches import DEFAULT_LIMITS, Limits
from ktt.sender.extract.extract import Extract
from ktt.sender.extract.mapping.model import SourceMapping
from ktt.sender.findings.store import FindingsStore
from ktt.sender.outbox.dispatch import Pace
from ktt.sender.outbox.store import OutboxStore


class Source(Protocol):
    """A record system that can be read as a whole."""

    mapping: SourceMapping

    def read(self, unit: ReportingUnit, extracted_on: dt.date, environment: Environment) -> Extract:
        """The unit's records; raises when the source is not whole or not this unit's."""
        ...


@dataclass(frozen=True, slots=True)
class Sender:
    """One unit's sender. `versions` are in travel order; `key` is the 32 bytes that fingerprints are made under."""

    unit: ReportingUnit
    environment: Environment
    store: OutboxStore
    findings: FindingsStore
    source: Source
    send: Send = field(repr=False)
    versions: Sequence[MessageVersion]
    key: bytes = field(repr=False)
    limits: Limits = DEFAULT_LIMITS
    pace: Pace = field(default_factory=Pace)
