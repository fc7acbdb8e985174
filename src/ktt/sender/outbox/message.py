"""What stands in a line: messages, attempts to send them, receipts, and the line itself as it is shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import polars as pl

from ktt.domain.unit import ReportingUnit


class State(StrEnum):
    """Where a message is in its life (docs/adr/0004-the-line.md)."""

    WAITING = "waiting"  # certainly not stored by the registry
    UNCERTAIN = "uncertain"  # may have left us; only sending the same again settles it
    REJECTED = "rejected"  # read and refused; holds the line
    DELIVERED = "delivered"  # there is a receipt
    SUPERSEDED = "superseded"  # taken out by `rebuild`, will be planned anew


UNDELIVERED = (State.WAITING, State.UNCERTAIN, State.REJECTED)
"""The states that keep a message in the line."""


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A planned message on its way into the line.

    `upserts` has the columns `local_id` and `fingerprint` of each record in the message, `deletions` the ids that it
    withdraws. Together they are the message's manifest: the snapshot's step when the message is accepted.
    """

    message_type: str
    version: str
    pack: str
    record_type: str
    period: str
    extracted_on: dt.date
    payload: bytes = field(repr=False)
    upserts: pl.DataFrame = field(repr=False)
    deletions: Sequence[str] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """A message in the line, without what it says."""

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


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at sending. `outcome` is empty while it is under way, and for ever if the sender died in it."""

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
    """Proof that the registry accepted a message; each is chained to the one before by its hash."""

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
    """Someone has stopped the line, and says why."""

    reason: str
    by: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class LoadState:
    """The initial load: how far back it was cut, and whether all of it is accepted."""

    cut: dt.date
    begun_at: dt.datetime
    finished_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class RunNote:
    """One finished planning: `row_counts` are the source tables' rows, to judge the next extract against."""

    kind: str
    extracted_on: dt.date
    row_counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class LineNote:
    """One act of a person on the line: paused, resumed or rebuilt, by whom and why."""

    at: dt.datetime
    act: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Line:
    """One unit's line at a glance. `last_attempt` is the head's."""

    unit: ReportingUnit
    undelivered: int
    delivered: int
    head: QueuedMessage | None = None
    last_attempt: Attempt | None = None
    last_accepted_at: dt.datetime | None = None
    pause: Pause | None = None
    load: LoadState | None = None
