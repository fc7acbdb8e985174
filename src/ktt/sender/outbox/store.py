"""The port of the line: what every keeper of it promises."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

import polars as pl

from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import Outcome, OutgoingMessage
from ktt.sender.outbox.message import (
    Attempt,
    Line,
    LineNote,
    LoadState,
    NewMessage,
    QueuedMessage,
    Receipt,
    RunNote,
    State,
)


class OutboxStore(Protocol):
    """One strict line of messages per reporting unit, and the snapshot of what the registry has accepted.

    Promises, each kept through a crash at any instant:

    1. Every method is one transaction: it happens wholly or not at all, and what it has done stays done.
    2. A unit's messages are numbered 1, 2, 3 … without gaps, in the order they were handed in, and never renumbered.
    3. The head is the first undelivered message. Only the head can be marked as sending or settled; anything else is
       refused with NotTheHead. So no message overtakes, and a unit never has two under way.
    4. A message is `uncertain` before its first byte leaves, and stays so until the registry's own word settles it:
       an attempt that certainly did not arrive does not settle an earlier one that may have.
    5. Delivery, the receipt and the snapshot's step forward are one transaction; without a receipt the snapshot stands.
    6. Receipts are chained by hash, one per delivered message, in order.
    7. `expected` is the snapshot after the manifests of everything undelivered, in order.
    8. What a message says is sealed at rest, handed out only by `mark_sending` and `reveal`, and deleted when the
       message is delivered or superseded.
    9. Units do not affect each other.
    """

    def enqueue(self, unit: ReportingUnit, messages: Iterable[NewMessage]) -> range:
        """Put messages last in the line, all or none, and return their numbers. The iterable is consumed once."""
        ...

    def head(self, unit: ReportingUnit) -> QueuedMessage | None:
        """The first undelivered message, or None when the line is empty."""
        ...

    def mark_sending(self, unit: ReportingUnit, sequence: int) -> OutgoingMessage:
        """Open an attempt at the head, make it `uncertain`, and hand it out to be sent.

        NotTheHead when it is not the head, or is rejected; LinePaused while the line is paused.
        """
        ...

    def settle(self, unit: ReportingUnit, sequence: int, outcome: Outcome) -> State:
        """Close the open attempt with its outcome and return the state that follows (`law.state_after`).

        NotTheHead when there is no open attempt at the head with that number.
        """
        ...

    def expected(self, unit: ReportingUnit, record_type: str) -> pl.DataFrame:
        """What the registry will hold once the line is empty: `local_id`, `fingerprint`, in no particular order."""
        ...

    def snapshot(self, unit: ReportingUnit, record_type: str) -> pl.DataFrame:
        """What the registry has accepted: `local_id`, `fingerprint`, in no particular order."""
        ...

    def rebuild(self, unit: ReportingUnit, by: str, reason: str) -> int:
        """Supersede everything undelivered and return how many; the next run plans anew from the snapshot.

        RebuildTooEarly while the head is `uncertain`.
        """
        ...

    def pause(self, unit: ReportingUnit, by: str, reason: str) -> None:
        """Hand out nothing more to be sent, until `resume`."""
        ...

    def resume(self, unit: ReportingUnit, by: str) -> None:
        """Let the line go on."""
        ...

    def lines(self) -> Sequence[Line]:
        """Every line, sorted by unit."""
        ...

    def line(self, unit: ReportingUnit) -> Line:
        """One line; an empty one when the unit has none yet."""
        ...

    def messages(self, unit: ReportingUnit) -> Sequence[QueuedMessage]:
        """Every message the unit ever had, in order, without what it says."""
        ...

    def message(self, unit: ReportingUnit, sequence: int) -> QueuedMessage:
        """One message without what it says; MessageUnknown when there is none."""
        ...

    def attempts(self, unit: ReportingUnit, sequence: int) -> Sequence[Attempt]:
        """Every attempt at a message, in order."""
        ...

    def receipts(self, unit: ReportingUnit) -> Sequence[Receipt]:
        """The unit's receipts, in order."""
        ...

    def notes(self, unit: ReportingUnit) -> Sequence[LineNote]:
        """What people did to the line, in order."""
        ...

    def reveal(self, unit: ReportingUnit, sequence: int) -> bytes:
        """What an undelivered message says, for explicit use only; PayloadGone when it is not kept any more."""
        ...

    def note_run(self, unit: ReportingUnit, run: RunNote) -> None:
        """Remember a finished planning and its source row counts."""
        ...

    def accepted_row_counts(self, unit: ReportingUnit) -> Mapping[str, int]:
        """The source row counts of the newest run of which everything is accepted; empty when there is none."""
        ...

    def begin_load(self, unit: ReportingUnit, cut: dt.date) -> LoadState:
        """Note that the initial load is under way, cut on this day; a load taken up again keeps when it began."""
        ...

    def finish_load(self, unit: ReportingUnit) -> LoadState:
        """Note that all of the initial load is accepted; LineNotEmpty while something is left in the line."""
        ...

    def exclusive(self, unit: ReportingUnit) -> AbstractContextManager[bool]:
        """Work alone on the line: yields False when another does. The right ends with the process that had it."""
        ...
