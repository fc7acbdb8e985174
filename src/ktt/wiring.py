"""The only module that knows every implementation: it puts the rooms together from settings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ktt.clock import Clock, SystemClock
from ktt.config import SenderSettings, StoreSettings, UnitSettings
from ktt.domain.unit import ReportingUnit
from ktt.outbox.dispatch import Pace
from ktt.outbox.sql import SqlOutbox
from ktt.outbox.tables import LINE, SCHEMA
from ktt.sender.findings.sql import SqlFindings
from ktt.sender.findings.tables import SCHEMA as FINDINGS
from ktt.storage.database import Database
from ktt.storage.vault import Vault

if TYPE_CHECKING:
    from ktt.sender.sender import Sender

PACK = "ktt_v1"


def unit_from(settings: UnitSettings) -> ReportingUnit:
    """The reporting unit that the settings name."""
    return ReportingUnit(settings.organisation, settings.municipality, settings.district)


@contextmanager
def sender_from(settings: SenderSettings, *, clock: Clock | None = None, pace: Pace | None = None) -> Iterator[Sender]:
    """A unit's sender, ready to run: mapping, keys and addresses are judged here, before anything is read or sent."""
    from ktt.messages.register import pack  # 0.3 s in all, that looking at the line does not pay for
    from ktt.sender.sender import Sender
    from ktt.sources.sql import open_source
    from ktt.transport.opening import open_mottak

    clock = clock or SystemClock()
    source = open_source(settings.source.url, settings.source.mapping)
    with open_mottak(settings, clock) as mottak, _store(settings.store) as (database, vault):
        yield Sender(
            unit=unit_from(settings.unit),
            environment=settings.environment,
            store=SqlOutbox(database, vault, clock),
            findings=SqlFindings(database, clock),
            source=source,
            send=mottak.send,
            versions=pack(PACK),
            key=vault.derive("fingerprint"),
            pace=pace or Pace(),
        )


@contextmanager
def outbox_from(settings: SenderSettings, *, clock: Clock | None = None) -> Iterator[SqlOutbox]:
    """The line alone, to look at it or to hold, let go or rebuild it."""
    with _store(settings.store) as (database, vault):
        yield SqlOutbox(database, vault, clock or SystemClock())


@contextmanager
def findings_from(settings: SenderSettings, *, clock: Clock | None = None) -> Iterator[SqlFindings]:
    """The open findings alone, to look at."""
    with _store(settings.store) as (database, _):
        yield SqlFindings(database, clock or SystemClock())


@contextmanager
def _store(settings: StoreSettings) -> Iterator[tuple[Database, Vault]]:
    database = Database.open(settings.url, SCHEMA, FINDINGS)
    try:
        yield database, Vault.from_file(settings.key_file, create=_unused(database))
    finally:
        database.close()


def _unused(database: Database) -> bool:
    """Whether nothing has been sealed yet. Later, a missing key is an error: a new one could not open what is there."""
    with database.reading() as connection:
        return connection.execute(sa.select(LINE.c.unit).limit(1)).first() is None
