"""What is done to a receiver and its registry while they stand still: keys exchanged, databases backed up and put back.

A key file that is to come lies beside the one in use, as `.next`, from before anything is changed until all is. So a command
that was killed goes on with the same keys.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ktt.core.clock import SystemClock
from ktt.registry.errors import ServiceRuns
from ktt.storage.vault import Vault
from ktt.wiring.receiver import registry_at, registry_place

if TYPE_CHECKING:
    from ktt.receiver.service.settings import ServiceSettings
    from ktt.receiver.store.retention import Expired
    from ktt.registry.backup import Manifest

Step = Callable[[int], object]


def require_stopped(settings: ServiceSettings) -> None:
    """ServiceRuns when the receiver answers: its processes hold the keys that they were started with."""
    from ktt.receiver.service.health_probe import probe

    if settings.listen.port and probe(settings.listen.host, settings.listen.port) != "not running":
        raise ServiceRuns


def rotate_registry_keys(settings: ServiceSettings, who: str, why: str, step: Step) -> None:
    """Exchange the key of the fingerprints and that of the identities; NoRegistry, ServiceRuns, VaultNotInUse."""
    from ktt.registry.identity.rotation import Keys, Rotation, is_under

    place = registry_place(settings)
    require_stopped(settings)
    files = (place.key_file, place.identity_key_file)
    begun = any(_next_file(path).exists() for path in files)
    with registry_at(place) as database:
        # Of the two files one may have been taken into use before a kill: then its key is the new one already.
        latest = Keys(*(Vault.from_file(_latest(path)) for path in files))
        if not (begun and is_under(database, latest)):
            old = Keys(*(Vault.from_file(path) for path in files))
            new = Keys(*(_next_vault(path) for path in files))
            Rotation(database, old, new, SystemClock()).run(who, why, step)
    for path in files:
        _take_into_use(path)


def rotate_receiver_vault(settings: ServiceSettings, step: Step) -> None:
    """Exchange the key that seals what the receiver stores; ServiceRuns."""
    from ktt.receiver.service import preflight
    from ktt.receiver.service.rotation import reseal_receiver
    from ktt.receiver.store import tables

    require_stopped(settings)
    path = settings.store.key_file
    new, old = _next_vault(path), Vault.from_file(path)
    database = preflight.open_migrated(settings.store.url, tables.SCHEMA)
    try:
        reseal_receiver(database, settings.store.key_folder, old, new, step)
    finally:
        database.close()
    _take_into_use(path)


def _next_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.next")


def _latest(path: Path) -> Path:
    return _next_file(path) if _next_file(path).exists() else path


def _next_vault(path: Path) -> Vault:
    """The vault that is to come, made unless it lies there from before."""
    Vault.from_file(path)
    return Vault.from_file(_next_file(path), create=True)


def _take_into_use(path: Path) -> None:
    """In one step. Of two files the other may have been taken into use before a kill."""
    if _next_file(path).exists():
        _next_file(path).replace(path)


def back_up_registry(settings: ServiceSettings, folder: Path) -> Manifest:
    """Write a backup of the registry to a new folder, also while the service runs; NoRegistry."""
    from ktt.registry.backup import write_backup

    place = registry_place(settings)
    with registry_at(place) as database:
        return write_backup(database, place.url, folder, SystemClock())


def restore_registry(
    settings: ServiceSettings, folder: Path, until: dt.datetime | None, who: str, why: str
) -> RestoreReport:
    """Put a backup back and ingest what the receiver has since, up to an instant; verify it. BackupUnusable, ServiceRuns."""
    from ktt.messages.register import register_of
    from ktt.receiver.service import preflight
    from ktt.receiver.store import tables
    from ktt.receiver.store.inbox import SqlInbox
    from ktt.registry import Registry
    from ktt.registry.backup import UntilInstant, put_back, read_manifest
    from ktt.registry.identity.audit import Entry
    from ktt.registry.verification import Verifier

    place = registry_place(settings)
    require_stopped(settings)
    keys, find = (
        (Vault.from_file(place.key_file), Vault.from_file(place.identity_key_file)),
        register_of(place.packs).find,
    )
    receiver = preflight.open_migrated(place.receiver_url, tables.SCHEMA)
    try:
        with registry_at(place) as database:
            manifest = read_manifest(folder, database.dialect)
            put_back(database, folder)
            registry = Registry(database, *keys, SystemClock(), find)
            inbox = SqlInbox(receiver, Vault.from_file(place.receiver_key_file))
            report = registry.ingest(inbox if until is None else UntilInstant(inbox, until))
            told = f"from {manifest.position}, messages {report.messages}"
            registry.identities.audit.note(Entry("restore", who, why, detail=told))
            holds = Verifier(database, *keys, SystemClock(), find).run().holds
    finally:
        receiver.close()
    return RestoreReport(manifest.made_at, manifest.position, report.messages, holds)


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """What was put back: made when and how far it had come, how many messages were ingested since, and whether it holds."""

    made_at: str
    position: int
    messages: int
    holds: bool


def discard_content(settings: ServiceSettings, days: int, *, plan: bool) -> Expired:
    """Delete the content of messages older than so many days that are ingested and validated, or count them; NoRegistry.

    What comes after a message that waits is kept: it is not ingested.
    """
    from ktt.receiver.service import preflight
    from ktt.receiver.store import tables
    from ktt.receiver.store.retention import discard, expired
    from ktt.registry.ingest.quarantine import ingested_to

    with registry_at(registry_place(settings)) as registry, registry.reading() as connection:
        position = ingested_to(connection)
    database = preflight.open_migrated(settings.store.url, tables.SCHEMA)
    try:
        found = expired(database, SystemClock().now() - dt.timedelta(days=days), position)
        if not plan:
            discard(database, found)
        return found
    finally:
        database.close()
