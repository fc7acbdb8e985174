"""Everything one reporting unit's sender works with, put together by `ktt.wiring`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ktt.config import Environment
from ktt.delta.split import DEFAULT_LIMITS, Limits
from ktt.domain.unit import ReportingUnit
from ktt.messages.handover import Send
from ktt.messages.version import MessageVersion
from ktt.outbox.dispatch import Pace
from ktt.outbox.store import OutboxStore
from ktt.sender.findings.store import FindingsStore
from ktt.sources.extract import Extract
from ktt.sources.mapping import SourceMapping


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
