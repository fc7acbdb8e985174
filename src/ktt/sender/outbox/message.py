"""The values of the outbox: queued messages, attempts to send them, receipts, and the status of a queue."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import OutgoingMessage


class State(StrEnum):
    """The state of a message (docs/adr/0004-the-queue.md has the transitions)."""

    WAITING = "waiting"  # certainly not stored by the registry
    UNCERTAIN = "uncertain"  # may have been stored; only sending the same again can tell
    REJECTED = "rejected"  # read and refused; nothing behind it is sent
    DELIVERED = "delivered"  # there is a receipt
    SUPERSEDED = "superseded"  # taken out by `rebuild`; its changes are planned anew


UNDELIVERED = (State.WAITING, State.UNCERTAIN, State.REJECTED)
"""The states of the messages that are still in the queue."""


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """A message in the queue, without its payload. `upserts` and `deletions` are numbers of records."""

    unit: ReportingUnit
    sequence: int
    message_type: str
    version: str
    pack: str
    record_type: str
    period: str
    extracted_on: dt.date
    state: State
    payload_hash: str
    payload_bytes: int
    upserts: int
    deletions: int
    attempts: int
    queued_at: dt.datetime
    sent_at: dt.datetime | None
    settled_at: dt.datetime | None

    def outgoing(self, payload: bytes, prepared: object = None) -> OutgoingMessage:
        """The message with its payload, as it is handed to the transport."""
        return OutgoingMessage(self.unit, self.message_type, self.version, payload, self.extracted_on, prepared)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to send. `outcome` is empty while it is under way, and stays so if the sender's process died in it."""

    number: int
    at: dt.datetime
    ended_at: dt.datetime | None = None
    outcome: str | None = None
    http_status: int | None = None
    code: int | None = None
    name: str | None = None
    details: str | None = None
    correlation_id: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that the registry accepted a message; its hash covers the receipt before it."""

    sequence: int
    message_type: str
    version: str
    payload_hash: str
    correlation_id: str
    accepted_at: dt.datetime
    previous_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class Pause:
    """A person has stopped the queue, and why."""

    reason: str
    by: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class LoadState:
    """The initial load: the last day it covers, and whether all of it is accepted."""

    cut: dt.date
    begun_at: dt.datetime
    finished_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run that has planned all its messages; the next extract's rows are compared with its `row_counts`."""

    kind: str
    extracted_on: dt.date
    row_counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class QueueNote:
    """What a person did to the queue (`act`: paused, resumed, retried or rebuilt), who it was and why."""

    at: dt.datetime
    act: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class QueueStatus:
    """The status of one unit's queue. `first` is the first undelivered message, `last_attempt` the last attempt at it.

    `behind_since` is when the first message was queued that the registry has not accepted, also when the queue was
    rebuilt in the meantime: a queue that is made anew every day is no less behind. Empty when nothing is undelivered.
    """

    unit: ReportingUnit
    undelivered: int
    delivered: int
    first: QueuedMessage | None = None
    last_attempt: Attempt | None = None
    last_accepted_at: dt.datetime | None = None
    behind_since: dt.datetime | None = None
    pause: Pause | None = None
    load: LoadState | None = None
