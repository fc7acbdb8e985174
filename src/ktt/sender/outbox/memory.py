"""The line in memory: the yardstick that the databases are measured against. Plain lists, no cleverness, no durability."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import polars as pl

from ktt.core.clock import Clock
from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import Accepted, Outcome, OutgoingMessage
from ktt.sender.outbox.errors import LineNotEmpty, LinePaused, MessageUnknown, NotTheHead, PayloadGone, RebuildTooEarly
from ktt.sender.outbox.manifest import SNAPSHOT_SCHEMA
from ktt.sender.outbox.message import (
    UNDELIVERED,
    Attempt,
    Line,
    LineNote,
    LoadState,
    NewMessage,
    Pause,
    QueuedMessage,
    Receipt,
    RunNote,
    State,
)
from ktt.sender.outbox.receipt_chain import START, next_receipt
from ktt.sender.outbox.state_machine import closed, leaves_doubt, state_after


@dataclass(slots=True)
class _Content:
    payload: bytes
    deletions: list[str]
    upserts: dict[str, str]


@dataclass(slots=True)
class _UnitLine:
    messages: list[QueuedMessage] = field(default_factory=list)
    content: dict[int, _Content] = field(default_factory=dict)
    attempts: dict[int, list[Attempt]] = field(default_factory=dict)
    receipts: list[Receipt] = field(default_factory=list)
    snapshot: dict[str, dict[str, str]] = field(default_factory=dict)
    runs: list[tuple[int, RunNote]] = field(default_factory=list)
    notes: list[LineNote] = field(default_factory=list)
    pause: Pause | None = None
    load: LoadState | None = None
    held: bool = False

    def undelivered(self) -> list[QueuedMessage]:
        return [message for message in self.messages if message.state in UNDELIVERED]

    def change(self, message: QueuedMessage) -> None:
        self.messages[message.sequence - 1] = message


class MemoryOutbox:
    """Keeps the promises of `OutboxStore` for as long as the process lives."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lines: dict[ReportingUnit, _UnitLine] = {}

    def _of(self, unit: ReportingUnit) -> _UnitLine:
        return self._lines.setdefault(unit, _UnitLine())

    def enqueue(self, unit: ReportingUnit, messages: Iterable[NewMessage]) -> range:
        """See `OutboxStore`."""
        line, planned = self._of(unit), list(messages)
        first = len(line.messages) + 1
        for sequence, message in enumerate(planned, first):
            line.messages.append(_queued(unit, sequence, message, self._clock.now()))
            upserts = dict(message.upserts.select(*SNAPSHOT_SCHEMA).iter_rows())
            line.content[sequence] = _Content(message.payload, list(message.deletions), upserts)
            line.attempts[sequence] = []
        return range(first, first + len(planned))

    def head(self, unit: ReportingUnit) -> QueuedMessage | None:
        """See `OutboxStore`."""
        return next(iter(self._of(unit).undelivered()), None)

    def mark_sending(self, unit: ReportingUnit, sequence: int) -> OutgoingMessage:
        """See `OutboxStore`."""
        line, head, now = self._of(unit), self.head(unit), self._clock.now()
        if head is None or head.sequence != sequence or head.state is State.REJECTED:
            raise NotTheHead(unit=unit.key, sequence=sequence)
        if (pause := line.pause) is not None:
            raise LinePaused(unit=unit.key, by=pause.by, reason=pause.reason)
        line.change(replace(head, state=State.UNCERTAIN, attempts=head.attempts + 1, sent_at=now))
        line.attempts[sequence].append(Attempt(head.attempts + 1, now))
        payload = line.content[sequence].payload
        return OutgoingMessage(unit, head.message_type, head.version, payload, head.extracted_on)

    def settle(self, unit: ReportingUnit, sequence: int, outcome: Outcome) -> State:
        """See `OutboxStore`."""
        line, head, now = self._of(unit), self.head(unit), self._clock.now()
        tries = line.attempts.get(sequence, [])
        if head is None or head.sequence != sequence or not tries or tries[-1].ended_at:
            raise NotTheHead(unit=unit.key, sequence=sequence)
        state = state_after(outcome, in_doubt=any(leaves_doubt(earlier) for earlier in tries[:-1]))
        tries[-1] = closed(tries[-1], now, outcome)
        if isinstance(outcome, Accepted):
            _accept(line, head, outcome, now)
        line.change(replace(head, state=state, settled_at=now))
        return state

    def expected(self, unit: ReportingUnit, record_type: str) -> pl.DataFrame:
        """See `OutboxStore`."""
        line = self._of(unit)
        state = dict(line.snapshot.get(record_type, {}))
        for message in line.undelivered():
            if message.record_type == record_type:
                _step(state, line.content[message.sequence])
        return _frame(state)

    def snapshot(self, unit: ReportingUnit, record_type: str) -> pl.DataFrame:
        """See `OutboxStore`."""
        return _frame(self._of(unit).snapshot.get(record_type, {}))

    def rebuild(self, unit: ReportingUnit, by: str, reason: str) -> int:
        """See `OutboxStore`."""
        line, waiting = self._of(unit), self._of(unit).undelivered()
        if waiting and waiting[0].state is State.UNCERTAIN:
            raise RebuildTooEarly(unit=unit.key, sequence=waiting[0].sequence)
        line.notes.append(LineNote(self._clock.now(), "rebuilt", by, reason))
        for message in waiting:
            line.change(replace(message, state=State.SUPERSEDED, settled_at=self._clock.now()))
            del line.content[message.sequence]
        if waiting:
            line.runs = [(last, run) for last, run in line.runs if last < waiting[0].sequence]
        return len(waiting)

    def pause(self, unit: ReportingUnit, by: str, reason: str) -> None:
        """See `OutboxStore`."""
        self._of(unit).pause = Pause(reason, by, self._clock.now())
        self._of(unit).notes.append(LineNote(self._clock.now(), "paused", by, reason))

    def resume(self, unit: ReportingUnit, by: str) -> None:
        """See `OutboxStore`."""
        self._of(unit).pause = None
        self._of(unit).notes.append(LineNote(self._clock.now(), "resumed", by, ""))

    def lines(self) -> Sequence[Line]:
        """See `OutboxStore`."""
        return [self.line(unit) for unit in sorted(self._lines, key=lambda unit: unit.key)]

    def line(self, unit: ReportingUnit) -> Line:
        """See `OutboxStore`."""
        line, head = self._of(unit), self.head(unit)
        tries = line.attempts[head.sequence] if head else []
        return Line(
            unit=unit,
            undelivered=len(line.undelivered()),
            delivered=len(line.receipts),
            head=head,
            last_attempt=tries[-1] if tries else None,
            last_accepted_at=line.receipts[-1].accepted_at if line.receipts else None,
            pause=line.pause,
            load=line.load,
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

    def notes(self, unit: ReportingUnit) -> Sequence[LineNote]:
        """See `OutboxStore`."""
        return list(self._of(unit).notes)

    def reveal(self, unit: ReportingUnit, sequence: int) -> bytes:
        """See `OutboxStore`."""
        self.message(unit, sequence)
        content = self._of(unit).content.get(sequence)
        if content is None:
            raise PayloadGone(unit=unit.key, sequence=sequence)
        return content.payload

    def note_run(self, unit: ReportingUnit, run: RunNote) -> None:
        """See `OutboxStore`."""
        self._of(unit).runs.append((len(self._of(unit).messages), run))

    def accepted_row_counts(self, unit: ReportingUnit) -> Mapping[str, int]:
        """See `OutboxStore`."""
        head = self.head(unit)
        whole = [run for last, run in self._of(unit).runs if head is None or last < head.sequence]
        return dict(whole[-1].row_counts) if whole else {}

    def begin_load(self, unit: ReportingUnit, cut: dt.date) -> LoadState:
        """See `OutboxStore`."""
        line = self._of(unit)
        line.load = LoadState(cut, line.load.begun_at if line.load else self._clock.now())
        return line.load

    def finish_load(self, unit: ReportingUnit) -> LoadState:
        """See `OutboxStore`."""
        line = self._of(unit)
        if line.undelivered():
            raise LineNotEmpty(unit=unit.key, undelivered=len(line.undelivered()))
        assert line.load is not None
        line.load = replace(line.load, finished_at=self._clock.now())
        return line.load

    @contextmanager
    def exclusive(self, unit: ReportingUnit) -> Iterator[bool]:
        """See `OutboxStore`."""
        line = self._of(unit)
        if line.held:
            yield False
            return
        line.held = True
        try:
            yield True
        finally:
            line.held = False


def _queued(unit: ReportingUnit, sequence: int, message: NewMessage, now: dt.datetime) -> QueuedMessage:
    return QueuedMessage(
        unit=unit,
        sequence=sequence,
        message_type=message.message_type,
        version=message.version,
        pack=message.pack,
        record_type=message.record_type,
        period=message.period,
        extracted_on=message.extracted_on,
        state=State.WAITING,
        payload_hash=hashlib.sha256(message.payload).hexdigest(),
        payload_bytes=len(message.payload),
        upserts=message.upserts.height,
        deletions=len(message.deletions),
        attempts=0,
        queued_at=now,
        sent_at=None,
        settled_at=None,
    )


def _accept(line: _UnitLine, head: QueuedMessage, outcome: Accepted, now: dt.datetime) -> None:
    previous = line.receipts[-1].hash if line.receipts else START
    line.receipts.append(next_receipt(head, outcome.correlation_id, now, previous))
    _step(line.snapshot.setdefault(head.record_type, {}), line.content.pop(head.sequence))


def _step(state: dict[str, str], content: _Content) -> None:
    for local_id in content.deletions:
        state.pop(local_id, None)
    state.update(content.upserts)


def _frame(state: dict[str, str]) -> pl.DataFrame:
    return pl.DataFrame({"local_id": list(state), "fingerprint": list(state.values())}, schema=SNAPSHOT_SCHEMA)
