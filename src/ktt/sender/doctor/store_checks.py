"""What lies on this machine: the store with its key, who may read it, and room on the disk."""

from __future__ import annotations

import shutil
import sqlite3
import stat
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from ktt.core.errors import EXIT_STORE
from ktt.core.text import Text
from ktt.sender.doctor.line import NotNeeded, Wrong
from ktt.sender.doctor.patient import Patient
from ktt.storage.errors import AddressWrong, DatabaseUnavailable
from ktt.storage.vault import Vault

_CONNECT_SECONDS = 10
_LEAST_FREE = 1 << 30
_NEW = Text(nb="lages ved første kjøring", en="is made by the first run")
_ANSWERS = Text(nb="svarer, og nøkkelen kan leses", en="answers, and its key can be read")
_OLDER = Text(
    nb="svarer, og nøkkelen kan leses; neste kjøring oppgraderer den",
    en="answers, and its key can be read; the next run upgrades it",
)
_UPGRADE = Text(nb="Oppgrader ktt.", en="Upgrade ktt.")
_LATER = Text(nb="lageret er ikke laget eller oppgradert ennå", en="the store is not made or upgraded yet")
_FULL = Text(nb="Bare {free} MB ledig på disken med «{folder}».", en="Only {free} MB free on the disk with “{folder}”.")
_ROOM = Text(
    nb="Rydd, eller gi disken mer plass: minst 1024 MB.", en="Clean up, or give the disk more room: at least 1024 MB."
)
_OPEN = Text(
    nb="«{path}» kan leses eller endres av andre enn eieren (rettigheter {mode}).",
    en="“{path}” can be read or changed by others than its owner (mode {mode}).",
)
_CLOSE = Text(nb="Kjør «chmod {wanted} {path}».", en="Run `chmod {wanted} {path}`.")


def check_store(patient: Patient) -> Text:
    """That the store answers and its key can be read. A store that is not there yet is not made, an older one not upgraded."""
    address = _store_address(patient)
    read = _sqlite_versions if address.get_backend_name() == "sqlite" else _postgresql_versions
    found = read(address, [schema.role for schema in patient.schemas])
    if not found:
        raise NotNeeded(_NEW)
    Vault.from_file(patient.settings.store.key_file)
    heads = {schema.role: schema.head for schema in patient.schemas}
    if any(version > heads[role] for role, version in found.items()):
        says = Text(nb="Databasen er laget av en nyere versjon av ktt.", en="The database was made by a newer ktt.")
        raise Wrong(says, _UPGRADE, who="municipality", exit_code=EXIT_STORE)
    patient.store_is_current = found == heads
    return _ANSWERS if patient.store_is_current else _OLDER


def check_binding(patient: Patient) -> Text:
    """That a run would take the store for the settings' own, and the newest."""
    if not patient.store_is_current:
        raise NotNeeded(_LATER)
    refusal = patient.refusal(patient.settings)
    if refusal is not None:
        raise refusal
    return Text(
        nb="lageret hører til disse innstillingene, og vitnefilen kjenner ikke noe nyere",
        en="the store belongs to these settings, and the witness knows of nothing newer",
    )


def _store_address(patient: Patient) -> URL:
    try:
        address = make_url(patient.settings.store.url)
    except ArgumentError:
        raise AddressWrong(kind="?") from None
    if address.get_backend_name() not in {"sqlite", "postgresql"} or not address.database:
        raise AddressWrong(kind=address.drivername)
    return address


def _sqlite_versions(address: URL, roles: list[str]) -> dict[str, str]:
    """The version of each role that the store has; none when there is no store."""
    path = Path(str(address.database))
    if not path.exists():
        return {}
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            return {
                role: str(connection.execute(_version(role)).fetchone()[0])
                for role in roles
                if f"{role}_version" in there
            }
    except sqlite3.Error as fault:
        reason = getattr(fault, "sqlite_errorname", type(fault).__name__)
        raise DatabaseUnavailable(database=path, reason=reason) from None


def _postgresql_versions(address: URL, roles: list[str]) -> dict[str, str]:
    """The same in PostgreSQL, in a transaction that cannot write."""
    import psycopg

    url = address.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        with psycopg.connect(url, connect_timeout=_CONNECT_SECONDS) as connection:
            connection.read_only = True
            found = {}
            for role in roles:
                if connection.execute("SELECT to_regclass(%s)", (f"{role}_version",)).fetchone() != (None,):
                    row = connection.execute(_version(role).encode()).fetchone()
                    found[role] = str(row[0]) if row else ""
            return found
    except psycopg.Error as fault:
        shown = address.render_as_string(hide_password=True)
        raise DatabaseUnavailable(database=shown, reason=fault.sqlstate or type(fault).__name__) from None


def _version(role: str) -> str:
    return f"SELECT version_num FROM {role}_version"  # noqa: S608 - a role is a constant of ours


def check_permissions(patient: Patient) -> Text:
    """That keys, store and settings are the user's alone (POSIX; on Windows the folder's rights decide)."""
    if sys.platform == "win32":
        raise NotNeeded(Text(nb="på Windows avgjør mappens rettigheter", en="on Windows the folder's rights decide"))
    for path, wanted in _private(patient):
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            says = _OPEN.format(path=path, mode=f"{mode:o}")
            raise Wrong(says, _CLOSE.format(wanted=wanted, path=path), who="municipality", exit_code=EXIT_STORE)
    return Text(nb="bare eieren kommer til nøkler og lager", en="the owner alone gets at keys and store")


def _private(patient: Patient) -> Iterator[tuple[Path, str]]:
    """What nobody else may get at, and the mode that it should have."""
    settings = patient.settings
    files = [settings.helseid.key_file, settings.store.key_file]
    address = _store_address(patient)
    if address.get_backend_name() == "sqlite":
        files.append(Path(str(address.database)))
    if any(map(_has_password, (settings.source.url, settings.store.url))) or settings.network.proxy:
        files.append(patient.file)
    yield from ((path, "600") for path in files if path.exists())
    yield from ((folder, "700") for folder in sorted({path.parent for path in files}) if folder.exists())


def _has_password(url: str) -> bool:
    try:
        return bool(make_url(url).password)
    except ArgumentError:  # of a plug-in, which has a form of its own
        return "@" in url


def check_disk(patient: Patient) -> Text:
    """That there is room for the store to grow."""
    address = _store_address(patient)
    place = str(address.database) if address.get_backend_name() == "sqlite" else patient.settings.store.key_file
    folder = next(each for each in Path(place).absolute().parents if each.exists())
    free = shutil.disk_usage(folder).free
    if free < _LEAST_FREE:
        says = _FULL.format(free=str(free >> 20), folder=folder)
        raise Wrong(says, _ROOM, who="municipality", exit_code=EXIT_STORE)
    return Text(nb="{free} GB ledig", en="{free} GB free").format(free=str(free >> 30))
