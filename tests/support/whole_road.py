"""The whole road in one process: record system, sender, the receiver's end, registry, and the proof that both ends agree.

Everything is real but the network. Each run is a sender of its own, opened from its settings by `ktt.wiring.sender` and closed
again, as a command is, so that what is known from one day to the next is what is in its files. The receiver's end judges
by the schemas and stores as the receiver does, and can be told what befalls the next messages.

The proof is the record system's own account of itself (`Epj.content`), written from its tables, against the registry's
(`Registry.content_hashes`); only the hash function is common to both.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self
from unittest.mock import patch

from ktt.domain.unit import ReportingUnit
from ktt.registry import Registry
from ktt.sender.client import factory
from ktt.sender.daily import run_daily
from ktt.sender.initial_load import run_load
from ktt.sender.outbox.dispatch import SendOptions, Step
from ktt.sender.outbox.retry_policy import NO_RETRIES
from ktt.sender.reconcile import ReconcileReport, run_mend, run_reconcile
from ktt.sender.report import RunReport
from ktt.sender.sender import Sender
from ktt.sender.settings import SenderSettings
from ktt.testing.sandbox.configuration_files import write_sender
from ktt.wiring.sender import sender_from
from support.receiver_end import ReceiverEnd
from support.sender_epj import UNIT, Epj
from support.settable_clock import SettableClock


class _Client:
    """In the place of the client of the receiver."""

    def __init__(self, receiver: ReceiverEnd) -> None:
        self.send, self.look_up, self.reach = receiver.send, receiver.look_up, receiver.reach

    def prepare(self, _payload: bytes) -> None:
        """Nothing is sealed."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_fault: object) -> None:
        """Nothing to close."""


class Desk:
    """A folder on a machine with the settings, the keys and the store of a sender: what a person starts runs from."""

    def __init__(self, road: WholeRoad, folder: Path) -> None:
        self.road, self.folder = road, folder
        self.settings = _write_settings(folder, road.epj)

    @property
    def store(self) -> Path:
        return self.folder / "outbox.sqlite"

    @contextmanager
    def sender(self, options: SendOptions | None = None) -> Iterator[Sender]:
        """A sender as `ktt` opens it, with another client."""
        road, options = self.road, options or self.options()
        with (
            patch.object(factory, "open_receiver_client", lambda *_: _Client(road.receiver)),
            sender_from(SenderSettings.load(self.settings), clock=road.clock, options=options, on=road.today) as sender,
        ):
            yield sender

    def options(self, on_step: Callable[[Step, int], object] = lambda _step, _number: None) -> SendOptions:
        """One attempt at each message; while a sender waits for the registry, the registry goes on."""
        return SendOptions(NO_RETRIES, sleep=lambda _seconds: self.road.when_waited_for(), on_step=on_step)

    def load(self, options: SendOptions | None = None, **more: object) -> RunReport:
        """The initial load, or the rest of it."""
        return self._run(run_load, options, more)

    def daily(self, options: SendOptions | None = None, **more: object) -> RunReport:
        """A daily run."""
        return self._run(run_daily, options, more)

    def mend(self, options: SendOptions | None = None, **more: object) -> ReconcileReport:
        """`ktt reconcile --mend`."""
        self.road.epj.log(self.road.today)
        with self.sender(options) as sender:
            return run_mend(sender, self.road.today, "ola", **more)

    def reconcile(self) -> ReconcileReport:
        """`ktt reconcile`."""
        self.road.epj.log(self.road.today)
        with self.sender() as sender:
            return run_reconcile(sender, self.road.today)

    def _run(self, run: Callable[..., RunReport], options: SendOptions | None, more: dict[str, object]) -> RunReport:
        self.road.epj.log(self.road.today)
        with self.sender(options) as sender:
            return run(sender, self.road.today, **more)

    def keep_a_copy(self, name: str) -> Path:
        """The store's files as they are now."""
        kept = self.folder.parent / name
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir()
        for path in self.folder.glob("outbox.sqlite*"):
            shutil.copy2(path, kept)
        return kept

    def put_back(self, kept: Path, *, witness: bool) -> None:
        """The database of the copy in the place of the store's, and its witness too where a whole folder is put back."""
        self.lose_the_store(witness=witness)
        for path in kept.glob("outbox.sqlite*"):
            if witness or path.suffix != ".witness":
                shutil.copy2(path, self.folder)

    def lose_the_store(self, *, witness: bool = False) -> None:
        """Its database is gone, and its witness too where a whole folder is lost."""
        for path in self.folder.glob("outbox.sqlite*"):
            if witness or path.suffix != ".witness":
                path.unlink()


class WholeRoad:
    """A municipality, its sender and the national end, in a folder."""

    def __init__(
        self, folder: Path, clock: SettableClock, persons: int = 2, kind: Callable[[Path, int], Any] = Epj
    ) -> None:
        self.folder, self.clock = folder, clock
        (folder / "epj").mkdir(parents=True)
        self.epj = kind(folder / "epj", persons)
        self._open_the_far_end()
        self.desk = Desk(self, folder / "desk")
        self.when_waited_for: Callable[[], object] = self.ingest

    @property
    def unit(self) -> ReportingUnit:
        return UNIT

    @property
    def today(self) -> dt.date:
        return self.clock.now().date()

    def pass_days(self, days: int = 1) -> None:
        self.clock.advance(dt.timedelta(days=days))

    def ingest(self, limit: int | None = None) -> int:
        """Let the registry ingest up to so many messages, or all; how many there were."""
        return self.registry.ingest(self.receiver.inbox, limit).messages

    def differences(self) -> set[str]:
        """The record types in which the registry, once it has ingested everything, differs from the record system."""
        self.ingest()
        assert not self.registry.held()
        return unequal(self.epj.content(), self.held())

    def held(self) -> dict[str, str]:
        """The registry's content hashes as it is now."""
        return self.registry.content_hashes(UNIT, who="test", why="proof")

    def empty_the_registry(self) -> None:
        """The national end begins anew: nothing that was received is there any more."""
        self.close()
        for path in self.folder.glob("re*.sqlite*"):
            path.unlink()
        self._open_the_far_end()

    def _open_the_far_end(self) -> None:
        keys = self.folder / "registry.key", self.folder / "identity.key"
        self.registry = Registry.open(f"sqlite:///{self.folder / 'registry.sqlite'}", *keys, self.clock)
        self.receiver = ReceiverEnd(self.folder, self.clock, self.registry.inventory)

    def close(self) -> None:
        self.receiver.close()
        self.registry.close()


def unequal(epj: dict[str, str], registry: dict[str, str]) -> set[str]:
    """The record types whose content hashes differ."""
    return {name for name in epj.keys() | registry.keys() if epj.get(name) != registry.get(name)}


@contextmanager
def whole_road(
    folder: Path, clock: SettableClock, persons: int = 2, kind: Callable[[Path, int], Any] = Epj
) -> Iterator[WholeRoad]:
    """A whole road from a record system of this kind, that is closed afterwards."""
    road = WholeRoad(folder, clock, persons, kind)
    try:
        yield road
    finally:
        road.close()


def _write_settings(folder: Path, epj: Epj) -> Path:
    folder.mkdir()
    config = {
        "helseid": {"authority": "https://helseid.test", "client_id": "client", "scope": "s", "private_jwk": {}},
        "mottak": {"base_url": "https://mottak.test"},
        "unit": {"orgnr": UNIT.organisation, "kommunenr": UNIT.municipality, "bydelnr": None},
        "packs": ["ktt_v1"],
    }
    return write_sender(folder, config, epj.file.parent)
