"""A receiver and its registry over a database, whose messages are first read by one pack and then by another."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import sqlalchemy as sa

from ktt.cli.app import run
from ktt.core.clock import SystemClock
from ktt.messages.contract import AcceptedMessage
from ktt.messages.register import open_pack, register_of
from ktt.receiver.findings.follower import Follower
from ktt.receiver.findings.stored_content import StoredContent
from ktt.receiver.service.settings import ServiceSettings
from ktt.receiver.store import tables
from ktt.receiver.store.acceptance import accept
from ktt.receiver.store.inbox import SqlInbox
from ktt.registry import Registry
from ktt.registry.tables import METADATA, STAGED
from ktt.registry.two_clocks import NOW
from ktt.registry.verification import Verification, Verifier
from ktt.storage.database import Database
from ktt.storage.vault import Vault
from ktt.wiring.receiver import registry_place
from support.registry_commands import new_message
from support.registry_inbox import OTHER, UNIT, message, recipient, service, services

BUILT_IN = "ktt_v1"
ENDED = dt.date(2026, 2, 1)
BEFORE = dt.date(2026, 1, 1)
TOO_EARLY = "KTT-TJENESTE-01"
"""A service ends before it starts: drops the record."""
_PACKS = Path(register_of().packs[0].folder.folder)
_END = 'sluttDato = "ends_on"\n'


def pack_without_end(folder: Path) -> str:
    """`ktt_v1`, but that it does not read when a care service ends."""
    shutil.copytree(_PACKS, folder / "no_end")
    (folder / "no_end" / "pack.toml").write_text((_PACKS / "pack.toml").read_text().replace("ktt_v1", "no_end"))
    head, mark, rest = (_PACKS / "mapping.toml").read_text().partition("[[messages.KTT_Tjeneste.objects]]")
    assert _END in rest
    (folder / "no_end" / "mapping.toml").write_text(head + mark + rest.replace(_END, "", 1))
    return str(folder / "no_end")


def pack_without_mapping(folder: Path) -> str:
    """`ktt_v1`, of which nobody knows what it says."""
    shutil.copytree(_PACKS, folder / "bare")
    (folder / "bare" / "pack.toml").write_text((_PACKS / "pack.toml").read_text().replace("ktt_v1", "bare"))
    (folder / "bare" / "mapping.toml").unlink()
    shutil.rmtree(folder / "bare" / "examples")
    open_pack(folder / "bare")
    return str(folder / "bare")


def everyday():
    """An end, an end before the beginning, one without, a deletion, another unit, and the same told again."""
    return [
        message(1, services(service("T-1", ends_on=ENDED), service("T-2", ends_on=BEFORE))),
        message(2, services(service("T-3"))),
        message(3, services(service("T-4", "2", ends_on=ENDED), people=[recipient("2", None)]), unit=OTHER),
        message(4, deletions=["T-3"]),
        message(5, services(service("T-1", ends_on=ENDED))),
    ]


class ReprocessingPlace:
    """The receiver's folder, and its databases open."""

    def __init__(self, folder: Path, url: str | None = None) -> None:
        assert run(["mottak", "init", str(folder), *(["--database-url", url] if url else [])]) == 0
        self.folder, self.config = folder, folder / "mottak.toml"
        settings = ServiceSettings.load(self.config)
        self.place = registry_place(settings)
        self.receiver = Database.open(settings.store.url, tables.SCHEMA)
        self.vault = Vault.from_file(settings.store.key_file)
        self.keys = [Vault.from_file(path) for path in (self.place.key_file, self.place.identity_key_file)]
        self.registry = Registry.open(self.place.url, self.place.key_file, self.place.identity_key_file)
        self.inbox = SqlInbox(self.receiver, self.vault)

    def accepted(self, *messages: AcceptedMessage) -> None:
        """Let the receiver accept them as they are."""
        for one in messages:
            with self.receiver.transaction() as connection:
                accept(connection, new_message(one, self.vault))

    def take_in(self, pack: str) -> None:
        """Ingest and validate what was accepted, by a pack."""
        find = register_of((pack,)).find
        Registry(self.registry._database, *self.keys, SystemClock(), find).ingest(self.inbox)
        Follower(self.receiver, self.vault, SystemClock(), find=find).run()

    def receiver_content(self, position: int, payload: bytes) -> None:
        """Put other content in the place of what the receiver has."""
        StoredContent(self.receiver, self.vault).replace(position, payload)

    def verify(self) -> Verification:
        """The whole, with the messages read anew."""
        return Verifier(self.registry._database, *self.keys, SystemClock(), register_of().find).run(
            self.inbox, self.folder
        )

    def rows(self) -> dict[str, list[tuple[object, ...]]]:
        """Everything in both databases."""
        found = {}
        for database, metadata in ((self.registry._database, METADATA), (self.receiver, tables.RECEIPT.metadata)):
            with database.reading() as connection:
                for table in metadata.sorted_tables:
                    if table is not STAGED:
                        rows = map(tuple, connection.execute(sa.select(table)))
                        found[table.name] = sorted(rows, key=lambda row: list(map(str, row)))
        return found

    def open_findings(self, rule: str) -> list[str]:
        """The id of each record with an open finding of a rule."""
        found = tables.OPEN_FINDING.c
        with self.receiver.reading() as connection:
            return sorted(connection.scalars(sa.select(found.local_id).where(found.rule == rule)))

    def close(self) -> None:
        """Both databases."""
        self.receiver.close()
        self.registry.close()


def ends(place, as_of=NOW, unit=UNIT):
    return dict(place.registry.as_of(unit, "care_service", as_of).select("service_id", "ends_on").rows())
