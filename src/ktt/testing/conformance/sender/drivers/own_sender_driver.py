"""Our own sender in the suite's process: `ktt load` and `ktt daily` from a record system of the suite's own."""

from __future__ import annotations

import datetime as dt
import logging
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ktt.core.clock import SystemClock, norwegian_day
from ktt.core.errors import KttError
from ktt.core.log.masking import masked
from ktt.sender.daily import run_daily
from ktt.sender.initial_load import run_load
from ktt.sender.outbox.dispatch import SendOptions
from ktt.sender.outbox.retry_policy import RetryPolicy
from ktt.sender.report import RunReport
from ktt.sender.sender import Sender
from ktt.sender.settings import SenderSettings
from ktt.testing.conformance.sender.drivers import record_system
from ktt.testing.conformance.sender.drivers.driver import Ability, ScenarioContext, SenderRun
from ktt.testing.conformance.sender.drivers.record_system import SmallRecordSystem
from ktt.testing.conformance.sender.preparation import Preparation, PreparationKind
from ktt.wiring.sender import outbox_from, sender_from

_LARGE = 42_000  # services; 13 MB of JSON
_SHORT_DELAYS = RetryPolicy(first_delay=0.25, longest_delay=2.0)  # seconds, so that the suite need not wait long


class OwnSenderDriver:
    """Gives each scenario a new record system and an empty outbox. Runs are the initial load until it is finished."""

    abilities = frozenset(Ability)

    def __init__(self) -> None:
        self._template: Path | None = None

    def begin(self, context: ScenarioContext) -> None:
        """Create a record system with persons and no services, and an empty outbox."""
        self._settings_file = context.write_sender(context.folder, context.folder / "epj")
        record_system.create(context.folder / "epj", context.unit)
        self._epj = SmallRecordSystem(context.folder / "epj")
        self._context, self._day = context, norwegian_day(SystemClock().now())
        self._create_outbox(context.folder)

    def prepare(self, preparation: Preparation) -> None:
        """Change the record system."""
        actions = {
            PreparationKind.NEW: lambda: self._epj.months(preparation.count),
            PreparationKind.MONTHS: lambda: self._epj.months(preparation.count, diagnoses=True),
            PreparationKind.CHANGE: self._epj.end_one,
            PreparationKind.DELETE: self._epj.delete_one,
            PreparationKind.LETTERS: self._epj.letters,
            PreparationKind.LARGE: lambda: self._epj.large(_LARGE),
            PreparationKind.MEND: self._mend,
        }
        actions[preparation.kind]()

    def run(self) -> Sequence[SenderRun]:
        """Run `ktt load` once, or `ktt daily` when the load is finished."""
        after, began = self._context.last(), time.perf_counter()
        try:
            with _without_warnings():
                code, output = self._send()
        except KttError as fault:
            code, output = fault.exit_code, f"{fault.code}: {fault.says().en}"
        return [SenderRun(after, code, seconds=time.perf_counter() - began, output=masked(output))]

    def _send(self) -> tuple[int, str]:
        self._epj.log(self._day)
        with sender_from(self._settings(), options=SendOptions(_SHORT_DELAYS)) as sender:
            report = _next_run(sender, self._day)
        stopped = "" if report.stopped is None else f"{report.stopped.code}: {report.stopped.says().en}"
        return report.exit_code, stopped or f"{report.kind}: {report.messages} accepted"

    def _mend(self) -> None:
        self._epj.change_all()
        settings = self._settings()
        with outbox_from(settings) as store:
            store.rebuild(settings.unit.reporting_unit, by="ktt conformance", reason="mended")

    def _settings(self) -> SenderSettings:
        return SenderSettings.load(self._settings_file)

    def _create_outbox(self, folder: Path) -> None:
        """An empty outbox. Migrating takes a while, so the first one is copied for the later scenarios."""
        if self._template is None:
            with outbox_from(self._settings()):
                pass
            self._template = folder.parent / "empty-outbox.sqlite"
            shutil.copyfile(folder / "outbox.sqlite", self._template)
        else:
            shutil.copyfile(self._template, folder / "outbox.sqlite")


@contextmanager
def _without_warnings() -> Iterator[None]:
    """Suppress the sender's warnings about keys that a scenario lists on purpose."""
    log = logging.getLogger("ktt.sender.client")
    before = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(before)


def _next_run(sender: Sender, day: dt.date) -> RunReport:
    load = sender.outbox.queue(sender.unit).load
    run = run_daily if load is not None and load.finished_at is not None else run_load
    return run(sender, day)
