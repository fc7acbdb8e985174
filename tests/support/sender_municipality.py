"""A municipality with a real record system and outbox, whose registry is called without a network."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from ktt.core.clock import Clock
from ktt.messages.register import pack
from ktt.sender.daily import run_daily
from ktt.sender.delta.batches import Limits
from ktt.sender.extract.sources.sql import open_source
from ktt.sender.findings.store import FindingsStore
from ktt.sender.initial_load import run_load
from ktt.sender.outbox.dispatch import SendOptions
from ktt.sender.outbox.retry_policy import NO_RETRIES
from ktt.sender.outbox.store import OutboxStore
from ktt.sender.report import RunReport
from ktt.sender.sender import Sender
from ktt.sender.unit_changes.store import UnitChangeStore
from support.finding_histories import sql_findings
from support.outbox_queues import VAULT, sql_outbox
from support.sender_epj import UNIT, Epj
from support.sender_registry import Registry
from support.unit_changes import sql_unit_changes

MONDAY = dt.date(2026, 3, 2)


class Municipality:
    """Change its record system, run its sender, look at the registry."""

    def __init__(
        self, folder: Path, store: OutboxStore, findings: FindingsStore, changes: UnitChangeStore, persons: int
    ) -> None:
        self.epj, self.store, self.registry = Epj(folder, persons), store, Registry()
        self.sender = Sender(
            unit=UNIT,
            environment="sandbox",
            outbox=store,
            findings=findings,
            changes=changes,
            source=open_source(self.epj.url, self.epj.mapping),
            send=self.registry.send,
            look_up=self.registry.look_up,
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

    def load(self, number: int = 0, **options: object) -> RunReport:
        self.epj.log(self.day(number))
        return run_load(self.sender, self.day(number), **options)

    def daily(self, number: int = 1, **options: object) -> RunReport:
        self.epj.log(self.day(number))
        return run_daily(self.sender, self.day(number), **options)


@contextmanager
def open_municipality(
    folder: Path, clock: Clock, persons: int = 4, database: Path | None = None
) -> Iterator[Municipality]:
    """A municipality in a folder, with its store there or in the file that is named."""
    url = f"sqlite:///{database or folder / 'outbox.sqlite'}"
    with sql_outbox(url, clock) as store, sql_findings(url, clock) as findings, sql_unit_changes(url) as changes:
        municipality = Municipality(folder, store, findings, changes, persons)
        yield municipality
        municipality.registry.close()
