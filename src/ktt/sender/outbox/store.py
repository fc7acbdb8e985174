"""The port of the outbox: what every implementation promises."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

import polars as pl

from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import Outcome, OutgoingMessage
from ktt.sender.delta.planned_message import PlannedMessage
from ktt.sender.outbox.interventions.port import Interventions
from ktt.sender.outbox.message import (
    Attempt,
    LoadState,
    QueuedMessage,
    QueueStatus,
    Receipt,
    RunRecord,
    State,
)


class OutboxStore(Interventions, Protocol):
    """A strict queue of messages per reporting unit, and the snapshot of what the registry has accepted.

    Promises, each kept through a crash at any instant:

    1. Every method is one transaction: it happens wholly or not at all, and what it has done is durable.
    2. A unit's messages are numbered 1, 2, 3 … without gaps, in the order they were enqueued, and never renumbered.
    3. Only the first undelivered message can be marked as sending or settled; any other is refused with
       NotFirstInQueue. So no message overtakes another, and a unit never has two under way.
    4. A message is `uncertain` before its first byte is sent, and stays so until an answer of the registry settles it:
       an attempt that certainly did not arrive does not settle an earlier one that may have.
    5. Delivery, the receipt and the change of the snapshot are one transaction; without a receipt the snapshot stays.
    6. Receipts are chained by hash, one per delivered message, in order.
    7. `expected` is the snapshot after the manifests of everything undelivered, in order.
    8. A payload is sealed at rest, returned only by `mark_sending` and `read_payload`, and deleted when the message is
       delivered or superseded.
    9. Units do not affect each other.
    """

    def enqueue(self, unit: ReportingUnit, messages: Iterable[PlannedMessage]) -> range:
        """Put messages last in the queue, all or none, and return their numbers. The iterable is consumed once."""
        ...

    def first_undelivered(self, unit: ReportingUnit) -> QueuedMessage | None:
        """The first undelivered message, or None when the queue is empty."""
        ...

    def mark_sending(self, unit: ReportingUnit, sequence: int) -> OutgoingMessage:
        """Open an attempt at the first undelivered message, make it `uncertain`, and return it to be sent.

        NotFirstInQueue when the message is another one, or is rejected; QueuePaused while the queue is paused.
        """
        ...

    def settle(self, unit: ReportingUnit, sequence: int, outcome: Outcome) -> State:
        """Close the open attempt with its outcome and return the state that follows (`state_machine.next_state`).

        NotFirstInQueue when the first undelivered message is another one, or no attempt at it is open.
        """
        ...

    def settle_and_mark(
        self, unit: ReportingUnit, sequence: int, outcome: Outcome
    ) -> tuple[State, QueuedMessage | None]:
        """`settle`, and if that delivers the message, open an attempt at the one behind it, in the same transaction.

        The second value is that message, which is `uncertain` from now on; its payload is left to `read_payload`. None
        when there is nothing behind, or the queue is paused.
        """
        ...

    def expected(self, unit: ReportingUnit, record_type: str) -> pl.DataFrame:
        """What the registry will hold once the queue is empty: `local_id`, `fingerprint`, in no particular order."""
        ...

    def snapshot(self, unit: ReportingUnit, record_type: str) -> pl.DataFrame:
        """What the registry has accepted: `local_id`, `fingerprint`, in no particular order."""
        ...

    def queues(self) -> Sequence[QueueStatus]:
        """The status of every queue, sorted by unit."""
        ...

    def queue(self, unit: ReportingUnit) -> QueueStatus:
        """The status of one queue; an empty one when the unit has none yet."""
        ...

    def messages(self, unit: ReportingUnit) -> Sequence[QueuedMessage]:
        """Every message the unit ever had, in order, without payloads."""
        ...

    def message(self, unit: ReportingUnit, sequence: int) -> QueuedMessage:
        """One message without its payload; MessageUnknown when there is none."""
        ...

    def attempts(self, unit: ReportingUnit, sequence: int) -> Sequence[Attempt]:
        """Every attempt at a message, in order."""
        ...

    def receipts(self, unit: ReportingUnit) -> Sequence[Receipt]:
        """The unit's receipts, in order."""
        ...

    def read_payload(self, unit: ReportingUnit, sequence: int) -> bytes:
        """The payload of an undelivered message; PayloadGone when it is not kept any more."""
        ...

    def record_run(self, unit: ReportingUnit, run: RunRecord) -> None:
        """Record a run that has planned all its messages, with its source row counts."""
        ...

    def accepted_row_counts(self, unit: ReportingUnit) -> Mapping[str, int]:
        """The source row counts of the newest run of which everything is accepted; empty when there is none."""
        ...

    def begin_load(self, unit: ReportingUnit, cut: dt.date) -> LoadState:
        """Record that the initial load up to this day is under way; a load that is resumed keeps its begin."""
        ...

    def finish_load(self, unit: ReportingUnit) -> LoadState:
        """Record that all of the initial load is accepted; QueueNotEmpty while something is left in the queue."""
        ...

    def exclusive(self, unit: ReportingUnit) -> AbstractContextManager[bool]:
        """The queue's lock: yields False when another process has it. It is released when that process ends."""
        ...
