"""The message that the delta plans and the outbox takes: one record from planning to the queue."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PlannedMessage:
    """One message ready for the queue, with what the registry holds more, and no more, once it is accepted.

    `period` is a month (`2017-01`) in the initial load, else the day. `payload` is the message as JSON. `upserts` are by
    record type the fingerprints of its records by local id, `deletions` the ids that it withdraws.
    """

    message_type: str
    version: str
    pack: str
    period: str
    extracted_on: dt.date
    payload: bytes = field(repr=False)
    upserts: Mapping[str, Mapping[str, str]] = field(repr=False)
    deletions: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)

    @property
    def record_types(self) -> tuple[str, ...]:
        """The record types that it says something of, in the order of their names."""
        return tuple(sorted({*self.upserts, *self.deletions}))
