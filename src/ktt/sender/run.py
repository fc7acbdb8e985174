"""One run, daily or of the initial load: send what is queued, read, validate, compare, encode, plan, and send the rest.

What is queued or accepted is not planned again (ADR 0001 § 4), so a run that was stopped is simply run again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice

import polars as pl

from ktt.core.clock import norwegian_day
from ktt.core.errors import KttError
from ktt.domain.fingerprint import fingerprint
from ktt.domain.records import DECISION
from ktt.sender.binding.asking import Asked, ask_before_sending, ask_when_nothing_was_sent
from ktt.sender.delta.carriers import Carried, Links, carried, links_needed
from ktt.sender.delta.compare import Changes, compare
from ktt.sender.delta.encoding import EncodedRecords, encode
from ktt.sender.delta.plan import Grouping, Planner, ToSend
from ktt.sender.delta.planned_message import PlannedMessage
from ktt.sender.extract.extract import Extract
from ktt.sender.extract.set_aside import SetAside, set_aside
from ktt.sender.findings.store import ValidationRun
from ktt.sender.outbox.dispatch import DispatchReport, dispatch_locked
from ktt.sender.outbox.errors import QueueHeld
from ktt.sender.outbox.interventions.corrected import is_corrected
from ktt.sender.outbox.message import QueuedMessage, RunRecord
from ktt.sender.plausibility import limits
from ktt.sender.plausibility.asked import Questions
from ktt.sender.plausibility.figures import Figures, measure
from ktt.sender.plausibility.question import NOTHING_ACCEPTED, Acceptance
from ktt.sender.plausibility.questions import ask, ask_drops, ask_tables
from ktt.sender.reconciliation.compare import compare_after_run
from ktt.sender.report import (
    FindingDiffCounts,
    ParkedCounts,
    RunKind,
    RunReport,
    diff_counts,
    finding_counts,
    type_counts,
)
from ktt.sender.sender import Sender
from ktt.sender.validation import ValidatedExtract, validate_extract

BATCH = 64
"""Messages enqueued at a time: bounds what waits on disk (64 of 2 MB) and what a crash plans again."""

_TOO_LARGE = "too_large"


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What a run is to do, and what someone accepts of what is odd about it."""

    kind: RunKind
    on: dt.date
    grouping: Grouping
    accept: Acceptance = NOTHING_ACCEPTED


@dataclass(frozen=True, slots=True)
class Ready:
    """What a run is about to send: the extract with everything found, what differs, and that as JSON."""

    validated: ValidatedExtract = field(repr=False)
    changes: Mapping[str, Changes] = field(repr=False)
    encoded: EncodedRecords = field(repr=False)


@dataclass(slots=True)
class Run:
    """A run under way, for a caller that has the queue's lock."""

    sender: Sender
    request: RunRequest
    bound: bool = False
    accepted: int = 0
    rebuilt: int | None = None
    aside: SetAside | None = None
    figures: Figures | None = None
    asked: Asked | None = None

    def send_queued(self) -> RunReport | None:
        """Send what is queued already; the report when that stops, since nothing is planned behind a stopped queue.

        Or when the registry is not the one that has what was accepted: it is asked before anything new is planned for it.
        """
        dispatched = self._dispatch()
        if dispatched.stopped is not None and not self._make_smaller(dispatched):
            return self._report(dispatched)
        self.asked, apart = ask_before_sending(self.sender.binding)
        return self._send_nothing(apart) if apart else None

    def _ask_if_nothing_was_sent(self, report: RunReport) -> RunReport:
        """“✓” also says that the registry can be reached: a run without a message asks."""
        if report.stopped is not None or self.accepted:
            return report
        binding, apart = self.sender.binding, None
        if self.asked is None:
            self.asked, apart = ask_before_sending(binding)
        self.asked, absent = ask_when_nothing_was_sent(binding, self.asked, self.sender.options)
        return replace(report, asked=self.asked, stopped=apart or absent)

    def send_queued_and_read(self) -> ValidatedExtract | RunReport:
        """Send what is queued, then read; the report instead when the queue stops.

        A rejected message does not stop it when the record system now says something else of what is in the message:
        then the queue is planned anew.
        """
        stopped = self.send_queued()
        if stopped is not None and not isinstance(stopped.stopped, QueueHeld):
            return stopped
        validated = self.read()
        return validated if stopped is None or self._rebuild_corrected(validated.extract) else stopped

    def _rebuild_corrected(self, extract: Extract) -> bool:
        """Empty the queue whose first message was rejected, when its records have been corrected since."""
        sender = self.sender
        first = sender.outbox.first_undelivered(sender.unit)
        assert first is not None, "the queue is held by a message"
        said = sender.outbox.changes_of(sender.unit, first.sequence)
        kinds = dict.fromkeys(kind for version in sender.versions for kind in version.record_types if kind.name in said)
        none = pl.Series(dtype=pl.String)
        corrected = any(
            is_corrected(
                said[kind.name],
                fingerprint(extract.records, kind, sender.fingerprint_key),
                extract.held.get(kind.name, none),
            )
            for kind in kinds
        )
        if corrected:
            reason = f"message {first.sequence} was rejected and its records are corrected"
            sender.outbox.rebuild(sender.unit, by="ktt", reason=reason)
            self.rebuilt = first.sequence
        return corrected

    def read(self) -> ValidatedExtract:
        """The record system, proved whole, validated by every rule, and what is parked set aside."""
        sender, request = self.sender, self.request
        extract = sender.source.read(sender.unit, request.on, sender.environment)
        self.figures = measure(request.kind, extract)
        validated = validate_extract(extract, sender.environment, sender.versions)
        self.aside = set_aside(
            validated.extract, sender.outbox.parked(sender.unit).ids, sender.outbox.kept(sender.unit)
        )
        return replace(validated, extract=self.aside.extract)

    def send(self, validated: ValidatedExtract) -> RunReport:
        """Record what was found, then send what differs from the expected state, unless the extract is rejected.

        Before anything else, a person must have accepted what is odd; what an odd extract lacks is not closed as corrected.
        What differs is encoded first: the registry would refuse a whole message for a record that breaks its schema.
        """
        sender, read = self.sender, validated.extract
        changes = self.changes(read)
        questions = self.questions(read, changes)
        if (stop := questions.stop()) is not None:
            return replace(
                self._send_nothing(stop),
                read=True,
                questions=questions,
                stale=dict(read.stale),
                proofs=read.proofs,
                reading=read.reading,
            )
        sender.history.accept(sender.unit, questions.accepted(self.request.on))
        ready = self.ready(validated, changes)
        validated = ready.validated
        diff = self._record(validated)
        rejection = validated.rejection
        report = self._send_nothing(rejection) if rejection else self._send_all(ready)
        comparison = None if report.stopped else compare_after_run(sender, validated)
        findings = finding_counts(validated.findings)
        return replace(
            report,
            read=True,
            findings=findings,
            finding_diff=diff,
            stale=dict(read.stale),
            proofs=read.proofs,
            reading=read.reading,
            comparison=comparison,
            questions=questions,
        )

    def ready(self, validated: ValidatedExtract, changes: Mapping[str, Changes]) -> Ready:
        """What differs, encoded and checked, with the records held that no message can carry."""
        sender, read = self.sender, validated.extract
        ids = {name: one.to_write["local_id"] for (_, name), one in self._carried(read, changes).items()}
        encoded = encode(read.records, sender.versions, sender.unit, sender.limits, ids)
        held = validated.hold_unsendable(encoded)
        return Ready(held, _without_held(changes, read, held.extract), encoded)

    def messages(self, ready: Ready) -> Iterator[PlannedMessage]:
        """The messages that are sent, in order, each made when it is asked for."""
        extract = ready.validated.extract
        to_send = ToSend(ready.changes, self._carried(extract, ready.changes), ready.encoded)
        return self._planner().plan(extract.records, to_send)

    def questions(self, read: Extract, changes: Mapping[str, Changes]) -> Questions:
        """Everything that is odd about the run, against the unit's own last runs and what the registry is to hold."""
        assert self.figures is not None, "what was read is measured when it is read"
        sender, request, mapping = self.sender, self.request, self.sender.source.mapping
        self.figures = self.figures.with_changes(changes)
        history = sender.history.latest(sender.unit, limits.RUNS)
        today = norwegian_day(sender.clock.now())
        rows = sender.outbox.accepted_row_counts(sender.unit)
        shares = {name: table.drop_max for name, table in mapping.tables.items()}
        asked = [
            *ask(self.figures, history, today),
            *ask_tables(rows, read.row_counts, shares),
            *ask_drops(changes, mapping.drop_max()),
        ]
        return Questions(asked, request.accept)

    def _record(self, validated: ValidatedExtract) -> FindingDiffCounts:
        store, unit = self.sender.findings, self.sender.unit
        diff = validated.diff(store.still_open(unit))
        store.record(unit, ValidationRun(self.request.kind, self.request.on, validated.rule_set), diff)
        return diff_counts(validated.rule_set, diff)

    def _send_nothing(self, why: KttError) -> RunReport:
        left = self.sender.outbox.queue(self.sender.unit).undelivered
        return self._report(DispatchReport(self.sender.unit, 0, left, why))

    def _send_all(self, ready: Ready) -> RunReport:
        """Send what differs, in order, and record the run when all of it is accepted; without a message, when it was asked.

        A clock that is wrong is told by those who are asked, and would otherwise leave a day behind that is not come.
        """
        extract = ready.validated.extract
        counts = type_counts(extract, ready.changes)
        self.sender.options.on_planned(records_to_send(ready.changes))
        dispatched = self._send(ready)
        while dispatched.stopped is not None and self._make_smaller(dispatched):
            dispatched = self._send(replace(ready, changes=self.changes(extract)))
        report = self._ask_if_nothing_was_sent(replace(self._report(dispatched), types=counts))
        if report.stopped is None:
            record = RunRecord(self.request.kind, self.request.on, extract.row_counts)
            self.sender.outbox.record_run(self.sender.unit, record)
            assert self.figures is not None, "what was read is measured when it is read"
            self.sender.history.record(self.sender.unit, self.figures)
        return report

    def _send(self, ready: Ready) -> DispatchReport:
        messages = self.messages(ready)
        while self.sender.outbox.enqueue(self.sender.unit, islice(messages, BATCH)):
            dispatched = self._dispatch()
            if dispatched.stopped is not None:
                return dispatched
        return self._dispatch()

    def changes(self, extract: Extract) -> dict[str, Changes]:
        """What differs from the expected state, per record type."""
        sender, found = self.sender, {}
        for kind in dict.fromkeys(kind for version in sender.versions for kind in version.record_types):
            present = fingerprint(extract.records, kind, sender.fingerprint_key)
            expected = sender.outbox.expected(sender.unit, kind.name)
            proved = extract.proves_absence(kind.name)
            found[kind.name] = compare(present, expected, extract.held.get(kind.name), absence_proved=proved)
        if self.aside is not None and self.aside.keeps_decisions and DECISION.name in found:
            found[DECISION.name] = replace(found[DECISION.name], gone=found[DECISION.name].gone.clear())
        return found

    def _carried(self, extract: Extract, changes: Mapping[str, Changes]) -> dict[tuple[str, str], Carried]:
        """What is written of each record type in each version."""
        sender = self.sender
        known = {link: sender.outbox.expected(sender.unit, link) for link in links_needed(sender.versions)}
        links = Links(known, extract.held)
        return {
            (version.message_type, kind.name): carried(version, kind, extract.records, changes, links)
            for version in sender.versions
            for kind in version.carriers
        }

    def _planner(self) -> Planner:
        sender, request = self.sender, self.request
        return Planner(
            versions=sender.versions,
            unit=sender.unit,
            extracted_on=request.on,
            grouping=request.grouping,
            limits=sender.limits,
        )

    def _dispatch(self) -> DispatchReport:
        dispatched = dispatch_locked(self.sender.outbox, self.sender.unit, self.sender.send, self.sender.options)
        self.accepted += dispatched.delivered
        self.sender.binding.witness_now()
        return dispatched

    def _make_smaller(self, dispatched: DispatchReport) -> bool:
        """Empty the queue and aim at half the size, when the registry found its first message too large (transport § 10.1).

        False when the queue has stopped for another reason, or the message has one record and cannot be smaller; so a
        run halves the target only a few times.
        """
        queue = self.sender.outbox.queue(self.sender.unit)
        refused = (
            isinstance(dispatched.stopped, QueueHeld)
            and queue.last_attempt is not None
            and queue.last_attempt.outcome == _TOO_LARGE
        )
        if not refused or queue.first is None or not _can_be_split(queue.first):
            return False
        limits = replace(self.sender.limits, target=queue.first.payload_bytes // 2)
        self.sender.outbox.rebuild(self.sender.unit, by="ktt", reason=f"message {queue.first.sequence} was too large")
        self.sender = replace(self.sender, limits=limits)
        return True

    def _report(self, dispatched: DispatchReport) -> RunReport:
        load = self.sender.outbox.queue(self.sender.unit).load
        request, unit = self.request, self.sender.unit
        return RunReport(
            request.kind,
            unit,
            request.on,
            self.accepted,
            dispatched.undelivered,
            load,
            rebuilt=self.rebuilt,
            parked=self._parked(),
            stopped=dispatched.stopped,
            asked=self.asked,
            bound=self.bound,
            limited=self.sender.source.mapping.limited(),
        )

    def _parked(self) -> ParkedCounts | None:
        parked = self.sender.outbox.parked(self.sender.unit)
        if parked.since is None:
            return None
        return ParkedCounts(parked.count, self.aside.dependents if self.aside else 0, parked.since)


def records_to_send(changes: Mapping[str, Changes]) -> int:
    """How many records are sent or withdrawn."""
    return sum(one.to_send.height + len(one.gone) for one in changes.values())


def _without_held(changes: Mapping[str, Changes], before: Extract, after: Extract) -> Mapping[str, Changes]:
    """The changes after more records are held than before: fingerprints and expected state are the same."""
    if after is before:
        return changes
    held = {name: after.held[name].filter(~after.held[name].is_in(before.held[name].implode())) for name in changes}
    return {name: change.without(held[name]) for name, change in changes.items()}


def _can_be_split(message: QueuedMessage) -> bool:
    return message.upserts + message.deletions > 1
