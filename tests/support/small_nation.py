"""A nation of twenty units in a receiver's folder, as it stands on DAY, with something planted in seven of them."""

from __future__ import annotations

import datetime as dt

from ktt.cli.app import run
from ktt.domain.unit import ReportingUnit
from ktt.messages.register import register_of
from ktt.receiver.findings.follower import Follower
from ktt.receiver.pipeline.deployed_versions import DeployedVersions
from ktt.receiver.service.settings import ServiceSettings
from ktt.receiver.store import tables
from ktt.receiver.store.acceptance import NewMessage, accept
from ktt.receiver.store.compression import compress
from ktt.receiver.store.inbox import SqlInbox, sealing_context
from ktt.receiver.store.signs import Rejection, UnitSigns
from ktt.storage.database import Database
from ktt.storage.vault import Vault
from support.registry_commands import registry_in
from support.registry_inbox import message, service, services, spoiled
from support.settable_clock import SettableClock

DAY = dt.date(2026, 3, 20)
"""The Friday that the controller looks."""
_ONE = dt.timedelta(days=1)
FRIDAY = 4
NUMBERS = (
    *("1101", "1103", "1106", "1108", "1111", "1112", "1114", "1119", "1120", "1121"),
    *("1122", "1124", "1127", "1130", "1133", "1134", "1135", "1144", "1145"),
)
UNITS = [ReportingUnit(f"3120001{n:02}", number) for n, number in enumerate(NUMBERS)]
MERGED = ReportingUnit("312000199", "1507")
SILENT, NO_CHANGES, JUMPED, UNREADABLE, LIMITED, WRONG = UNITS[:6]
BROKEN = UNITS[6:9]
OLD_VERSION, NEW_VERSION = "Prove AS | ProveEPJ | 4.9 | 1.0", "Prove AS | ProveEPJ | 5.0 | 1.0"
_OTHER = "Annen AS | AnnenEPJ | 2.1 | 7"


def at(day, hour=4):
    return dt.datetime.combine(day, dt.time(hour), dt.UTC)


class Nation:
    """The receiver and the registry in the folder."""

    def __init__(self, folder):
        assert run(["mottak", "init", str(folder)]) == 0
        self.folder, self.position = folder, 0
        settings = ServiceSettings.load(folder / "mottak.toml")
        self.clock = SettableClock(at(DAY))
        self.database = Database.open(settings.store.url, tables.SCHEMA)
        self.vault = Vault.from_file(settings.store.key_file)
        self.signs = UnitSigns(self.database, self.clock)
        self.said = []

    def say(self, unit, day, records, spoil=False):
        self.said.append((at(day), unit, records, spoil))

    def take_in(self):
        """Accept all that was said in the order of its days, ingest it, and validate what can be."""
        for instant, unit, records, spoil in sorted(self.said, key=lambda one: (one[0], one[1])):
            self.position += 1
            told = message(self.position, records, unit=unit, at=instant)
            self._accept(spoiled(told) if spoil else told)
        with registry_in(self.folder) as registry:
            registry.ingest(SqlInbox(self.database, self.vault))
        find = DeployedVersions(register_of(("ktt_v1",)), self.clock)
        Follower(self.database, self.vault, self.clock, find=find).run()

    def _accept(self, told):
        software = NEW_VERSION if told.unit in BROKEN else _OTHER if told.unit in UNITS[12:] else OLD_VERSION
        new = NewMessage(
            correlation_id=told.correlation_id,
            units=(told.unit.key,),
            message_type=told.message_type,
            version=told.version,
            msg_hash=told.correlation_id.encode(),
            received_at=told.received_at,
            client_id="client",
            supplier=None,
            software=software,
            extracted_on=told.received_at.date(),
            payload=self.vault.seal(compress(told.payload), sealing_context(told.correlation_id)),
        )
        with self.database.transaction() as connection:
            accept(connection, new)


def make_nation(folder):
    nation = Nation(folder)
    for unit in UNITS:
        first = 2023 if unit == LIMITED else 2017
        nation.say(unit, DAY - 15 * _ONE, _history(first))
        for day in range(14, 0, -1):
            _a_day(nation, unit, DAY - day * _ONE)
    nation.say(MERGED, dt.date(2023, 12, 28), _new("M-1", dt.date(2023, 12, 1)))
    bpa = [service(f"B-{n}", service_type="3", starts_on=dt.date(2025, 1, 1)) for n in range(30)]
    nation.say(JUMPED, DAY - 90 * _ONE, services(*bpa[:10]))
    nation.say(JUMPED, DAY - 3 * _ONE, services(*bpa[10:]))
    nation.say(WRONG, DAY - 4 * _ONE, services(*(_ends_before_it_starts(n) for n in range(12))))
    nation.take_in()
    for unit in BROKEN:
        nation.clock.at = at(DAY - _ONE)
        for _ in range(4):
            nation.signs.rejected(Rejection((unit.key,), "KTT_Vedtak", "1", "client", None, NEW_VERSION, 2008))
    nation.database.close()
    return nation


def _a_day(nation, unit, day):
    if day.weekday() > FRIDAY or (unit == SILENT and day > DAY - 6 * _ONE) or (unit in BROKEN and day == DAY - _ONE):
        return
    if unit == NO_CHANGES and day > DAY - 6 * _ONE:
        nation.clock.at = at(day)
        nation.signs.heard([unit.key])
        return
    nation.say(unit, day, _new(f"D-{day}", day), spoil=unit == UNREADABLE and day == DAY - 3 * _ONE)


def _history(first):
    """Two services each month since; each ends after two years."""
    months = [dt.date(year, month, 5) for year in range(first, 2027) for month in range(1, 13)]
    rows = [
        service(f"H-{on}-{n}", starts_on=on, ends_on=on + dt.timedelta(days=730))
        for on in months
        if on < DAY - 14 * _ONE
        for n in range(2)
    ]
    return services(*rows)


def _new(name, on):
    return services(service(name, starts_on=on))


def _ends_before_it_starts(n):
    return service(f"X-{n}", starts_on=DAY - 5 * _ONE, ends_on=DAY - 50 * _ONE)
