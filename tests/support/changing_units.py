"""Units that change: record systems that can be joined and divided, senders with stores of their own, a real registry.

The registry is the real one, fed with the messages as they were sent. Each record system gives an account of itself in
SQL, which nothing of the sender has touched; only the hash function is common to both ends.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from ktt.domain.content import content_hash
from ktt.domain.records import RECIPIENT, ROOTS
from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import Accepted, AcceptedMessage, Outcome, OutgoingMessage, Rejected
from ktt.messages.register import find
from ktt.registry import Registry
from ktt.sender.client.lookups import Found, LookupAnswer
from ktt.sender.daily import run_daily
from ktt.sender.extract.sources.sql import open_source
from ktt.sender.initial_load import run_load
from ktt.sender.outbox.dispatch import SendOptions
from ktt.sender.outbox.retry_policy import NO_RETRIES
from ktt.sender.report import RunReport
from ktt.sender.sender import Sender
from ktt.sender.unit_changes.carry_out import ChangeRequest, Changing
from ktt.sender.unit_changes.change import Kind
from ktt.sender.unit_changes.registry_rest import Way
from ktt.sender.unit_changes.report import ChangeReport
from ktt.sender.unit_changes.withdrawal import UnitStores
from support.registry_inbox import ListInbox
from support.sender_bindings import FACTS, ToldReceiver, store_binding
from support.sender_epj import Epj
from support.sender_municipality import open_municipality
from support.settable_clock import SettableClock

DAY = dt.date(2026, 3, 2)
TABLES = ("person", "tjeneste", "diagnose")
_RECEIVED = dt.datetime(2026, 3, 2, 6, tzinfo=dt.UTC)


class OneRegistry:
    """The receiver and the registry of the country. `answers` are given before it judges for itself."""

    def __init__(self, folder: Path) -> None:
        self.inbox = ListInbox()
        self.answers: list[Outcome] = []
        self.lookups: list[LookupAnswer] = []
        self._registry = Registry.open(f"sqlite:///{folder / 'registry.sqlite'}", folder / "r.key", folder / "i.key")
        self._last: dict[str, str] = {}

    def send(self, message: OutgoingMessage) -> Outcome:
        """A unit's last message again is a resend, and gets its first receipt."""
        if self.answers:
            return self.answers.pop(0)
        if find(message.message_type, message.version).check(message.payload):
            return Rejected(400, 2008, "SchemaValidationFailed", "")
        digest = hashlib.sha256(message.payload).hexdigest()
        if self._last.get(message.unit.key) != digest:
            self._last[message.unit.key] = digest
            self.inbox.messages.append(self._accepted(message))
        return Accepted(f"c-{digest[:8]}")

    def _accepted(self, message: OutgoingMessage) -> AcceptedMessage:
        position = len(self.inbox.messages) + 1
        return AcceptedMessage(
            position=position,
            correlation_id=f"c-{position}",
            units=(message.unit,),
            message_type=message.message_type,
            version=message.version,
            received_at=_RECEIVED + dt.timedelta(minutes=position),
            payload=message.payload,
        )

    def content(self, unit: ReportingUnit) -> Mapping[str, str]:
        """What it holds of a unit, as a hash for each record type."""
        self._ingest()
        return self._registry.content_hashes(unit, who="a test", why="proof")

    def persons(self, unit: ReportingUnit) -> set[str]:
        """The pseudonyms of those whom the unit has a record about."""
        self._ingest()
        people = dict(self._registry.people(unit).select("local_person_id", "person_key").iter_rows())
        about = [self._registry.current(unit, kind.name)["local_person_id"] for kind in ROOTS]
        return {people[one] for ids in about for one in ids}

    def look_up(self, path: str) -> LookupAnswer:
        """The inventory of a unit on one page, unless another answer was put here."""
        if self.lookups:
            return self.lookups.pop(0)
        parts = urlsplit(path)
        asked = dict(parse_qsl(parts.query))
        unit = ReportingUnit(parts.path.split("/")[2], asked["municipality"], asked.get("district"))
        self._ingest()
        ids = {kind.name: self._registry.current(unit, kind.name)[kind.key].to_list() for kind in ROOTS}
        records = [{"record_type": name, "local_ids": some, "hashes": []} for name, some in ids.items()]
        return Found({"pending": 0, "held": 0, "records": records, "next": None})

    def _ingest(self) -> None:
        self._registry.ingest(self.inbox)
        assert not self._registry.held()

    def close(self) -> None:
        self._registry.close()


class Town(Epj):
    """A record system of one unit, with persons whose ids begin with its letter."""

    def __init__(self, folder: Path, unit: ReportingUnit, numbers: Iterable[int] = ()) -> None:
        folder.mkdir()
        super().__init__(folder, persons=0)
        self.folder, self.unit = folder, unit
        self.run("ALTER TABLE eier ADD COLUMN bydel TEXT")
        mapping = self.mapping.read_text(encoding="utf-8").replace("orgnr, kommune FROM", "orgnr, kommune, bydel FROM")
        self.mapping.write_text(mapping, encoding="utf-8")
        self.owned_by(unit)
        for number in numbers:
            self._person(number)

    def owned_by(self, unit: ReportingUnit) -> None:
        """Whose record system it says that it is."""
        self.unit = unit
        self.run(
            "UPDATE eier SET orgnr = ?, kommune = ?, bydel = ?", unit.organisation, unit.municipality, unit.district
        )

    def take(self, other: Town, persons: str = "%") -> None:
        """Move persons like this with all that is theirs from another record system."""
        with closing(sqlite3.connect(self.file)) as connection:
            connection.execute("ATTACH ? AS other", (str(other.file),))
            for table, key in zip(TABLES, ("id", "person", "person"), strict=True):
                for words in (f"INSERT INTO main.{table} SELECT * FROM", "DELETE FROM"):
                    connection.execute(f"{words} other.{table} WHERE {key} LIKE ?", (persons,))
            connection.commit()

    def content(self) -> dict[str, str]:
        """Its own account of what is to be reported, as a hash for each record type."""
        rows = {kind.name: [] for kind in (RECIPIENT, *ROOTS)}
        rows["recipient"] = self._rows(
            "SELECT id AS local_person_id, fnr AS person_number, 'national' AS person_number_kind FROM person "
            "WHERE id IN (SELECT person FROM tjeneste UNION SELECT person FROM diagnose)"
        )
        rows["care_service"] = self._rows(
            "SELECT id AS service_id, person AS local_person_id, type AS service_type, start AS starts_on, "
            "slutt AS ends_on FROM tjeneste"
        )
        rows["diagnosis"] = self._rows(
            "SELECT id AS diagnosis_id, person AS local_person_id, 'ICPC-2' AS code_system, kode AS code, "
            "fra AS starts_on FROM diagnose"
        )
        return {name: content_hash(some) for name, some in rows.items()}

    def _rows(self, query: str) -> list[dict[str, object]]:
        with closing(sqlite3.connect(self.file)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(query)]


class Office:
    """The sender of one unit, in a store of its own or in one that it shares."""

    def __init__(self, town: Town, sender: Sender, clock: SettableClock) -> None:
        self.town, self.sender, self.clock = town, sender, clock
        self.stores = UnitStores(
            sender.unit, sender.environment, sender.outbox, sender.findings, sender.changes, sender.versions
        )

    @property
    def unit(self) -> ReportingUnit:
        return self.sender.unit

    def load(self, day: int = 0) -> RunReport:
        return run_load(self.sender, self._day(day))

    def daily(self, day: int = 1, **options: object) -> RunReport:
        return run_daily(self.sender, self._day(day), **options)

    def _day(self, number: int) -> dt.date:
        on = DAY + dt.timedelta(days=number)
        self.clock.reach(on)
        self.town.log(on)
        return on


class Country:
    """Record systems, offices and one registry in a folder."""

    def __init__(self, folder: Path, clock: SettableClock, opened: ExitStack) -> None:
        self.folder, self.clock, self._opened = folder, clock, opened
        self.registry = OneRegistry(folder)
        opened.callback(self.registry.close)

    def town(self, name: str, unit: ReportingUnit, numbers: Iterable[int] = ()) -> Town:
        """A record system."""
        return Town(self.folder / name, unit, numbers)

    def office(self, town: Town, store: str | None = None) -> Office:
        """A sender for the unit that the record system says it is, in a store of its own unless one is named."""
        folder = self.folder / f"{town.unit.key} {town.folder.name} {store}"
        folder.mkdir()
        file = self.folder / f"{store or town.unit.key}.store"
        made = self._opened.enter_context(open_municipality(folder, self.clock, persons=0, database=file)).sender
        facts, source = replace(FACTS, unit=town.unit.key), open_source(town.url, town.mapping)
        database, beside = made.outbox._database, file.with_suffix(".witnesses")
        beside.mkdir(exist_ok=True)
        binding = store_binding(database, self.clock, ToldReceiver(), beside, facts, named=True)
        sender = replace(made, unit=town.unit, source=source, send=self.registry.send, binding=binding)
        return Office(town, sender, self.clock)

    def change(
        self,
        kind: str,
        leaving: Sequence[Office],
        coming: Sequence[Office] = (),
        *,
        day: int = 5,
        options: SendOptions | None = None,
        deleted_by_registry: str | None = None,
    ) -> ChangeReport:
        """Carry out a change of units."""
        request = ChangeRequest(
            Kind(kind), DAY + dt.timedelta(days=day), "kommunereformen", "kari", deleted_by_registry
        )
        return Changing(
            request,
            [one.stores for one in leaving],
            [one.stores for one in coming],
            {one.unit: Way(self.registry.send, self.registry.look_up) for one in leaving},
            self.clock,
            options or SendOptions(NO_RETRIES),
        ).carry_out()

    def check(self, *offices: Office, gone: Sequence[Office] = ()) -> None:
        """Each unit in the registry is its record system, those that left are empty, and nobody is in two units."""
        for one in offices:
            assert self.registry.content(one.unit) == one.town.content(), one.unit
        for one in gone:
            assert set(self.registry.content(one.unit).values()) == {content_hash([])}, one.unit
        persons = [self.registry.persons(one.unit) for one in (*offices, *gone)]
        assert sum(map(len, persons)) == len(set().union(*persons))


@contextmanager
def open_country(folder: Path, clock: SettableClock) -> Iterator[Country]:
    """A country, closed afterwards."""
    with ExitStack() as opened:
        yield Country(folder, clock, opened)
