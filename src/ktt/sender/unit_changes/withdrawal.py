"""All that the registry was told of one unit is deleted, through the unit's own queue, children before parents.

What is deleted is the snapshot: what the registry has accepted. What only waits in the queue is taken out, for it would
have to be deleted again; a message whose outcome is unknown is settled first, since it may have arrived.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

import polars as pl

from ktt.core.errors import KttError
from ktt.domain.records import ROOTS
from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import Send
from ktt.messages.version import MessageVersion
from ktt.rules.open_findings import diff_findings
from ktt.rules.rule_sets.published import rule_set_on
from ktt.sender.delta.batches import DEFAULT_LIMITS, Limits
from ktt.sender.delta.carriers import Links, carried, links_needed
from ktt.sender.delta.compare import Changes
from ktt.sender.delta.encoding import EncodedRecords
from ktt.sender.delta.plan import Planner, ToSend
from ktt.sender.delta.planned_message import PlannedMessage
from ktt.sender.findings.store import FindingsStore, ValidationRun
from ktt.sender.outbox.dispatch import DispatchReport, SendOptions, dispatch_locked, stop_reason
from ktt.sender.outbox.errors import QueuePaused
from ktt.sender.outbox.message import State
from ktt.sender.outbox.store import OutboxStore
from ktt.sender.unit_changes.errors import NotAllWithdrawn
from ktt.sender.unit_changes.store import UnitChangeStore

BATCH = 64
"""Messages enqueued at a time."""

_TOO_LARGE = "too_large"
_NONE = {"local_id": pl.String, "fingerprint": pl.String, "own_date": pl.Date}


@dataclass(frozen=True, slots=True)
class UnitStores:
    """What is kept of one unit, and the message versions that it writes, in sending order."""

    unit: ReportingUnit
    environment: str
    outbox: OutboxStore
    findings: FindingsStore
    changes: UnitChangeStore
    versions: Sequence[MessageVersion] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """One unit's withdrawal, for a caller that has the queue's lock."""

    stores: UnitStores
    day: dt.date
    send: Send = field(repr=False)
    options: SendOptions = field(default_factory=SendOptions)
    limits: Limits = DEFAULT_LIMITS

    def run(self, by: str, reason: str) -> DispatchReport:
        """Delete all of it; `stopped` when something of it is left. Run again, it goes on with the rest."""
        stopped = self._settle_uncertain()
        if stopped is not None:
            return self._report(0, stopped)
        outbox, unit = self.stores.outbox, self.stores.unit
        if outbox.queue(unit).undelivered:
            outbox.rebuild(unit, by=by, reason=reason)
        report = self._send_all()
        if report.stopped is not None and (smaller := self._smaller(by)):
            again = smaller.run(by, reason)
            return replace(again, delivered=report.delivered + again.delivered)
        if report.stopped is not None:
            return report
        close_findings(self.stores, self.day)
        return replace(report, stopped=self._left())

    def _settle_uncertain(self) -> KttError | None:
        """Send a message that may have arrived again, and nothing behind it."""
        outbox, unit = self.stores.outbox, self.stores.unit
        first = outbox.first_undelivered(unit)
        if first is None or first.state is not State.UNCERTAIN:
            return None
        try:
            outgoing = outbox.mark_sending(unit, first.sequence)
        except QueuePaused as paused:
            return paused
        outbox.settle(unit, first.sequence, self.send(outgoing))
        now = outbox.message(unit, first.sequence)
        return stop_reason(now, outbox.attempts(unit, now.sequence)) if now.state is State.UNCERTAIN else None

    def _send_all(self) -> DispatchReport:
        outbox, unit = self.stores.outbox, self.stores.unit
        messages, delivered = planned(self.stores, self.day, self.limits), 0
        while outbox.enqueue(unit, islice(messages, BATCH)):
            report = dispatch_locked(outbox, unit, self.send, self.options)
            delivered += report.delivered
            if report.stopped is not None:
                return replace(report, delivered=delivered)
        return self._report(delivered, None)

    def _smaller(self, by: str) -> Withdrawal | None:
        """The same with messages of half the size, when the registry found one too large that can be split."""
        queue = self.stores.outbox.queue(self.stores.unit)
        first, attempt = queue.first, queue.last_attempt
        if first is None or attempt is None or attempt.outcome != _TOO_LARGE or first.deletions == 1:
            return None
        self.stores.outbox.rebuild(self.stores.unit, by=by, reason=f"message {first.sequence} was too large")
        return replace(self, limits=replace(self.limits, target=first.payload_bytes // 2))

    def _left(self) -> KttError | None:
        left = told(self.stores)
        return NotAllWithdrawn(unit=self.stores.unit.key, left=in_words(left)) if left else None

    def _report(self, delivered: int, stopped: KttError | None) -> DispatchReport:
        unit = self.stores.unit
        return DispatchReport(unit, delivered, self.stores.outbox.queue(unit).undelivered, stopped)


def close_findings(stores: UnitStores, day: dt.date) -> None:
    """Nothing of the unit is wrong any more, since there is nothing of it."""
    before = stores.findings.still_open(stores.unit)
    if not before.is_empty():
        run = ValidationRun("withdrawal", day, rule_set_on(day).version)
        stores.findings.record(stores.unit, run, diff_findings(before, before.clear()))


def told(stores: UnitStores) -> dict[str, int]:
    """How many records of each type the registry has accepted of the unit; types without any are left out."""
    counts = {kind.name: stores.outbox.snapshot(stores.unit, kind.name).height for kind in ROOTS}
    return {name: count for name, count in counts.items() if count}


def in_words(counts: Mapping[str, int]) -> str:
    """Counts as they are written in a sentence."""
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def planned(stores: UnitStores, day: dt.date, limits: Limits = DEFAULT_LIMITS) -> Iterator[PlannedMessage]:
    """The messages that delete all that the registry has accepted of the unit, in sending order."""
    kinds = {kind.name: kind for version in stores.versions for kind in version.record_types}
    changes = {name: _gone(stores, name) for name in kinds}
    links = Links({link: stores.outbox.snapshot(stores.unit, link) for link in links_needed(stores.versions)})
    wholes = {
        (version.message_type, kind.name): carried(version, kind, {}, changes, links)
        for version in stores.versions
        for kind in version.carriers
    }
    planner = Planner(
        versions=stores.versions,
        unit=stores.unit,
        extracted_on=day,
        drop_max=dict.fromkeys(kinds, 1.0),
        accept_drop=list(kinds),  # that everything goes is what was asked for
        limits=limits,
    )
    return planner.plan({}, ToSend(changes, wholes, EncodedRecords({}, {}, [])))


def _gone(stores: UnitStores, name: str) -> Changes:
    ids = stores.outbox.snapshot(stores.unit, name)["local_id"].sort()
    none = pl.DataFrame(schema=_NONE)
    return Changes(new=none, changed=none, gone=ids, unchanged_count=0, expected_count=len(ids))
