"""The module that brings receiver and registry together for what concerns one person: all that is held, deletion, looks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ktt.core.clock import SystemClock
from ktt.storage.vault import Vault
from ktt.wiring.receiver import RegistryPlace, identities_at

if TYPE_CHECKING:
    from ktt.receiver.findings.stored_content import StoredContent
    from ktt.registry.persons.access_report import AccessReports
    from ktt.registry.persons.deletion import PersonDeletion
    from ktt.registry.persons.merging import PersonMerging
    from ktt.registry.persons.reidentification import Reidentified
    from ktt.registry.persons.whom import Whom
    from ktt.registry.questions import LookUp


def look_ups_at(
    place: RegistryPlace,
    whom: Whom | None,
    asker: tuple[str, str],
    *,
    days: tuple[dt.date | None, dt.date | None] = (None, None),
    who: str | None = None,
) -> list[LookUp]:
    """Who has looked, also at one person alone. `asker`: who asks for that, and why."""
    from ktt.registry.persons.whom import keys_of, local_persons
    from ktt.registry.questions import Wanted, look_ups

    with identities_at(place) as (database, identities):
        wanted = Wanted(*days, who)
        if whom is not None:
            with database.reading() as connection:
                keys = keys_of(connection, identities, whom)
                units = {person.unit.key for person in local_persons(connection, keys)}
            identities.note_looks(keys, *asker, "log")
            wanted = Wanted(*days, who, keys, units)
        with database.reading() as connection:
            return look_ups(connection, wanted, place.persons_a_day)


def reidentified_at(place: RegistryPlace, pseudonyms: Sequence[str], who: str, why: str) -> list[Reidentified]:
    """The persons behind pseudonyms."""
    from ktt.registry.persons.reidentification import reidentify

    with identities_at(place) as (database, identities):
        return reidentify(database, identities, pseudonyms, who, why)


@contextmanager
def stored_content_at(place: RegistryPlace) -> Iterator[StoredContent]:
    """The content that the receiver has stored, by its key."""
    from ktt.receiver.findings.stored_content import StoredContent
    from ktt.receiver.service import preflight
    from ktt.receiver.store import tables

    database = preflight.open_migrated(place.receiver_url, tables.SCHEMA)
    try:
        yield StoredContent(database, Vault.from_file(place.receiver_key_file))
    finally:
        database.close()


@contextmanager
def access_reports_at(place: RegistryPlace) -> Iterator[AccessReports]:
    """Whatever makes a report of all that is held about a person."""
    from ktt.messages.register import register_of
    from ktt.registry.persons.access_report import AccessReports

    find = register_of(place.packs).find
    with identities_at(place) as (database, identities), stored_content_at(place) as content:
        yield AccessReports(database, identities, content, find, SystemClock())


@contextmanager
def person_deletion_at(place: RegistryPlace) -> Iterator[PersonDeletion]:
    """Whatever deletes persons from the registry and from the receiver's content."""
    from ktt.messages.register import register_of
    from ktt.registry.persons.deletion import PersonDeletion

    find = register_of(place.packs).find
    with identities_at(place) as (database, identities), stored_content_at(place) as content:
        yield PersonDeletion(database, identities, content, find)


@contextmanager
def person_merging_at(place: RegistryPlace) -> Iterator[PersonMerging]:
    """Whatever links two numbers that are one person."""
    from ktt.registry.persons.merging import PersonMerging

    with identities_at(place) as (database, identities):
        yield PersonMerging(database, identities, SystemClock())
