"""The outbox in memory, for the tests: the databases must answer as it does. Plain lists, nothing durable."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import polars as pl

from ktt.core.clock import Clock
from ktt.core.log.masking import masked
from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import Accepted, Outcome, OutgoingMessage
from ktt.sender.delta.planned_message import PlannedMessage
from ktt.sender.outbox.errors import (
    CorrectionMustWait,
    FirstNotRejected,
    MessageUnknown,
    NotFirstInQueue,
    NothingParked,
    NothingToResend,
    PayloadGone,
    QueueNotEmpty,
    QueuePaused,
    RebuildTooEarly,
    SourceChangeMustWait,
)
from ktt.sender.outbox.interventions.parked import Parked
from ktt.sender.outbox.interventions.resend import Resend
from ktt.sender.outbox.manifest import SNAPSHOT_SCHEMA, Manifest
from ktt.sender.outbox.message import (
    UNDELIVERED,
    Attempt,
    LoadState,
    Pause,
    QueuedMessage,
    QueueNote,
    QueueStatus,
    Receipt,
    RunRecord,
    State,
)
from ktt.sender.outbox.receipt_chain import FIRST_PREVIOUS, next_receipt
from ktt.sender.outbox.selection import is_in
from ktt.sender.outbox.state_machine import closed, may_have_arrived, next_state


@dataclass(slots=True)
class _Content:
    payload: bytes
    deletions: Mapping[str, tuple[str, ...]]
    upserts: Mapping[str, Mapping[str, str]]


@dataclass(slots=True)
class _UnitQueue:
    messages: list[QueuedMessage] = field(default_factory=list)
    content: dict[int, _Content] = field(default_factory=dict)
    attempts: dict[int, list[Attempt]] = field(default_factory=dict)
    receipts: list[Receipt] = field(default_factory=list)
    snapshot: dict[str, dict[str, str]] = field(default_factory=dict)
    runs: list[tuple[int, RunRecord]] = field(default_factory=list)
    notes: list[QueueNote] = field(default_factory=list)
    brought: dict[tuple[str, str], int] = field(default_factory=dict)
    parked: dict[tuple[str, str], dt.datetime] = field(default_factory=dict)
    kept: Mapping[str, Sequence[str]] = field(default_factory=dict)
    pause: Pause | None = None
    load: LoadState | None = None
    locked: bool = False

    def undelivered(self) -> list[QueuedMessage]:
        return [message for message in self.messages if message.state in UNDELIVERED]

    def change(self, message: QueuedMessage) -> None:
        self.messages[message.sequence - 1] = message


class MemoryOutbox:
    """Keeps the promises of `OutboxStore` for as long as the process lives."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._queues: dict[ReportingUnit, _UnitQueue] = {}

    def _of(self, unit: ReportingUnit) -> _UnitQueue:
        return self._queues.setdefault(unit, _UnitQueue())

    def enqueue(self, unit: ReportingUnit, messages: Iterable[PlannedMessage]) -> range:
        """See `OutboxStore`."""
        queue, planned = self._of(unit), list(messages)
        first = len(queue.messages) + 1
        for sequence, message in enumerate(planned, first):
            queue.messages.append(_queued(unit, sequence, message, self._clock.now()))
            queue.content[sequence] = _Content(message.payload, message.deletions, message.upserts)
            queue.attempts[sequence] = []
        return range(first, first + len(planned))

    def first_undelivered(self, unit: ReportingUnit) -> QueuedMessage | None:
        """See `OutboxStore`."""
        return next(iter(self._of(unit).undelivered()), None)

    def mark_sending(self, unit: ReportingUnit, sequence: int) -> OutgoingMessage:
        """See `OutboxStore`."""
        queue, first, now = self._of(unit), self.first_undelivered(unit), self._clock.now()
        if first is None or first.sequence != sequence or first.state is State.REJECTED:
            raise NotFirstInQueue(unit=unit.key, sequence=sequence)
        if (pause := queue.pause) is not None:
            raise QueuePaused(unit=unit.key, by=pause.by, reason=pause.reason)
        return self._open_attempt(first, now).outgoing(queue.content[sequence].payload)

    def _open_attempt(self, first: QueuedMessage, now: dt.datetime) -> QueuedMessage:
        marked = replace(first, state=State.UNCERTAIN, attempts=first.attempts + 1, sent_at=now)
        self._of(first.unit).change(marked)
        self._of(first.unit).attempts[first.sequence].append(Attempt(marked.attempts, now))
        return marked

    def settle_and_mark(
        self, unit: ReportingUnit, sequence: int, outcome: Outcome
    ) -> tuple[State, QueuedMessage | None]:
        """See `OutboxStore`."""
        state = self.settle(unit, sequence, outcome)
        first = self.first_undelivered(unit)
        if state is not State.DELIVERED or first is None or self._of(unit).pause is not None:
            return state, None
        return state, self._open_attempt(first, self._clock.now())

    def settle(self, unit: ReportingUnit, sequence: int, outcome: Outcome) -> State:
        """See `OutboxStore`."""
        queue, first, now = self._of(unit), self.first_undelivered(unit), self._clock.now()
        attempts = queue.attempts.get(sequence, [])
        if first is None or first.sequence != sequence or not attempts or attempts[-1].ended_at:
            raise NotFirstInQueue(unit=unit.key, sequence=sequence)
        state = next_state(outcome, in_doubt=any(may_have_arrived(earlier) for earlier in attempts[:-1]))
        attempts[-1] = closed(attempts[-1], now, outcome)
        if isinstance(outcome, Accepted):
            _accept(queue, first, outcome, now)
        queue.change(replace(first, state=state, settled_at=now))
        return state

    def expected(self, unit: ReportingUnit, record_type: str) -> pl.DataFrame:
        """See `OutboxStore`."""
        queue = self._of(unit)
        state = dict(queue.snapshot.get(record_type, {}))
        for message in queue.undelivered():
            _step(state, queue.content[message.sequence], record_type)
        return _frame(state)

    def snapshot(self, unit: ReportingUnit, record_type: str) -> pl.DataFrame:
        """See `OutboxStore`."""
        return _frame(self._of(unit).snapshot.get(record_type, {}))

    def rebuild(self, unit: ReportingUnit, by: str, reason: str) -> int:
        """See `OutboxStore`."""
        queue, waiting = self._of(unit), self._of(unit).undelivered()
        if waiting and waiting[0].state is State.UNCERTAIN:
            raise RebuildTooEarly(unit=unit.key, sequence=waiting[0].sequence)
        queue.notes.append(QueueNote(self._clock.now(), "rebuilt", by, masked(reason)))
        self._supersede(queue)
        return len(waiting)

    def _supersede(self, queue: _UnitQueue) -> None:
        waiting = queue.undelivered()
        for message in waiting:
            queue.change(replace(message, state=State.SUPERSEDED, settled_at=self._clock.now()))
            del queue.content[message.sequence]
        if waiting:
            queue.runs = [(last, run) for last, run in queue.runs if last < waiting[0].sequence]

    def replace_snapshot(self, unit: ReportingUnit, snapshot: Mapping[str, pl.DataFrame], by: str, reason: str) -> None:
        """See `OutboxStore`."""
        queue = self._of(unit)
        self._supersede(queue)
        queue.snapshot = {name: dict(known.rows()) for name, known in snapshot.items()}
        queue.notes.append(QueueNote(self._clock.now(), "reconciled", by, masked(reason)))

    def pause(self, unit: ReportingUnit, by: str, reason: str) -> None:
        """See `OutboxStore`."""
        self._of(unit).pause = Pause(masked(reason), by, self._clock.now())
        self._of(unit).notes.append(QueueNote(self._clock.now(), "paused", by, masked(reason)))

    def resume(self, unit: ReportingUnit, by: str, reason: str) -> None:
        """See `OutboxStore`."""
        self._of(unit).pause = None
        self._of(unit).notes.append(QueueNote(self._clock.now(), "resumed", by, masked(reason)))

    def retry(self, unit: ReportingUnit, by: str, reason: str) -> int:
        """See `OutboxStore`."""
        queue, first = self._of(unit), self._rejected(unit)
        queue.change(replace(first, state=State.WAITING, settled_at=self._clock.now()))
        queue.notes.append(QueueNote(self._clock.now(), "retried", by, masked(reason)))
        return first.sequence

    def park(self, unit: ReportingUnit, by: str, reason: str) -> int:
        """See `OutboxStore`."""
        queue, first = self._of(unit), self._rejected(unit)
        about = self.changes_of(unit, first.sequence)
        ids = {(name, one) for name, some in about.items() for one in some.deletions + some.local_ids}
        new = dict.fromkeys(ids - queue.parked.keys(), self._clock.now())
        queue.parked |= new
        self._supersede(queue)
        queue.notes.append(QueueNote(self._clock.now(), "parked", by, masked(reason)))
        return len(new)

    def unpark(self, unit: ReportingUnit, by: str, reason: str) -> int:
        """See `OutboxStore`."""
        queue = self._of(unit)
        if not (count := len(queue.parked)):
            raise NothingParked(unit=unit.key)
        queue.parked = {}
        queue.notes.append(QueueNote(self._clock.now(), "unparked", by, masked(reason)))
        return count

    def parked(self, unit: ReportingUnit) -> Parked:
        """See `OutboxStore`."""
        ids: dict[str, list[str]] = {}
        for name, local_id in sorted(self._of(unit).parked):
            ids.setdefault(name, []).append(local_id)
        return Parked(ids, min(self._of(unit).parked.values(), default=None))

    def keep(self, unit: ReportingUnit, ids: Mapping[str, Sequence[str]], by: str, reason: str) -> None:
        """See `OutboxStore`."""
        queue = self._of(unit)
        if queue.undelivered():
            raise SourceChangeMustWait(unit=unit.key)
        queue.kept = {name: sorted(set(some)) for name, some in ids.items()}
        queue.notes.append(QueueNote(self._clock.now(), "kept" if ids else "released", by, masked(reason)))

    def kept(self, unit: ReportingUnit) -> Mapping[str, Sequence[str]]:
        """See `OutboxStore`."""
        return self._of(unit).kept

    def resend(self, unit: ReportingUnit, wanted: Resend, by: str, reason: str) -> int:
        """See `OutboxStore`."""
        queue = self._of(unit)
        if wanted.delete_first and queue.undelivered():
            raise CorrectionMustWait(unit=unit.key)
        found = {(name, one) for name, held in queue.snapshot.items() for one in held if "@" not in name}
        named = {(name, one) for name, some in wanted.ids.items() for one in some}
        of_day = {one.sequence for one in queue.messages if wanted.day in (None, one.extracted_on)}
        of_period = {
            one.sequence for one in queue.messages if wanted.period is None or is_in(one.period, wanted.period)
        }
        if named:
            found &= named
        else:
            found = {one for one in found if queue.brought[one] in of_day & of_period}
        if not found or len(found) < len(named):
            raise NothingToResend(unit=unit.key, found=len(found))
        for name, local_id in found:
            queue.snapshot[name][local_id] = "-" if wanted.delete_first else ""
        act = "corrected" if wanted.delete_first else "resent"
        queue.notes.append(QueueNote(self._clock.now(), act, by, masked(reason)))
        return len(found)

    def changes_of(self, unit: ReportingUnit, sequence: int) -> Mapping[str, Manifest]:
        """See `OutboxStore`."""
        content = self._of(unit).content.get(sequence)
        if content is None:
            raise PayloadGone(unit=unit.key, sequence=sequence)
        names = sorted({*content.deletions, *content.upserts})
        return {name: _manifest(content, name) for name in names}

    def _rejected(self, unit: ReportingUnit) -> QueuedMessage:
        first = self.first_undelivered(unit)
        if first is None or first.state is not State.REJECTED:
            raise FirstNotRejected(unit=unit.key)
        return first

    def queues(self) -> Sequence[QueueStatus]:
        """See `OutboxStore`."""
        return [self.queue(unit) for unit in sorted(self._queues, key=lambda unit: unit.key)]

    def queue(self, unit: ReportingUnit) -> QueueStatus:
        """See `OutboxStore`."""
        queue, first = self._of(unit), self.first_undelivered(unit)
        attempts = queue.attempts[first.sequence] if first else []
        return QueueStatus(
            unit=unit,
            undelivered=len(queue.undelivered()),
            delivered=len(queue.receipts),
            first=first,
            last_attempt=attempts[-1] if attempts else None,
            behind_since=_behind_since(queue, first) if first else None,
            last_accepted_at=queue.receipts[-1].accepted_at if queue.receipts else None,
            pause=queue.pause,
            load=queue.load,
        )

    def messages(self, unit: ReportingUnit) -> Sequence[QueuedMessage]:
        """See `OutboxStore`."""
        return list(self._of(unit).messages)

    def message(self, unit: ReportingUnit, sequence: int) -> QueuedMessage:
        """See `OutboxStore`."""
        messages = self._of(unit).messages
        if not 1 <= sequence <= len(messages):
            raise MessageUnknown(unit=unit.key, sequence=sequence)
        return messages[sequence - 1]

    def attempts(self, unit: ReportingUnit, sequence: int) -> Sequence[Attempt]:
        """See `OutboxStore`."""
        return list(self._of(unit).attempts.get(sequence, []))

    def receipts(self, unit: ReportingUnit) -> Sequence[Receipt]:
        """See `OutboxStore`."""
        return list(self._of(unit).receipts)

    def notes(self, unit: ReportingUnit) -> Sequence[QueueNote]:
        """See `OutboxStore`."""
        return list(self._of(unit).notes)

    def read_payload(self, unit: ReportingUnit, sequence: int) -> bytes:
        """See `OutboxStore`."""
        self.message(unit, sequence)
        content = self._of(unit).content.get(sequence)
        if content is None:
            raise PayloadGone(unit=unit.key, sequence=sequence)
        return content.payload

    def record_run(self, unit: ReportingUnit, run: RunRecord) -> None:
        """See `OutboxStore`."""
        self._of(unit).runs.append((len(self._of(unit).messages), run))

    def accepted_row_counts(self, unit: ReportingUnit) -> Mapping[str, int]:
        """See `OutboxStore`."""
        first = self.first_undelivered(unit)
        whole = [run for last, run in self._of(unit).runs if first is None or last < first.sequence]
        return dict(whole[-1].row_counts) if whole else {}

    def begin_load(self, unit: ReportingUnit, cut: dt.date) -> LoadState:
        """See `OutboxStore`."""
        queue = self._of(unit)
        queue.load = LoadState(cut, queue.load.begun_at if queue.load else self._clock.now())
        return queue.load

    def finish_load(self, unit: ReportingUnit) -> LoadState:
        """See `OutboxStore`."""
        queue = self._of(unit)
        if queue.undelivered():
            raise QueueNotEmpty(unit=unit.key, undelivered=len(queue.undelivered()))
        assert queue.load is not None
        queue.load = replace(queue.load, finished_at=self._clock.now())
        return queue.load

    @contextmanager
    def exclusive(self, unit: ReportingUnit) -> Iterator[bool]:
        """See `OutboxStore`."""
        queue = self._of(unit)
        if queue.locked:
            yield False
            return
        queue.locked = True
        try:
            yield True
        finally:
            queue.locked = False


def _queued(unit: ReportingUnit, sequence: int, message: PlannedMessage, now: dt.datetime) -> QueuedMessage:
    return QueuedMessage(
        unit=unit,
        sequence=sequence,
        message_type=message.message_type,
        version=message.version,
        pack=message.pack,
        record_type=",".join(message.record_types),
        period=message.period,
        extracted_on=message.extracted_on,
        state=State.WAITING,
        payload_hash=hashlib.sha256(message.payload).hexdigest(),
        payload_bytes=len(message.payload),
        upserts=sum(map(len, message.upserts.values())),
        deletions=sum(map(len, message.deletions.values())),
        attempts=0,
        queued_at=now,
        sent_at=None,
        settled_at=None,
    )


def _behind_since(queue: _UnitQueue, first: QueuedMessage) -> dt.datetime:
    in_step = [one.sequence for one in queue.messages if one.state is State.DELIVERED]
    in_step += [last for last, _ in queue.runs if last < first.sequence]
    return min(one.queued_at for one in queue.messages if one.sequence > max(in_step, default=0))


def _accept(queue: _UnitQueue, first: QueuedMessage, outcome: Accepted, now: dt.datetime) -> None:
    previous = queue.receipts[-1].hash if queue.receipts else FIRST_PREVIOUS
    queue.receipts.append(next_receipt(first, outcome.correlation_id, now, previous))
    content = queue.content.pop(first.sequence)
    for record_type in {*content.deletions, *content.upserts}:
        for local_id in content.upserts.get(record_type, {}):
            queue.brought[record_type, local_id] = first.sequence
        _step(queue.snapshot.setdefault(record_type, {}), content, record_type)


def _manifest(content: _Content, record_type: str) -> Manifest:
    upserts = dict(sorted(content.upserts.get(record_type, {}).items()))
    deletions = [local_id for local_id in content.deletions.get(record_type, ()) if local_id not in upserts]
    return Manifest(deletions, list(upserts), list(upserts.values()))


def _step(state: dict[str, str], content: _Content, record_type: str) -> None:
    for local_id in content.deletions.get(record_type, ()):
        state.pop(local_id, None)
    state.update(content.upserts.get(record_type, {}))


def _frame(state: dict[str, str]) -> pl.DataFrame:
    return pl.DataFrame({"local_id": list(state), "fingerprint": list(state.values())}, schema=SNAPSHOT_SCHEMA)
