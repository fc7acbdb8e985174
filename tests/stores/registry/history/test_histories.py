"""Thousands of made-up histories through one registry, on SQLite and PostgreSQL, against the definition (`NaiveClocks`).

Many at once: each has units of its own, their messages come in any order, in pages of any size, and units wait and are
released on the way. A failure names the seed of the history at fault.
"""

from __future__ import annotations

import random
from collections import Counter

import pytest
import sqlalchemy as sa

from ktt.messages.register import find
from ktt.registry import AsOf
from ktt.registry.columns import fetch
from ktt.registry.tables import LAYOUTS
from ktt.registry.two_clocks import records_as_of
from ktt.registry.verification import Verifier
from ktt.storage.vault import Vault
from support import effort
from support.histories import DAYS, KINDS, OTHER_KINDS, PEOPLE, History, interleaved
from support.naive_clocks import NaiveClocks
from support.registry_content import empty
from support.registry_inbox import START, ListInbox, minute, spoiled
from support.settable_clock import SettableClock
from support.told_records import KEYS, facts_of, pseudonyms_of, sent, tell

TOGETHER = 50
"""Histories through one registry."""
IDS = {"recipient": "local_person_id", **KEYS}


@pytest.fixture
def verifier(registry, tmp_path):
    keys = (Vault.from_file(tmp_path / name) for name in ("key", "identity.key"))
    return Verifier(registry._database, *keys, SettableClock(START), find)


def test_every_history_is_known_and_holds_as_defined(registry, verifier):
    kinds = Counter()
    for first in range(0, effort.HISTORIES, TOGETHER):
        histories = [History(seed) for seed in range(first, min(first + TOGETHER, effort.HISTORIES))]
        empty(registry)
        draw = random.Random(first)
        naive = {history.seed: NaiveClocks() for history in histories}
        messages = []
        for position, (history, one) in enumerate(interleaved(histories, draw), 1):
            told = (one.record_type, one.about, one.at, one.numbers)
            messages.append((sent(position, *told), one.readable))
            tell(naive[history.seed], *told)
        ingest_as_they_come(registry, messages, draw)
        compare(registry, histories, naive, draw)
        assert verifier.run().holds, f"histories from {first} on hang together"
        for history in histories:
            kinds += history.kinds
    print(f"{effort.HISTORIES} histories on {registry._database.dialect}: {dict(kinds)}")  # noqa: T201 - with `-s`
    often = effort.HISTORIES // 10
    assert {kind: kinds[kind] for kind in (*KINDS, *OTHER_KINDS) if kinds[kind] < often} == {}


def ingest_as_they_come(registry, messages, draw):
    """In pages of any size, with units released on the way, before what they wait for is mended and after."""
    inbox = ListInbox()
    while len(inbox.messages) < len(messages):
        come = messages[len(inbox.messages) :][: draw.choice([1, 7, 60])]
        inbox.messages += [message if readable else spoiled(message) for message, readable in come]
        registry.ingest(inbox, draw.choice([None, None, None, None, 1, 30]))
        if draw.random() < 0.3 and (held := registry.held()):
            one = draw.choice(held)
            if draw.random() < 0.7:
                inbox.messages[one.position - 1] = messages[one.position - 1][0]
            registry._held.release([one.unit], "Ingrid", "a try")
    inbox.messages[:] = [message for message, _ in messages]
    registry.ingest(inbox)
    while held := registry.held():
        registry._held.release([one.unit for one in held], "Ingrid", "mended")
        registry.ingest(inbox)


def compare(registry, histories, naive, draw):
    units = {unit.key: history.seed for history in histories for unit in history.units}
    pseudonyms = pseudonyms_of(registry, [unit for history in histories for unit in history.units], PEOPLE)
    assert len(set(pseudonyms.values())) == len(pseudonyms), "nobody has the key of somebody else"
    instants = [None, *(minute(draw.randint(0, 14)) for _ in range(2))]
    questions = [AsOf(day, at) for at in instants for day in (None, *draw.sample(DAYS, 1))]
    with registry.reading() as connection:
        for record_type, key in IDS.items():
            layout = LAYOUTS[record_type]
            facts = [name for name in facts_of(record_type) if name != key]
            shown = ("unit", key, "version", "known_from", "known_to", "deleted", *facts)
            found = fetch(connection, sa.select(layout.known), layout.known_schema)
            told = {
                unit: [(version, row(version, facts, pseudonyms)) for version in versions]
                for unit, seed in units.items()
                if (versions := naive[seed].versions(unit, record_type))
            }
            expected = [
                (unit, one.name, one.number, one.since, one.until, one.content is None, *values)
                for unit, versions in told.items()
                for one, values in versions
            ]
            agree(units, record_type, found.select(shown), expected)
            for as_of in questions:
                held = fetch(connection, records_as_of(layout, as_of), layout.known_schema)
                expected = [
                    (unit, name, *row_of(content, facts, pseudonyms))
                    for unit in told
                    for name, content in naive[units[unit]].as_of(unit, record_type, as_of.day, as_of.known_at).items()
                ]
                agree(units, f"{record_type} {as_of}", held.select("unit", key, *facts), expected)


def row(version, facts, pseudonyms):
    return [None] * len(facts) if version.content is None else row_of(version.content, facts, pseudonyms)


def row_of(content, facts, pseudonyms):
    keyed = {**content, "person_key": pseudonyms[content["identity"]]}
    return [keyed[name] for name in facts]


def agree(units, what, found, expected):
    """The same rows; otherwise the seeds of the histories that differ."""
    differ = set(found.iter_rows()) ^ set(expected)
    assert not differ, f"{what}: histories {sorted({units[one[0]] for one in differ})}: {sorted(differ, key=str)[:6]}"
    assert len(found) == len(expected)
