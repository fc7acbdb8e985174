"""The module that knows every implementation of the sender: it puts one together from its settings, or what is kept of it."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ktt.alarms.settings import AlarmSettings
from ktt.core.clock import Clock, SystemClock, norwegian_day
from ktt.core.errors import KttError
from ktt.messages.contract import NotSent
from ktt.sender.findings.sql import SqlFindings
from ktt.sender.outbox.dispatch import SendOptions
from ktt.sender.outbox.sql.store import SqlOutbox, lock_of
from ktt.sender.outbox.sql.tables import QUEUE
from ktt.sender.outcomes.sql import SqlOutcomes
from ktt.sender.plausibility.sql import SqlHistory
from ktt.sender.schemas import SCHEMAS
from ktt.sender.settings import SenderSettings, StoreSettings
from ktt.sender.unit_changes.sql import SqlUnitChanges
from ktt.storage.database import Database
from ktt.storage.vault import Vault

if TYPE_CHECKING:
    from ktt.alarms.errors import AlarmNotDelivered
    from ktt.core.http.route import ProxyRoute
    from ktt.domain.unit import ReportingUnit
    from ktt.messages.contract import OutgoingMessage
    from ktt.sender.binding.binding import StoreBinding
    from ktt.sender.binding.store import Binding
    from ktt.sender.client.receiver import ReceiverClient
    from ktt.sender.client.shared import Shared
    from ktt.sender.doctor.examine import Examination
    from ktt.sender.doctor.patient import Network, ScheduledTask
    from ktt.sender.extract.mapping.model import SourceMapping
    from ktt.sender.keys.rotation import Rotation
    from ktt.sender.monitoring.facts import SqlFacts
    from ktt.sender.report import RunKind
    from ktt.sender.sender import Sender
    from ktt.sender.unit_changes.registry_rest import Way
    from ktt.sender.unit_changes.withdrawal import UnitStores

    ReadMapping = Callable[
        [Path], SourceMapping
    ]  # how the mapping file is read: a fleet reads one for all of its units


@contextmanager
def sender_from(
    settings: SenderSettings,
    *,
    clock: Clock | None = None,
    options: SendOptions | None = None,
    on: dt.date | None = None,
    shared: Shared | None = None,
    read: ReadMapping | None = None,
) -> Iterator[Sender]:
    """A unit's sender, ready to run, in the pack that is in use on the day (today without one). What is wrong with mapping, keys or addresses shows before anything is read or sent."""
    from ktt.sender.client.factory import open_receiver_client  # slow, and not needed to look at a queue

    clock = clock or SystemClock()
    put_together = _sender_of(settings, clock, on, read)
    with open_receiver_client(settings, clock, shared) as receiver, opened_store(settings.store) as (database, vault):
        made = put_together(database, vault, receiver)
        yield replace(made, options=replace(options or SendOptions(), prepare=receiver.prepare))


def _sender_of(
    settings: SenderSettings, clock: Clock, on: dt.date | None, read: ReadMapping | None = None
) -> Callable[[Database, Vault, ReceiverClient | _Nobody], Sender]:
    """What of a sender is known before its store is opened; the rest is put together of the store and the receiver's client."""
    from ktt.messages.register import register_of  # these take 0.3 s together
    from ktt.sender.binding.factory import open_binding
    from ktt.sender.extract.mapping.file import read_mapping
    from ktt.sender.extract.sources.sql import open_source
    from ktt.sender.follow_ups.sql import SqlFollowUps
    from ktt.sender.sender import Sender

    versions = register_of(settings.packs).to_send(on or norwegian_day(clock.now())).mapped_versions()
    source = open_source(settings.source.url, settings.source.mapping, read or read_mapping)

    def put_together(database: Database, vault: Vault, receiver: ReceiverClient | _Nobody) -> Sender:
        return Sender(
            unit=settings.unit.reporting_unit,
            environment=settings.environment,
            outbox=SqlOutbox(database, vault, clock),
            findings=SqlFindings(database, clock),
            changes=SqlUnitChanges(database),
            history=SqlHistory(database, clock),
            outcomes=SqlOutcomes(database, clock),
            source=source,
            send=receiver.send,
            look_up=receiver.look_up,
            binding=open_binding(settings, database, vault, receiver, clock),
            versions=versions,
            fingerprint_key=vault.derive("fingerprint"),
            clock=clock,
            follow_ups=SqlFollowUps(database, clock),
        )

    return put_together


@contextmanager
def planning_from(
    settings: SenderSettings, *, clock: Clock | None = None, on: dt.date | None = None
) -> Iterator[Sender]:
    """A sender that can plan and not send: it needs no key of HelseID, and makes no store where there is none."""
    put_together = _sender_of(settings, clock or SystemClock(), on)
    with _store_or_empty(settings.store) as (database, vault):
        yield put_together(database, vault, _Nobody())


class _Nobody:
    """In the place of the client where nothing may be sent or asked: nothing ever leaves."""

    def send(self, _message: OutgoingMessage) -> NotSent:
        """Nothing is sent."""
        return NotSent("a plan sends nothing")

    def look_up(self, _path: str) -> NotSent:
        """Nothing is asked."""
        return NotSent("a plan sends nothing")

    def reach(self) -> NotSent:
        """Nobody is reached."""
        return NotSent("a plan sends nothing")


@contextmanager
def sender_for_run(
    settings: SenderSettings,
    kind: RunKind,
    on: dt.date,
    *,
    clock: Clock | None = None,
    options: SendOptions | None = None,
    shared: Shared | None = None,
    read: ReadMapping | None = None,
) -> Iterator[Sender]:
    """As `sender_from`, for a run of the day. A sender that cannot be opened is how the run ended, and is recorded as that."""
    with ExitStack() as opened:
        try:
            sender = opened.enter_context(
                sender_from(settings, clock=clock, on=on, options=options, shared=shared, read=read)
            )
        except Exception as fault:
            with suppress(Exception):  # where the store is what is wrong; nothing may hide the fault itself
                _record_unopened(settings, kind, on, clock or SystemClock(), fault)
            raise
        yield sender


def _record_unopened(settings: SenderSettings, kind: RunKind, on: dt.date, clock: Clock, fault: Exception) -> None:
    """The outcome needs the database alone, so also a missing key of the store is recorded; not in another run's way."""
    from ktt.sender.outcomes.recorded import record_fault

    unit = settings.unit.reporting_unit
    with _database(settings.store) as database, database.exclusive(lock_of(unit)) as ours:
        if ours:
            record_fault(SqlOutcomes(database, clock), unit, kind, on, fault)


@contextmanager
def outbox_from(settings: SenderSettings, *, clock: Clock | None = None) -> Iterator[SqlOutbox]:
    """The outbox alone, to look at its queues, or to pause, resume or rebuild one."""
    with opened_store(settings.store) as (database, vault):
        yield SqlOutbox(database, vault, clock or SystemClock())


@contextmanager
def unit_stores_from(
    settings: SenderSettings, *, clock: Clock | None = None, on: dt.date | None = None
) -> Iterator[UnitStores]:
    """What is kept of a unit, for a change of units. The record system is not opened: an old one may be gone."""
    from ktt.messages.register import register_of
    from ktt.sender.unit_changes.withdrawal import UnitStores

    clock = clock or SystemClock()
    versions = register_of(settings.packs).to_send(on or norwegian_day(clock.now())).mapped_versions()
    with opened_store(settings.store) as (database, vault):
        yield UnitStores(
            unit=settings.unit.reporting_unit,
            environment=settings.environment,
            outbox=SqlOutbox(database, vault, clock),
            findings=SqlFindings(database, clock),
            changes=SqlUnitChanges(database),
            versions=versions,
        )


@contextmanager
def way_from(settings: SenderSettings, *, clock: Clock | None = None) -> Iterator[Way]:
    """The way to the receiver alone, for a store that belongs to it."""
    from ktt.sender.binding.factory import open_binding
    from ktt.sender.client.factory import open_receiver_client
    from ktt.sender.unit_changes.registry_rest import Way

    clock = clock or SystemClock()
    with open_receiver_client(settings, clock) as receiver, opened_store(settings.store) as (database, vault):
        binding = open_binding(settings, database, vault, receiver, clock)
        binding.check()
        yield Way(receiver.send, receiver.look_up)
        binding.witness_now()


@contextmanager
def unit_changes_from(settings: SenderSettings) -> Iterator[tuple[SqlOutbox, SqlUnitChanges]]:
    """The queues and the changes of units in a store, to look at."""
    with opened_store(settings.store) as (database, vault):
        yield SqlOutbox(database, vault, SystemClock()), SqlUnitChanges(database)


@contextmanager
def binding_from(settings: SenderSettings, *, clock: Clock | None = None) -> Iterator[StoreBinding]:
    """What the store of the unit is bound to, to look at or to bind anew. Nothing is asked before it is bound."""
    from ktt.sender.binding.factory import open_binding
    from ktt.sender.client.factory import open_receiver_client

    clock = clock or SystemClock()
    with open_receiver_client(settings, clock) as receiver, opened_store(settings.store) as (database, vault):
        yield open_binding(settings, database, vault, receiver, clock)


def start_store_anew(
    settings: SenderSettings, by: str, reason: str, *, clock: Clock | None = None
) -> tuple[Binding, Path | None]:
    """See `sender.binding.anew`."""
    from ktt.sender.binding.anew import start_anew

    clock = clock or SystemClock()
    with opened_store(settings.store) as (database, vault):
        opened = partial(binding_from, settings, clock=clock)
        return start_anew(SqlOutbox(database, vault, clock), opened, database.close, clock, by=by, reason=reason)


@contextmanager
def findings_from(settings: SenderSettings, *, clock: Clock | None = None) -> Iterator[SqlFindings]:
    """The open findings alone, to look at."""
    with _database(settings.store) as database:
        yield SqlFindings(database, clock or SystemClock())


def rotated_key(settings: SenderSettings, make: Callable[[], Mapping[str, Any]]) -> Rotation:
    """A change of the client's key, begun or taken one step on."""
    from ktt.core.http.client import HttpClient
    from ktt.sender.client.proxy import proxy_route
    from ktt.sender.keys.rotation import rotate

    http = HttpClient(route=proxy_route(settings.network))
    try:
        return rotate(settings, SystemClock(), http.exchange, make)
    finally:
        http.close()


@contextmanager
def history_from(settings: SenderSettings, *, clock: Clock | None = None) -> Iterator[SqlHistory]:
    """The history of runs and acceptances alone, to look at."""
    with _database(settings.store) as database:
        yield SqlHistory(database, clock or SystemClock())


_TIMERS = tuple(Path(folder) for folder in ("/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"))


def examined(config: Path) -> Examination:
    """Everything that the sender of a settings file needs, looked at. Nothing is changed."""
    from ktt.sender.agent.installation import known_scheduler
    from ktt.sender.doctor.examine import examine
    from ktt.sender.doctor.patient import Patient
    from ktt.sender.fleet.settings import settings_at

    timers, scheduler = (*_TIMERS, Path.home() / ".config/systemd/user"), known_scheduler()
    task = scheduled_task if scheduler == "windows" else None
    systemd = scheduler == "systemd"
    return examine(
        Patient(config, SystemClock(), _network, os.environ, timers, SCHEMAS, store_refusal, task, systemd, settings_at)
    )


def scheduled_task(settings: SenderSettings, config: Path) -> ScheduledTask:
    """What the Task Scheduler has of the unit's daily run, asked and compared as `ktt agent status` does."""
    from ktt.sender.agent.installation import Installation, fault_of
    from ktt.sender.agent.job import job_of, this_program
    from ktt.sender.agent.task_scheduler import TaskScheduler
    from ktt.sender.doctor.patient import ScheduledTask

    job = job_of(settings, config, this_program(), account="")  # which is not compared: it comes back as a number
    standing = Installation(job, TaskScheduler()).standing()
    return ScheduledTask(job.name, standing.installed, fault_of(job, standing))


def store_refusal(settings: SenderSettings) -> KttError | None:
    """Why a run would refuse the store, which must be up to date: then opening it changes nothing."""
    with binding_from(settings) as binding:
        return binding.refusal()


def _network(route: ProxyRoute | None) -> Network:
    from ktt.core.http.client import HttpClient
    from ktt.core.http.reach import connect, resolves
    from ktt.sender.doctor.patient import Network

    http = HttpClient(route=route)
    return Network(http.exchange, http.certificate, resolves, connect, http.close)


@contextmanager
def facts_from(settings: SenderSettings) -> Iterator[SqlFacts]:
    """What the store knows of every unit, to look at."""
    from ktt.sender.monitoring.facts import SqlFacts

    with _database(settings.store) as database:
        yield SqlFacts(database)


@contextmanager
def store_from(settings: SenderSettings) -> Iterator[Database]:
    """The sender's store alone, for those that look at all units at once."""
    with _database(settings.store) as database:
        yield database


def ring_alarms(
    settings: SenderSettings, *, clock: Clock | None = None, only: ReportingUnit | None = None
) -> list[AlarmNotDelivered]:
    """Tell what has begun and ended since the last time, of one unit or of all in the store; the channels that failed."""
    if settings.alarms == AlarmSettings():
        return []
    from ktt.alarms.channels import open_channels
    from ktt.sender.client.proxy import proxy_route
    from ktt.sender.monitoring.alarms.ring import ring
    from ktt.sender.monitoring.alarms.sql import SqlAlarms
    from ktt.sender.monitoring.alarms.store_alarm import StoreAlarm
    from ktt.sender.monitoring.facts import SqlFacts
    from ktt.sender.monitoring.overview import status_of

    clock = clock or SystemClock()
    unit, key_file = settings.unit.reporting_unit, settings.helseid.key_file
    of_store = StoreAlarm(settings.store.key_file, clock)
    with open_channels(settings.alarms, proxy_route(settings.network), clock) as channels, ExitStack() as opened:
        try:
            database = opened.enter_context(_database(settings.store))
        except KttError as fault:
            return of_store.began(fault, channels)
        look = lambda: status_of(SqlFacts(database), unit, key_file, clock.now())  # noqa: E731
        told = ring(SqlAlarms(database, clock), look, channels, only.key if only else None)
        return told + of_store.ended(channels)


@contextmanager
def _database(settings: StoreSettings) -> Iterator[Database]:
    database = Database.open(settings.url, *SCHEMAS)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def opened_store(settings: StoreSettings) -> Iterator[tuple[Database, Vault]]:
    """The store of a sender, brought up to date, and the key that opens what is in it."""
    with _database(settings) as database:
        yield database, Vault.from_file(settings.key_file, create=_unused(database))


@contextmanager
def _store_or_empty(settings: StoreSettings) -> Iterator[tuple[Database, Vault]]:
    """The store; where an SQLite file has not been made yet, an empty one that is thrown away, with its key."""
    from ktt.sender.binding.put_away import sqlite_file

    file = sqlite_file(settings.url)
    if file is None or file.exists():
        with opened_store(settings) as opened:
            yield opened
        return
    with TemporaryDirectory(prefix="ktt-plan-") as folder:
        database = Database.open(f"sqlite:///{folder}/empty.sqlite", *SCHEMAS)
        try:
            yield database, Vault(os.urandom(32))
        finally:
            database.close()


def _unused(database: Database) -> bool:
    """Whether nothing has been sealed yet. Afterwards a missing key is an error, since a new one could not open what is there."""
    with database.reading() as connection:
        return connection.execute(sa.select(QUEUE.c.unit).limit(1)).first() is None
