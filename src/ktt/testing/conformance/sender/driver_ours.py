"""Our own sender, from record system to wire, in the suite's process: `ktt load` and `ktt daily` as they are."""

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
from ktt.core.settings import SenderSettings
from ktt.sender.daily import run_daily
from ktt.sender.initial_load import run_load
from ktt.sender.outbox.dispatch import Pace
from ktt.sender.outbox.retry_policy import Patience
from ktt.sender.report import RunReport
from ktt.sender.sender import Sender
from ktt.testing.conformance.sender import record_system
from ktt.testing.conformance.sender.driver import Ability, Place, Ran
from ktt.testing.conformance.sender.record_system import OwnEpj
from ktt.testing.conformance.sender.request import Kind, Wish
from ktt.wiring import outbox_from, sender_from, unit_from

_LARGE = 42_000  # services; 13 MB of JSON
_IMPATIENT = Patience(first=0.05, longest=2.0)


class OurSender:
    """A new record system and an empty line for each scene: the first runs are the initial load, then come days."""

    abilities = frozenset(Ability)

    def __init__(self, patience: Patience = _IMPATIENT) -> None:
        self._patience = patience
        self._template: Path | None = None

    def begin(self, place: Place) -> None:
        """A record system with persons and no services."""
        self._settings_file = place.write_sender(place.folder, place.folder / "epj")
        record_system.make(place.folder / "epj", place.unit)
        self._epj = OwnEpj(place.folder / "epj")
        self._place, self._day = place, norwegian_day(SystemClock().now())
        self._fresh_store(place.folder)

    def fulfil(self, wish: Wish) -> None:
        """Change the record system."""
        acts = {
            Kind.NEW: lambda: self._epj.months(wish.count),
            Kind.MONTHS: lambda: self._epj.months(wish.count, diagnoses=True),
            Kind.CHANGE: self._epj.end_one,
            Kind.DELETE: self._epj.delete_one,
            Kind.LETTERS: self._epj.letters,
            Kind.LARGE: lambda: self._epj.large(_LARGE),
            Kind.MEND: self._mend,
        }
        acts[wish.kind]()

    def run(self) -> Sequence[Ran]:
        """One `ktt load`, or one `ktt daily` once the load is finished."""
        after, began = self._place.last(), time.perf_counter()
        try:
            with _quiet():
                code, said = self._send()
        except KttError as fault:
            code, said = fault.exit_code, f"{fault.code}: {fault.says().en}"
        return [Ran(after, code, seconds=time.perf_counter() - began, said=masked(said))]

    def _send(self) -> tuple[int, str]:
        self._epj.log(self._day)
        with sender_from(self._settings(), pace=Pace(self._patience)) as sender:
            report = _next_run(sender, self._day)
        said = "" if report.stopped is None else f"{report.stopped.code}: {report.stopped.says().en}"
        return report.exit_code, said or f"{report.kind}: {report.messages} accepted"

    def _mend(self) -> None:
        self._epj.change_all()
        settings = self._settings()
        with outbox_from(settings) as store:
            store.rebuild(unit_from(settings.unit), by="ktt conformance", reason="mended")

    def _settings(self) -> SenderSettings:
        return SenderSettings.load(self._settings_file)

    def _fresh_store(self, folder: Path) -> None:
        """An empty line, migrated once and then copied."""
        if self._template is None:
            with outbox_from(self._settings()):
                pass
            self._template = folder.parent / "empty-line.sqlite"
            shutil.copyfile(folder / "outbox.sqlite", self._template)
        else:
            shutil.copyfile(self._template, folder / "outbox.sqlite")


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the warnings about keys that a case lists on purpose."""
    log = logging.getLogger("ktt.sender.client")
    before = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(before)


def _next_run(sender: Sender, day: dt.date) -> RunReport:
    load = sender.store.line(sender.unit).load
    run = run_daily if load is not None and load.finished_at is not None else run_load
    return run(sender, day)
