"""Alarms of silence: each begins once and ends once, on SQLite and PostgreSQL."""

from __future__ import annotations

import datetime as dt

from ktt.registry.coverage.alarms import Alarm, changes
from ktt.registry.coverage.notices import notice
from ktt.registry.coverage.silence import Silence, UnitRhythm
from support.registry_inbox import START
from support.settable_clock import SettableClock

ON = dt.date(2026, 3, 16)


def rhythm(unit, state):
    fields = dict.fromkeys(UnitRhythm.__slots__)
    return UnitRhythm(**{**fields, "unit": unit, "state": state, "heard_on": ON, "successors": ()})


def test_begins_once_and_ends_once(registry):
    clock = SettableClock(START)

    def look(**states):
        clock.at += dt.timedelta(hours=1)
        units = tuple(rhythm(unit, state) for unit, state in states.items())
        found = changes(registry._database, Silence(ON, units, ()), clock)
        return [(one.unit, one.state, one.event) for one in found]

    assert look(a="heard", b="heard") == []
    assert look(a="silent", b="heard") == [("a", "silent", "began")]
    assert look(a="silent", b="rejected") == [("b", "rejected", "began")]
    assert look(a="silent", b="rejected") == []
    assert look(a="rejected", b="rejected") == [("a", "silent", "ended"), ("a", "rejected", "began")]
    assert look(a="heard", b="ended") == [("a", "rejected", "ended"), ("b", "rejected", "ended")]
    assert look(a="silent") == [("a", "silent", "began")]


def test_of_two_that_look_at_once_one_tells(registry):
    found = Silence(ON, (rhythm("a", "silent"),), ())
    with registry._database.exclusive("registry-silence"):
        assert changes(registry._database, found, SettableClock(START)) == []
    assert [one.event for one in changes(registry._database, found, SettableClock(START))] == ["began"]


def test_what_nobody_took_is_told_again(registry):
    found, clock = Silence(ON, (rhythm("a", "silent"),), ()), SettableClock(START)
    told = []

    def tell(taken):
        def channel(alarms):
            told.append([(one.unit, one.event) for one in alarms])
            return taken

        return channel

    for taken in (False, True, True):
        changes(registry._database, found, clock, tell(taken))
    assert told == [[("a", "began")]] * 2
    for taken in (False, True, True):
        changes(registry._database, Silence(ON, (rhythm("a", "heard"),), ()), clock, tell(taken))
    assert told[2:] == [[("a", "ended")]] * 2


def test_an_alarm_in_words_with_the_same_number_each_time():
    fields = {"unit": "312000008-1114", "state": "silent", "began_at": START, "heard_on": ON}
    began = Alarm(event="began", ended_at=None, **fields)
    ended = Alarm(event="ended", ended_at=START, **fields)
    assert notice(began).number == notice(began).number != notice(ended).number
    line = (
        "⚠ 312000008-1114: Enheten er stille; sist hørt 2026-03-16. Se «ktt registry silent» og «ktt registry cases»."
    )
    assert notice(began).line().startswith(line)
    assert notice(ended).line().startswith("✓ 312000008-1114: Over (")
