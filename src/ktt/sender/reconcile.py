"""Reconcile: the record system held against what the registry truly has, and both brought together when asked to."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from ktt.core.errors import KttError
from ktt.domain.unit import ReportingUnit
from ktt.sender.daily import run_daily
from ktt.sender.extract.set_aside import set_aside
from ktt.sender.initial_load import run_load
from ktt.sender.outbox.dispatch import dispatch_locked, locked
from ktt.sender.outbox.message import QueueStatus, State
from ktt.sender.outcomes.recorded import record_comparison
from ktt.sender.plausibility.question import NOTHING_ACCEPTED, Acceptance
from ktt.sender.reconciliation.compare import FullComparison, compare_fully, compare_receipts
from ktt.sender.reconciliation.differences import true_snapshot
from ktt.sender.reconciliation.errors import InventoryNotOffered
from ktt.sender.registry_comparison import RegistryComparison
from ktt.sender.report import RunReport
from ktt.sender.sender import Sender
from ktt.sender.unit_changes.guard import check_may_report
from ktt.sender.validation import ValidatedExtract, validate_extract

_UNDER_WAY_AT_MOST = dt.timedelta(minutes=15)
"""Longer than a conversation about a message may last at both ends, with a clock that is some minutes wrong."""


@dataclass(frozen=True, slots=True)
class ReconcileReport:
    """What was found, and with `mended` the run that brought both ends together. `undelivered` waited in the queue."""

    unit: ReportingUnit
    on: dt.date
    undelivered: int
    found: RegistryComparison
    mended: RunReport | None = None

    @property
    def exit_code(self) -> int:
        """That of what was found or, when it was mended, of the run and its own comparison."""
        if self.mended is None:
            return self.found.exit_code
        after = self.mended.comparison
        return self.mended.exit_code or (0 if after is None else after.exit_code)

    def check(self) -> None:
        """Raise what stopped the mending, if anything did."""
        if self.mended is not None:
            self.mended.check()

    def as_data(self) -> dict[str, Any]:
        """The report as plain data."""
        return {
            "unit": self.unit.key,
            "on": self.on,
            "undelivered": self.undelivered,
            "found": self.found.as_data(),
            "mended": self.mended and self.mended.as_data(),
            "exit_code": self.exit_code,
        }


def run_reconcile(sender: Sender, on: dt.date) -> ReconcileReport:
    """Compare as of the day `on`, and change nothing. What waits in the queue is not there yet, and counts as missing.

    Where the receiver does not tell its inventory, what this store has receipts for is compared instead.
    """
    with locked(sender.outbox, sender.unit):
        sender.binding.check(mending=True)
        validated = _read(sender, on)
        undelivered = sender.outbox.queue(sender.unit).undelivered
        try:
            found = compare_fully(sender, validated).result
        except InventoryNotOffered:
            found = compare_receipts(sender, validated)
        record_comparison(sender.outcomes, sender.unit, on, found)
    return ReconcileReport(sender.unit, on, undelivered, found)


def run_mend(sender: Sender, on: dt.date, by: str, *, accept: Acceptance = NOTHING_ACCEPTED) -> ReconcileReport:
    """Compare, let the snapshot say what the registry truly has, and send what differs by the ordinary run.

    The run asks all its questions before it deletes, and compares again. InventoryNotOffered without an inventory. It is
    safe to stop and repeat at any instant.
    """
    first = _mend(sender, on, by, accept, whole_persons=False)
    if not _is_left(first):
        return first
    # A message that is the unit's last one to the byte is a resend for the receiver, and changes nothing. With all that
    # the persons concerned have, the messages are others.
    second = _mend(sender, on, by, accept, whole_persons=True)
    assert first.mended is not None
    assert second.mended is not None
    both = replace(second.mended, messages=first.mended.messages + second.mended.messages)
    return replace(first, mended=both)


def _is_left(report: ReconcileReport) -> bool:
    run = report.mended
    return (
        run is not None and run.stopped is None and run.comparison is not None and run.comparison.state == "different"
    )


def _mend(sender: Sender, on: dt.date, by: str, accept: Acceptance, *, whole_persons: bool) -> ReconcileReport:
    with locked(sender.outbox, sender.unit):
        sender.binding.check(mending=True)
        check_may_report(sender.changes.changes(), sender.unit)
        undelivered = _settle(sender)
        full = compare_fully(sender, _read(sender, on))
        reason = f"{full.result.differences} records differed from the registry"
        snapshot = true_snapshot(sender, full.sent, full.compared, whole_persons=whole_persons)
        sender.outbox.replace_snapshot(sender.unit, snapshot, by, reason)
        sender.binding.renew(by, reason)
    run = run_daily if _is_loaded(sender, on, full) else run_load
    return ReconcileReport(sender.unit, on, undelivered, full.result, run(sender, on, accept=accept))


def _read(sender: Sender, on: dt.date) -> ValidatedExtract:
    """The extract as a daily run would send it. ExtractRejected when nothing of it may be sent."""
    extract = sender.source.read(sender.unit, on, sender.environment)
    validated = validate_extract(extract, sender.environment, sender.versions)
    if validated.rejection is not None:
        raise validated.rejection
    aside = set_aside(validated.extract, sender.outbox.parked(sender.unit).ids, sender.outbox.kept(sender.unit))
    return replace(validated, extract=aside.extract)


def _settle(sender: Sender) -> int:
    """Learn what became of a message that may be under way still, by sending it again; how many are then undelivered.

    What still stops the queue is raised. One that was sent long ago has arrived or never will: the registry's own list
    tells, and an old copy of a store must not send what is outdated.
    """
    outbox, unit = sender.outbox, sender.unit
    queue = outbox.queue(unit)
    if queue.first is not None and queue.first.state is State.UNCERTAIN and _may_be_under_way(sender, queue):
        stopped: KttError | None = dispatch_locked(outbox, unit, sender.send, sender.options).stopped
        first = outbox.first_undelivered(unit)
        if stopped is not None and first is not None and first.state is State.UNCERTAIN:
            raise stopped
    return queue.undelivered


def _may_be_under_way(sender: Sender, queue: QueueStatus) -> bool:
    last = queue.last_attempt
    return last is not None and sender.clock.now() - last.at < _UNDER_WAY_AT_MOST


def _is_loaded(sender: Sender, on: dt.date, full: FullComparison) -> bool:
    """Whether the history has been sent. A store that has never begun it, and a registry that has it, is a lost store."""
    load = sender.outbox.queue(sender.unit).load
    if load is not None:
        return load.finished_at is not None
    if not full.compared["there"].any():
        return False
    sender.outbox.begin_load(sender.unit, on)
    sender.outbox.finish_load(sender.unit)
    return True
