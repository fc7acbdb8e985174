"""The module that knows every implementation of a fleet: what its run opens, its status, its alarms."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from ktt.alarms.settings import AlarmSettings
from ktt.core.clock import Clock, SystemClock
from ktt.sender.monitoring.alarms.tables import SCHEMA as ALARMS
from ktt.sender.schemas import SCHEMAS
from ktt.sender.settings import SenderSettings
from ktt.storage.database import Database

if TYPE_CHECKING:  # `ktt.wiring.sender` takes half a second to import, and the status needs none of it
    from pathlib import Path

    from ktt.alarms.errors import AlarmNotDelivered
    from ktt.sender.client.shared import SharedParts
    from ktt.sender.extract.mapping.model import SourceMapping
    from ktt.sender.fleet.settings import Fleet
    from ktt.sender.monitoring.facts import UnitFacts
    from ktt.sender.monitoring.overview import Status
    from ktt.sender.outbox.dispatch import SendOptions
    from ktt.sender.outcomes.sql import SqlOutcomes
    from ktt.sender.sender import Sender


@dataclass(frozen=True, slots=True)
class FleetOpener:
    """See `sender.fleet.run.Opener`: senders that share what is not a unit's own."""

    parts: SharedParts
    clock: Clock
    read_mapping: Callable[[Path], SourceMapping]

    def sender(
        self, settings: SenderSettings, on: dt.date, options: SendOptions, before_request: Callable[[], object]
    ) -> AbstractContextManager[Sender]:
        """See `Opener`."""
        from ktt.sender.client.shared import Shared
        from ktt.wiring.sender import sender_for_run

        shared = Shared(self.parts, before_request)
        return sender_for_run(
            settings, "daily", on, clock=self.clock, options=options, shared=shared, read=self.read_mapping
        )

    @contextmanager
    def outcomes(self, settings: SenderSettings) -> Iterator[SqlOutcomes]:
        """See `Opener`."""
        from ktt.sender.outcomes.sql import SqlOutcomes
        from ktt.wiring.sender import opened_store

        with opened_store(settings.store) as (database, _):
            yield SqlOutcomes(database, self.clock)


@contextmanager
def fleet_opener(fleet: Fleet, *, clock: Clock | None = None) -> Iterator[FleetOpener]:
    """What a run of the fleet opens its units with, alone in having it; FleetBusy.

    A mapping is read once in a run, as the settings are.
    """
    from ktt.sender.client.shared import SharedParts
    from ktt.sender.extract.mapping.file import read_mapping
    from ktt.sender.fleet.errors import FleetBusy

    clock = clock or SystemClock()
    parts = SharedParts(clock)
    with _fleet_store(fleet) as database, database.exclusive("fleet run") as free:
        if not free:
            raise FleetBusy(path=fleet.path)
        try:
            yield FleetOpener(parts, clock, cache(read_mapping))
        finally:
            parts.close()


def day_reached(settings: SenderSettings) -> dt.date | None:
    """The day of the newest run of a unit of which everything was accepted; None before the first."""
    from ktt.wiring.sender import history_from

    with history_from(settings) as history:
        newest = history.latest(settings.unit.reporting_unit, 1)
    return newest[-1].day if newest else None


def status_of_fleet(fleet: Fleet, only: Sequence[str] = (), *, clock: Clock | None = None) -> Status:
    """The status of each unit, worst first. A store that is not there yet is not made."""
    from ktt.sender.binding.witness import WitnessFile
    from ktt.sender.fleet.status import fleet_status
    from ktt.sender.monitoring.facts import SqlFacts, nothing_known

    def read(settings: SenderSettings) -> list[UnitFacts]:
        store, unit = settings.store, settings.unit.reporting_unit
        witness = WitnessFile.beside(store.url, store.key_file, unit)
        if witness.file and not witness.file.exists() and not witness.path.exists():
            return [nothing_known(unit)]
        with Database.open_to_read(settings.store.url, *SCHEMAS) as database:
            return SqlFacts(database).read(unit)

    return fleet_status(fleet.only(only), read, (clock or SystemClock()).now())


def ring_fleet_alarms(fleet: Fleet, *, clock: Clock | None = None) -> list[AlarmNotDelivered]:
    """As `ring_alarms`, for all units at once by the common channels, and for a unit with channels of its own by those."""
    from ktt.wiring.sender import ring_alarms

    own = [unit.settings for unit in fleet.units if unit.settings is not None]
    faults = [fault for settings in own for fault in ring_alarms(settings, clock=clock)]
    if fleet.alarms == AlarmSettings():
        return faults
    from ktt.alarms.channels import open_channels
    from ktt.sender.client.proxy import proxy_route
    from ktt.sender.monitoring.alarms.ring import ring
    from ktt.sender.monitoring.alarms.sql import SqlAlarms

    clock = clock or SystemClock()
    with _fleet_store(fleet) as database, open_channels(fleet.alarms, proxy_route(fleet.network), clock) as channels:
        return faults + ring(SqlAlarms(database, clock), lambda: status_of_fleet(fleet, clock=clock), channels)


@contextmanager
def _fleet_store(fleet: Fleet) -> Iterator[Database]:
    database = Database.open(fleet.section.store, ALARMS)
    try:
        yield database
    finally:
        database.close()
