"""A month of days in a municipality, over HTTP, with everything that happens: each morning the status says how it stands.

The proof, after every day, is the record system's own account of itself (`answers.json`, written from its own tables)
against the registry's tables; only the hash function is common to both. At the end the messages that the receiver has are
those that the sender has receipts for, each once and in the order of their numbers.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import replace

import pytest
import sqlalchemy as sa

from ktt.cli.app import run
from ktt.core.errors import EXIT_ACCESS, EXIT_NETWORK, EXIT_QUEUE
from ktt.domain.records import ROOTS
from ktt.domain.unit import ReportingUnit
from ktt.registry.tables import LAYOUTS
from ktt.sender.outbox.message import State
from ktt.sender.outbox.retry_policy import RetryPolicy
from ktt.sender.settings import SenderSettings
from ktt.testing.sandbox.faults.faults import read_fault
from ktt.testing.synthetic.advance import advance_day
from ktt.testing.synthetic.create import write_answers, write_epj
from ktt.testing.synthetic.day_simulator import ALL_KINDS
from ktt.testing.synthetic.record_system import database
from ktt.wiring.sender import outbox_from
from support.centre import Centre
from support.effort import MONTH_RECIPIENTS

LOADED_ON = dt.date(2026, 2, 28)


class Town:
    """A municipality, its sender, and whoever types its commands."""

    def __init__(self, folder, capsys):
        self.folder, self.capsys, self.today = folder, capsys, LOADED_ON
        measure = {"recipients": MONTH_RECIPIENTS, "municipality": "1114", "start": dt.date(2025, 11, 1)}
        answers = write_epj(folder / "epj", **measure, seed="a month", until=LOADED_ON)
        self.unit = ReportingUnit(**answers["unit"])
        self.centre = Centre(folder / "centre", self.unit)
        self.config = self.centre.sandbox.write_sender(folder / "sender", epj=folder / "epj", unit=self.unit)
        self.settings = SenderSettings.load(self.config)

    def type(self, *words):
        """Exit code, standard out and standard error."""
        code = run([*words, "--config", str(self.config)])
        return code, *self.capsys.readouterr()

    def pass_days(self, days=1):
        """Days pass in the record system; it changes on each."""
        advance_day(self.folder / "epj", days=days)
        self.today += dt.timedelta(days=days)

    def pass_a_day_without_changes(self):
        with closing(sqlite3.connect(self.folder / "epj" / "epj.sqlite")) as connection, connection:
            self.today += dt.timedelta(days=1)
            database.log_export(connection, self.today.isoformat())
            database.set_state(connection, day=self.today.isoformat())
        write_answers(self.folder / "epj", self.answers() | {"as_of": self.today.isoformat()})

    def daily(self, *words):
        """The report of a daily run."""
        code, out, err = self.type("daily", "--on", self.today.isoformat(), "--json", *words)
        assert code == 0, err
        return json.loads(out)

    def fails(self):
        """Exit code and error code of a daily run that does not go well."""
        code, out, err = self.type("daily", "--on", self.today.isoformat())
        assert code != 0
        assert "✓" not in out + err
        return code, re.findall(r"^(KTT-[A-Z]+-[0-9]+):", err, re.MULTILINE)[0]

    def status(self):
        """Exit code of the status, and what must be done as cause and actor."""
        code, out, _ = self.type("status", "--json")
        (unit,) = json.loads(out)["units"]
        return code, {(one["cause"], one["actor"]) for one in unit["things"]}

    def answers(self):
        return json.loads((self.folder / "epj" / "answers.json").read_text(encoding="utf-8"))

    def is_true(self):
        """The registry holds what the record system says that it has, by its content and by a plain count of the rows."""
        found, answers = self.centre.content(), self.answers()
        assert {name: found[name] for name in answers["content"]} == answers["content"]
        counts = {root.name: answers["counts"][root.name] for root in ROOTS}
        assert {name: self._rows(name) for name in counts} == counts

    def _rows(self, name):
        table = LAYOUTS[name].current
        query = sa.select(sa.func.count()).where(table.c.unit == self.unit.key, ~table.c.deleted)
        with self.centre.sandbox.registry._database.reading() as connection:
            return connection.scalar(query)

    def nothing_is_doubled_or_out_of_order(self):
        """Each message that was delivered was stored once, in the order of the numbers, and nothing else was."""
        with outbox_from(self.settings) as store:
            delivered = [one.payload_hash for one in store.messages(self.unit) if one.state is State.DELIVERED]
        received = [hashlib.sha256(payload).hexdigest() for payload in self.centre.received()]
        assert received == delivered
        assert max(Counter(received).values()) == 1


@pytest.fixture
def town(tmp_path, capsys, monkeypatch):
    """Its load is done. A run tries a message once, since nobody waits for seconds here."""
    monkeypatch.setattr(RetryPolicy, "delay", lambda *_: None)
    town = Town(tmp_path, capsys)
    assert town.type("load", "--on", LOADED_ON.isoformat())[0] == 0
    town.is_true()
    yield town
    town.centre.down()


def good_days(town, days):
    for _ in range(days):
        town.pass_days()
        assert town.daily()["undelivered"] == 0
        town.is_true()
    assert town.status() == (0, set())


def test_a_month(town):
    good_days(town, 5)
    town.pass_days(2)  # a night was missed
    assert town.daily()["changes"] > 0
    town.is_true()
    nothing_happens(town)
    nobody_answers(town)
    an_answer_is_lost(town)
    good_days(town, 5)
    a_message_is_rejected(town)
    the_key_is_exchanged(town)
    good_days(town, 4)
    town.nothing_is_doubled_or_out_of_order()
    happened = {one["kind"] for day in town.answers()["days"] for one in day["done"]}
    assert happened >= set(ALL_KINDS), "corrections, deletions, deaths and all else that the synthetic days know"
    assert (town.today - LOADED_ON).days >= 28


def nothing_happens(town):
    """A day without changes is told as heard from, not as sent."""
    town.pass_a_day_without_changes()
    before = len(town.centre.received())
    report = town.daily()
    assert (report["changes"], report["messages"]) == (0, 0)
    assert report["asked"] == {"receipt": "last", "keys_and_token": True}
    assert len(town.centre.received()) == before
    town.is_true()
    assert town.status() == (0, set())


def nobody_answers(town):
    town.pass_days()
    town.centre.down()
    assert town.fails() == (EXIT_NETWORK, "KTT-OUT-06")
    assert town.status() == (EXIT_NETWORK, {("queue", "here")})
    town.centre.up()
    good_days(town, 1)


def an_answer_is_lost(town):
    """It was stored: the same message is sent again, and is there once."""
    town.pass_days()
    town.centre.sandbox.control.faults.add(read_fault("lose"), 1)
    assert town.fails() == (EXIT_NETWORK, "KTT-OUT-04")
    assert town.status() == (EXIT_NETWORK, {("queue", "here")})
    good_days(town, 1)


def a_message_is_rejected(town):
    """The receiver's own fault, which it mends the next day; meanwhile nothing passes it."""
    town.pass_days()
    town.centre.sandbox.control.faults.add(read_fault("2008"), 1)
    before = len(town.centre.received())
    assert town.fails() == (EXIT_QUEUE, "KTT-OUT-03")
    assert town.status() == (EXIT_QUEUE, {("queue", "vendor")})
    assert len(town.centre.received()) == before
    assert town.type("outbox", "retry", "--reason", "FHI har rettet skjemaet")[0] == 0
    good_days(town, 1)


def the_key_is_exchanged(town):
    """With both keys at HelseID for a day; then without the old one; and once with the old one gone too early."""
    clients = town.centre.sandbox.helseid.clients
    client = clients.find(town.settings.helseid.client_id)
    code, out, _ = town.type("key", "rotate", "--kind", "P-256", "--json")
    made = json.loads(out)["public"]
    assert code == 0
    town.pass_days()
    assert town.daily()["undelivered"] == 0  # with the old one, since the new one is not registered
    clients.add(replace(client, keys=(*client.keys, made)))
    good_days(town, 1)
    assert json.loads(town.settings.helseid.key_file.read_bytes())["kid"] == made["kid"]
    clients.add(replace(client, keys=(made,)))
    good_days(town, 1)
    made_later = json.loads(town.type("key", "rotate", "--kind", "P-256", "--json")[1])["public"]
    clients.add(replace(client, keys=()))
    town.pass_days()
    assert town.fails() == (EXIT_ACCESS, "KTT-OUT-05")
    assert town.status()[0] == EXIT_ACCESS
    clients.add(replace(client, keys=(made_later,)))
    good_days(town, 1)
