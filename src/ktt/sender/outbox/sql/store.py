"""The outbox in a database: SQLite or PostgreSQL, through `storage.Database`."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace

import polars as pl
from sqlalchemy.engine import Connection

from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import Accepted, Outcome, OutgoingMessage
from ktt.sender.delta.planned_message import PlannedMessage
from ktt.sender.outbox import manifest
from ktt.sender.outbox.errors import (
    MessageUnknown,
    NotFirstInQueue,
    PayloadGone,
    QueueNotEmpty,
    QueuePaused,
)
from ktt.sender.outbox.interventions.sql import SqlInterventions
from ktt.sender.outbox.message import (
    Attempt,
    LoadState,
    QueuedMessage,
    QueueStatus,
    Receipt,
    RunRecord,
    State,
)
from ktt.sender.outbox.receipt_chain import FIRST_PREVIOUS, next_receipt
from ktt.sender.outbox.sql import snapshots, stored_rows
from ktt.sender.outbox.sql import statements as sql
from ktt.sender.outbox.sql.queue import change, context, locked_queue, next_number, set_queue
from ktt.sender.outbox.sql.tables import RUN
from ktt.sender.outbox.state_machine import closed, may_have_arrived, next_state


class SqlOutbox(SqlInterventions):
    """Keeps the promises of `OutboxStore` in a database opened with `outbox.tables.SCHEMA`."""

    def enqueue(self, unit: ReportingUnit, messages: Iterable[PlannedMessage]) -> range:
        """See `OutboxStore`."""
        with self._database.transaction() as connection:
            last = end = locked_queue(connection, unit)["last_sequence"]
            for end, message in enumerate(messages, last + 1):
                self._insert(connection, unit, end, message)
            set_queue(connection, unit, last_sequence=end)
        return range(last + 1, end + 1)

    def _insert(self, connection: Connection, unit: ReportingUnit, sequence: int, message: PlannedMessage) -> None:
        key = {"unit": unit.key, "sequence": sequence}
        names = ("message_type", "version", "pack", "period", "extracted_on")
        row = (
            key
            | {name: getattr(message, name) for name in names}
            | {
                "state": State.WAITING.value,
                "payload_hash": hashlib.sha256(message.payload).hexdigest(),
                "payload_bytes": len(message.payload),
                "record_type": ",".join(message.record_types),
                "upserts": sum(map(len, message.upserts.values())),
                "deletions": sum(map(len, message.deletions.values())),
                "attempts": 0,
                "queued_at": self._clock.now(),
            }
        )
        connection.execute(sql.INSERT_MESSAGE, row)
        payload = self._vault.seal(message.payload, context(unit, sequence))
        sealed = self._vault.seal(manifest.pack(message), context(unit, sequence, "manifest"))
        connection.execute(sql.INSERT_CONTENT, key | {"payload": payload, "manifest": sealed})

    def first_undelivered(self, unit: ReportingUnit) -> QueuedMessage | None:
        """See `OutboxStore`."""
        with self._database.reading() as connection:
            return stored_rows.first_undelivered(connection, unit)

    def mark_sending(self, unit: ReportingUnit, sequence: int) -> OutgoingMessage:
        """See `OutboxStore`."""
        now = self._clock.now()
        with self._database.transaction() as connection:
            first = stored_rows.first_undelivered(connection, unit)
            if first is None or first.sequence != sequence or first.state is State.REJECTED:
                raise NotFirstInQueue(unit=unit.key, sequence=sequence)
            pause = stored_rows.pause_of(connection, unit)
            if pause is not None:
                raise QueuePaused(unit=unit.key, by=pause.by, reason=pause.reason)
            marked = _open_attempt(connection, first, now)
            return marked.outgoing(self._payload(connection, unit, sequence))

    def settle(self, unit: ReportingUnit, sequence: int, outcome: Outcome) -> State:
        """See `OutboxStore`."""
        with self._database.transaction() as connection:
            return self._settle(connection, unit, sequence, outcome)

    def settle_and_mark(
        self, unit: ReportingUnit, sequence: int, outcome: Outcome
    ) -> tuple[State, QueuedMessage | None]:
        """See `OutboxStore`."""
        with self._database.transaction() as connection:
            state = self._settle(connection, unit, sequence, outcome)
            first = stored_rows.first_undelivered(connection, unit) if state is State.DELIVERED else None
            if first is None or stored_rows.pause_of(connection, unit) is not None:
                return state, None
            return state, _open_attempt(connection, first, self._clock.now())

    def _settle(self, connection: Connection, unit: ReportingUnit, sequence: int, outcome: Outcome) -> State:
        now = self._clock.now()
        first = stored_rows.first_undelivered(connection, unit)
        attempts = stored_rows.attempts(connection, unit, sequence)
        if first is None or first.sequence != sequence or not attempts or attempts[-1].ended_at:
            raise NotFirstInQueue(unit=unit.key, sequence=sequence)
        state = next_state(outcome, in_doubt=any(map(may_have_arrived, attempts[:-1])))
        _end_attempt(connection, first, closed(attempts[-1], now, outcome))
        if isinstance(outcome, Accepted):
            self._accept(connection, first, outcome, now)
        change(connection, sql.SETTLE, first, state=state.value, settled_at=now)
        return state

    def _accept(self, connection: Connection, first: QueuedMessage, outcome: Accepted, now: dt.datetime) -> None:
        this = sql.of(first.unit, first.sequence)
        previous = connection.scalar(sql.LAST_RECEIPT_HASH, sql.of(first.unit)) or FIRST_PREVIOUS
        receipt = next_receipt(first, outcome.correlation_id, now, previous)
        values = {name: getattr(receipt, name) for name in Receipt.__slots__}
        connection.execute(sql.INSERT_RECEIPT, {"unit": first.unit.key, **values})
        sealed = connection.execute(sql.MANIFEST_OF, this).scalar_one()
        for record_type, changes in self._manifests(first.unit, first.sequence, sealed, first.record_type).items():
            snapshots.apply(connection, first.unit.key, record_type, first.sequence, changes)
        connection.execute(sql.DELETE_CONTENT, this)

    def expected(self, unit: ReportingUnit, record_type: str) -> pl.DataFrame:
        """See `OutboxStore`."""
        with self._database.reading() as connection:
            snapshot = snapshots.read(connection, unit.key, record_type)
            waiting = connection.execute(sql.EXPECTED, sql.of(unit) | {"of_type": record_type})
            manifests = [self._manifests(unit, *row).get(record_type) for row in waiting]
            return manifest.fold(snapshot, [one for one in manifests if one is not None])

    def snapshot(self, unit: ReportingUnit, record_type: str) -> pl.DataFrame:
        """See `OutboxStore`."""
        with self._database.reading() as connection:
            return snapshots.read(connection, unit.key, record_type)

    def queues(self) -> Sequence[QueueStatus]:
        """See `OutboxStore`."""
        with self._database.reading() as connection:
            return stored_rows.queues(connection)

    def queue(self, unit: ReportingUnit) -> QueueStatus:
        """See `OutboxStore`."""
        with self._database.reading() as connection:
            found = stored_rows.queues(connection, unit.key)
        return found[0] if found else QueueStatus(unit, undelivered=0, delivered=0)

    def messages(self, unit: ReportingUnit) -> Sequence[QueuedMessage]:
        """See `OutboxStore`."""
        with self._database.reading() as connection:
            return stored_rows.messages(connection, unit)

    def message(self, unit: ReportingUnit, sequence: int) -> QueuedMessage:
        """See `OutboxStore`."""
        with self._database.reading() as connection:
            row = connection.execute(sql.MESSAGE_OF, sql.of(unit, sequence)).mappings().first()
        if row is None:
            raise MessageUnknown(unit=unit.key, sequence=sequence)
        return stored_rows.queued(row)

    def attempts(self, unit: ReportingUnit, sequence: int) -> Sequence[Attempt]:
        """See `OutboxStore`."""
        with self._database.reading() as connection:
            return stored_rows.attempts(connection, unit, sequence)

    def receipts(self, unit: ReportingUnit) -> Sequence[Receipt]:
        """See `OutboxStore`."""
        with self._database.reading() as connection:
            return stored_rows.receipts(connection, unit)

    def read_payload(self, unit: ReportingUnit, sequence: int) -> bytes:
        """See `OutboxStore`."""
        with self._database.reading() as connection:
            return self._payload(connection, unit, sequence)

    def record_run(self, unit: ReportingUnit, run: RunRecord) -> None:
        """See `OutboxStore`."""
        with self._database.transaction() as connection:
            last = locked_queue(connection, unit)["last_sequence"]
            row = {
                "unit": unit.key,
                "number": next_number(connection, RUN, unit),
                "kind": run.kind,
                "extracted_on": run.extracted_on,
                "planned_at": self._clock.now(),
                "last_sequence": last,
                "row_counts": json.dumps(dict(run.row_counts), sort_keys=True),
            }
            connection.execute(RUN.insert(), row)

    def accepted_row_counts(self, unit: ReportingUnit) -> Mapping[str, int]:
        """See `OutboxStore`."""
        with self._database.reading() as connection:
            text = connection.scalar(sql.ACCEPTED_RUNS.limit(1), sql.of(unit))
        counts: dict[str, int] = json.loads(text) if text else {}
        return counts

    def begin_load(self, unit: ReportingUnit, cut: dt.date) -> LoadState:
        """See `OutboxStore`."""
        with self._database.transaction() as connection:
            begun = locked_queue(connection, unit)["load_begun_at"] or self._clock.now()
            set_queue(connection, unit, load_cut=cut, load_begun_at=begun)
        return LoadState(cut, begun)

    def finish_load(self, unit: ReportingUnit) -> LoadState:
        """See `OutboxStore`."""
        with self._database.transaction() as connection:
            (queue,) = stored_rows.queues(connection, unit.key)
            if queue.undelivered:
                raise QueueNotEmpty(unit=unit.key, undelivered=queue.undelivered)
            set_queue(connection, unit, load_finished_at=self._clock.now())
            state = stored_rows.load_state(locked_queue(connection, unit))
        assert state is not None
        return state

    def exclusive(self, unit: ReportingUnit) -> AbstractContextManager[bool]:
        """See `OutboxStore`."""
        return self._database.exclusive(lock_of(unit))

    def _payload(self, connection: Connection, unit: ReportingUnit, sequence: int) -> bytes:
        sealed = connection.scalar(sql.PAYLOAD_OF, sql.of(unit, sequence))
        if sealed is None:
            known = connection.execute(sql.MESSAGE_OF, sql.of(unit, sequence)).first() is not None
            raise (PayloadGone if known else MessageUnknown)(unit=unit.key, sequence=sequence)
        return self._vault.open(sealed, context(unit, sequence))


def lock_of(unit: ReportingUnit) -> str:
    """The name of the lock of a unit's queue, for one who writes beside the outbox and has no key of the store."""
    return f"outbox/{unit.key}"


def _open_attempt(connection: Connection, first: QueuedMessage, now: dt.datetime) -> QueuedMessage:
    """The message as it is from now on: uncertain, with one attempt more."""
    marked = replace(first, state=State.UNCERTAIN, attempts=first.attempts + 1, sent_at=now)
    change(connection, sql.MARK_SENDING, first, state=marked.state.value, attempts=marked.attempts, sent_at=now)
    attempt = {"unit": first.unit.key, "sequence": first.sequence, "number": marked.attempts, "at": now}
    connection.execute(sql.INSERT_ATTEMPT, attempt)
    return marked


def _end_attempt(connection: Connection, first: QueuedMessage, attempt: Attempt) -> None:
    values = {name: getattr(attempt, name) for name in Attempt.__slots__}
    this = sql.of(first.unit, first.sequence) | {"of_number": attempt.number}
    connection.execute(sql.END_ATTEMPT, this | sql.new(**values))
