"""A sender with a real record system and a real line; the registry is called without a network."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from ktt.messages.handover import Accepted, Rejected
from ktt.messages.register import pack
from ktt.outbox.dispatch import Pace
from ktt.outbox.patience import IMPATIENT
from ktt.sender.daily import run_daily
from ktt.sender.initial_load import run_load
from ktt.sender.sender import Sender
from ktt.sources.sql import open_source
from support.outbox_lines import VAULT, sql_outbox
from support.sender_epj import UNIT, Epj
from support.sender_registry import Registry


class Town:
    """A municipality: change its record system, run its sender, look at the registry."""

    first_day = dt.date(2026, 3, 2)

    def __init__(self, folder, store):
        self.epj, self.store = Epj(folder, persons=4), store
        self.registry = Registry(folder / "inbox.sqlite")
        self.answers = []  # what the registry answers before it judges for itself
        self.sender = Sender(
            unit=UNIT,
            environment="sandbox",
            store=store,
            source=open_source(self.epj.url, self.epj.mapping),
            send=self.send,
            versions=pack("ktt_v1"),
            key=VAULT.derive("fingerprint"),
            pace=Pace(IMPATIENT),
        )

    def send(self, message):
        if self.answers and (answer := self.answers.pop(0)) is not None:
            return answer
        unit, kind, version = message.unit.key, message.message_type, message.version
        status, told = self.registry.accept(unit, kind, version, message.payload)
        return Accepted(told["correlation"]) if status == 200 else Rejected(status, told["code"], "", "")

    def limits(self, limits):
        self.sender = replace(self.sender, limits=limits)

    def day(self, number):
        return self.first_day + dt.timedelta(days=number)

    def load(self, number=0, **options):
        self.epj.log(self.day(number))
        return run_load(self.sender, self.day(number), **options)

    def daily(self, number=1, **options):
        self.epj.log(self.day(number))
        return run_daily(self.sender, self.day(number), **options)

    def close(self):
        self.registry._inbox.close()


@pytest.fixture
def town(tmp_path, clock):
    with sql_outbox(f"sqlite:///{tmp_path / 'outbox.sqlite'}", clock) as store:
        town = Town(tmp_path, store)
        yield town
        town.close()


@pytest.fixture
def loaded(town):
    """A municipality whose initial load is accepted."""
    town.load().check()
    return town
