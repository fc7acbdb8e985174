"""What the registry waits for, asked for after a run and kept for the status."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from ktt.messages.contract import NotSent
from ktt.sender.client.lookups import Found, NotKnown, NotOffered
from ktt.sender.follow_ups.asking import ask_follow_ups
from ktt.sender.follow_ups.sql import SqlFollowUps, follow_ups
from ktt.sender.follow_ups.tables import SCHEMA
from ktt.sender.monitoring.facts import SqlFacts
from ktt.sender.monitoring.things import things
from ktt.storage.database import Database
from support.sender_epj import UNIT
from support.sender_municipality import open_municipality
from support.settable_clock import SettableClock

NOW = dt.datetime(2026, 3, 20, 5, tzinfo=dt.UTC)
TOLD = {
    "number": 12,
    "unit": UNIT.key,
    "cause": "silence",
    "since": "2026-03-16",
    "deadline": "2026-03-23",
    "says": {"nb": "Ikke hørt fra siden 2026-03-13.", "en": "Not heard of since 2026-03-13."},
    "remedy": {"nb": "Kjør «ktt daily».", "en": "Run `ktt daily`."},
}


@pytest.fixture
def store(any_database_url):
    database = Database.open(any_database_url, SCHEMA)
    yield SqlFollowUps(database, SettableClock(NOW))
    database.close()


def told(store, answer):
    asked = []
    ask_follow_ups(store, lambda path: asked.append(path) or answer, UNIT)
    assert asked == [f"/units/{UNIT.organisation}/outstanding?as=summary"]
    return [one.number for one in store.of(UNIT)]


def test_what_is_told_takes_the_place_of_what_was_told_before(store):
    assert told(store, Found({"follow_ups": [TOLD, {**TOLD, "number": 13, "deadline": "2026-03-21"}]})) == [13, 12]
    (nearest, _) = store.of(UNIT)
    assert (nearest.deadline, nearest.says.nb) == (dt.date(2026, 3, 21), "Ikke hørt fra siden 2026-03-13.")
    assert told(store, Found({"follow_ups": [TOLD]})) == [12]
    assert told(store, Found({"follow_ups": []})) == []


@pytest.mark.parametrize(
    "answer",
    [
        *(NotSent("no network"), NotKnown(), NotOffered()),
        *(Found({}), Found({"follow_ups": None}), Found({"follow_ups": {}})),
    ],
)
def test_who_does_not_say_changes_nothing(store, answer):
    told(store, Found({"follow_ups": [TOLD]}))
    assert told(store, answer) == [12]


@pytest.mark.parametrize(
    "odd", [{}, 1, {**TOLD, "deadline": "soon"}, {**TOLD, "says": "x"}, {**TOLD, "unit": "312000999-1119"}]
)
def test_what_cannot_be_read_is_passed_over(store, odd):
    assert told(store, Found({"follow_ups": [odd, TOLD]})) == [12]
    with store._database.reading() as connection:
        assert set(follow_ups(connection)) == {UNIT.key}


def test_a_run_asks_and_the_status_says_it(tmp_path):
    with open_municipality(tmp_path, SettableClock(NOW)) as town:
        kept = SqlFollowUps(town.store._database, town.clock)
        asked = []

        def look_up(path):
            if "as=summary" not in path:
                return town.registry.look_up(path)
            asked.append(path)
            return Found({"follow_ups": [TOLD]})

        town.sender = replace(town.sender, follow_ups=kept, look_up=look_up)
        town.load()
        town.daily()
        assert asked == [f"/units/{UNIT.organisation}/outstanding?as=summary"] * 2
        (facts,) = SqlFacts(town.store._database).read(UNIT)
        (thing,) = (one for one in things(facts, town.clock.now()) if one.cause == "case 12")
        assert (thing.exit_code, thing.actor.value, thing.rings) == (3, "here", True)
        assert thing.says.nb == "FHI venter på dere: Ikke hørt fra siden 2026-03-13. Frist 2026-03-23 (sak 12)."
        town.registry.answers = [NotSent("no network")]
        town.epj.service("T9", "P0", dt.date(2026, 3, 2))
        town.daily(2)
        assert len(asked) == 2
