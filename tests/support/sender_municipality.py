"""A municipality with a real record system and outbox, whose registry is called without a network."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from ktt.messages.register import pack
from ktt.sender.binding.sql.tables import SCHEMA as BINDING
from ktt.sender.daily import run_daily
from ktt.sender.delta.batches import Limits
from ktt.sender.extract.sources.sql import open_source
from ktt.sender.findings.sql import SqlFindings
from ktt.sender.findings.tables import SCHEMA as FINDINGS
from ktt.sender.follow_ups.tables import SCHEMA as FOLLOW_UPS
from ktt.sender.initial_load import run_load
from ktt.sender.outbox.dispatch import SendOptions
from ktt.sender.outbox.retry_policy import NO_RETRIES
from ktt.sender.outbox.sql.store import SqlOutbox
from ktt.sender.outbox.sql.tables import SCHEMA as OUTBOX
from ktt.sender.outcomes.sql import SqlOutcomes
from ktt.sender.outcomes.tables import SCHEMA as OUTCOMES
from ktt.sender.plausibility.sql import SqlHistory
from ktt.sender.plausibility.tables import SCHEMA as HISTORY
from ktt.sender.report import RunReport
from ktt.sender.sender import Sender
from ktt.sender.unit_changes.sql import SqlUnitChanges
from ktt.sender.unit_changes.tables import SCHEMA as UNITS
from ktt.storage.database import Database
from support.outbox_queues import VAULT
from support.sender_bindings import store_binding
from support.sender_epj import UNIT, Epj
from support.sender_registry import Registry
from support.settable_clock import SettableClock

MONDAY = dt.date(2026, 3, 2)


class Municipality:
    """Change its record system, run its sender, look at the registry."""

    def __init__(self, folder: Path, database: Database, clock: SettableClock, persons: int) -> None:
        store, self.clock = SqlOutbox(database, VAULT, clock), clock
        self.epj, self.store, self.registry = Epj(folder, persons), store, Registry()
        binding = store_binding(database, clock, self.registry, folder)
        self.sender = Sender(
            unit=UNIT,
            environment="sandbox",
            outbox=store,
            findings=SqlFindings(database, clock),
            changes=SqlUnitChanges(database),
            history=SqlHistory(database, clock),
            outcomes=SqlOutcomes(database, clock),
            clock=clock,
            source=open_source(self.epj.url, self.epj.mapping),
            send=self.registry.send,
            look_up=self.registry.look_up,
            binding=binding,
            versions=pack("ktt_v1"),
            fingerprint_key=VAULT.derive("fingerprint"),
            options=SendOptions(NO_RETRIES),
        )

    def use_mapping(self, text: str) -> None:
        self.epj.mapping.write_text(text, encoding="utf-8")
        self.sender = replace(self.sender, source=open_source(self.epj.url, self.epj.mapping))

    def limits(self, limits: Limits) -> None:
        self.sender = replace(self.sender, limits=limits)

    def day(self, number: int) -> dt.date:
        return MONDAY + dt.timedelta(days=number)

    def morning(self, number: int) -> None:
        """The day has come, and the record system has exported."""
        self.clock.reach(self.day(number))
        self.epj.log(self.day(number))

    def load(self, number: int = 0, **options: object) -> RunReport:
        self.morning(number)
        return run_load(self.sender, self.day(number), **options)

    def daily(self, number: int = 1, **options: object) -> RunReport:
        self.morning(number)
        return run_daily(self.sender, self.day(number), **options)


@contextmanager
def open_municipality(
    folder: Path, clock: SettableClock, persons: int = 4, database: Path | None = None
) -> Iterator[Municipality]:
    """A municipality in a folder, with its store there or in the file that is named."""
    url = f"sqlite:///{database or folder / 'outbox.sqlite'}"
    store = Database.open(url, OUTBOX, FINDINGS, HISTORY, OUTCOMES, UNITS, BINDING, FOLLOW_UPS)
    municipality = Municipality(folder, store, clock, persons)
    try:
        yield municipality
    finally:
        municipality.registry.close()
        store.close()
