"""The interventions in a database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl
from sqlalchemy.engine import Connection

from ktt.core.clock import Clock
from ktt.core.log.masking import masked
from ktt.domain.records import ROOT_NAMES
from ktt.domain.unit import ReportingUnit
from ktt.sender.outbox import manifest
from ktt.sender.outbox.errors import (
    CorrectionMustWait,
    FirstNotRejected,
    NothingParked,
    NothingToResend,
    PayloadGone,
    RebuildTooEarly,
    SourceChangeMustWait,
)
from ktt.sender.outbox.interventions import sql_kept, sql_parked, sql_resend
from ktt.sender.outbox.interventions.parked import Parked
from ktt.sender.outbox.interventions.resend import Resend
from ktt.sender.outbox.manifest import Manifest
from ktt.sender.outbox.message import QueuedMessage, QueueNote, State
from ktt.sender.outbox.sql import snapshots, stored_rows
from ktt.sender.outbox.sql import statements as sql
from ktt.sender.outbox.sql.queue import change, context, locked_queue, next_number, set_queue
from ktt.sender.outbox.sql.tables import NOTE
from ktt.storage.database import Database
from ktt.storage.vault import Vault


class SqlInterventions:
    """Keeps the promises of `interventions.port.Interventions`; `SqlOutbox` is the queue that they are about."""

    def __init__(self, database: Database, vault: Vault, clock: Clock) -> None:
        self._database, self._vault, self._clock = database, vault, clock

    def pause(self, unit: ReportingUnit, by: str, reason: str) -> None:
        """See `Interventions`."""
        with self._database.transaction() as connection:
            locked_queue(connection, unit)
            set_queue(connection, unit, paused_reason=masked(reason), paused_by=by, paused_at=self._clock.now())
            self._note(connection, unit, "paused", by, reason)

    def resume(self, unit: ReportingUnit, by: str, reason: str) -> None:
        """See `Interventions`."""
        with self._database.transaction() as connection:
            locked_queue(connection, unit)
            set_queue(connection, unit, paused_reason=None, paused_by=None, paused_at=None)
            self._note(connection, unit, "resumed", by, reason)

    def retry(self, unit: ReportingUnit, by: str, reason: str) -> int:
        """See `Interventions`."""
        with self._database.transaction() as connection:
            first = _rejected_first(connection, unit)
            change(connection, sql.SETTLE, first, state=State.WAITING.value, settled_at=self._clock.now())
            self._note(connection, unit, "retried", by, reason)
        return first.sequence

    def rebuild(self, unit: ReportingUnit, by: str, reason: str) -> int:
        """See `Interventions`."""
        with self._database.transaction() as connection:
            locked_queue(connection, unit)
            first = stored_rows.first_undelivered(connection, unit)
            if first is not None and first.state is State.UNCERTAIN:
                raise RebuildTooEarly(unit=unit.key, sequence=first.sequence)
            self._note(connection, unit, "rebuilt", by, reason)
            return 0 if first is None else self._supersede(connection, first)

    def park(self, unit: ReportingUnit, by: str, reason: str) -> int:
        """See `Interventions`."""
        with self._database.transaction() as connection:
            first = _rejected_first(connection, unit)
            about = self._changes_of(connection, unit, first.sequence)
            named = {name: one.deletions + one.local_ids for name, one in about.items() if name in ROOT_NAMES}
            count = sql_parked.add(connection, first, named, self._clock.now())
            self._supersede(connection, first)
            self._note(connection, unit, "parked", by, reason)
        return count

    def unpark(self, unit: ReportingUnit, by: str, reason: str) -> int:
        """See `Interventions`."""
        with self._database.transaction() as connection:
            locked_queue(connection, unit)
            count = sql_parked.remove(connection, unit)
            if not count:
                raise NothingParked(unit=unit.key)
            self._note(connection, unit, "unparked", by, reason)
        return count

    def parked(self, unit: ReportingUnit) -> Parked:
        """See `Interventions`."""
        with self._database.reading() as connection:
            return sql_parked.read(connection, unit)

    def keep(self, unit: ReportingUnit, ids: Mapping[str, Sequence[str]], by: str, reason: str) -> None:
        """See `Interventions`."""
        with self._database.transaction() as connection:
            locked_queue(connection, unit)
            if stored_rows.first_undelivered(connection, unit) is not None:
                raise SourceChangeMustWait(unit=unit.key)
            sql_kept.replace(connection, unit, ids)
            self._note(connection, unit, "kept" if ids else "released", by, reason)

    def kept(self, unit: ReportingUnit) -> Mapping[str, Sequence[str]]:
        """See `Interventions`."""
        with self._database.reading() as connection:
            return sql_kept.read(connection, unit)

    def resend(self, unit: ReportingUnit, wanted: Resend, by: str, reason: str) -> int:
        """See `Interventions`."""
        with self._database.transaction() as connection:
            locked_queue(connection, unit)
            if wanted.delete_first and stored_rows.first_undelivered(connection, unit) is not None:
                raise CorrectionMustWait(unit=unit.key)
            count = sql_resend.blank(connection, unit, wanted)
            asked = sum(len(set(ids)) for ids in wanted.ids.values())
            if not count or count < asked:
                raise NothingToResend(unit=unit.key, found=count)
            self._note(connection, unit, "corrected" if wanted.delete_first else "resent", by, reason)
        return count

    def replace_snapshot(self, unit: ReportingUnit, snapshot: Mapping[str, pl.DataFrame], by: str, reason: str) -> None:
        """See `Interventions`."""
        with self._database.transaction() as connection:
            locked_queue(connection, unit)
            first = stored_rows.first_undelivered(connection, unit)
            if first is not None:
                self._supersede(connection, first)
            snapshots.clear(connection, unit.key)
            for record_type, known in snapshot.items():
                records = Manifest([], known["local_id"].to_list(), known["fingerprint"].to_list())
                snapshots.apply(connection, unit.key, record_type, None, records)
            self._note(connection, unit, "reconciled", by, reason)

    def notes(self, unit: ReportingUnit) -> Sequence[QueueNote]:
        """See `Interventions`."""
        with self._database.reading() as connection:
            return stored_rows.notes(connection, unit)

    def changes_of(self, unit: ReportingUnit, sequence: int) -> Mapping[str, Manifest]:
        """See `Interventions`."""
        with self._database.reading() as connection:
            return self._changes_of(connection, unit, sequence)

    def _changes_of(self, connection: Connection, unit: ReportingUnit, sequence: int) -> dict[str, Manifest]:
        this = sql.of(unit, sequence)
        sealed = connection.scalar(sql.MANIFEST_OF, this)
        if sealed is None:
            raise PayloadGone(unit=unit.key, sequence=sequence)
        record_type = connection.execute(sql.MESSAGE_OF, this).mappings().one()["record_type"]
        return self._manifests(unit, sequence, sealed, record_type)

    def _supersede(self, connection: Connection, first: QueuedMessage) -> int:
        from_here = sql.of(first.unit, first.sequence)
        connection.execute(sql.DELETE_CONTENT_FROM, from_here)
        connection.execute(sql.DELETE_RUNS_FROM, from_here)
        done = connection.execute(sql.SUPERSEDE, from_here | sql.new(settled_at=self._clock.now()))
        return done.rowcount

    def _note(self, connection: Connection, unit: ReportingUnit, act: str, by: str, reason: str) -> None:
        note = {"number": next_number(connection, NOTE, unit), "at": self._clock.now(), "act": act}
        connection.execute(NOTE.insert(), {"unit": unit.key, **note, "by": by, "reason": masked(reason)})

    def _manifests(self, unit: ReportingUnit, sequence: int, sealed: bytes, record_type: str) -> dict[str, Manifest]:
        return manifest.unpack(self._vault.open(sealed, context(unit, sequence, "manifest")), record_type)


def _rejected_first(connection: Connection, unit: ReportingUnit) -> QueuedMessage:
    locked_queue(connection, unit)
    first = stored_rows.first_undelivered(connection, unit)
    if first is None or first.state is not State.REJECTED:
        raise FirstNotRejected(unit=unit.key)
    return first
