"""The registry: ingest, the state now or as of two times, quarantine, and identities."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

import polars as pl
from sqlalchemy.engine import Connection

from ktt.core.clock import Clock, SystemClock
from ktt.domain.records import RECIPIENT, ROOTS, Records
from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import Inbox
from ktt.messages.errors import MappingMissing
from ktt.messages.register import find
from ktt.registry import state
from ktt.registry.cases.told import RegistryFollowUps
from ktt.registry.content_hashes import content_hashes
from ktt.registry.identity.identities import Identities
from ktt.registry.identity.vault_check import IDENTITY, REGISTRY, write_down_missing
from ktt.registry.ingest.held_units import HeldUnit, HeldUnits
from ktt.registry.ingest.ingest import GoOn, Ingest, IngestReport
from ktt.registry.ingest.page_parser import FindVersion
from ktt.registry.inventory import RegistryInventory
from ktt.registry.tables import LAYOUTS, SCHEMA
from ktt.registry.two_clocks import NOW, AsOf
from ktt.storage.database import Database
from ktt.storage.vault import Vault


class Registry:
    """Current and history of every record that was accepted, by unit; identity apart.

    `database` has the registry's schema (`SCHEMA`). `vault` keys the fingerprints; `identity_vault`, with a key of its
    own, seals the national numbers and keys the pseudonyms. `find` gives the message versions that it reads.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        identity_vault: Vault,
        clock: Clock | None = None,
        find: FindVersion = find,
    ) -> None:
        clock = clock or SystemClock()
        self._database, self._held = database, HeldUnits(database, clock)
        self.identities = Identities(database, identity_vault, clock)
        self.follow_ups = RegistryFollowUps(database)
        self.inventory = RegistryInventory(database, vault, self.identities, clock)
        secret = vault.derive("registry-fingerprint").hex()
        self._begun, self._vaults = False, {REGISTRY: vault, IDENTITY: identity_vault}
        self._ingest = Ingest(database, find, self.identities, secret, clock)

    @classmethod
    def open(cls, url: str, key_file: Path, identity_key_file: Path, clock: Clock | None = None) -> Registry:
        """The registry at `url`, its tables brought up to date, its key files made on first use."""
        vault = Vault.from_file(key_file, create=True)
        identity_vault = Vault.from_file(identity_key_file, create=True)
        return cls(Database.open(url, SCHEMA), vault, identity_vault, clock)

    def ingest(self, inbox: Inbox, limit: int | None = None, go_on: GoOn = lambda: True) -> IngestReport:
        """Ingest what the receiver accepted since last time, each message exactly once; safe to repeat.

        `go_on` is asked before each page; when it says False no other is begun.
        Units that waited for a mapping of their messages' pack are tried again at the first ingest of a program.
        """
        if not self._begun:
            with self._database.transaction() as connection:
                write_down_missing(connection, self._vaults)
            self._begun = True
            self._try_mappings_again()
        return self._ingest.run(inbox, limit, go_on)

    def _try_mappings_again(self) -> None:
        units = [one.unit for one in self._held.all() if one.code == MappingMissing.code]
        if units:
            self._held.release(units, "ktt", "the packs were read again")

    def held(self) -> list[HeldUnit]:
        """The units that wait, and the messages that they wait behind."""
        return self._held.all()

    def release(self, unit: ReportingUnit, who: str, why: str) -> list[HeldUnit]:
        """Let a unit, and those that wait together with it, go on at the next ingest; see `HeldUnits.release`."""
        return self._held.release([unit.key], who, why)

    def current(self, unit: ReportingUnit, record_type: str) -> pl.DataFrame:
        """The root records of one type as they are now, by id. Recipients come without number, see `identities`."""
        return self.as_of(unit, record_type, NOW)

    def as_of(self, unit: ReportingUnit, record_type: str, as_of: AsOf) -> pl.DataFrame:
        """The root records of one type that held on a day, as the registry knew them at an instant."""
        layout = LAYOUTS[record_type]
        with self._database.reading() as connection:
            return layout.record_type.conform(state.rows(connection, unit, layout, as_of))

    def records(self, unit: ReportingUnit, as_of: AsOf = NOW) -> Records:
        """Every type with its parts, now or as of two times."""
        frames: dict[str, pl.DataFrame] = {}
        with self._database.reading() as connection:
            for record_type in (RECIPIENT, *ROOTS):
                rows = state.rows(connection, unit, LAYOUTS[record_type.name], as_of)
                frames[record_type.name] = record_type.conform(rows)
                frames |= state.parts(rows, record_type)
        return frames

    def people(self, unit: ReportingUnit) -> pl.DataFrame:
        """The unit's persons now: local_person_id, person_key, died_on."""
        with self._database.reading() as connection:
            people = state.rows(connection, unit, LAYOUTS[RECIPIENT.name], NOW)
        return people.select("local_person_id", "person_key", "died_on")

    def versions(self, unit: ReportingUnit, record_type: str) -> pl.DataFrame:
        """Every version of one type's records, deletions too, with [known_from, known_to)."""
        with self._database.reading() as connection:
            return state.versions(connection, unit, LAYOUTS[record_type])

    def content_hashes(self, unit: ReportingUnit, who: str, why: str) -> dict[str, str]:
        """The state as one hash for each record type, taken from plain rows. Reading the numbers is logged."""
        return content_hashes(self._database, self.identities, unit, who, why)

    def reading(self) -> AbstractContextManager[Connection]:
        """One consistent picture of the database, for questions that no method answers."""
        return self._database.reading()

    def close(self) -> None:
        """Close the database."""
        self._database.close()
