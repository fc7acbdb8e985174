"""All that the registry was told of one unit is deleted, through the unit's own queue, children before parents.

What is deleted is the snapshot: what the registry has accepted; then what the registry itself lists besides, where it can
be asked, since a store that is lost or old does not know everything. What only waits in the queue is taken out, for it would
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
from ktt.sender.unit_changes.errors import NotAllWithdrawn, RegistryHoldsMore, RegistryNotChecked
from ktt.sender.unit_changes.registry_rest import RegistryRest, Way
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
class WithdrawalReport:
    """What was sent, whether the registry itself says that nothing is left, and what it had that the store did not know."""

    sent: DispatchReport
    checked: bool = False
    surplus: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """One unit's withdrawal, for a caller that has the queue's lock."""

    stores: UnitStores
    day: dt.date
    way: Way
    options: SendOptions = field(default_factory=SendOptions)
    limits: Limits = DEFAULT_LIMITS

    def run(self, by: str, reason: str) -> WithdrawalReport:
        """Delete all of it; `stopped` when something of it is left. Run again, it goes on with the rest."""
        sent = self._delete_snapshot(by, reason)
        if sent.stopped is not None:
            return WithdrawalReport(sent)
        close_findings(self.stores, self.day)
        try:
            return self._delete_rest(sent)
        except RegistryNotChecked as fault:
            return WithdrawalReport(replace(sent, stopped=fault))

    def _delete_rest(self, sent: DispatchReport) -> WithdrawalReport:
        """Delete what the registry lists still, and ask it once more."""
        registry = RegistryRest(self.stores.unit, self.way.look_up, self.options.sleep)
        rest = registry.ids()
        if not rest:
            return WithdrawalReport(sent, checked=rest is not None)
        surplus = {name: len(ids) for name, ids in rest.items()}
        gone = {name: pl.Series("local_id", ids, dtype=pl.String).sort() for name, ids in rest.items()}
        more = self._send_all(planned(self.stores, self.day, self.limits, gone))
        left = registry.ids() if more.stopped is None else None
        held = RegistryHoldsMore(unit=self.stores.unit.key, left=in_words(_counted(left))) if left else None
        both = replace(more, delivered=sent.delivered + more.delivered, stopped=more.stopped or held)
        return WithdrawalReport(both, checked=both.stopped is None, surplus=surplus)

    def _delete_snapshot(self, by: str, reason: str) -> DispatchReport:
        stopped = self._settle_uncertain()
        if stopped is not None:
            return self._report(0, stopped)
        delivered, limits = 0, self.limits
        while True:
            if self.stores.outbox.queue(self.stores.unit).undelivered:
                self.stores.outbox.rebuild(self.stores.unit, by=by, reason=reason)
            report = self._send_all(planned(self.stores, self.day, limits))
            delivered += report.delivered
            if report.stopped is None:
                return replace(report, delivered=delivered, stopped=self._left())
            smaller = self._smaller()
            if smaller is None:
                return replace(report, delivered=delivered)
            limits = replace(limits, target=smaller)

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
        outbox.settle(unit, first.sequence, self.way.send(outgoing))
        now = outbox.message(unit, first.sequence)
        return stop_reason(now, outbox.attempts(unit, now.sequence)) if now.state is State.UNCERTAIN else None

    def _send_all(self, messages: Iterator[PlannedMessage]) -> DispatchReport:
        outbox, unit = self.stores.outbox, self.stores.unit
        delivered = 0
        while outbox.enqueue(unit, islice(messages, BATCH)):
            report = dispatch_locked(outbox, unit, self.way.send, self.options)
            delivered += report.delivered
            if report.stopped is not None:
                return replace(report, delivered=delivered)
        return self._report(delivered, None)

    def _smaller(self) -> int | None:
        """Half the size of the first message, when the registry found it too large and it can be split."""
        queue = self.stores.outbox.queue(self.stores.unit)
        first, attempt = queue.first, queue.last_attempt
        if first is None or attempt is None or attempt.outcome != _TOO_LARGE or first.deletions == 1:
            return None
        return first.payload_bytes // 2

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


def planned(
    stores: UnitStores, day: dt.date, limits: Limits = DEFAULT_LIMITS, gone: Mapping[str, pl.Series] | None = None
) -> Iterator[PlannedMessage]:
    """The messages that delete all that the registry has accepted of the unit, or these ids, in sending order."""
    kinds = [kind.name for version in stores.versions for kind in version.record_types]
    ids = _accepted(stores, kinds) if gone is None else gone
    changes = {name: _gone(ids.get(name, pl.Series("local_id", [], dtype=pl.String))) for name in kinds}
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
        limits=limits,
    )
    return planner.plan({}, ToSend(changes, wholes, EncodedRecords({}, {}, [])))


def _accepted(stores: UnitStores, kinds: Sequence[str]) -> dict[str, pl.Series]:
    return {name: stores.outbox.snapshot(stores.unit, name)["local_id"].sort() for name in kinds}


def _counted(ids: Mapping[str, Sequence[str]]) -> dict[str, int]:
    return {name: len(some) for name, some in ids.items()}


def _gone(ids: pl.Series) -> Changes:
    none = pl.DataFrame(schema=_NONE)
    return Changes(new=none, changed=none, gone=ids, unchanged_count=0, expected_count=len(ids))
