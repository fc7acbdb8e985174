"""One run, daily or of the initial load: empty the line, read, judge, compare, plan, and send until all is accepted.

What is in the line or accepted is not planned again (ADR 0001 § 4), so a run that was stopped is simply run again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from ktt.core.errors import KttError
from ktt.sender.delta.compare import Changes, compare
from ktt.sender.delta.fingerprint import fingerprint
from ktt.sender.delta.plan import Grouping, PlannedMessage, plan
from ktt.sender.extract.completeness import guard_drop
from ktt.sender.extract.extract import Extract
from ktt.sender.findings.store import Judging
from ktt.sender.outbox.dispatch import DrainReport, drain_held
from ktt.sender.outbox.errors import LineHeld
from ktt.sender.outbox.message import NewMessage, QueuedMessage, RunNote
from ktt.sender.report import Kind, RunReport, StandingCounts, finding_counts, standing_counts, type_counts
from ktt.sender.sender import Sender
from ktt.sender.validation import Judged, judged

BATCH = 64
"""Messages put in the line at a time: bounds what waits on disk (64 of 2 MB) and what a crash plans again."""

_TOO_LARGE = "too_large"


@dataclass(frozen=True, slots=True)
class Order:
    """What a run is asked to do. `accept_drop` names tables or record types whose drop someone has confirmed."""

    kind: Kind
    on: dt.date
    grouping: Grouping
    accept_drop: Collection[str] = ()


@dataclass(slots=True)
class Run:
    """A run under way, by one who holds the line."""

    sender: Sender
    order: Order
    accepted: int = 0

    def empty_line(self) -> RunReport | None:
        """Send what is in the line already; the report when that stops, for nothing is planned on top of it."""
        drained = self._drain()
        if drained.stopped is not None and not self._make_smaller(drained):
            return self._report(drained)
        return None

    def read(self) -> Judged:
        """The record system, proved whole and not suddenly smaller, and judged by every rule."""
        sender, order = self.sender, self.order
        extract = sender.source.read(sender.unit, order.on, sender.environment)
        before = sender.store.accepted_row_counts(sender.unit)
        guard_drop(before, extract.row_counts, sender.source.mapping, order.accept_drop)
        return judged(extract, sender.unit, sender.environment, sender.versions, sender.limits)

    def send(self, judged: Judged) -> RunReport:
        """Write down what was found, then send what differs from the expected state, unless all of it is rejected.

        What differs is first held against its message's schema, for which the registry would refuse a whole message.
        """
        changes = self._changes(judged.extract)
        fitted = judged.fitting(changes, self.sender.versions, self.sender.unit)
        if fitted.extract is not judged.extract:
            changes = self._changes(fitted.extract)
        judged = fitted
        standing = self._note(judged)
        found = finding_counts(judged.found)
        report = self._send_nothing(judged.rejected) if judged.rejected else self._send_all(judged.extract, changes)
        return replace(report, read=True, findings=found, standing=standing, stale=dict(judged.extract.stale))

    def _note(self, judged: Judged) -> StandingCounts:
        findings, unit = self.sender.findings, self.sender.unit
        standing = judged.stand(findings.still_open(unit))
        findings.step(unit, Judging(self.order.kind, self.order.on, judged.rule_set), standing)
        return standing_counts(judged.rule_set, standing)

    def _send_nothing(self, why: KttError) -> RunReport:
        left = self.sender.store.line(self.sender.unit).undelivered
        return self._report(DrainReport(self.sender.unit, 0, left, why))

    def _send_all(self, extract: Extract, changes: dict[str, Changes]) -> RunReport:
        """Send what differs, in order, and note the run when all of it is planned."""
        first = type_counts(extract, changes)
        drained = self._send(extract, changes)
        while drained.stopped is not None and self._make_smaller(drained):
            drained = self._send(extract, self._changes(extract))
        if drained.stopped is None:
            counts = RunNote(self.order.kind, self.order.on, extract.row_counts)
            self.sender.store.note_run(self.sender.unit, counts)
        return replace(self._report(drained), types=first)

    def _send(self, extract: Extract, changes: dict[str, Changes]) -> DrainReport:
        messages = self._planned(extract, changes)
        while self.sender.store.enqueue(self.sender.unit, islice(messages, BATCH)):
            drained = self._drain()
            if drained.stopped is not None:
                return drained
        return self._drain()

    def _changes(self, extract: Extract) -> dict[str, Changes]:
        sender, found = self.sender, {}
        for version in sender.versions:
            name = version.record_type.name
            present = fingerprint(extract.records, version.record_type, sender.key)
            expected = sender.store.expected(sender.unit, name)
            proved = extract.proves_absence(name)
            found[name] = compare(present, expected, extract.held.get(name), absence_proved=proved)
        return found

    def _planned(self, extract: Extract, changes: dict[str, Changes]) -> Iterator[NewMessage]:
        sender, order = self.sender, self.order
        mapping = sender.source.mapping
        planned = plan(
            extract.records,
            changes,
            sender.versions,
            sender.unit,
            order.on,
            grouping=order.grouping,
            drop_max=mapping.drop_max(),
            accept_drop=mapping.accepted_types(order.accept_drop),
            limits=sender.limits,
        )
        return (_new(message, order.on) for message in planned)

    def _drain(self) -> DrainReport:
        drained = drain_held(self.sender.store, self.sender.unit, self.sender.send, self.sender.pace)
        self.accepted += drained.delivered
        return drained

    def _make_smaller(self, drained: DrainReport) -> bool:
        """When the registry found the head too large: take the line out and aim at half (transport § 10.1, size).

        Ends, as each round halves the target, and a message of one record is held instead.
        """
        line = self.sender.store.line(self.sender.unit)
        refused = (
            isinstance(drained.stopped, LineHeld) and line.last_attempt and line.last_attempt.outcome == _TOO_LARGE
        )
        if not refused or line.head is None or not _can_be_split(line.head):
            return False
        limits = replace(self.sender.limits, target=line.head.payload_bytes // 2)
        self.sender.store.rebuild(self.sender.unit, by="ktt", reason=f"message {line.head.sequence} was too large")
        self.sender = replace(self.sender, limits=limits)
        return True

    def _report(self, drained: DrainReport) -> RunReport:
        load = self.sender.store.line(self.sender.unit).load
        order, unit = self.order, self.sender.unit
        return RunReport(order.kind, unit, order.on, self.accepted, drained.undelivered, load, stopped=drained.stopped)


def _can_be_split(message: QueuedMessage) -> bool:
    return message.upserts + message.deletions > 1


def _new(message: PlannedMessage, on: dt.date) -> NewMessage:
    return NewMessage(
        message_type=message.message_type,
        version=message.version,
        pack=message.pack,
        record_type=message.record_type,
        period=message.period,
        extracted_on=on,
        payload=message.payload,
        upserts=message.upserts,
        deletions=message.deletions,
    )
