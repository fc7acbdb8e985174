"""The module that knows every implementation of the other end: it puts receiver and registry together from their settings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ktt.alarms.settings import AlarmSettings
from ktt.core.clock import Clock, SystemClock
from ktt.storage.database import Database
from ktt.storage.vault import Vault

if TYPE_CHECKING:
    import polars as pl
    from starlette.types import ASGIApp

    from ktt.messages.deliveries import DeliveryLog
    from ktt.messages.finding_log import FindingLog
    from ktt.receiver.keys.key_store import KeyStore
    from ktt.receiver.service.settings import RegistryStoreSettings, ServiceSettings
    from ktt.registry import AsOf, HeldUnits, Registry
    from ktt.registry.coverage.coverage import Coverage
    from ktt.registry.coverage.declarations import Declarations
    from ktt.registry.identity.identities import Identities
    from ktt.registry.questions import RegistryState, Stories
    from ktt.registry.verification import Verification


@dataclass(frozen=True, slots=True)
class ReceiverResources:
    """What a receiver works with, open: its database, the vault that seals its content, its keys, the registry's database."""

    database: Database
    vault: Vault = field(repr=False)
    keys: KeyStore
    registry: Database | None


@contextmanager
def receiver_from(
    settings: ServiceSettings, *, clock: Clock | None = None, new_keys: bool = False, may_be_away: bool = False
) -> Iterator[ReceiverResources]:
    """What a receiver is run from. Everything that is missing or out of date is an error here, before anything listens.

    `new_keys` lets the key folder be empty, and `may_be_away` a database not answer now.
    """
    from ktt.receiver.keys.key_store import KeyStore
    from ktt.receiver.service import preflight
    from ktt.receiver.store import tables

    clock, store = clock or SystemClock(), settings.store
    vault = Vault.from_file(store.key_file)
    keys = KeyStore(store.key_folder, vault, clock) if new_keys else preflight.open_keys(store.key_folder, vault, clock)
    database = preflight.open_migrated(store.url, tables.SCHEMA, may_be_away=may_be_away)
    registry = None
    try:
        registry = None if settings.registry is None else _registry_database(settings.registry, may_be_away=may_be_away)
        yield ReceiverResources(database, vault, keys, registry)
    finally:
        database.close()
        if registry is not None:
            registry.close()


def _registry_database(settings: RegistryStoreSettings, *, may_be_away: bool) -> Database:
    from ktt.receiver.service import preflight
    from ktt.registry.tables import SCHEMA as REGISTRY

    for path in (settings.key_file, settings.identity_key_file):
        Vault.from_file(path)
    return preflight.open_migrated(settings.url, REGISTRY, may_be_away=may_be_away)


def migrate_receiver(settings: ServiceSettings) -> dict[str, str]:
    """Bring the tables of the receiver, and of its registry, up to date (making SQLite files); role → schema."""
    from ktt.receiver.service import preflight
    from ktt.receiver.store import tables
    from ktt.receiver.store.content_hash import seal_plain_hashes

    wanted = [(settings.store.url, tables.SCHEMA)]
    if settings.registry is not None:
        from ktt.registry.tables import SCHEMA as REGISTRY

        wanted.append((settings.registry.url, REGISTRY))
    for url, schema in wanted:
        database = Database.open(preflight.with_timeouts(url), schema)
        try:
            if schema is tables.SCHEMA:
                seal_plain_hashes(database, Vault.from_file(settings.store.key_file))
        finally:
            database.close()
    return {schema.role: schema.head for _, schema in wanted}


@contextmanager
def receiver_app_from(settings: ServiceSettings) -> Iterator[ASGIApp]:
    """The receiver as one process serves it."""
    from ktt.core.http.client import HttpClient
    from ktt.receiver.access.issuer_fetch import fetch_over
    from ktt.receiver.app import receiver_app

    clock, http = SystemClock(), HttpClient()
    try:
        with receiver_from(settings, clock=clock, may_be_away=True) as receiver:
            registry = _registry_of(settings, receiver, clock)
            yield receiver_app(
                settings.receiver,
                database=receiver.database,
                vault=receiver.vault,
                key_folder=settings.store.key_folder,
                keys=receiver.keys,
                fetch=fetch_over(http.exchange),
                clock=clock,
                validator=validate_for_api,
                inventory=None if registry is None else registry.inventory,
                follow_ups=None if registry is None else registry.follow_ups,
            )
    finally:
        http.close()


def _registry_of(settings: ServiceSettings, receiver: ReceiverResources, clock: Clock) -> Registry | None:
    """The registry beside the receiver, over its open database; None when the receiver only collects."""
    if settings.registry is None or receiver.registry is None:
        return None
    from ktt.messages.register import register_of
    from ktt.registry import Registry

    keys = Vault.from_file(settings.registry.key_file), Vault.from_file(settings.registry.identity_key_file)
    return Registry(receiver.registry, *keys, clock, register_of(settings.receiver.packs).find)


def validate_for_api(kind: tuple[str, str], content: bytes, *, today: dt.date, production: bool) -> dict[str, Any]:
    """What `/validate` and `/check` answer: a `receiver.api.validation.Validator`."""
    from ktt.validate.report.as_problem_details import (
        verdict,  # rules and reports: 0.3 s that a receiver nobody asks need not pay
    )

    return verdict(kind, content, today=today, production=production)


@contextmanager
def follower_from(settings: ServiceSettings) -> Iterator[Callable[[Callable[[], bool]], int]]:
    """Validates accepted messages by all rules, page by page while it may go on, and returns how many there were."""
    from ktt.messages.register import register_of
    from ktt.receiver.findings.follower import Follower
    from ktt.receiver.pipeline.deployed_versions import DeployedVersions

    find = DeployedVersions(register_of(settings.receiver.packs), SystemClock())
    clock, production = SystemClock(), settings.receiver.environment == "production"
    with receiver_from(settings, clock=clock, may_be_away=True) as receiver:
        follower = Follower(receiver.database, receiver.vault, clock, find=find, production=production)
        yield lambda go_on: follower.run(go_on).messages


@contextmanager
def ingest_from(settings: ServiceSettings) -> Iterator[Callable[[Callable[[], bool]], int]]:
    """Ingests accepted messages, page by page while it may go on, and returns how many there were. Needs a registry."""
    from ktt.receiver.store.inbox import SqlInbox

    clock = SystemClock()
    with receiver_from(settings, clock=clock, may_be_away=True) as receiver:
        inbox = SqlInbox(receiver.database, receiver.vault)
        registry = _registry_of(settings, receiver, clock)
        assert registry is not None, "an ingest is started only where there is a registry"
        yield lambda go_on: registry.ingest(inbox, go_on=go_on).messages


@dataclass(frozen=True, slots=True)
class RegistryPlace:
    """Where a registry is, with its keys, and the receiver whose messages it has ingested."""

    url: str = field(repr=False)
    key_file: Path
    identity_key_file: Path
    receiver_url: str = field(repr=False)
    receiver_key_file: Path
    packs: tuple[str, ...]
    persons_a_day: int = 20
    contact: str | None = None
    production: bool = False
    alarms: AlarmSettings = field(default_factory=AlarmSettings)


def registry_place(settings: ServiceSettings) -> RegistryPlace:
    """The registry of a receiver; NoRegistry when there is none."""
    from ktt.registry.errors import NoRegistry

    mine, receiver = settings.registry, settings.store
    if mine is None:
        raise NoRegistry
    return RegistryPlace(
        url=mine.url,
        key_file=mine.key_file,
        identity_key_file=mine.identity_key_file,
        receiver_url=receiver.url,
        receiver_key_file=receiver.key_file,
        packs=settings.receiver.packs,
        persons_a_day=mine.persons_a_day,
        contact=mine.contact,
        production=settings.receiver.environment == "production",
        alarms=settings.alarms,
    )


@contextmanager
def registry_at(place: RegistryPlace) -> Iterator[Database]:
    """The registry's database, whose tables must be there and up to date."""
    from ktt.receiver.service import preflight
    from ktt.registry import SCHEMA as REGISTRY

    database = preflight.open_migrated(place.url, REGISTRY)
    try:
        yield database
    finally:
        database.close()


def check_unit_at(place: RegistryPlace, unit: str | None) -> None:
    """UnitUnknown when the registry knows nothing of the unit; None is every unit."""
    from ktt.registry.coverage.known_unit import check_unit

    if unit is not None:
        with registry_at(place) as database, database.reading() as connection:
            check_unit(connection, unit)


def registry_state_at(place: RegistryPlace, as_of: AsOf) -> RegistryState:
    """How it stands with the registry and each unit. No key is needed: nothing is read of what they sent."""
    from ktt.registry.questions import registry_state

    with registry_at(place) as database:
        return registry_state(database, as_of)


@contextmanager
def delivery_log_at(place: RegistryPlace) -> Iterator[DeliveryLog]:
    """What the receiver of a registry can tell of its traffic. No key is needed."""
    from ktt.receiver.service import preflight
    from ktt.receiver.store import tables
    from ktt.receiver.store.deliveries import SqlDeliveryLog

    database = preflight.open_migrated(place.receiver_url, tables.SCHEMA)
    try:
        yield SqlDeliveryLog(database)
    finally:
        database.close()


@contextmanager
def finding_log_at(place: RegistryPlace) -> Iterator[FindingLog]:
    """The open findings that the receiver of a registry knows, counted. No key is needed."""
    from ktt.receiver.service import preflight
    from ktt.receiver.store import tables
    from ktt.receiver.store.finding_log import SqlFindingLog

    database = preflight.open_migrated(place.receiver_url, tables.SCHEMA)
    try:
        yield SqlFindingLog(database)
    finally:
        database.close()


def quality_at(
    place: RegistryPlace, as_of: AsOf, on: dt.date, earlier: Sequence[dt.date], unit: str | None
) -> pl.DataFrame:
    """Scores of the registry's units on a day and on earlier ones. Open findings are part of it when now is asked about."""
    from ktt.registry import AsOf
    from ktt.registry.quality.over_time import scores_over_time

    with registry_at(place) as database, delivery_log_at(place) as log, finding_log_at(place) as findings:
        known = findings if as_of.day is None and as_of.known_at is None else None
        return scores_over_time(database, log, known, AsOf(on, as_of.known_at), earlier=earlier, unit=unit)


def coverage_at(
    place: RegistryPlace, on: dt.date, known_at: dt.datetime | None, heard_until: dt.datetime | None
) -> Coverage:
    """Coverage of the nation in the registry, by what its receiver heard. No key is needed."""
    from ktt.registry.coverage.coverage import coverage

    with registry_at(place) as database, delivery_log_at(place) as log:
        return coverage(database, log, on, known_at, heard_until)


@contextmanager
def declarations_at(place: RegistryPlace) -> Iterator[Declarations]:
    """The months that units have declared missing."""
    from ktt.registry.coverage.declarations import Declarations

    with registry_at(place) as database:
        yield Declarations(database, SystemClock())


@contextmanager
def stories_at(place: RegistryPlace) -> Iterator[Stories]:
    """The stories of persons in the registry, by its identity key."""
    from ktt.registry.questions import Stories

    with identities_at(place) as (database, identities):
        yield Stories(database, identities)


@contextmanager
def identities_at(place: RegistryPlace) -> Iterator[tuple[Database, Identities]]:
    """The registry's database, and who its persons are."""
    from ktt.registry.identity.identities import Identities
    from ktt.registry.identity.vault_check import IDENTITY, require

    identity_vault = Vault.from_file(place.identity_key_file)
    with registry_at(place) as database:
        with database.reading() as connection:
            require(connection, {IDENTITY: identity_vault})
        yield database, Identities(database, identity_vault, SystemClock(), place.persons_a_day)


@contextmanager
def verification_at(
    place: RegistryPlace, *, read_anew: bool
) -> Iterator[Callable[[Callable[[int], object]], Verification]]:
    """A function that verifies the registry and tells how far it has come; with its messages read anew if wanted."""
    from ktt.messages.register import register_of
    from ktt.receiver.service import preflight
    from ktt.receiver.store import tables
    from ktt.receiver.store.inbox import SqlInbox
    from ktt.registry.verification import Verifier

    keys = Vault.from_file(place.key_file), Vault.from_file(place.identity_key_file)
    with registry_at(place) as database, ExitStack() as opened:
        verifier = Verifier(database, *keys, SystemClock(), register_of(place.packs).find)
        inbox = None
        if read_anew:
            receiver = preflight.open_migrated(place.receiver_url, tables.SCHEMA)
            opened.callback(receiver.close)
            inbox = SqlInbox(receiver, Vault.from_file(place.receiver_key_file))
        yield lambda step: verifier.run(inbox, place.key_file.parent, step)


@contextmanager
def held_units_from(settings: ServiceSettings) -> Iterator[HeldUnits]:
    """The units of the receiver's registry that wait; NoRegistry when there is none."""
    from ktt.registry.errors import NoRegistry

    if settings.registry is None:
        raise NoRegistry
    with held_units_at(settings.registry.url) as units:
        yield units


@contextmanager
def held_units_at(url: str) -> Iterator[HeldUnits]:
    """The units of the registry at that address that wait. No key is needed: nothing is read of what they sent."""
    from ktt.receiver.service import preflight
    from ktt.registry import SCHEMA as REGISTRY
    from ktt.registry import HeldUnits

    database = preflight.open_migrated(url, REGISTRY)
    try:
        yield HeldUnits(database, SystemClock())
    finally:
        database.close()


def registry_position(database: Database) -> int:
    """The position in the receiver's inbox up to which the registry has ingested."""
    from ktt.registry.tables import INGEST_POSITION

    with database.reading() as connection:
        return int(connection.scalars(sa.select(INGEST_POSITION.c.position)).one())
